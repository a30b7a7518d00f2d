"""The port of usage tokens' counters. A spend is one statement of the database, so that no number of callers oversells a quota."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Quota:
    """One counter as it stands.

    Args:
        quota: calls in all.
        spent: of them, 0 to ``quota``.
        valid_from: first moment.
        valid_until: first moment after it.
        is_stopped: its authorisation is suspended.
        is_ended: for good.
    """

    quota: int
    spent: int
    valid_from: datetime
    valid_until: datetime
    is_stopped: bool
    is_ended: bool


class TokenQuotas(Protocol):
    """The counters, in the transaction of the unit of work. Their rows are locked after all objects."""

    def open(self, token_id: str, authorisation: str, quota: int, valid_from: datetime, valid_until: datetime) -> None:
        """A new counter, nothing spent. Raises ``ConflictError`` when there is one of that name."""
        ...

    def spend(self, token_id: str, calls: int, now: datetime) -> int | None:
        """Takes ``calls``, 1 or more, all of them or none, in one statement; returns what is spent in all.

        None, and nothing is taken, when so many are not left, the time is not the token's, or it is stopped, ended or unknown. Callers at
        the same moment queue on the row. What is taken comes back if the transaction fails.
        """
        ...

    def find(self, token_id: str) -> Quota | None:
        """The counter, not locked: to say why nothing was taken, and for whoever looks."""
        ...

    def set_stopped(self, authorisation: str, *, is_stopped: bool) -> None:
        """Stops every counter of the authorisation, or lets those go on that have not ended."""
        ...

    def end(self, token_id: str) -> int:
        """Ends the counter for good; returns what was spent, which is final. Raises ``MisuseError`` when there is none."""
        ...

    def end_all(self, authorisation: str) -> int:
        """Ends every counter of the authorisation for good; returns how many there were that had not ended."""
        ...
