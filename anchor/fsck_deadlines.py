"""The half of ``fsck`` for deadlines: each belongs to an object, and a breach stands in the table as the log has recorded it.

When a duty that is not breached is due, and when it was met, nothing beside the row says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from anchor.deadlines import PASSED_TYPES
from anchor.fsck_clock import check_beside, own_time
from anchor.fsck_tree import Finding
from ledger.log.event import Event
from ledger.log.timestamps import format_time

_ROWS_AT_ONCE = 1_000
_ROWS = (
    "SELECT d.*, o.object_id IS NULL AS is_orphan FROM deadlines d "
    "LEFT JOIN objects o ON o.kind = d.kind AND o.object_id = d.object_id ORDER BY d.kind, d.object_id, d.duty"
)

Duty = tuple[str, str, str]


@dataclass
class DeadlineHistory:
    """The breaches by the log's own events. ``source`` is the source of those events."""

    source: str
    _breaches: dict[str, tuple[Any, datetime | None]] = field(
        default_factory=dict
    )  # what was said and when, by the event's id
    _unreadable: bool = False

    def take(self, event: Event) -> None:
        """Any event; only breaches are remembered."""
        data = event.value.get("data")
        if event.source == self.source and event.type in PASSED_TYPES and isinstance(data, dict):
            self._breaches[event.id] = data, own_time(event)

    def take_unreadable(self) -> None:
        """An event that cannot be opened, which is a finding of its own, might have been any breach."""
        self._unreadable = True

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Every row against its object and its breach, and every breach against the duties that are there."""
        there: dict[Duty, tuple[str, str]] = {}
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_ROWS)).mappings()
        for row in rows:
            duty = (row["kind"], row["object_id"], row["duty"])
            there[duty] = (format_time(row["due_at"]), f"outbox:{row['outbox_number']}")
            if row["is_orphan"]:
                yield _altered(duty, "its object is not there")
            if (row["breached_at"] is None) != (row["outbox_number"] is None):
                yield _altered(duty, "it is breached without an event, or has an event of a breach and is not breached")
            elif row["breached_at"] is not None and not self._unreadable:
                data, at = self._breaches.get(f"outbox:{row['outbox_number']}", (None, None))
                stated = dict(zip(("kind", "object_id", "duty"), duty, strict=True))
                if data != stated | {"due_at": there[duty][0]}:
                    yield _altered(duty, "its breach is not as it was recorded in the log")
                yield from check_beside(f"{_name(duty)} is said to be breached", row["breached_at"], at, _where(duty))
        for event_id, (data, _) in self._breaches.items():
            duty = (str(data.get("kind")), str(data.get("object_id")), str(data.get("duty")))
            if duty not in there:
                yield _altered(duty, "its breach is in the log and it is not in the database")
            elif (
                there[duty][0] == data.get("due_at") and there[duty][1] != event_id
            ):  # one that began anew is due later
                yield _altered(duty, "its breach is in the log and it is said not to be breached")


def _name(duty: Duty) -> str:
    return f"The duty {duty[2]} of {duty[0]} {duty[1]}"


def _where(duty: Duty) -> dict[str, Any]:
    return {"where": f"deadline {duty[0]} {duty[1]} {duty[2]}"}


def _altered(duty: Duty, what: str) -> Finding:
    return Finding("deadline_altered", f"{_name(duty)}: {what}.", _where(duty))
