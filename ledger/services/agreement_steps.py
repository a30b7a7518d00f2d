"""What follows when the chain has decided about an agreement: concluded, filed or ended; or back to where it was."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.control_instruction import Purpose
from ledger.domain.order_life import KIND as ORDER
from ledger.services import steps
from ledger.services.agreement_endings import Following, follow_end, owe_expiry, owe_performance
from ledger.services.agreement_objects import act_of_agreement, move_agreement, record_agreement
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.control_instructions import issue_instructions, start_of
from ledger.services.order_chain import attach_agreement
from ledger.services.order_objects import change_order
from ledger.services.trade_chain import check_trade_signer, place_on_chain, refusal, waiting_of

DONE: Final = {"conclude": "concluded", "file": "filed", "end": "ended"}
"""Step -> past tense of its event once the chain agrees, and the member of the document that keeps its place on the chain."""

_CONFIRMS: Final = {"conclude": "complete_signatures", "file": "confirm_filing", "end": "confirm_end"}


def back_of(waiting: Mapping[str, Any]) -> str:
    """The move back of a step that came to nothing."""
    return "refuse_filing" if waiting["step"] == "file" else f"return_to_{waiting['from']}"


def _completed(uow: UnitOfWork, agreement: StoredObject, act: StoredObject) -> None:
    step, document = waiting_of(agreement, act)["step"], agreement.document
    place = place_on_chain(uow, act)
    parties = None
    changes: dict[str, Any] = {"waiting": None, "refused": None, DONE[step]: place}
    if step == "conclude":  # the platforms read what they file, with what the chain does not hold of its signatures
        parties = tuple(dict.fromkeys((document["consumer"], document["provider"], *document["platforms"])))
        changes |= {"signatures": _sm2_signatures(act)}
    moved = move_agreement(uow, agreement, _CONFIRMS[step], changes, parties=parties)
    following = _FOLLOWS[step](uow, moved, act)
    record_agreement(uow, moved, DONE[step], act_id=act.object_id, tx_hash=place["tx_hash"], **following.facts)
    following.record(uow)


def _sm2_signatures(act: StoredObject) -> list[dict[str, Any]]:
    """Who signed by which SM2 key, in the order of the parties: the chain has their digests only."""
    given = act.document["signatures"]
    return [
        {"participant": signer["participant"], "sm2": given[str(place)].get("sm2")}
        for place, signer in enumerate(act.document["signers"])
    ]


def _concluded(uow: UnitOfWork, agreement: StoredObject, _act: StoredObject) -> Following:
    """The order has its agreement, which ends by itself with its last day."""
    owe_expiry(uow, agreement)
    if agreement.document["order_id"] is not None:
        order = uow.find(ORDER, agreement.document["order_id"])
        assert order is not None, "the order of an agreement is there"
        attach_agreement(uow, change_order(uow, order, "contract", {}), act_of_agreement(agreement).agreement_id)
    return Following({}, ())


def _filed(uow: UnitOfWork, agreement: StoredObject, _act: StoredObject) -> Following:
    """Both connectors are instructed."""
    owe_performance(uow, agreement)
    issued = issue_instructions(uow, agreement, Purpose.START, start_of(agreement))
    return Following({"instruction": issued[0].document["number"]}, issued)


def _ended(uow: UnitOfWork, agreement: StoredObject, act: StoredObject) -> Following:
    """What the end needs, with the signatures that the chain holds."""
    signers, given = act.document["signers"], act.document["signatures"]
    signed = [
        {"participant": signer["participant"], **{name: given[str(place)][name] for name in _OF_SIGNATURE}}
        for place, signer in enumerate(signers)
    ]
    place = agreement.document[DONE["end"]]
    return follow_end(uow, agreement, {"act_id": act.object_id, "tx_hash": place["tx_hash"], "signers": signed})


def _refused(uow: UnitOfWork, agreement: StoredObject, act: StoredObject, reason: str) -> None:
    waiting = waiting_of(agreement, act)
    changes = {"waiting": None, "refused": refusal(uow, waiting, act, reason)}
    moved = move_agreement(uow, agreement, back_of(waiting), changes)
    record_agreement(uow, moved, f"{DONE[waiting['step']]}_refused", act_id=act.object_id, reason=reason)


_OF_SIGNATURE: Final = ("key", "signature", "sm2_signature_digest", "deadline")
_BY_BOTH_SCHEMES: Final = {"conclude"}
"""Steps whose signers sign by EIP-712 and by SM2."""
_FOLLOWS: Final = {"conclude": _concluded, "file": _filed, "end": _ended}

for _step in DONE:
    _how = steps.Step(_completed, _refused, check_trade_signer, needs_sm2=_step in _BY_BOTH_SCHEMES)
    steps.register_step(f"trade.agreement.{_step}", _how)
