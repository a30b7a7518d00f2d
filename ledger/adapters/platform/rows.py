"""Rows of acts and differences in the authorisation platform's books."""

from typing import Any, Final

from sqlalchemy import RowMapping

from ledger.domain.platform_comparison import Cause, Finding, Owner
from ledger.domain.platform_differences import Difference
from ledger.services.platform_ports import Act

DIFFERENCE_COLUMNS: Final = "kind, object_id, cause, owner, fields, here, there, first_seen, last_seen, ended_at"
ACT_COLUMNS: Final = (
    "act_id, act, kind, object_id, request, state, revision, facts, problem_code, problem_detail, account, created_at, "
    "changed_at, attempts, last_error, instance"
)


def act_of(row: RowMapping) -> Act:
    """A row of ``acts``."""
    problem = None if row["problem_code"] is None else (row["problem_code"], row["problem_detail"] or "")
    return Act(
        act_id=row["act_id"],
        act=row["act"],
        kind=row["kind"],
        object_id=row["object_id"],
        request=row["request"],
        state=row["state"],
        revision=row["revision"],
        facts=row["facts"],
        problem=problem,
        account=row["account"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        attempts=row["attempts"],
        last_error=row["last_error"],
        instance=row["instance"],
    )


def difference_of(row: RowMapping) -> Difference:
    """A row of ``differences``."""
    finding = Finding(Cause(row["cause"]), Owner(row["owner"]), tuple(row["fields"]), row["here"], row["there"])
    return Difference(row["kind"], row["object_id"], finding, row["first_seen"], row["last_seen"], row["ended_at"])


def changing(act: Act) -> dict[str, Any]:
    """Column -> value of what becomes of an act."""
    code, detail = act.problem or (None, None)
    return {
        "state": act.state,
        "revision": act.revision,
        "facts": dict(act.facts),
        "problem_code": code,
        "problem_detail": detail,
        "changed_at": act.changed_at,
        "attempts": act.attempts,
        "last_error": act.last_error,
    }
