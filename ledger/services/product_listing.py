"""Offering products: list, suspend, resume, delist, and the triggers that suspend by themselves.

A suspension, a delisting and a freeze take effect in the catalog when they are ordered, before the chain agrees: what must stop, stops.
Should the chain refuse, the offer stays down all the same (``withheld``): whoever stopped it orders that anew, or ends it.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.acts.kinds import ProductActKind
from ledger.domain.acts.product_registry import ProductAct
from ledger.domain.credit import NO_NEW_PRODUCTS
from ledger.domain.price import Ceiling, check_ceiling
from ledger.domain.product import InvalidProductError
from ledger.domain.product_life import (
    AUTOMATIC_TRIGGERS,
    DELIST_TRIGGERS,
    OWN_TRIGGER,
    PRODUCT_LIFE,
    SUSPEND_TRIGGERS,
)
from ledger.domain.records import from_json
from ledger.errors import AccessError, ConflictError
from ledger.log.timestamps import format_time
from ledger.services.bodies import Body, body_of, known_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_catalog import feed_facts, set_on_sale
from ledger.services.product_chain import ask_chain
from ledger.services.product_counts import version_nonce
from ledger.services.product_objects import (
    PROVIDERS,
    Both,
    chain_id_of,
    change,
    finding_digest,
    is_public,
    load,
    move,
    record,
)
from ledger.services.product_reviews import required_issuers

REASON_CHARACTERS_MAX: Final = 2_000
_KINDS: Final = {
    "list": ProductActKind.LIST,
    "suspend": ProductActKind.SUSPEND,
    "resume": ProductActKind.RESUME,
    "delist": ProductActKind.DELIST,
}
_TRIGGERS: Final = {"suspend": SUSPEND_TRIGGERS, "delist": DELIST_TRIGGERS}


class ProductFrozenError(ConflictError):
    """A regulator has frozen the product; until that ends it is not offered."""

    code = "product_frozen"
    title = "Product frozen"


class ComplianceLetterMissingError(ConflictError):
    """The version has no compliance letter of every platform that must issue it."""

    code = "compliance_letter_missing"
    title = "Compliance letter missing"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an offer stops: one of the stated triggers, and the case in words."""

    trigger: str
    text: str


def list_product(uow: UnitOfWork, product_code: str, version: int) -> StoredObject:
    """The provider offers a version that passed everything; its key signs ``ProductAct`` LIST.

    Raises:
        IllegalTransitionError: not reviewed; with public data: not filed.
        ProductFrozenError: the product is frozen.
        ComplianceLetterMissingError: a platform's letter is missing.
        PriceAboveCeilingError: dearer than the ceiling of the filing.
        AccessError: the actor is not the provider.
        BodyNotAbleError: the provider is not in good standing, or has none of the roles of a provider any more.
    """
    both = _loaded(uow, product_code, version, "list")
    body = _provider(uow, both)
    body.require_unlimited(NO_NEW_PRODUCTS)
    _require_not_frozen(both)
    letter = both.version.document["letter"]
    if letter is None or set(letter["issued_by"]) != set(required_issuers(both.version)):
        raise ComplianceLetterMissingError(
            "The compliance letter is not issued by every platform. Nothing was changed."
        )
    if is_public(both.version):
        check_ceiling(both.content.price, from_json(Ceiling, both.version.document["filing"]["ceiling"]))
    waiting = _ask(uow, both, "list", body, {"offer": both.number})
    changes = {"waiting": waiting, "listed_at": format_time(uow.now)}
    return move(uow, both, "list", "listing_asked", changes)


def suspend_product(uow: UnitOfWork, product_code: str, version: int, reason: Reason) -> StoredObject:
    """The provider, or a platform that reviewed it, stops the offer for a time; their key signs ``ProductAct`` SUSPEND.

    Raises:
        IllegalTransitionError: it is not listed.
        InvalidProductError: the trigger is none of the stated ones, or there is no reason.
        AccessError: the actor may not, or not for this trigger, or another body withholds the offer.
    """
    both = _loaded(uow, product_code, version, "suspend")
    body = _provider_or_platform(uow, both, "suspend", reason)
    held = both.version.document["suspension"]
    if held is not None and body.code == both.version.document["provider"] != held["by"]:
        raise AccessError("A platform withholds this offer; it suspends it. Nothing was changed.")
    moved, feed = _suspend(uow, both, body, reason)
    record(uow, both, "suspension_asked", state=moved.state, trigger=reason.trigger, **feed)
    return moved


def resume_product(uow: UnitOfWork, product_code: str, version: int, text: str) -> StoredObject:
    """The body that suspended an offer lets it go on; its key signs ``ProductAct`` RESUME.

    Raises:
        IllegalTransitionError: it is neither suspended nor withheld.
        ProductFrozenError: the product is frozen.
        AccessError: another body suspended it.
    """
    both = _loaded(uow, product_code, version, "resume")
    suspension = both.version.document["suspension"]
    actor = participant_of(uow.actor)
    if actor != suspension["by"]:
        raise AccessError("The body that suspended an offer resumes it. Nothing was changed.")
    _require_not_frozen(both)
    provider = body_of(uow, both.version.document["provider"], *PROVIDERS)  # in good standing again
    body = provider if actor == provider.code else body_of(uow, actor)
    found = {"trigger": "resumed", "text": _text(text), "by": actor, "at": format_time(uow.now)}
    waiting = _ask(uow, both, "resume", body, found, sets={"suspension": None})
    return move(uow, both, "resume", "resumption_asked", {"waiting": waiting})


