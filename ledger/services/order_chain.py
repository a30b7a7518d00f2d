"""What follows when the chain has decided about an order: placed, confirmed, rejected, withdrawn or cancelled; or back to where it was."""

from typing import Any, Final

from ledger.domain.order_life import CALL_OFF
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.order_objects import move_order, placed_act, record_order
from ledger.services.trade_chain import (
    Asked,
    ask_unsigned,
    check_trade_signer,
    place_on_chain,
    refusal,
    waiting_of,
)

DONE: Final = {
    "place": "placed",
    "accept": "confirmed",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "cancel": "cancelled",
}
"""Step -> past tense of its event once the chain agrees, and the member of the document that keeps its place on the chain."""


def _completed(uow: UnitOfWork, order: StoredObject, act: StoredObject) -> None:
    step = waiting_of(order, act)["step"]
    place, document = place_on_chain(uow, act), order.document
    changes: dict[str, Any] = {"waiting": None, "refused": None, DONE[step]: place}
    parties = None
    if step == "place":  # from now on the provider answers, and the platforms see what is traded
        parties = tuple(dict.fromkeys((document["consumer"], document["provider"], *document["platforms"])))
    if step == "accept" and document["content"]["kind"] == CALL_OFF:
        changes["agreement_id"] = document["content"]["origin"]["reference"]
    digest = document["content_digest"]
    chain = _on_chain(act, place)
    move_order(uow, order, "confirm", DONE[step], changes, parties=parties, content_digest=digest, **chain)


def _refused(uow: UnitOfWork, order: StoredObject, act: StoredObject, reason: str) -> None:
    waiting = waiting_of(order, act)
    changes = {"waiting": None, "refused": refusal(uow, waiting, act, reason)}
    event = f"{DONE[waiting['step']]}_refused"
    move_order(uow, order, f"return_to_{waiting['from']}", event, changes, act_id=act.object_id, reason=reason)


def attach_agreement(uow: UnitOfWork, order: StoredObject, agreement_chain_id: bytes) -> None:
    """Has the chain hold that an order has its agreement: both were signed, so nobody signs that again."""
    asked = Asked("attach", placed_act(order), "attach_agreement", ())
    ask_unsigned(uow, order, asked, {"agreement_id": agreement_chain_id})


def _attached(uow: UnitOfWork, order: StoredObject, act: StoredObject) -> None:
    place = place_on_chain(uow, act)
    changed = uow.change(order, act="attach", document={**order.document, "attached": place})
    record_order(uow, changed, "contracted", agreement_id=order.document["agreement_id"], **_on_chain(act, place))


def _not_attached(uow: UnitOfWork, order: StoredObject, act: StoredObject, reason: str) -> None:
    refused = {"step": "attach", "reason": reason, "at": format_time(uow.now), "act_id": act.object_id}
    changed = uow.change(order, act="refuse_attachment", document={**order.document, "refused": refused})
    record_order(uow, changed, "contracted_refused", act_id=act.object_id, reason=reason)


def _on_chain(act: StoredObject, place: dict[str, Any]) -> dict[str, Any]:
    return {"act_id": act.object_id, "tx_hash": place["tx_hash"]}


for _step in DONE:
    steps.register_step(f"trade.order.{_step}", steps.Step(_completed, _refused, check_trade_signer))
steps.register_step("trade.order.attach", steps.Step(_attached, _not_attached))
