"""What stops by itself when a provider's qualification is over: every offer of its own, as long as none was renewed in time."""

from typing import Final

from ledger.services.bodies import PARTICIPANT
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_completion import RENEWAL_DUTY
from ledger.services.product_listing import suspend_products_of

DUTY: Final = RENEWAL_DUTY
"""Of the provider; its breach is what this follows."""

TRIGGER: Final = "qualification_expired"
TEXT: Final = "The provider's qualification is over."


def suspend_unqualified(uow: UnitOfWork, provider: str) -> tuple[StoredObject, ...]:
    """Suspends every listed version of a provider whose qualification is over; nothing when it was renewed meanwhile.

    The provider is locked first, as a step of its own does, so that a renewal is either before this or after it.
    """
    body = uow.find(PARTICIPANT, provider)
    chain = None if body is None else body.document["chain"]
    if chain is None or uow.now.timestamp() <= chain["qualified_until"]:
        return ()
    return suspend_products_of(uow, provider, TRIGGER, TEXT)