def delist_product(uow: UnitOfWork, product_code: str, version: int, reason: Reason) -> StoredObject:
    """The provider, or a platform that reviewed it, takes a version off the market for good; signs ``ProductAct`` DELIST.

    Raises:
        IllegalTransitionError: it is not registered yet, or waits for the chain, or is gone already.
        InvalidProductError: as for a suspension.
        AccessError: as for a suspension.
    """
    both = _loaded(uow, product_code, version, "delist")
    body = _provider_or_platform(uow, both, "delist", reason)
    found = _found(uow, body, reason)
    waiting = _ask(uow, both, "delist", body, found)
    changes = {"waiting": waiting, "delisting": found}
    moved = change(uow, both, "delist", changes)
    feed = {}
    if str(both.number) in both.product.document["on_sale"]:
        feed = feed_facts(set_on_sale(uow, Both(both.product, moved), "suspended", act="delist"))
    record(uow, both, "delisting_asked", state=moved.state, trigger=reason.trigger, **feed)
    return moved


def stop_offer(uow: UnitOfWork, product_code: str, version: int, trigger: str, text: str) -> StoredObject | None:
    """Suspends one listed version for a trigger that needs nobody's decision; nothing where it is not listed any more.

    A platform that reviewed it is asked to sign, in good standing or not: the provider's suspension waits for nobody. Where none has a
    key to sign with, the offer is withheld without the chain. ``ledger.services.stopped_offers`` says when.
    """
    if trigger not in AUTOMATIC_TRIGGERS:
        raise InvalidProductError("This trigger suspends nothing by itself.")
    both = load(uow, product_code, version)
    if both.version.state != "listed":
        return None
    platform, reason = _platform_with_key(uow, both), Reason(trigger, text)
    moved, feed = _suspend(uow, both, platform, reason) if platform else _hold(uow, both, reason)
    record(uow, both, "suspension_asked", state=moved.state, trigger=trigger, **feed)
    return moved


def _platform_with_key(uow: UnitOfWork, both: Both) -> Body | None:
    named = [both.version.document["reviewers"][role] for role in ("trading_platform", "authorisation_platform")]
    bodies = [known_body(uow, code) for code in named if code is not None]
    return next((body for body in bodies if body is not None and body.business_keys), None)


def _hold(uow: UnitOfWork, both: Both, reason: Reason) -> tuple[StoredObject, dict[str, Any]]:
    by = both.version.document["reviewers"]["trading_platform"]
    found = {"trigger": reason.trigger, "text": _text(reason.text), "by": by, "at": format_time(uow.now)}
    moved = change(uow, both, "withhold", {"suspension": found})
    return moved, feed_facts(set_on_sale(uow, Both(both.product, moved), "suspended", act="withhold"))


def _suspend(uow: UnitOfWork, both: Both, body: Body, reason: Reason) -> tuple[StoredObject, dict[str, Any]]:
    """The version on its way to be suspended, and what its event says of the catalog's feed."""
    found = _found(uow, body, reason)
    waiting = _ask(uow, both, "suspend", body, found)
    changes = {"waiting": waiting, "suspension": found}
    moved = change(uow, both, "suspend", changes)
    return moved, feed_facts(set_on_sale(uow, Both(both.product, moved), "suspended", act="suspend"))


def _ask(
    uow: UnitOfWork, both: Both, step: str, body: Body, found: dict[str, Any], *, sets: dict[str, Any] | None = None
) -> dict[str, Any]:
    act = ProductAct(
        product_id=chain_id_of(both.product),
        version=both.number,
        act=_KINDS[step],
        reason_digest=finding_digest(both.version, found),
        nonce=version_nonce(uow, both),
    )
    return ask_chain(uow, both, step, act, [body.signer("party")], function="act", sets=sets)


def _found(uow: UnitOfWork, body: Body, reason: Reason) -> dict[str, Any]:
    return {"trigger": reason.trigger, "text": _text(reason.text), "by": body.code, "at": format_time(uow.now)}


def _text(text: str) -> str:
    if not 1 <= len(text.strip()) <= len(text) <= REASON_CHARACTERS_MAX:
        raise InvalidProductError(f"A reason has 1 to {REASON_CHARACTERS_MAX} characters. Nothing was changed.")
    return text


def _loaded(uow: UnitOfWork, product_code: str, version: int, act: str) -> Both:
    both = load(uow, product_code, version)
    both.life.next(both.version.state, act)
    return both


def _provider(uow: UnitOfWork, both: Both) -> Body:
    if uow.actor.participant != both.version.document["provider"]:
        raise AccessError("The provider lists its product. Nothing was changed.")
    return body_of(uow, participant_of(uow.actor), *PROVIDERS)


def _provider_or_platform(uow: UnitOfWork, both: Both, act: str, reason: Reason) -> Body:
    actor, document = participant_of(uow.actor), both.version.document
    if reason.trigger not in _TRIGGERS[act]:
        raise InvalidProductError(f"The triggers are {', '.join(sorted(_TRIGGERS[act]))}. Nothing was changed.")
    if actor == document["provider"]:
        if reason.trigger != OWN_TRIGGER:
            raise AccessError(f"A provider's trigger is {OWN_TRIGGER}. Nothing was changed.")
        return body_of(uow, actor)
    for role in ("trading_platform", "authorisation_platform"):
        if actor == (document["reviewers"] or {}).get(role) and role in uow.actor.roles:
            if reason.trigger == OWN_TRIGGER:
                raise AccessError("That trigger is the provider's. Nothing was changed.")
            return body_of(uow, actor, role)
    raise AccessError("The provider or a platform that reviewed the product does this. Nothing was changed.")


def _require_not_frozen(both: Both) -> None:
    if both.product.state != PRODUCT_LIFE.initial:
        raise ProductFrozenError("A regulator has frozen this product. Nothing was changed.")
