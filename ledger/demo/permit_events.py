"""Events of building-permit cases out of a seed: the same seed gives the same bytes, on every machine and in every version. Pure.

They have the shape of a municipality's real permit log in XES terms: a case begins with ``Confirmation of receipt``, most go the usual way,
some are corrected once or more, and some need a document for an unlicensed part. Nobody's real cases are in them.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any, Final

from ledger.log.canonical import encode_jcs

SOURCE: Final = "urn:city:permit-office"
TYPE: Final = "org.xes.permit.v1"
FIRST_CASE: Final = 100_001
CITY_ZONE: Final = timezone(timedelta(hours=8))
FIRST_DAY: Final = datetime(2026, 1, 5, tzinfo=UTC)
CASES_A_DAY: Final = 6

RECEIPT: Final = "Confirmation of receipt"
CHECK: Final = "T02 Check confirmation of receipt"
ADJUST: Final = "T03 Adjust confirmation of receipt"
DETERMINE: Final = "T04 Determine confirmation of receipt"
SEND: Final = "T05 Print and send confirmation of receipt"
STOP_ADVICE: Final = "T06 Determine necessity of stop advice"
ADVICE: Final = "T07-1 Draft intern advice aspect 1"
STOP_INDICATION: Final = "T10 Determine necessity to stop indication"
DOCUMENT: Final = (
    "T11 Create document X request unlicensed",
    "T12 Check document X request unlicensed",
    "T14 Determine document X request unlicensed",
    "T15 Print document X request unlicensed",
)

_USUAL: Final = (RECEIPT, CHECK, DETERMINE, SEND, STOP_ADVICE, STOP_INDICATION)
WAYS: Final[Sequence[tuple[int, tuple[str, ...]]]] = (
    (60, _USUAL),
    (15, (RECEIPT, STOP_ADVICE, STOP_INDICATION, CHECK, DETERMINE, SEND)),
    (10, (RECEIPT,)),  # still open
    (6, (RECEIPT, CHECK, ADJUST, CHECK, DETERMINE, SEND, STOP_ADVICE, STOP_INDICATION)),
    (4, (*_USUAL[:-1], ADVICE, STOP_ADVICE, STOP_INDICATION)),
    (5, (*_USUAL, *DOCUMENT)),
)
"""Ways of a case and how many in a hundred go them."""

_Moment = tuple[datetime, int, int, str]
"""Time, case, ordinal in the case, activity."""

_GROUPS: Final = ("EMPTY", "Group 1", "Group 2", "Group 3", "Group 4")
_RESOURCES: Final = 48


@dataclass
class _Draws:
    """Numbers that follow from a seed: SHA-256 in counter mode."""

    seed: int
    _counter: Iterator[int] = field(default_factory=count)

    def below(self, bound: int) -> int:
        block = hashlib.sha256(f"cityledger permit events {self.seed} {next(self._counter)}".encode()).digest()
        return int.from_bytes(block[:8], "big") % bound


def permit_events(seed: int, cases: int) -> list[dict[str, Any]]:
    """CloudEvents of so many cases in the order of their times.

    Args:
        seed: decides everything.
        cases: how many; each has 1 to 10 events.
    """
    draws = _Draws(seed)
    moments: list[_Moment] = []
    for number in range(cases):
        moment = FIRST_DAY + timedelta(days=number // CASES_A_DAY, milliseconds=draws.below(28_800_000))
        for ordinal, activity in enumerate(_way(draws.below(100))):
            moments.append((moment, FIRST_CASE + number, ordinal, activity))
            moment += timedelta(milliseconds=15_000 + draws.below(86_400_000))
    moments.sort()
    return [_event(task, found, draws) for task, found in enumerate(moments, 1)]


def permit_lines(seed: int, cases: int) -> bytes:
    """The same as NDJSON, each line in canonical form."""
    return b"".join(encode_jcs(event) + b"\n" for event in permit_events(seed, cases))


def _way(draw: int) -> tuple[str, ...]:
    for share, way in WAYS:
        if draw < share:
            return way
        draw -= share
    raise AssertionError("the shares sum to a hundred")


def _event(task: int, found: _Moment, draws: _Draws) -> dict[str, Any]:
    moment, case, ordinal, activity = found
    return {
        "specversion": "1.0",
        "id": f"case-{case}:{ordinal}",
        "source": SOURCE,
        "type": TYPE,
        "subject": f"case-{case}",
        "time": moment.astimezone(CITY_ZONE).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {
            "org:group": _GROUPS[draws.below(len(_GROUPS))],
            "concept:instance": f"task-{task}",
            "org:resource": f"Resource{1 + draws.below(_RESOURCES):02}",
            "concept:name": activity,
            "lifecycle:transition": "complete",
        },
    }
