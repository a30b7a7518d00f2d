"""Instructions, reports, vouchers, proofs, notices and cases as answers."""

from collections.abc import Mapping
from typing import Any, Final

from api.writes import Answer
from ledger.domain.control_instruction import LIFE as INSTRUCTION_LIFE
from ledger.domain.dispute import LIFE as DISPUTE_LIFE
from ledger.domain.termination import DESTRUCTION_LIFE
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject

_INSTRUCTION: Final = (
    *("number", "side", "purpose", "agreement_id", "owner", "content", "content_digest", "received_at", "reports"),
)
_REPORT: Final = ("agreement_id", "reporter", "strategy_id", "actions", "outcome", "reported_at", "report_digest")
_CASE: Final = (
    *("subject_kind", "subject_id", "agreement_id", "category", "opener", "respondent", "mediator", "mediate_by"),
    *("arbitrator", "messages", "grounds_digest", "salt", "proposal", "ruling_digest", "refused", "referred", "ruled"),
)
_WAITING: Final = ("step", "act_id", "by", "due_at")
_MESSAGE: Final = ("number", "kind", "by", "at", "attachments", "message_digest")
_SIGNATURE: Final = ("participant", "public_key", "key", "signature", "at")


def instruction_value(stored: StoredObject) -> dict[str, Any]:
    """An instruction as ``InstructionAnswer``."""
    return {
        **{name: stored.document[name] for name in _INSTRUCTION},
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(INSTRUCTION_LIFE.allowed(stored.state)),
        **_times(stored),
    }


def report_value(stored: StoredObject, words: Mapping[str, Any]) -> dict[str, Any]:
    """A report of performance as ``ExecutionReportAnswer``, with what it says in words."""
    return {
        "report_id": stored.object_id,
        **{name: stored.document[name] for name in _REPORT},
        "result": words["result"],
        "details": words["details"],
        "created_at": format_time(stored.created_at),
    }


def voucher_value(stored: StoredObject) -> dict[str, Any]:
    """A termination voucher as ``TerminationAnswer``."""
    document = stored.document
    return {
        **{name: document[name] for name in ("agreement_id", "voucher", "voucher_digest", "chain")},
        "signatures": [{name: one.get(name) for name in _SIGNATURE} for one in document["signatures"]],
        "revision": stored.revision,
        "state": stored.state,
        "created_at": format_time(stored.created_at),
    }


def destruction_value(stored: StoredObject, words: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the data as ``DestructionAnswer``."""
    document = stored.document
    return {
        **{name: document[name] for name in ("agreement_id", "asked", "proof", "signature", "contest")},
        "statement": words.get("statement"),
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(DESTRUCTION_LIFE.allowed(stored.state)),
        **_times(stored),
    }


def notice_value(stored: StoredObject) -> dict[str, Any]:
    """A notice as ``NoticeAnswer``."""
    named = {name: stored.document[name] for name in ("about", "event", "said", "at", "read_at")}
    return {"notice_id": stored.object_id, "state": stored.state, **named}


def dispute_value(stored: StoredObject) -> dict[str, Any]:
    """A case as ``DisputeAnswer``."""
    document, waiting = stored.document, stored.document["waiting"]
    return {
        "dispute_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(DISPUTE_LIFE.allowed(stored.state)),
        **{name: document[name] for name in _CASE},
        "chain_id": document["chain_id"],
        "waiting": None if waiting is None else {name: waiting[name] for name in _WAITING},
        **_times(stored),
    }


def message_value(stored: StoredObject, words: Mapping[str, Any]) -> dict[str, Any]:
    """A message as ``DisputeMessage``, with what it says."""
    return {**{name: stored.document[name] for name in _MESSAGE}, "text": words["text"]}


def answer(stored: StoredObject, value: Mapping[str, Any], *, status: int = 200, location: str | None = None) -> Answer:
    """The answer of a write."""
    headers = {} if location is None else {"Location": location}
    return Answer(dict(value), status=status, revision=stored.revision, headers=headers)


def _times(stored: StoredObject) -> dict[str, str]:
    return {"created_at": format_time(stored.created_at), "changed_at": format_time(stored.changed_at)}
