"""How steps of a product version wait for the chain, and what follows when it has decided.

Acts have the product as their subject, so that locks are always taken in one order; the version is in the act.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from ledger.domain.chain_counts import is_wrong_nonce
from ledger.domain.typed_acts import Act
from ledger.errors import MisuseError
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.acts import SIGN_DUTY, Signer, propose_act
from ledger.services.bodies import PARTICIPANT, BodyNotAbleError, body_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.filing_numbers import release_number
from ledger.services.product_catalog import feed_facts, set_on_sale
from ledger.services.product_counts import counted
from ledger.services.product_objects import VERSION, Both, change, record, version_id

SIGN_WITHIN: Final = timedelta(days=5)
"""Who is asked for a signature has so long; a breach is evidence, and any party of the version may then take the step back."""

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

STOPS: Final = frozenset({"suspend", "delist"})
_OFFERS: Final = frozenset({"list", "resume"})
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
    return propose(uow, both.product, act, function=function, step=step, signers=signers) | {
        "from": both.version.state,
        "sets": dict(sets or {}),
    }


def propose(
    uow: UnitOfWork, product: StoredObject, act: Act, *, function: str, step: str, signers: Sequence[Signer]
) -> dict[str, Any]:
    """Proposes an act, with the duty to sign it in time; gives what ``waiting`` says of it."""
    proposed = propose_act(uow, product, act, function=function, step=f"product.{step}", signers=signers)
    due_at = uow.now + SIGN_WITHIN
    uow.set_deadline(proposed, SIGN_DUTY, due_at)
    by = uow.actor.participant or signers[0].participant  # what stops by itself is the signer's
    return {"step": step, "act_id": proposed.object_id, "by": by, "due_at": format_time(due_at)}


def waiting_of(stored: StoredObject, act: StoredObject) -> Mapping[str, Any]:
    """What a version or a product waits for.

    Raises:
        MisuseError: not for this act; nothing may be concluded from it.
    """
    waiting: Mapping[str, Any] | None = stored.document["waiting"]
    if waiting is None or waiting["act_id"] != act.object_id:
        raise MisuseError(f"{stored.kind} {stored.object_id} does not wait for act {act.object_id}")
    return waiting


def refusal(uow: UnitOfWork, waiting: Mapping[str, Any], act: StoredObject, reason: str) -> dict[str, Any]:
    """What is told of a refused step. ``is_outdated``: only because the chain held other acts meanwhile; asked for anew it names them."""
    said = {"step": waiting["step"], "reason": reason, "at": format_time(uow.now), "act_id": act.object_id}
    return said | {"is_outdated": is_wrong_nonce(reason)}


def is_withheld(both: Both) -> bool:
    """Whether the step that the version waits for stops an offer that the chain has listed."""
    waiting = both.version.document["waiting"]
    return waiting["step"] in STOPS and waiting["from"] in {"listed", "withheld"}


def _completed(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> None:
    both = _of_act(uow, product, act)
    waiting = waiting_of(both.version, act)
    step, chain = waiting["step"], act.document["chain"]
    changes = {"waiting": None, "refused": None, **waiting["sets"]}
    if step in _ON_SALE:  # the contract counts these acts
        changes |= counted(act, "chain")
    feed = None
    if step in _OFFERS and not is_provider_able(uow, both):
        moved = change(uow, both, "withhold", changes | {"suspension": _not_able(uow, both)})
        feed = set_on_sale(uow, Both(product, moved), "suspended", act="withhold")
    else:
        moved = change(uow, both, "confirm", changes)
        if step in _ON_SALE:
            feed = set_on_sale(uow, Both(product, moved), _ON_SALE[step], act=DONE[step])
    facts = {"state": moved.state, "act_id": act.object_id, "tx_hash": chain["tx_hash"]}
    record(uow, both, DONE[step], **facts, **feed_facts(feed))


def _refused(uow: UnitOfWork, product: StoredObject, act: StoredObject, reason: str) -> None:
    both = _of_act(uow, product, act)
    waiting = waiting_of(both.version, act)
    refused = refusal(uow, waiting, act, reason)
    moved = go_back(uow, both, {"refused": refused}, withheld=is_withheld(both))
    # A new revision, so that the same act proposed anew is another object.
    uow.change(product, act="refused", parties=parties_before(both))
    event = f"{DONE[waiting['step']]}_refused"
    record(uow, both, event, state=moved.state, act_id=act.object_id, reason=reason)


def go_back(uow: UnitOfWork, both: Both, changes: Mapping[str, Any], *, withheld: bool) -> StoredObject:
    """Ends the wait of a version whose step is not done: back to where it began, or with its offer withheld.

    Args:
        uow: of the use case.
        both: the version; what the catalog shows is the caller's business.
        changes: members of its document.
        withheld: whether what is listed on the chain stays off the market here.
    """
    document = both.version.document
    changes = {"waiting": None, **changes}
    if document["waiting"]["step"] == "file":
        release_number(uow, document["waiting"]["sets"]["filing"]["number"])
    if withheld and document["suspension"] is None:  # a delisting: who ordered it holds the offer
        changes |= {"suspension": document["delisting"]}
    if document["waiting"]["step"] == "delist":
        changes |= {"delisting": None}
    if document["waiting"]["step"] == "register":  # a draft is its provider's alone
        return change(uow, both, "return_to_draft", changes, parties=(document["provider"],))
    return change(uow, both, "withhold" if withheld else f"return_to_{document['waiting']['from']}", changes)


def parties_before(both: Both) -> tuple[str, ...] | None:
    """Who saw the product before the step that its version waits for; None when that step opened it to nobody.

    Reviewers of a registration that came to nothing see neither the draft nor its product any more.
    """
    before = both.version.document["waiting"].get("product_parties")
    return None if before is None else tuple(before)


def is_provider_able(uow: UnitOfWork, both: Both) -> bool:
    """Whether the provider is in good standing, so that it may offer.

    Its object stays locked: a suspension is either seen here, or comes after the commit and finds what this step has put on offer.
    """
    uow.find(PARTICIPANT, both.version.document["provider"])
    try:
        body_of(uow, both.version.document["provider"])
    except BodyNotAbleError:
        return False
    return True


def _not_able(uow: UnitOfWork, both: Both) -> dict[str, Any]:
    """Why an offer that the chain has just listed is withheld: its provider was stopped meanwhile."""
    by = both.version.document["reviewers"]["trading_platform"]
    text = "The provider was not in good standing when the chain agreed."
    return {"trigger": "provider_suspended", "text": text, "by": by, "at": format_time(uow.now)}


def _of_act(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> Both:
    version = uow.find(VERSION, version_id(product.object_id, act.document["message"]["version"]))
    assert version is not None, "an act is proposed for a version that is there"
    return Both(product, version)


for _step in DONE:
    steps.register_step(f"product.{_step}", steps.Step(_completed, _refused))
