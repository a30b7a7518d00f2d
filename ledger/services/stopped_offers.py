"""What stops by itself when a body may offer nothing any more: suspended, gone, failed at a re-check, or not renewed in time.

That it may not is true from that moment, and every use case refuses it (``bodies.body_of``). What it has on offer is
then taken down version by version, each in a transaction of its own, by the anchor service: however many there are, nobody waits for
all of them, and what was interrupted goes on with those that are still listed. Locks are taken as every step of a product takes them:
product, version, body, catalog.
"""

from datetime import timedelta
from typing import Final

from ledger.domain.participant import SUSPENDED
from ledger.services.bodies import IN_STANDING, PARTICIPANT
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_listing import stop_offer
from ledger.services.product_objects import PRODUCT, VERSION

OFFERS_DUTY: Final = "stop_offers"
"""Of a body that was suspended, has left or failed a re-check: nothing of it is on offer. Met when nothing is, or it may offer again.

A breach says that something hinders it."""

STOP_WITHIN: Final = timedelta(hours=1)

RENEWAL_DUTY: Final = "renew_qualification"
"""Of every body; once it is past and unmet, nothing of it is on offer either."""

_SUSPENDED: Final = ("provider_suspended", "The provider is suspended.")
_LEFT: Final = ("provider_left", "The provider has left.")
_FAILED: Final = ("recheck_failed", "The provider failed its re-check.")
_EXPIRED: Final = ("qualification_expired", "The provider's qualification is over.")


def stop_offer_of(uow: UnitOfWork, provider: str, product_code: str, version: int) -> StoredObject | None:
    """Suspends a version of a body that may offer nothing; nothing where it may again, or the version is not listed any more."""
    uow.find(PRODUCT, product_code)  # before the body, as every step of a product
    reason = _why_stopped(uow, provider)
    return None if reason is None else stop_offer(uow, product_code, version, *reason)


def owe_offers_stopped(uow: UnitOfWork, body: StoredObject) -> None:
    """Has the anchor service take down what the body offers; a body that owes it already has no more time for it."""
    uow.set_deadline(body, OFFERS_DUTY, uow.now + STOP_WITHIN, may_move_on=False)


def note_offers_stopped(uow: UnitOfWork, provider: str) -> bool:
    """Meets the duty when nothing of the body is on offer that it may not offer, also where it may again; whether that is so."""
    reason = _why_stopped(uow, provider)
    body = uow.find(PARTICIPANT, provider)
    is_stopped = reason is None or not uow.owned(VERSION, provider, states=("listed",))
    if body is not None and is_stopped:
        uow.meet_deadline(body, OFFERS_DUTY)
    return is_stopped


def _why_stopped(uow: UnitOfWork, provider: str) -> tuple[str, str] | None:
    """Trigger and reason; None for a body that may offer. It stays locked, so that its standing is the same at the commit."""
    body = uow.find(PARTICIPANT, provider)
    if body is None:
        return None
    if body.state == SUSPENDED:
        return _SUSPENDED
    if body.state != IN_STANDING:  # also one that applies anew: what it offered was another member's
        return _LEFT
    if body.document.get("failed_recheck") is not None:  # whatever becomes of its suspension
        return _FAILED
    return _EXPIRED if uow.now.timestamp() > body.document["chain"]["qualified_until"] else None
