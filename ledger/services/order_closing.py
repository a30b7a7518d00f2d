"""How an order ends: rejected, withdrawn or cancelled by a signature; lapsed or closed by itself; and a step that is taken back.

What the contract closes is signed as ``OrderClosing`` by the one whose decision it is; a suspended body still ends what it has.
"""

from typing import Any, Final

from ledger.bundle.order_digest import order_chain_id, order_reason_digest
from ledger.domain.acts.kinds import OrderStatus
from ledger.domain.acts.orders import OrderClosing
from ledger.domain.order_life import BOTH, CONSUMER, KIND, PROVIDER
from ledger.errors import ConflictError
from ledger.services.agreement_objects import is_ended
from ledger.services.bodies import BodyNotAbleError, known_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.order_objects import AGREEMENT_KIND, content_of, get_order, move_order, require_side
from ledger.services.trade_chain import Asked, ask_chain, reason_of, require_own_wait, take_back

_CLOSINGS: Final = {
    "reject": (OrderStatus.REJECTED, (PROVIDER,)),
    "withdraw": (OrderStatus.WITHDRAWN, (CONSUMER,)),
    "cancel": (OrderStatus.CANCELLED, BOTH),
}


def reject_order(uow: UnitOfWork, order_id: str, text: str) -> StoredObject:
    """The provider declines what was offered, with a reason; its key signs ``OrderClosing``.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        IllegalTransitionError: it is not offered.
        AccessError: the actor is not its provider.
        InputError: there is no reason.
        BodyNotAbleError: the body has no valid key.
    """
    return _ask_closing(uow, order_id, "reject", text)


def withdraw_order(uow: UnitOfWork, order_id: str, text: str) -> StoredObject:
    """The consumer takes back what it offered, before the provider has confirmed it.

    Raises:
        As ``reject_order``.
    """
    return _ask_closing(uow, order_id, "withdraw", text)


def cancel_order(uow: UnitOfWork, order_id: str, text: str) -> StoredObject:
    """Either party cancels a confirmed order that has no agreement.

    Raises:
        As ``reject_order``.
        ConflictError: an agreement is being made from it; that is abandoned first.
    """
    return _ask_closing(uow, order_id, "cancel", text)


def lapse_order(uow: UnitOfWork, order_id: str) -> StoredObject:
    """Either party states that an offered order was not confirmed in time. The chain needs no word of it: nobody can confirm it any more.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        IllegalTransitionError: it is not offered.
        ConflictError: its time is not over.
    """
    stored = get_order(uow, order_id, "lapse")
    require_side(uow, stored, *BOTH)
    if uow.now.timestamp() <= content_of(stored).valid_until:
        raise ConflictError("This order can still be confirmed. Nothing was changed.")
    return move_order(uow, stored, "lapse", "lapsed", {})


def close_order(uow: UnitOfWork, order_id: str) -> StoredObject:
    """Either party closes an order whose agreement has ended, or is over.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        IllegalTransitionError: it is not in force.
        ConflictError: its agreement is in force.
    """
    stored = get_order(uow, order_id, "close")
    require_side(uow, stored, *BOTH)
    agreement = uow.peek(AGREEMENT_KIND, stored.document["agreement_id"])
    assert agreement is not None, "an order in force has its agreement"
    if not is_ended(agreement, uow.now):
        raise ConflictError("The agreement of this order is in force. Nothing was changed.")
    return move_order(uow, stored, "close", "closed", {}, agreement_id=agreement.object_id)


def withdraw_order_step(uow: UnitOfWork, order_id: str) -> StoredObject:
    """Takes back the step of an order that waits for its signature: by who asked for it, later by any party.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        ConflictError: no step waits, or its signatures are all there and the chain decides.
        AccessError: the actor is no party, or another body asked for it and there is time left to sign.
    """
    stored = uow.get(KIND, order_id)
    require_side(uow, stored, *BOTH)
    waiting = require_own_wait(uow, stored)
    said = {"step": waiting["step"], "act_id": waiting["act_id"], "by": participant_of(uow.actor)}
    take_back(uow, waiting)
    return move_order(uow, stored, f"return_to_{waiting['from']}", "step_withdrawn", {"waiting": None}, **said)


def _ask_closing(uow: UnitOfWork, order_id: str, step: str, text: str) -> StoredObject:
    stored = get_order(uow, order_id, step)
    status, sides = _CLOSINGS[step]
    require_side(uow, stored, *sides)
    if stored.document["agreement_id"] is not None:
        raise ConflictError("An agreement is being made from this order; it is abandoned first. Nothing was changed.")
    body = known_body(uow, participant_of(uow.actor))
    if body is None:
        raise BodyNotAbleError("The body that this needs is not admitted. Nothing was changed.")
    reason: dict[str, Any] = reason_of(uow, text, step=step)
    digest = order_reason_digest(salt_of_ids(stored), reason)
    act = OrderClosing(order_chain_id(salt_of_ids(stored), stored.object_id), status, digest)
    waiting = ask_chain(uow, stored, Asked(step, act, "close", [body.signer("party")]))
    changes = {"closing": reason, "waiting": waiting}
    return move_order(uow, stored, step, f"{step}_asked", changes, reason_digest=digest.hex())
