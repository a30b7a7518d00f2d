"""Which calendar of working days was recorded last, so that another one is an event: duties are computed by it."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from ledger.adapters.sql import outbox
from ledger.services.preparation import Preparer

CHANGED_TYPE: Final = "org.cityledger.calendar.changed.v1"


def is_recorded(connection: Connection, facts: Mapping[str, Any]) -> bool:
    """Whether there is nothing to record: it is the calendar that was recorded last, or there never was one of a file."""
    version = connection.execute(text("SELECT version FROM calendar_in_force")).scalar()
    return not facts["years"] if version is None else bool(version == version_of(facts))


def record_calendar(connection: Connection, preparer: Preparer, facts: Mapping[str, Any]) -> bool:
    """Records a calendar unless it is the one that was recorded last; whether it did. The first is one that a file has years for.

    Args:
        connection: in a transaction of its own.
        preparer: of the log that the event goes to.
        facts: ``OfficialCalendar.facts``; the event says them, and the digest of the calendar before.
    """
    before = connection.execute(text("SELECT version, digest FROM calendar_in_force FOR UPDATE")).one_or_none()
    if before is None and not facts["years"]:
        return False
    changed = connection.execute(
        text(
            "INSERT INTO calendar_in_force (version, digest) VALUES (:version, :digest) ON CONFLICT (shard) DO UPDATE "
            "SET version = excluded.version, digest = excluded.digest WHERE calendar_in_force.version <> excluded.version"
        ),
        {"version": version_of(facts), "digest": facts["digest"]},
    )
    if changed.rowcount != 1:
        return False
    outbox.add(connection, preparer, CHANGED_TYPE, {**facts, "before": None if before is None else before.digest})
    return True


def version_of(facts: Mapping[str, Any]) -> bytes:
    """32 bytes that are others for every other calendar, also for one of the same days by another notice."""
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).digest()
