"""What becomes of the data after an agreement: the consumer proves that it destroyed or anonymised them, the provider accepts that or not.

Object: ``destruction``, named as its agreement. The record of the destruction stays with the consumer; here are its digest, the method, the
time and a signature. What is said in words is sealed.
"""

from typing import Any, Final

from ledger.bundle.agreement_papers import PROOF, paper_digest
from ledger.domain.records import to_json
from ledger.domain.termination import (
    AGAIN_WITHIN,
    DESTRUCTION,
    DESTRUCTION_DUTY,
    DESTRUCTION_LIFE,
    METHODS,
    DestructionProof,
)
from ledger.errors import AccessError, InputError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.moves import moved
from ledger.services.notices import notify
from ledger.services.paper_signatures import signed_paper
from ledger.services.trade_chain import reason_of

EVENT: Final = "org.cityledger.destruction.{}.v1"


def hand_in_proof(uow: UnitOfWork, agreement_id: str, proof: DestructionProof, sm2: Sm2Signature) -> StoredObject:
    """The consumer's proof, signed; also by a body that is suspended, which owes it all the same.

    Args:
        uow: of the consumer.
        agreement_id: that ended.
        proof: what was done.
        sm2: over ``destruction_paper``.

    Raises:
        NotFoundError: nothing is owed that the actor may see.
        IllegalTransitionError: it was handed in already.
        AccessError: the actor is not the consumer.
        InputError: the method is not what the agreement asks for, or the time is to come.
        SignatureError: no key of the consumer signed this proof.
    """
    stored = uow.get(DESTRUCTION, agreement_id)
    _require_side(uow, stored, "consumer")
    DESTRUCTION_LIFE.next(stored.state, "hand_in")
    if proof.method not in METHODS[stored.document["asked"]]:
        raise InputError(f"method is one of {', '.join(METHODS[stored.document['asked']])}. Nothing was changed.")
    if parse_time(proof.done_at) > uow.now:
        raise InputError("done_at is a time to come. Nothing was changed.")
    paper = destruction_paper(agreement_id, proof)
    given = signed_paper(uow, participant_of(uow.actor), PROOF, paper, sm2)
    digest = _digest(uow, agreement_id, paper)
    kept = {name: value for name, value in paper.items() if name != "statement"} | {"proof_digest": digest}
    changes = {"proof": kept, "signature": given, "contest": None}
    changed = moved(uow, DESTRUCTION_LIFE, stored, "hand_in", changes)
    uow.put_private(changed, {"statement": proof.statement})
    uow.meet_deadline(changed, DESTRUCTION_DUTY)
    _tell(uow, changed, "destruction_proof_handed_in")
    _record(uow, changed, "handed_in", proof_digest=digest, method=proof.method)
    return changed


def accept_proof(uow: UnitOfWork, agreement_id: str) -> StoredObject:
    """The provider is content.

    Raises:
        NotFoundError: there is none that the actor may see.
        IllegalTransitionError: no proof is handed in.
        AccessError: the actor is not the provider.
    """
    stored = uow.get(DESTRUCTION, agreement_id)
    _require_side(uow, stored, "provider")
    changed = moved(uow, DESTRUCTION_LIFE, stored, "accept", {})
    _record(uow, changed, "accepted", proof_digest=changed.document["proof"]["proof_digest"])
    return changed


def contest_proof(uow: UnitOfWork, agreement_id: str, text: str) -> StoredObject:
    """The provider says why it is not; the consumer hands in another one within ten days.

    Raises:
        As ``accept_proof``.
        InputError: there is no reason.
    """
    stored = uow.get(DESTRUCTION, agreement_id)
    _require_side(uow, stored, "provider")
    reason = reason_of(uow, text)
    changed = moved(uow, DESTRUCTION_LIFE, stored, "contest", {"contest": reason})
    uow.set_deadline(changed, DESTRUCTION_DUTY, uow.now + AGAIN_WITHIN)
    _tell(uow, changed, "destruction_proof_contested")
    digest = _digest(uow, agreement_id, reason)
    _record(uow, changed, "contested", reason_digest=digest)
    return changed


def destruction_paper(agreement_id: str, proof: DestructionProof) -> dict[str, Any]:
    """What the consumer signs."""
    return {"contractId": agreement_id, **to_json(proof)}


def _require_side(uow: UnitOfWork, stored: StoredObject, side: str) -> None:
    if participant_of(uow.actor) != stored.document[side]:
        raise AccessError(f"The {side} of the agreement does this. Nothing was changed.")


def _digest(uow: UnitOfWork, agreement_id: str, paper: dict[str, Any]) -> str:
    agreement = uow.peek(AGREEMENT, agreement_id)
    assert agreement is not None, "the agreement of a destruction is there"
    return paper_digest(PROOF, salt_of_ids(agreement), paper).hex()


def _tell(uow: UnitOfWork, stored: StoredObject, event: str) -> None:
    others = [code for code in stored.parties if code != uow.actor.participant]
    notify(uow, stored, event, others, at=format_time(uow.now))


def _record(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    said = {"agreement_id": stored.object_id, "state": stored.state, **data}
    uow.record(EVENT.format(event), said, subject=stored.object_id)
