"""What an agreement owes to the contract template of its product."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.bundle.template_digest import template_of_digest
from ledger.domain.agreement import InvalidAgreementError, TemplateBanError
from ledger.domain.contract_templates import ContractTemplate
from ledger.domain.policies.binding import excess_over
from ledger.domain.policies.odrl import parse_odrl
from ledger.services.order_objects import Offer

_PLACES_MAX: Final = 10


def required_template(offer: Offer) -> ContractTemplate:
    """The agreement names its product's version, which names the template: what every contract says is said in each.

    Raises:
        InvalidAgreementError: its template is none of the library.
    """
    template = template_of_digest(offer.content.contract_template.digest)
    if template is None:
        raise InvalidAgreementError(
            "The product's contract template is none of the library, so nobody checked that it has every clause."
            " Nothing was changed; the provider offers a version with a template of the library."
        )
    return template


def require_bans(policy: Mapping[str, Any], template: ContractTemplate) -> None:
    """What the template forbids no agreement of it permits, wherever its policy came from.

    Raises:
        TemplateBanError: the policy permits it; ``facts`` has the permissions' places.
    """
    excess = excess_over(parse_odrl(policy), parse_odrl(template.policy))
    if excess:
        first = excess[0]
        raise TemplateBanError(
            f"{first.place} permits {first.action}, which the contract template {template.name} forbids"
            f" ({first.forbidden_by} there). Nothing was changed; state that prohibition, or permit less.",
            places=[one.place for one in excess[:_PLACES_MAX]],
        )
