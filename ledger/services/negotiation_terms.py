"""Terms of a negotiation against the catalog: what is on offer, by whom, and what its provider may bind itself to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.agreement import ContradictoryPolicyError
from ledger.domain.catalog_dcat import URN
from ledger.domain.catalog_dsp import product_code_of
from ledger.domain.negotiation.defects import TermsDifferError
from ledger.domain.negotiation.offers import policy_of
from ledger.domain.policies.analysis import find_contradictions
from ledger.domain.policies.binding import bound_by
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.odrl import parse_odrl
from ledger.errors import NotFoundError
from ledger.services.business import UnitOfWork
from ledger.services.product_catalog import shown_of
from ledger.services.product_objects import PRODUCT, VERSION

_PLACES_MAX: Final = 10
LISTED: Final = "listed"


@dataclass(frozen=True, slots=True)
class Offered:
    """A dataset of the catalog: its provider's subject code, the name of its offer, the policy of that."""

    provider: str
    offer_id: str
    policy: PolicySet


def offered_dataset(uow: UnitOfWork, dataset_id: str) -> Offered:
    """The dataset as it is on offer now.

    Raises:
        TermsDifferError: the catalog has no such dataset, or it is not on offer.
    """
    refusal = TermsDifferError("offer.target is no dataset that is on offer here. Nothing was changed.")
    try:
        code = product_code_of(dataset_id)
    except NotFoundError:
        raise refusal from None
    product = uow.peek(PRODUCT, code)
    place = None if product is None else shown_of(product)
    if place is None or place[1] != LISTED:
        raise refusal
    version = uow.peek(VERSION, place[0])
    assert version is not None, "what is on sale is there"
    document = version.document
    policy = parse_odrl(document["content"]["policy"])
    return Offered(document["provider"], f"{URN}offer:{code}:{document['version']}", policy)


def check_first_request(offered: Offered, offer: Mapping[str, Any], *, provider: str, consumer: str) -> None:
    """Holds the offer that begins a negotiation against the catalog's.

    Raises:
        TermsDifferError: it names another offer than the catalog, or other parties than the two.
    """
    if offer["@id"] != offered.offer_id:
        raise TermsDifferError("offer.@id is none of the catalog's for this dataset. Nothing was changed.")
    check_parties(offer, provider=provider, consumer=consumer)


def check_parties(policy: Mapping[str, Any], *, provider: str, consumer: str) -> None:
    """Refuses an offer or agreement between others.

    Raises:
        TermsDifferError: assigner or assignee, where it is named, is another body.
    """
    for name, code in (("assigner", provider), ("assignee", consumer)):
        if policy.get(name, code) != code:
            raise TermsDifferError(f"{name} is not the subject code of its party. Nothing was changed.")


def check_binding(uow: UnitOfWork, policy: Mapping[str, Any]) -> None:
    """Refuses what the provider of a product must not offer or agree to.

    The prohibitions and obligations of the listed product bind its provider: the offer is judged as if they stood in it, and every
    agreement has them (``bound_by``). What the listed policy permits may be negotiated.

    Raises:
        InvalidPolicyError: no policy of the project's profile.
        TermsDifferError: the product is not on offer any more.
        ContradictoryPolicyError: it contradicts itself, or what the listed product forbids or obliges to; ``facts`` has the places.
    """
    offered = offered_dataset(uow, policy["target"])
    check_contradictions(policy_of(policy), offered.policy)


def check_contradictions(policy: PolicySet, listed: PolicySet | None = None) -> None:
    """Refuses a policy that nobody can mean, by itself or together with what ``listed`` forbids and obliges to.

    Raises:
        ContradictoryPolicyError: see ``check_binding``.
    """
    whole = policy if listed is None else bound_by(policy, listed)
    found = [one for one in find_contradictions(whole) if one.is_contradiction]
    if found:
        places = [place for one in found[:_PLACES_MAX] for place in one.places]
        raise ContradictoryPolicyError(
            f"The terms contradict themselves, or what the listed product forbids or obliges to: {found[0].defect} at"
            f" {', '.join(found[0].places)}. Nothing was changed.",
            places=places,
        )
