"""Who may do what: the role matrix, route by route. A route that is not in it cannot be served (``app.py`` checks)."""

from collections.abc import Mapping
from typing import Final

from api.application_roles import APPLICATION_ROUTES
from api.life_roles import LIFE_ROUTES
from api.participant_roles import PARTICIPANT_ROUTES
from api.trade_roles import TRADE_ROUTES
from ledger.domain.roles import (
    APPLICANT,
    AUDITOR,
    AUTHORISATION_PLATFORM,
    CONSUMER,
    DATA_HOLDER,
    DEVELOPER,
    LINE_AUTHORITY,
    OPERATOR,
    ORDINARY,
    PLATFORM_SERVICE,
    PRICE_AUTHORITY,
    PROVIDER,
    READERS_OF_ALL,
    REGULATOR,
    ROLES,
    SERVICE_PARTY,
    TRADING_PLATFORM,
)

EVERY_ROLE: Final = frozenset(ROLES)
ANYBODY_KNOWN: Final = EVERY_ROLE | {APPLICANT}
"""Also who has no account yet."""

SUBMITTERS: Final = frozenset({PLATFORM_SERVICE, OPERATOR})
LOG_READERS: Final = SUBMITTERS | READERS_OF_ALL
"""Who has to do with events as such; bodies read them through their objects."""

ACCOUNT_MANAGERS: Final = frozenset({*ORDINARY, OPERATOR})
"""Bodies with reserved roles have their accounts from the operator."""

PRODUCT_OWNERS: Final = frozenset({PROVIDER, DEVELOPER, DATA_HOLDER})
PLATFORMS: Final = frozenset({TRADING_PLATFORM, AUTHORISATION_PLATFORM})
FILERS: Final = frozenset({PRICE_AUTHORITY})
PRODUCT_READERS: Final = PRODUCT_OWNERS | PLATFORMS | FILERS | READERS_OF_ALL
"""Who has to do with products as such; everybody else reads the catalog."""

REGULATORS: Final = frozenset({REGULATOR})

BIDDERS: Final = frozenset({PROVIDER, DEVELOPER, DATA_HOLDER, SERVICE_PARTY})
ASKERS: Final = BIDDERS | {CONSUMER, LINE_AUTHORITY}
HALL_READERS: Final = ASKERS | PLATFORMS | READERS_OF_ALL

NEGOTIATORS: Final = ASKERS
"""Who may be the provider or the consumer of a product."""

NEGOTIATION_READERS: Final = NEGOTIATORS | READERS_OF_ALL

CHECKERS: Final = frozenset({REGULATOR})
"""Who records what it found in the catalog."""

PUBLIC: Final[frozenset[str]] = frozenset()
"""No key needed. What is public holds no event content: commitments, checkpoints, keys, health."""

