"""Orders and agreements as answers; who reads how much of an agreement is decided here and nowhere else."""

from collections.abc import Mapping
from typing import Any, Final

from api.policy_answers import sentence_values
from api.writes import Answer
from ledger.adapters.sql.agreements import LISTED_AS_THEY_ARE
from ledger.adapters.sql.objects import Revision
from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.order_digest import order_chain_id
from ledger.domain.agreement_explanation import explain_agreement
from ledger.domain.agreement_status import AGREEMENT_LIFE, STATUS_OF_STATE
from ledger.domain.order_voucher import voucher_lines
from ledger.errors import NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.agreement_objects import disclosed_of, is_party
from ledger.services.agreement_steps import DONE as AGREEMENT_DONE
from ledger.services.business import Actor, StoredObject, salt_of_ids
from ledger.services.order_chain import DONE as ORDER_DONE
from ledger.services.order_objects import moves_of, side_of

_ORDER: Final = (
    *(
        "consumer",
        "provider",
        "platforms",
        "content",
        "voucher",
        "content_digest",
        "salt",
        "agreement_id",
        "closing",
        "price_rule",
    ),
    *("refused", "attached", *ORDER_DONE.values()),
)
_AGREEMENT: Final = (
    *(
        "issued_by",
        "platforms",
        "disclosed",
        "disclosed_salt",
        "shares",
        "salt",
        "filing",
        "ending",
        "refused",
        "price_rule",
    ),
    *AGREEMENT_DONE.values(),
)


def order_value(stored: StoredObject, actor: Actor) -> dict[str, Any]:
    """An order as ``OrderAnswer``."""
    return {
        "order_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(moves_of(stored, actor.participant)),
        "side": side_of(stored, actor.participant),
        **{name: stored.document[name] for name in _ORDER},
        "negotiated": stored.document.get("negotiated"),
        "waiting": _waiting(stored),
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def order_revision(revision: Revision) -> dict[str, Any]:
    """A revision as ``OrderRevision``; the account behind it is not shown, its body is."""
    return {**_revision(revision), "content": revision.document["content"]}


def voucher_value(stored: StoredObject) -> dict[str, Any]:
    """The voucher as ``VoucherAnswer``.

    Raises:
        NotFoundError: the order was never placed.
    """
    document, salt = stored.document, salt_of_ids(stored)
    if document["voucher"] is None:
        raise NotFoundError("This order has no voucher yet; placing it makes one.")
    lines = voucher_lines(document["voucher"])
    return {
        "order_id": stored.object_id,
        "state": stored.state,
        "voucher": document["voucher"],
        "lines": [
            {"chinese": line.words.chinese, "english": line.words.english, "value": line.value} for line in lines
        ],
        "salt": salt.hex(),
        "content_digest": document["content_digest"],
        "chain_order_id": order_chain_id(salt, stored.object_id).hex(),
        "placed": document["placed"],
        "confirmed": document["confirmed"],
    }


def order_answer(stored: StoredObject, actor: Actor, *, status: int = 200) -> Answer:
    """The answer of a write on an order."""
    headers = {"Location": f"/v1/orders/{stored.object_id}"} if status == 201 else {}
    return Answer(order_value(stored, actor), status=status, revision=stored.revision, headers=headers)


def agreement_item(stored: StoredObject) -> dict[str, Any]:
    """An agreement as ``AgreementItem``."""
    disclosed = stored.document["disclosed"]
    return {
        "agreement_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "contract_status": str(STATUS_OF_STATE[stored.state]),
        **{name: stored.document[name] for name in LISTED_AS_THEY_ARE},
        **{name: disclosed[name] for name in ("name", "valid_from", "valid_until")},
        "waiting": _waiting(stored),
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def agreement_value(stored: StoredObject, actor: Actor) -> dict[str, Any]:
    """An agreement as ``AgreementAnswer``: the ciphertext is for the two parties, the rest for everybody who sees the agreement."""
    document = stored.document
    level = _level(stored, actor)
    sealed = document["confidential"]
    return {
        **agreement_item(stored),
        "level": level,
        "allowed": _asked_for(stored.state),
        **{name: document[name] for name in _AGREEMENT},
        "negotiated": document.get("negotiated"),
        "signatures": document.get("signatures"),
        "confidential": {**sealed, "ciphertext": sealed["ciphertext"] if level == "party" else None},
        "chain_agreement_id": _chain_id(stored),
    }


def agreement_revision(revision: Revision) -> dict[str, Any]:
    """A revision as ``AgreementRevision``."""
    contract_hash = revision.document["contract_hash"]
    status = str(STATUS_OF_STATE[revision.state])
    return {**_revision(revision), "contract_status": status, "contract_hash": contract_hash}


def agreement_explained(stored: StoredObject) -> dict[str, Any]:
    """An agreement as ``AgreementExplained``."""
    sentences = sentence_values(explain_agreement(disclosed_of(stored)))
    return {
        "agreement_id": stored.object_id,
        "contract_hash": stored.document["contract_hash"],
        "sentences": sentences,
    }


def agreement_answer(stored: StoredObject, actor: Actor, *, status: int = 200) -> Answer:
    """The answer of a write on an agreement."""
    location = f"/v1/agreements/{stored.object_id.replace('*', '%2A')}"
    headers = {"Location": location} if status == 201 else {}
    return Answer(agreement_value(stored, actor), status=status, revision=stored.revision, headers=headers)


def filing_value(stored: StoredObject) -> dict[str, Any]:
    """A filed agreement as ``FilingAnswer``.

    Raises:
        NotFoundError: it was never filed.
    """
    document = stored.document
    if document["filed"] is None:
        raise NotFoundError("There is no such filed agreement.")
    return {
        "agreement_id": stored.object_id,
        "contract_hash": document["contract_hash"],
        "contract_status": str(STATUS_OF_STATE[stored.state]),
        "chain_agreement_id": _chain_id(stored),
        "filed_by": document["filing"]["filed_by"],
        "filed_at": document["filed"]["at"],
        **{name: document[name] for name in AGREEMENT_DONE.values()},
    }


def _level(stored: StoredObject, actor: Actor) -> str:
    if is_party(stored, actor.participant):
        return "party"
    return "platform" if actor.participant in stored.parties else "supervisor"


def _asked_for(state: str) -> list[str]:
    """What somebody may ask for; how a wait ends nobody asks for."""
    own = {"complete_signatures", "confirm_filing", "refuse_filing", "confirm_end"}
    return [act for act in AGREEMENT_LIFE.allowed(state) if act not in own and not act.startswith("return_to_")]


def _chain_id(stored: StoredObject) -> str:
    return agreement_chain_id(salt_of_ids(stored), stored.object_id).hex()


def _revision(revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.revision,
        "act": revision.act,
        "state": revision.state,
        "participant": revision.participant,
        "changed_at": format_time(revision.changed_at),
    }


def _waiting(stored: StoredObject) -> Mapping[str, Any] | None:
    waiting = stored.document["waiting"]
    return None if waiting is None else {name: waiting[name] for name in ("step", "act_id", "by", "due_at")}
