"""Participants: application, reading, the public list, the comparison with the chain. Acts are in ``participant_acts``."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

PARTICIPANTS = "/v1/participants"


def apply_for_admission(application: Mapping[str, Any], *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Hands in an application (``ApplyParticipant`` of the OpenAPI document)."""
    return write_object(PARTICIPANTS, application, idempotency_key=idempotency_key)


def get_participants(
    *, state: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Those that the caller may see, in the order of their applications."""
    return get_page(PARTICIPANTS, state=state, cursor=cursor, limit=limit)


def get_waiting_applications(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Those that the caller handed in for a code that somebody else had applied for: which wait, and how the others ended."""
    return get_page("/v1/waiting-applications", cursor=cursor, limit=limit)


def get_participant(code: str) -> Call[RemoteObject]:
    """One, with the step that waits for the chain."""
    return get_object(_one(code))


def get_participant_history(code: str, *, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Its revisions, oldest first."""
    return get_page(f"{_one(code)}/history", cursor=cursor, limit=limit)


def get_participant_facts(code: str) -> Call[RemoteObject]:
    """Its sealed real-name facts."""
    return get_object(f"{_one(code)}/facts")


def get_differences(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """What is otherwise here than in the registry contract, of a page of participants; a page without items is not the last."""
    return get_page(f"{PARTICIPANTS}/differences", cursor=cursor, limit=limit)


def get_whitelist(*, role: str | None = None, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Admitted bodies with their qualification, for anyone."""
    return get_page("/v1/whitelist", role=role, cursor=cursor, limit=limit)


def _one(code: str) -> str:
    return f"{PARTICIPANTS}/{segment(code)}"
