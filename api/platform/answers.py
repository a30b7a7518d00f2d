"""What the platform's books hold as answers, in the shapes of ``api.platform.schemas``."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from ledger.adapters.platform.reading import KeptCopy, Numbered
from ledger.domain.platform_books import KINDS
from ledger.log.timestamps import format_time
from ledger.services.platform_ports import Act


def difference_value(one: Numbered, now: datetime, tolerance: timedelta) -> dict[str, Any]:
    """A difference as ``DifferenceAnswer``."""
    difference, finding = one.difference, one.difference.finding
    is_open = difference.ended_at is None
    return {
        "number": one.number,
        "kind": difference.kind,
        "object_id": difference.object_id,
        "cause": str(finding.cause),
        "owner": str(finding.owner),
        "fields": list(finding.fields),
        "here": finding.here,
        "there": finding.there,
        "first_seen": format_time(difference.first_seen),
        "last_seen": format_time(difference.last_seen),
        "ended_at": _time(difference.ended_at),
        "age_s": max(0.0, difference.age(now).total_seconds()),
        "is_under_way": is_open and difference.is_under_way(now, tolerance),
    }


def copy_value(copy: KeptCopy, differences: list[dict[str, Any]]) -> dict[str, Any]:
    """A copy as ``CopyAnswer``."""
    newest = copy.newest
    return {
        "kind": copy.kind,
        "object_id": copy.object_id,
        "revision": newest.revision,
        "state": newest.state,
        "digest": bytes(newest.digest).hex(),
        "document": dict(newest.document),
        "first_seen": format_time(copy.first_seen),
        "last_seen": format_time(copy.last_seen),
        "revisions": [
            {"revision": revision, "state": state, "digest": digest.hex(), "seen_at": format_time(seen_at)}
            for revision, state, digest, seen_at in copy.revisions
        ],
        "differences": differences,
    }


def act_value(act: Act) -> dict[str, Any]:
    """An act as ``ActAnswer``."""
    problem = None if act.problem is None else {"code": act.problem[0], "detail": act.problem[1]}
    return {
        "act_id": act.act_id,
        "act": act.act,
        "kind": act.kind,
        "object_id": act.object_id,
        "request": dict(act.request),
        "state": act.state,
        "revision": act.revision,
        "problem": problem,
        "account": act.account,
        "created_at": format_time(act.created_at),
        "changed_at": format_time(act.changed_at),
        "attempts": act.attempts,
        "last_error": act.last_error,
    }


def kind_values(found: Mapping[str, RowMapping], now: datetime) -> list[dict[str, Any]]:
    """Every kind as ``KindStatus``, those too that were never read."""
    values = []
    for kind in KINDS:
        row = found.get(kind)
        succeeded_at = None if row is None else row["succeeded_at"]
        values.append(
            {
                "kind": kind,
                "copies": 0 if row is None else row["copies"],
                "succeeded_at": _time(succeeded_at),
                "swept_at": None if row is None else _time(row["swept_at"]),
                "lag_s": None if succeeded_at is None else max(0.0, (now - succeeded_at).total_seconds()),
                "failure": None if row is None else row["failure"],
            }
        )
    return values


def count_values(found: Mapping[str, Any]) -> dict[str, Any]:
    """The members of ``StatusAnswer`` that are counted."""
    waiting = found["acts_waiting"]
    return {
        "differing": [
            {"cause": row["cause"], "owner": row["owner"], "count": row["found"], "oldest": format_time(row["oldest"])}
            for row in found["differing"]
        ],
        "under_way": found["under_way"],
        "acts_waiting": {
            "count": waiting["found"],
            "oldest": _time(waiting["oldest"]),
            "last_error": waiting["last_error"],
        },
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
