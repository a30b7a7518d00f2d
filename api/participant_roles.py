"""The rows of the role matrix for participants; ``api.roles`` has the whole."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.roles import (
    APPLICANT,
    ARBITRATOR,
    AUDITOR,
    AUTHORISATION_PLATFORM,
    OPERATOR,
    ORDINARY,
    REGULATOR,
    ROLES,
    TRADING_PLATFORM,
)

_EVERY_ROLE: Final = frozenset(ROLES)
_OPERATOR: Final = frozenset({OPERATOR})
_PLATFORMS: Final = frozenset({TRADING_PLATFORM, AUTHORISATION_PLATFORM})
_AUTHORITIES: Final = frozenset({OPERATOR, REGULATOR})
_APPLICANTS: Final = frozenset({APPLICANT, *ORDINARY, OPERATOR})

PARTICIPANT_ACTS: Final[Mapping[str, frozenset[str]]] = {
    "accept-identity": _OPERATOR,
    "accept-role": _OPERATOR,
    "accept-connector": _OPERATOR,
    "reject": _OPERATOR,
    "approve": frozenset({OPERATOR, AUTHORISATION_PLATFORM}),
    "admit": _OPERATOR,
    "suspend": _AUTHORITIES,
    "reinstate": _AUTHORITIES,
    "pass-recheck": _AUTHORITIES,
    "fail-recheck": _AUTHORITIES,
    "renew-qualification": _OPERATOR,
    "change-roles": _OPERATOR,
    "change-qualification": _EVERY_ROLE,
    "acknowledge-change": _PLATFORMS,
    "add-key": _EVERY_ROLE,
    "revoke-key": _EVERY_ROLE,
    "add-sm2-key": _EVERY_ROLE,
    "revoke-sm2-key": _EVERY_ROLE,
    "depart": _EVERY_ROLE,
    "withdraw-step": _EVERY_ROLE,
    "enter-violation": _AUTHORITIES | _PLATFORMS,
    "rate": _OPERATOR | _PLATFORMS,
    "appeal": _EVERY_ROLE,
    "decide-appeal": frozenset({REGULATOR, ARBITRATOR}),
    "claim-repair": _EVERY_ROLE,
    "decide-repair": _AUTHORITIES,
}
"""Act -> who may ask for it; where it is every role, the use case asks for the body itself."""

PARTICIPANT_ROUTES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("POST", "/v1/participants"): _APPLICANTS,
    ("GET", "/v1/participants"): _EVERY_ROLE | {APPLICANT},
    ("GET", "/v1/waiting-applications"): _EVERY_ROLE | {APPLICANT},
    ("GET", "/v1/participants/differences"): frozenset({OPERATOR, REGULATOR, AUDITOR}),
    ("GET", "/v1/participants/{code}"): _EVERY_ROLE | {APPLICANT},
    ("GET", "/v1/participants/{code}/history"): _EVERY_ROLE | {APPLICANT},
    ("GET", "/v1/participants/{code}/facts"): _EVERY_ROLE | {APPLICANT},
    ("GET", "/v1/whitelist"): frozenset(),
    **{("POST", f"/v1/participants/{{code}}/{act}"): roles for act, roles in PARTICIPANT_ACTS.items()},
}
