"""Who may do what with orders and agreements: their part of the role matrix (``api.roles``)."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.roles import (
    ARBITRATOR,
    AUTHORISATION_PLATFORM,
    CONSUMER,
    DATA_HOLDER,
    DEVELOPER,
    PROVIDER,
    READERS_OF_ALL,
    REGULATOR,
    ROLES,
    TRADING_PLATFORM,
)

_CONSUMERS: Final = frozenset({CONSUMER})
_PROVIDERS: Final = frozenset({PROVIDER, DEVELOPER, DATA_HOLDER})
_TRADERS: Final = _CONSUMERS | _PROVIDERS
_PLATFORMS: Final = frozenset({TRADING_PLATFORM, AUTHORISATION_PLATFORM})
_AUTHORITIES: Final = frozenset({ARBITRATOR, REGULATOR})
_READERS: Final = _TRADERS | _PLATFORMS | READERS_OF_ALL

_ORDER: Final = "/v1/orders/{order_id}"
_AGREEMENT: Final = "/v1/agreements/{agreement_id}"

TRADE_ROUTES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("GET", "/v1/orders"): _READERS,
    ("POST", "/v1/orders"): _CONSUMERS,
    ("GET", _ORDER): _READERS,
    ("PUT", _ORDER): _CONSUMERS,
    ("GET", f"{_ORDER}/history"): _READERS,
    ("GET", f"{_ORDER}/voucher"): _READERS,
    ("GET", f"{_ORDER}/voucher.pdf"): _READERS,
    **{("POST", f"{_ORDER}/{step}"): _CONSUMERS for step in ("discarding", "placing", "withdrawal")},
    **{("POST", f"{_ORDER}/{step}"): _PROVIDERS for step in ("confirmation", "rejection")},
    **{
        ("POST", f"{_ORDER}/{step}"): _TRADERS
        for step in ("cancellation", "lapse", "closing", "step-withdrawal", "agreement")
    },
    ("GET", "/v1/agreements"): _READERS,
    ("POST", "/v1/agreements"): _TRADERS,
    ("GET", _AGREEMENT): _READERS,
    ("GET", f"{_AGREEMENT}/history"): _READERS,
    ("GET", f"{_AGREEMENT}/explanation"): _READERS,
    **{("POST", f"{_AGREEMENT}/{step}"): _TRADERS for step in ("signing", "abandonment")},
    ("POST", f"{_AGREEMENT}/filing"): _PLATFORMS,
    ("POST", f"{_AGREEMENT}/dissolution"): _TRADERS | _AUTHORITIES,
    ("POST", f"{_AGREEMENT}/step-withdrawal"): _TRADERS | _PLATFORMS | _AUTHORITIES,
    ("GET", "/v1/filings/{agreement_id}"): frozenset(ROLES),
}
