"""Differences over time: when one was first seen, whether it is merely under way, and when it ended. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ledger.domain.platform_comparison import Cause, Finding, Owner

TOLERANCE: Final = timedelta(seconds=60)
"""A finding younger than this is under way: two platforms that speak by HTTP are never at the same moment, and a chain has block times."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of one object, by cause, age and owner.

    Args:
        kind: of object.
        object_id: its name.
        finding: as it was seen last.
        first_seen: when it began.
        last_seen: when it was last looked at and still there.
        ended_at: when it was found gone; None while it is there.
    """

    kind: str
    object_id: str
    finding: Finding
    first_seen: datetime
    last_seen: datetime
    ended_at: datetime | None = None

    @property
    def cause(self) -> Cause:
        """Why it is listed."""
        return self.finding.cause

    @property
    def owner(self) -> Owner:
        """Who has to act."""
        return self.finding.owner

    def age(self, now: datetime) -> timedelta:
        """How long it has been there, or was."""
        return (self.ended_at or now) - self.first_seen

    def is_under_way(self, now: datetime, tolerance: timedelta = TOLERANCE) -> bool:
        """Whether it is still too young to be more than two platforms at different moments."""
        return self.age(now) < tolerance


class Carried(NamedTuple):
    """What a look at one object made of its open differences: ``open`` as they are now, ``ended`` those that are gone."""

    open: tuple[Difference, ...]
    ended: tuple[Difference, ...]


def carry_on(
    kind: str,
    object_id: str,
    before: Mapping[Cause, Difference],
    found: Sequence[Finding],
    now: datetime,
    *,
    unasked: frozenset[Cause] = frozenset(),
) -> Carried:
    """The open differences of an object after another look.

    Args:
        kind: of the object.
        object_id: its name.
        before: its open differences by cause.
        found: what the look found, at most one of a cause.
        now: of the look.
        unasked: causes that were not looked for, because nobody answered: what is open of them stays as it is.
    """
    here = tuple(
        replace(before[one.cause], finding=one, last_seen=now)
        if one.cause in before
        else Difference(kind, object_id, one, now, now)
        for one in found
    )
    still = {one.cause for one in found}
    gone = {cause: one for cause, one in before.items() if cause not in still}
    kept = tuple(one for cause, one in gone.items() if cause in unasked)
    ended = tuple(replace(one, ended_at=now) for cause, one in gone.items() if cause not in unasked)
    return Carried((*here, *kept), ended)
