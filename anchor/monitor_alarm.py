"""What a monitor says: its alarms, and what it remembers of a log that does not answer."""

from dataclasses import dataclass, replace
from typing import Any

from anchor.monitor_state import MonitorState
from ledger.errors import LedgerError, UnavailableError
from ledger.log.proof import NodeReader, consistency_path


@dataclass(frozen=True)
class Alarm:
    """Something that must not be. ``code`` is stable; ``evidence`` is enough for a third party to check it."""

    code: str
    detail: str
    evidence: dict[str, Any]


def remember_unanswered(
    state: MonitorState, error: UnavailableError, now_s: float, stale_after_s: float
) -> tuple[MonitorState, list[Alarm]]:
    """A look that was not answered: the state to keep, and the alarm ``unavailable`` once this lasts too long.

    A log that must not show a file can refuse it with any status but 404; waiting for ever would let it hide behind that. Only a
    whole look that is answered ends the time, so one path that is refused while others are served counts as well.
    """
    since = now_s if state.unanswered_since is None else state.unanswered_since
    state = replace(state, unanswered_since=since)
    if now_s - since <= stale_after_s:
        return state, []
    detail = f"No look was answered whole for {int(now_s - since)} s: {error.detail}"
    evidence = {
        **error.facts,
        "error": error.code,
        "unanswered_since": since,
        "note": state.note,
        "tree_size": state.tree_size,
    }
    return state, [Alarm("unavailable", detail, evidence)]


def path_evidence(tree_size_1: int, tree_size_2: int, reader: NodeReader) -> dict[str, Any]:
    """The consistency path, or why the log's tiles do not give it: the alarm must not depend on what the log goes on serving."""
    try:
        return {"path": [step.hex() for step in consistency_path(tree_size_1, tree_size_2, reader)]}
    except LedgerError as error:
        return {"path": None, "path_error": error.detail}
