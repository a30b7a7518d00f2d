"""A regulator freezes a product, with all its versions, and ends that; its key signs ``ProductFreeze``."""

from typing import Any, Final

from ledger.domain.acts.product_registry import ProductFreeze
from ledger.domain.product import InvalidProductError
from ledger.domain.product_life import FREEZE_TRIGGERS, PRODUCT_LIFE
from ledger.errors import ConflictError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.act_withdrawal import require_open, withdraw_act
from ledger.services.bodies import body_of, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_catalog import feed_facts, show
from ledger.services.product_chain import propose, refusal, waiting_of
from ledger.services.product_counts import counted, freeze_nonce
from ledger.services.product_listing import REASON_CHARACTERS_MAX, Reason
from ledger.services.product_objects import EVENT, PRODUCT, chain_id_of, salted_digest

_DONE: Final = {"freeze": "frozen", "thaw": "thawed"}


def freeze_product(uow: UnitOfWork, product_code: str, reason: Reason) -> StoredObject:
    """Takes every version out of offer at once, and asks the chain to hold that.

    Raises:
        NotFoundError: there is no such product.
        IllegalTransitionError: it is frozen already, or on the way.
        InvalidProductError: the trigger is none of the stated ones, or there is no reason.
        AccessError: the actor is no regulator.
    """
    if reason.trigger not in FREEZE_TRIGGERS:
        raise InvalidProductError(f"The triggers are {', '.join(sorted(FREEZE_TRIGGERS))}. Nothing was changed.")
    return _ask(uow, product_code, "freeze", reason)


def thaw_product(uow: UnitOfWork, product_code: str, text: str) -> StoredObject:
    """Ends a freeze; the offer is back when the chain agrees.

    Raises:
        As ``freeze_product``.
    """
    return _ask(uow, product_code, "thaw", Reason("ended", text))


def _ask(uow: UnitOfWork, product_code: str, step: str, reason: Reason) -> StoredObject:
    require_role(uow.actor, "regulator")
    regulator = body_of(uow, participant_of(uow.actor), "regulator")
    product = uow.get(PRODUCT, product_code)
    state = PRODUCT_LIFE.next(product.state, step)
    if not 1 <= len(reason.text.strip()) <= len(reason.text) <= REASON_CHARACTERS_MAX:
        raise InvalidProductError(f"A reason has 1 to {REASON_CHARACTERS_MAX} characters. Nothing was changed.")
    found = {"trigger": reason.trigger, "text": reason.text, "by": regulator.code, "at": format_time(uow.now)}
    act = ProductFreeze(
        product_id=chain_id_of(product),
        frozen=step == "freeze",
        reason_digest=salted_digest(product, b"freeze", encode_jcs(found)),
        nonce=freeze_nonce(uow, product),
    )
    signers = [regulator.signer("regulator")]
    waiting = propose(uow, product, act, function="set_frozen", step=step, signers=signers) | {"from": product.state}
    document = {**product.document, "freeze": found, "waiting": waiting, "refused": None}
    changed = uow.change(product, act=step, state=state, document=document)
    feed = feed_facts(show(uow, changed, step))
    _record(uow, changed, f"{step}_asked", act_id=waiting["act_id"], trigger=reason.trigger, **feed)
    return changed


def withdraw_freeze_step(uow: UnitOfWork, product_code: str) -> StoredObject:
    """A regulator takes back a freeze, or the end of one, that waits for its signature.

    Raises:
        NotFoundError: there is no such product.
        ConflictError: nothing waits, or its signatures are all there and the chain decides.
        AccessError: the actor is no regulator, or its body may not act.
    """
    require_role(uow.actor, "regulator")
    product = uow.get(PRODUCT, product_code)
    body_of(uow, participant_of(uow.actor), "regulator")
    waiting = product.document["waiting"]
    if waiting is None:
        raise ConflictError("No step of this product waits for the chain. Nothing was changed.")
    require_open(uow, waiting["act_id"])
    state = PRODUCT_LIFE.next(product.state, f"return_to_{waiting['from']}")
    changed = uow.change(product, act="withdraw_step", state=state, document={**product.document, "waiting": None})
    feed = feed_facts(show(uow, changed, "withdraw_step"))
    withdraw_act(uow, waiting["act_id"])
    _record(uow, changed, f"{waiting['step']}_withdrawn", act_id=waiting["act_id"], **feed)
    return changed


def _completed(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> None:
    step = waiting_of(product, act)["step"]
    _decided(uow, product, "confirm", dict(counted(act, "freeze")), _DONE[step], act_id=act.object_id)


def _refused(uow: UnitOfWork, product: StoredObject, act: StoredObject, reason: str) -> None:
    waiting = waiting_of(product, act)
    refused = refusal(uow, waiting, act, reason)
    event = f"{_DONE[waiting['step']]}_refused"
    back = "withhold" if waiting["from"] == PRODUCT_LIFE.initial else f"return_to_{waiting['from']}"
    _decided(uow, product, back, {"refused": refused}, event, act_id=act.object_id, reason=reason)


def _decided(
    uow: UnitOfWork, product: StoredObject, act: str, changes: dict[str, Any], event: str, **data: Any
) -> None:
    state = PRODUCT_LIFE.next(product.state, act)
    document = {**product.document, "waiting": None, "refused": None, **changes}
    changed = uow.change(product, act=act, state=state, document=document)
    feed = feed_facts(show(uow, changed, event))
    _record(uow, changed, event, **data, **feed)


def _record(uow: UnitOfWork, product: StoredObject, event: str, **data: Any) -> None:
    code = product.object_id
    uow.record(EVENT.format(event), {"product_code": code, "state": product.state, **data}, subject=code)


for _step in _DONE:
    steps.register_step(f"product.{_step}", steps.Step(_completed, _refused))
