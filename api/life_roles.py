"""Who may do what with what follows an agreement, with disputes, and by the interfaces of TC609-6-2025-14: their part of the role matrix."""

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
    TRADING_PLATFORM,
)

_PROVIDERS: Final = frozenset({PROVIDER, DEVELOPER, DATA_HOLDER})
_CONSUMERS: Final = frozenset({CONSUMER})
_TRADERS: Final = _PROVIDERS | _CONSUMERS
_PLATFORMS: Final = frozenset({TRADING_PLATFORM, AUTHORISATION_PLATFORM})
_NODES: Final = _TRADERS | _PLATFORMS
"""Whose connectors, or business nodes, perform."""

_READERS: Final = _NODES | READERS_OF_ALL
_CASES: Final = _NODES | {ARBITRATOR}
_TOLD: Final = _NODES | {ARBITRATOR, REGULATOR}

_INSTRUCTION: Final = "/v1/control-instructions/{instruction_number}/{side}"
_AGREEMENT: Final = "/v1/agreements/{agreement_id}"
_DISPUTE: Final = "/v1/disputes/{dispute_id}"
INTERFACES: Final = (
    "/contractTemplate",
    "/contractCreate",
    "/contractNegotiate",
    "/contractRegistrate",
    "/contractExecution",
    "/contractTerminate",
)
"""The paths of annex B, as they are printed there."""

LIFE_ROUTES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("GET", "/v1/control-instructions"): _READERS,
    ("GET", _INSTRUCTION): _READERS,
    ("POST", f"{_INSTRUCTION}/reports"): _NODES,
    ("GET", f"{_AGREEMENT}/execution-reports"): _READERS,
    ("POST", f"{_AGREEMENT}/execution-reports"): _NODES,
    ("GET", f"{_AGREEMENT}/termination"): _READERS,
    ("GET", f"{_AGREEMENT}/termination.pdf"): _READERS,
    ("POST", f"{_AGREEMENT}/termination/signature"): _PLATFORMS,
    ("GET", f"{_AGREEMENT}/destruction"): _READERS,
    ("POST", f"{_AGREEMENT}/destruction/proof"): _CONSUMERS,
    ("POST", f"{_AGREEMENT}/destruction/acceptance"): _PROVIDERS,
    ("POST", f"{_AGREEMENT}/destruction/contest"): _PROVIDERS,
    ("GET", "/v1/notices"): _TOLD,
    ("POST", "/v1/notices/{notice_id}/reading"): _TOLD,
    ("GET", "/v1/disputes"): _READERS,
    ("POST", "/v1/disputes"): _TRADERS,
    ("GET", _DISPUTE): _READERS,
    ("GET", f"{_DISPUTE}/messages"): _READERS,
    **{("POST", f"{_DISPUTE}/{step}"): _CASES for step in ("messages", "proposal", "mediation-end", "step-withdrawal")},
    **{("POST", f"{_DISPUTE}/{step}"): _TRADERS for step in ("mediation", "acceptance", "referral", "withdrawal")},
    ("POST", f"{_DISPUTE}/ruling"): frozenset({ARBITRATOR}),
    **{("POST", path): _NODES for path in INTERFACES},
}
