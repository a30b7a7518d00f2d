"""Who may do what: the role matrix, route by route. A route that is not in it cannot be served (``app.py`` checks)."""

from collections.abc import Mapping
from typing import Final

from api.participant_roles import PARTICIPANT_ROUTES
from ledger.domain.roles import APPLICANT, OPERATOR, ORDINARY, PLATFORM_SERVICE, READERS_OF_ALL, REGULATOR, ROLES

EVERY_ROLE: Final = frozenset(ROLES)
ANYBODY_KNOWN: Final = EVERY_ROLE | {APPLICANT}
"""Also who has no account yet."""

SUBMITTERS: Final = frozenset({PLATFORM_SERVICE, OPERATOR})
LOG_READERS: Final = SUBMITTERS | READERS_OF_ALL
"""Who has to do with events as such; bodies read them through their objects."""

ACCOUNT_MANAGERS: Final = frozenset({*ORDINARY, OPERATOR})
"""Bodies with reserved roles have their accounts from the operator."""

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
    ("GET", "/v1/catalog"): EVERY_ROLE,
    ("GET", "/v1/catalog/facets"): EVERY_ROLE,
    ("GET", "/v1/catalog/changes"): EVERY_ROLE,
    ("GET", "/v1/catalog/map"): EVERY_ROLE,
    ("GET", "/v1/catalog/{product_code}"): EVERY_ROLE,
    ("GET", "/v1/catalog/{product_code}/checks"): EVERY_ROLE,
    ("POST", "/v1/catalog/{product_code}/checks"): CHECKERS,
    ("POST", "/dsp/2025-1/catalog/request"): EVERY_ROLE,
    ("GET", "/dsp/2025-1/catalog/datasets/{dataset_id}"): EVERY_ROLE,
    ("GET", "/.well-known/dspace-version"): PUBLIC,
    ("GET", "/dsp/.well-known/dspace-version"): PUBLIC,
    **PARTICIPANT_ROUTES,
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

ACCOUNT_MANAGEMENT: Final = frozenset({("POST", "/v1/accounts"), ("POST", "/v1/accounts/{account_id}/withdrawal")})
"""Routes for administrators; which accounts they may manage is ``ledger.services.accounts``' business."""
