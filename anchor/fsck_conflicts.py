"""The conflict half of ``fsck``: a mark keeps a second record of the same hour away, so each mark must have its first record.

A mark that somebody put in would hide that an identity was sent again with other bytes. A mark taken away hides nothing: it lets one
more record through.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from anchor.fsck_tree import Finding
from ledger.adapters.sql import outbox
from ledger.errors import InputError
from ledger.log.event import Event
from ledger.log.timestamps import parse_rfc3339
from ledger.services.preparation import Preparer

_ROWS_AT_ONCE = 1_000
_SLACK = timedelta(minutes=1)
"""Mark and record read the clock one after the other, so a record's own time may lie in the next hour."""


@dataclass
class ConflictHistory:
    """The recorded conflicts by the log's own events: about 150 bytes each are kept."""

    preparer: Preparer
    _recorded: set[tuple[bytes, datetime]] = field(default_factory=set)
    _unreadable: bool = False

    def take(self, event: Event) -> None:
        """Any event; only records of conflicts are remembered."""
        source = outbox.ledger_source(self.preparer.identity.origin)
        if event.source != source or event.type != outbox.CONFLICT_TYPE:
            return
        data = event.value.get("data")
        try:
            at = parse_rfc3339(str(event.value.get("time")))
        except InputError:
            return
        if isinstance(data, dict):
            identity = self.preparer.identity_of(str(data.get("source")), str(data.get("id")))
            for moment in (at, at - _SLACK):
                self._recorded.add((identity, moment.replace(minute=0, second=0, microsecond=0)))

    def take_unreadable(self) -> None:
        """An event that cannot be opened, which is a finding of its own, might have been any mark's record."""
        self._unreadable = True

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Every mark has its record."""
        if self._unreadable:
            return
        marks = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(
            text("SELECT identity, hour FROM conflict_marks ORDER BY 2, 1")
        )
        for identity, hour in marks:
            if (bytes(identity), hour) not in self._recorded:
                detail = (
                    f"A conflict of {hour:%Y-%m-%d %H:00} UTC is marked as recorded, and the log holds no record of it."
                )
                yield Finding("conflict_unrecorded", detail, {"where": f"conflict mark {bytes(identity).hex()}"})
