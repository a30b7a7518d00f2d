"""How steps of a product version wait for the chain, and what follows when it has decided.

Acts have the product as their subject, so that locks are always taken in one order; the version is in the act.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.typed_acts import Act
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.acts import Signer, propose_act
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_catalog import set_on_sale
from ledger.services.product_objects import VERSION, Both, change, record, version_id

DONE: Final = {
    "register": "registered",
    "pass_final_review": "reviewed",
    "reject": "rejected",
    "file": "filed",
    "list": "listed",
    "suspend": "suspended",
    "resume": "resumed",
    "delist": "delisted",
}
"""Step -> past tense of its event once the chain agrees."""

_ON_SALE: Final = {"list": "listed", "resume": "listed", "suspend": "suspended", "delist": None}


def ask_chain(
    uow: UnitOfWork,
    both: Both,
    step: str,
    act: Act,
    signers: Sequence[Signer],
    *,
    function: str,
    sets: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Proposes the act of a step; gives the member ``waiting`` for the version's document.

    Args:
        uow: of the use case.
        both: what it is about.
        step: the act of the version's table that asks for it.
        act: what is signed.
        signers: by whom.
        function: of ``ProductRegistry``.
        sets: members of the document that hold once the chain agrees.
    """
    proposed = propose_act(uow, both.product, act, function=function, step=f"product.{step}", signers=signers)
    return {"step": step, "act_id": proposed.object_id, "from": both.version.state, "sets": dict(sets or {})}


def _completed(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> None:
    both = _of_act(uow, product, act)
    waiting = both.version.document["waiting"]
    step, chain = waiting["step"], act.document["chain"]
    changes = {"waiting": None, "refused": None, **waiting["sets"]}
    if step in _ON_SALE:  # the contract counts these acts; the next one names the count
        changes["chain_revision"] = both.version.document["chain_revision"] + 1
    moved = change(uow, both, "confirm", changes)
    if step in _ON_SALE:
        set_on_sale(uow, Both(product, moved), _ON_SALE[step], act=DONE[step])
    record(uow, both, DONE[step], state=moved.state, act_id=act.object_id, tx_hash=chain["tx_hash"])


def _refused(uow: UnitOfWork, product: StoredObject, act: StoredObject, reason: str) -> None:
    both = _of_act(uow, product, act)
    waiting = both.version.document["waiting"]
    refused = {"step": waiting["step"], "reason": reason, "at": format_time(uow.now), "act_id": act.object_id}
    back = f"return_to_{waiting['from']}"
    changes = {"waiting": None, "refused": refused}
    moved = change(uow, both, back, changes)
    if waiting["step"] in {"suspend", "delist"} and str(both.number) in product.document["on_sale"]:
        set_on_sale(uow, Both(product, moved), moved.state, act="refused")
    else:  # a new revision, so that the same act proposed anew is another object
        uow.change(product, act="refused")
    event = f"{DONE[waiting['step']]}_refused"
    record(uow, both, event, state=moved.state, act_id=act.object_id, reason=reason)


def _of_act(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> Both:
    version = uow.find(VERSION, version_id(product.object_id, act.document["message"]["version"]))
    assert version is not None, "an act is proposed for a version that is there"
    return Both(product, version)


for _step in DONE:
    steps.register_step(f"product.{_step}", steps.Step(_completed, _refused))
