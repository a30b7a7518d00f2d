"""Who may do what: the role matrix, route by route. A route that is not in it cannot be served (``app.py`` checks)."""

from collections.abc import Mapping
from typing import Final

PLATFORM_SERVICE: Final = "platform_service"
OPERATOR: Final = "operator"
REGULATOR: Final = "regulator"
AUDITOR: Final = "auditor"
ARBITRATOR: Final = "arbitrator"

ROLES: Final = (PLATFORM_SERVICE, OPERATOR, REGULATOR, AUDITOR, ARBITRATOR)
EVERY_ROLE: Final = frozenset(ROLES)
SUBMITTERS: Final = frozenset({PLATFORM_SERVICE, OPERATOR})
READERS_OF_ALL: Final = frozenset({OPERATOR, REGULATOR, AUDITOR, ARBITRATOR})
"""Roles that see every event; the others see what they submitted, and anything else as not found."""

PUBLIC: Final[frozenset[str]] = frozenset()
"""No key needed. What is public holds no event content: commitments, checkpoints, keys, health."""

MATRIX: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("POST", "/v1/events"): SUBMITTERS,
    ("GET", "/v1/events"): EVERY_ROLE,
    ("GET", "/v1/events/proof"): EVERY_ROLE,
    ("GET", "/v1/events/search"): EVERY_ROLE,
    ("GET", "/v1/anchors"): EVERY_ROLE,
    ("GET", "/v1/catalog"): EVERY_ROLE,
    ("GET", "/v1/catalog/facets"): EVERY_ROLE,
    ("GET", "/v1/catalog/changes"): EVERY_ROLE,
    ("GET", "/v1/catalog/map"): EVERY_ROLE,
    ("GET", "/v1/catalog/{product_code}"): EVERY_ROLE,
    ("POST", "/dsp/2025-1/catalog/request"): EVERY_ROLE,
    ("GET", "/dsp/2025-1/catalog/datasets/{dataset_id}"): EVERY_ROLE,
    ("GET", "/.well-known/dspace-version"): PUBLIC,
    ("GET", "/dsp/.well-known/dspace-version"): PUBLIC,
    ("POST", "/v1/verify"): PUBLIC,
    ("GET", "/v1/log"): PUBLIC,
    ("GET", "/log/checkpoint"): PUBLIC,
    ("GET", "/log/tile/{path:path}"): PUBLIC,
    ("GET", "/livez"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
}
