"""Participants as the API shows them: the document, what follows from it, and how far the chain is with the step that waits."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from ledger.adapters.sql.participants import StepPlace, step_place
from ledger.domain.participant import OpenStep, participant_from_json, participant_to_json
from ledger.domain.participant_life import allowed_acts, is_in_good_standing
from ledger.domain.records import to_json
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject


def participant_view(connection: Connection, stored: StoredObject, now: datetime) -> dict[str, Any]:
    """A participant for those who may see it; nothing of the sealed part."""
    participant = participant_from_json(stored.document)
    credit = participant.credit
    standing = standing_view(connection, stored, now)
    follows = {name: standing.pop(name) for name in ("score", "level", "limits")}
    times = {"created_at": format_time(stored.created_at), "changed_at": format_time(stored.changed_at)}
    document = participant_to_json(participant) | {"waiting": len(participant.waiting)}
    return {**document, **standing, "credit": {**to_json(credit), **follows}, **times}


def waiting_view(stored: StoredObject) -> dict[str, Any]:
    """A waiting application for who handed it in; how it ended, once it has."""
    return {
        "code": stored.document["code"],
        "state": stored.state,
        "facts_digest": stored.document["application"]["facts_digest"],
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def standing_view(connection: Connection, stored: StoredObject, now: datetime) -> dict[str, Any]:
    """Where a participant is after an act."""
    participant = participant_from_json(stored.document)
    credit = participant.credit
    return {
        "code": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": allowed_acts(participant, stored.state),
        "in_good_standing": is_in_good_standing(participant, stored.state, int(now.timestamp())),
        "open_step": _step(connection, participant.open_step),
        "overtaken_step": _step(connection, participant.overtaken_step),
        "refused_step": to_json(participant.refused_step),
        "untold": list(participant.untold),
        "score": credit.score,
        "level": credit.level,
        "limits": list(credit.limits),
    }


def whitelist_view(stored: StoredObject, now: datetime) -> dict[str, Any]:
    """An admitted body for everybody."""
    participant = participant_from_json(stored.document)
    chain = participant.chain
    assert chain is not None, "whoever is active is on the chain"
    return {
        "code": stored.object_id,
        "name": participant.organisation.name,
        "roles": list(participant.roles),
        "body_id": chain.body_id,
        "in_good_standing": is_in_good_standing(participant, stored.state, int(now.timestamp())),
        "qualified_until": format_time(datetime.fromtimestamp(chain.qualified_until, UTC)),
        "report": stored.document["report"],
        "documents": stored.document["documents"],
        "rules": participant.rules,
    }


def _step(connection: Connection, step: OpenStep | None) -> dict[str, Any] | None:
    if step is None:
        return None
    place = step_place(connection, step.act_id)
    return {**to_json(step), "act_state": place.act_state, "call": _call(place)}


def _call(place: StepPlace) -> dict[str, Any] | None:
    if place.call is None:
        return None
    tx_hash = place.call.tx_hash
    return {
        "state": place.call.state,
        "tx_hash": None if tx_hash is None else "0x" + tx_hash.hex(),
        "block_number": place.call.block_number,
    }