MATRIX: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("POST", "/v1/events"): SUBMITTERS,
    ("GET", "/v1/events"): LOG_READERS,
    ("GET", "/v1/events/proof"): LOG_READERS,
    ("GET", "/v1/events/search"): LOG_READERS,
    ("GET", "/v1/anchors"): EVERY_ROLE,
    ("GET", "/v1/me"): ANYBODY_KNOWN,
    ("GET", "/v1/accounts"): EVERY_ROLE,
    ("POST", "/v1/accounts"): ACCOUNT_MANAGERS,
    ("POST", "/v1/accounts/{account_id}/withdrawal"): ACCOUNT_MANAGERS,
    ("GET", "/v1/products"): PRODUCT_READERS,
    ("POST", "/v1/products"): PRODUCT_OWNERS,
    ("GET", "/v1/products/differences"): frozenset({OPERATOR, AUTHORISATION_PLATFORM, REGULATOR, AUDITOR}),
    ("GET", "/v1/products/{product_code}"): PRODUCT_READERS,
    ("POST", "/v1/products/{product_code}/freeze"): REGULATORS,
    ("POST", "/v1/products/{product_code}/thaw"): REGULATORS,
    ("POST", "/v1/products/{product_code}/step-withdrawal"): REGULATORS,
    ("POST", "/v1/products/{product_code}/versions"): PRODUCT_OWNERS,
    ("GET", "/v1/products/{product_code}/versions/{version}"): PRODUCT_READERS,
    ("PUT", "/v1/products/{product_code}/versions/{version}"): PRODUCT_OWNERS,
    ("GET", "/v1/products/{product_code}/versions/{version}/history"): PRODUCT_READERS,
    ("POST", "/v1/products/{product_code}/versions/{version}/registration"): PRODUCT_OWNERS,
    ("POST", "/v1/products/{product_code}/versions/{version}/first-review"): frozenset({TRADING_PLATFORM}),
    ("POST", "/v1/products/{product_code}/versions/{version}/final-review"): PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/rejection"): PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/letter"): PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/filing"): FILERS,
    ("POST", "/v1/products/{product_code}/versions/{version}/listing"): PRODUCT_OWNERS,
    ("POST", "/v1/products/{product_code}/versions/{version}/suspension"): PRODUCT_OWNERS | PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/resumption"): PRODUCT_OWNERS | PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/delisting"): PRODUCT_OWNERS | PLATFORMS,
    ("POST", "/v1/products/{product_code}/versions/{version}/step-withdrawal"): PRODUCT_OWNERS | PLATFORMS | FILERS,
    ("POST", "/v1/products/{product_code}/versions/{version}/withdrawal"): PRODUCT_OWNERS
    | frozenset({TRADING_PLATFORM}),
    ("GET", "/v1/demands"): HALL_READERS,
    ("POST", "/v1/demands"): ASKERS,
    ("GET", "/v1/demands/{demand_id}"): HALL_READERS,
    ("GET", "/v1/demands/{demand_id}/bids"): HALL_READERS,
    ("POST", "/v1/demands/{demand_id}/bids"): BIDDERS,
    ("POST", "/v1/demands/{demand_id}/matching"): ASKERS,
    ("POST", "/v1/demands/{demand_id}/selection"): ASKERS,
    ("POST", "/v1/demands/{demand_id}/follow-ups"): ASKERS,
    ("POST", "/v1/demands/{demand_id}/closing"): ASKERS,
    ("POST", "/v1/demands/{demand_id}/withdrawal"): ASKERS,
    ("GET", "/v1/demand-notices"): HALL_READERS,
    ("GET", "/v1/catalog"): EVERY_ROLE,
    ("GET", "/v1/catalog/facets"): EVERY_ROLE,
    ("GET", "/v1/catalog/changes"): EVERY_ROLE,
    ("GET", "/v1/catalog/map"): EVERY_ROLE,
    ("GET", "/v1/catalog/{product_code}"): EVERY_ROLE,
    ("GET", "/v1/catalog/{product_code}/checks"): EVERY_ROLE,
    ("POST", "/v1/catalog/{product_code}/checks"): CHECKERS,
    ("POST", "/dsp/2025-1/catalog/request"): EVERY_ROLE,
    ("GET", "/dsp/2025-1/catalog/datasets/{dataset_id}"): EVERY_ROLE,
    **{
        ("POST", f"/dsp/2025-1/negotiations/{path}"): NEGOTIATORS
        for path in (
            *("request", "offers", "{provider_pid}/request", "{provider_pid}/agreement/verification"),
            *("{consumer_pid}/offers", "{consumer_pid}/agreement", "{pid}/events", "{pid}/termination"),
        )
    },
    ("GET", "/dsp/2025-1/negotiations/{pid}"): NEGOTIATION_READERS,
    ("GET", "/v1/negotiations"): NEGOTIATION_READERS,
    ("POST", "/v1/negotiations"): NEGOTIATORS,
    ("POST", "/v1/negotiations/offers"): PRODUCT_OWNERS,
    ("GET", "/v1/negotiations/{negotiation_id}"): NEGOTIATION_READERS,
    ("GET", "/v1/negotiations/{negotiation_id}/messages"): NEGOTIATION_READERS,
    ("POST", "/v1/negotiations/{negotiation_id}/messages"): NEGOTIATORS,
    ("GET", "/v1/negotiations/{negotiation_id}/explanation"): NEGOTIATION_READERS,
    ("GET", "/v1/negotiations/{negotiation_id}/record"): NEGOTIATION_READERS,
    ("GET", "/v1/negotiations/{negotiation_id}/record/{leaf_index}"): NEGOTIATION_READERS,
    ("POST", "/v1/policies/evaluation"): EVERY_ROLE,
    ("POST", "/v1/policies/explanation"): EVERY_ROLE,
    ("GET", "/v1/connector-credentials"): NEGOTIATION_READERS,
    ("POST", "/v1/connector-credentials"): NEGOTIATORS,
    ("POST", "/v1/connector-credentials/{credential_id}/removal"): NEGOTIATORS,
    ("GET", "/.well-known/dspace-version"): PUBLIC,
    ("GET", "/dsp/.well-known/dspace-version"): PUBLIC,
    **PARTICIPANT_ROUTES,
    **APPLICATION_ROUTES,
    **TRADE_ROUTES,
    **LIFE_ROUTES,
    ("GET", "/v1/acts"): EVERY_ROLE,
    ("GET", "/v1/acts/{act_id}"): EVERY_ROLE,
    ("GET", "/v1/acts/{act_id}/typed-data"): EVERY_ROLE,
    ("POST", "/v1/acts/{act_id}/signatures"): EVERY_ROLE,
    ("POST", "/v1/verify"): PUBLIC,
    ("GET", "/v1/log"): PUBLIC,
    ("GET", "/log/checkpoint"): PUBLIC,
    ("GET", "/log/tile/{path:path}"): PUBLIC,
    ("GET", "/livez"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
}

READING_POSTS: Final = frozenset(
    {
        *(("POST", "/dsp/2025-1/catalog/request"), ("POST", "/contractTemplate")),
        *(("POST", "/v1/policies/evaluation"), ("POST", "/v1/policies/explanation")),
    }
)
"""Routes that only read, with a method that another standard has chosen, or about something that is too large for a query."""

ACCOUNT_MANAGEMENT: Final = frozenset(
    {
        *(("POST", "/v1/accounts"), ("POST", "/v1/accounts/{account_id}/withdrawal")),
        *(("POST", "/v1/connector-credentials"), ("POST", "/v1/connector-credentials/{credential_id}/removal")),
    }
)
"""Routes for administrators; which accounts they may manage is ``ledger.services.accounts``' business."""
