"""What follows when the chain has decided about an order: placed, confirmed, rejected, withdrawn or cancelled; or back to where it was."""

from typing import Any, Final

from ledger.domain.order_life import CALL_OFF
from ledger.services import steps
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.order_objects import move_order
from ledger.services.trade_chain import check_trade_signer, place_on_chain, refusal, waiting_of

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
    chain = {"act_id": act.object_id, "tx_hash": place["tx_hash"]}
    move_order(uow, order, "confirm", DONE[step], changes, parties=parties, content_digest=digest, **chain)


def _refused(uow: UnitOfWork, order: StoredObject, act: StoredObject, reason: str) -> None:
    waiting = waiting_of(order, act)
    changes = {"waiting": None, "refused": refusal(uow, waiting, act, reason)}
    event = f"{DONE[waiting['step']]}_refused"
    move_order(uow, order, f"return_to_{waiting['from']}", event, changes, act_id=act.object_id, reason=reason)


for _step in DONE:
    steps.register_step(f"trade.order.{_step}", steps.Step(_completed, _refused, check_trade_signer))
