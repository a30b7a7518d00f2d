"""Referral of a dispute to arbitration, and the ruling; on the chain as a case of ``Disputes`` where its agreement is there.

A case about an agreement is opened by the party that refers it, with the digest of the grounds and no amount frozen: what is frozen of a line
belongs to the settlement, which opens cases of its own. The arbitrator signs the ruling's digest; awards of units and corrections of a gross
need a statement or a line, and come with those too. About what the chain does not hold, referral and ruling are evidence alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.domain.acts.disputes import DisputeCase, Ruling
from ledger.domain.acts.kinds import DisputeSubject
from ledger.domain.dispute import KIND, LIFE, MEDIATE_DUTY, MESSAGE, RULE_DUTY, RULE_WITHIN, Statement
from ledger.domain.hashes.disputes import dispute_id as chain_dispute_id
from ledger.errors import AccessError, ConflictError, SignerKeyEndedError
from ledger.services import steps
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.bodies import Body, BodyNotAbleError, acting_body, body_of, known_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.dispute_messages import (
    get_dispute,
    meet_all,
    message_name,
    next_digest,
    record_dispute,
    require_party,
    say,
    tell_others,
)
from ledger.services.moves import moved
from ledger.services.trade_chain import (
    Asked,
    ask_chain,
    place_on_chain,
    refusal,
    require_own_wait,
    take_back,
    waiting_of,
)

ARBITRATOR: Final = "arbitrator"
DONE: Final = {"refer": "referred", "rule": "ruled"}
_CONFIRMS: Final = {"refer": "confirm_referral", "rule": "confirm_ruling"}
_NONE: Final = bytes(32)


def refer_dispute(uow: UnitOfWork, dispute_id: str, arbitrator: str, statement: Statement) -> StoredObject:
    """A party refers to an arbitrator what the mediator could not settle; its key signs ``DisputeCase`` where the agreement is on the chain.

    Raises:
        NotFoundError: there is no such case that the actor may see.
        IllegalTransitionError: it was not mediated, or is past that.
        AccessError: the actor is no party.
        BodyNotAbleError: the arbitrator is none in good standing, or the party has no valid key.
        ConflictError: the arbitrator is a party or the mediator.
    """
    stored = get_dispute(uow, dispute_id, "refer")
    party, document = require_party(uow, stored), stored.document
    body_of(uow, arbitrator, ARBITRATOR)
    if arbitrator in (document["opener"], document["respondent"], document["mediator"]):
        raise ConflictError("A body that took part in the case does not rule it. Nothing was changed.")
    agreement = _agreement_on_chain(uow, document)
    parties = tuple(dict.fromkeys((*stored.parties, arbitrator)))
    named = {"arbitrator": arbitrator, "referred_by": party}
    if agreement is None:
        changed = say(uow, stored, "refer_off_chain", "referral", statement, parties=parties, changes=named)
        return _referred(uow, changed, {"by": party})
    signer = _known(uow, party)
    act = DisputeCase(
        agreement_id=agreement_chain_id(salt_of_ids(agreement), agreement.object_id),
        nonce=_next_nonce(uow, agreement, signer),
        subject=DisputeSubject.AGREEMENT,
        stream_id=_NONE,
        index=0,
        line_id=_NONE,
        frozen_payee=_NONE,
        frozen_amount=0,
        review_at=0,
        grounds_digest=bytes.fromhex(document["grounds_digest"]),
    )
    arguments = {"proof": b""}  # of a case without a line, opened by a party, nothing of the proof is looked at
    waiting = ask_chain(uow, stored, Asked("refer", act, "open", [signer.signer("opener")], arguments=arguments))
    chain_id = chain_dispute_id(act.agreement_id, signer.body_id, act.nonce).hex()
    changes = {**named, "waiting": waiting, "chain_id": chain_id}
    changed = say(uow, stored, "refer", "referral", statement, changes=changes)
    return _asked(uow, changed, "referral_asked", waiting)


def rule_dispute(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """The arbitrator rules; its key signs ``Ruling`` with the ruling's digest where the case is on the chain.

    Raises:
        NotFoundError: there is no such case that the actor may see.
        IllegalTransitionError: it is not referred, or is past that.
        AccessError: it was referred to another arbitrator.
        BodyNotAbleError: the arbitrator is not in good standing, or has no valid key.
    """
    stored = get_dispute(uow, dispute_id, "rule")
    document = stored.document
    if participant_of(uow.actor) != document["arbitrator"]:
        raise AccessError("The arbitrator that the case was referred to rules it. Nothing was changed.")
    arbitrator = acting_body(uow, ARBITRATOR)
    digest = next_digest(stored, "ruling", statement)
    if document["referred"] is None:
        return _ruled(
            uow,
            say(uow, stored, "rule_off_chain", "ruling", statement, changes={"ruling_digest": digest}),
            {"by": arbitrator.code},
        )
    act = Ruling(bytes.fromhex(document["chain_id"]), bytes.fromhex(digest), 0, False, 0, 0)
    waiting = ask_chain(uow, stored, Asked("rule", act, "resolve", [arbitrator.signer("signers")]))
    changed = say(uow, stored, "rule", "ruling", statement, changes={"ruling_digest": digest, "waiting": waiting})
    return _asked(uow, changed, "ruling_asked", waiting)


def withdraw_dispute_step(uow: UnitOfWork, dispute_id: str) -> StoredObject:
    """Takes back a referral or a ruling that waits for its signature: by who asked for it, later by anybody who takes part.

    Raises:
        NotFoundError: there is no such case that the actor may see.
        AccessError: another body asked for it and there is time left to sign; or the actor only reads the case.
        ConflictError: no step waits, or the chain decides.
    """
    stored = uow.get(KIND, dispute_id)
    if participant_of(uow.actor) not in stored.parties:
        raise AccessError("Who takes part in the case does this. Nothing was changed.")
    waiting = require_own_wait(uow, stored)
    changed = moved(uow, LIFE, stored, f"return_to_{waiting['from']}", {"waiting": None})
    take_back(uow, waiting)
    said = {"step": waiting["step"], "act_id": waiting["act_id"], "by": participant_of(uow.actor)}
    record_dispute(uow, changed, "step_withdrawn", **said)
    return changed


def _completed(uow: UnitOfWork, stored: StoredObject, act: StoredObject) -> None:
    step = waiting_of(stored, act)["step"]
    place, document = place_on_chain(uow, act), stored.document
    changes = {"waiting": None, "refused": None, DONE[step]: place}
    parties = tuple(dict.fromkeys((*stored.parties, document["arbitrator"])))
    changed = moved(uow, LIFE, stored, _CONFIRMS[step], changes, parties=parties)
    said = {"act_id": act.object_id, "tx_hash": place["tx_hash"]}
    if step == "refer":
        _referred(uow, changed, said | {"chain_id": document["chain_id"]})
    else:
        _ruled(uow, changed, said)


def _refused(uow: UnitOfWork, stored: StoredObject, act: StoredObject, reason: str) -> None:
    waiting = waiting_of(stored, act)
    changes = {"waiting": None, "refused": refusal(uow, waiting, act, reason)}
    changed = moved(uow, LIFE, stored, f"return_to_{waiting['from']}", changes)
    record_dispute(uow, changed, f"{DONE[waiting['step']]}_refused", act_id=act.object_id, reason=reason)


def _check_signer(uow: UnitOfWork, act: StoredObject, signer: Mapping[str, Any], key: bytes) -> None:
    """A suspended party still opens its case; an arbitrator out of standing rules nothing."""
    is_party = act.document["function"] == "open"
    body = known_body(uow, signer["participant"]) if is_party else body_of(uow, signer["participant"], ARBITRATOR)
    if key.hex() in signer["keys"] and (body is None or key not in body.business_keys):
        raise SignerKeyEndedError("This key was revoked since the act was proposed. Nothing was changed.")


def _asked(uow: UnitOfWork, stored: StoredObject, event: str, waiting: Mapping[str, Any]) -> StoredObject:
    tell_others(uow, stored, event)
    said = {"by": participant_of(uow.actor), "act_id": waiting["act_id"], "message_digest": _last_digest(uow, stored)}
    record_dispute(uow, stored, event, **said)
    return stored


def _referred(uow: UnitOfWork, stored: StoredObject, said: Mapping[str, Any]) -> StoredObject:
    uow.meet_deadline(stored, MEDIATE_DUTY)
    uow.set_deadline(stored, RULE_DUTY, uow.now + RULE_WITHIN)
    tell_others(uow, stored, "referred")
    digest, arbitrator = stored.document["grounds_digest"], stored.document["arbitrator"]
    record_dispute(uow, stored, "referred", grounds_digest=digest, arbitrator=arbitrator, **said)
    return stored


def _ruled(uow: UnitOfWork, stored: StoredObject, said: Mapping[str, Any]) -> StoredObject:
    meet_all(uow, stored)
    tell_others(uow, stored, "ruled")
    record_dispute(uow, stored, "ruled", ruling_digest=stored.document["ruling_digest"], **said)
    return stored


def _agreement_on_chain(uow: UnitOfWork, document: Mapping[str, Any]) -> StoredObject | None:
    found = None if document["agreement_id"] is None else uow.peek(AGREEMENT, document["agreement_id"])
    return None if found is None or found.document["concluded"] is None else found


def _next_nonce(uow: UnitOfWork, agreement: StoredObject, opener: Body) -> int:
    """How many cases the opener has about the agreement: those that went through here, and what the followed events show beside them."""
    chain_id = agreement_chain_id(salt_of_ids(agreement), agreement.object_id)
    names = {name for side in ("consumer", "provider") for name in uow.owned(KIND, agreement.document[side])}
    cases = [case.document for name in names if (case := uow.peek(KIND, name)) is not None]
    about = [
        case for case in cases if (case["agreement_id"], case["referred_by"]) == (agreement.object_id, opener.code)
    ]
    known = sum(case["referred"] is not None for case in about)
    while uow.followed_changes(
        "Disputes", (KIND,), f"0x{chain_dispute_id(chain_id, opener.body_id, known).hex()}"
    ).changes:
        known += 1
    return known


def _known(uow: UnitOfWork, code: str) -> Body:
    body = known_body(uow, code)
    if body is None:
        raise BodyNotAbleError("The body that this needs is not admitted. Nothing was changed.")
    return body


def _last_digest(uow: UnitOfWork, stored: StoredObject) -> str:
    last = uow.peek(MESSAGE, message_name(stored.object_id, stored.document["messages"]))
    assert last is not None, "a case has its messages"
    return str(last.document["message_digest"])


for _step in DONE:
    steps.register_step(f"trade.dispute.{_step}", steps.Step(_completed, _refused, _check_signer))
