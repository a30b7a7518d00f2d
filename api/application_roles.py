"""The rows of the role matrix for applications, authorisations and usage tokens; ``api.roles`` has the whole."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.roles import (
    AUTHORISATION_PLATFORM,
    DATA_HOLDER,
    DEVELOPER,
    LINE_AUTHORITY,
    PROVIDER,
    READERS_OF_ALL,
    TRADING_PLATFORM,
)
from ledger.services.applications import APPLICANTS

_APPLICANTS: Final = frozenset(APPLICANTS)
_TRADING: Final = frozenset({TRADING_PLATFORM})
_AUTHORISATION: Final = frozenset({AUTHORISATION_PLATFORM})
_LINE: Final = frozenset({LINE_AUTHORITY})
_REVIEWERS: Final = _TRADING | _AUTHORISATION | _LINE
_PARTIES: Final = _APPLICANTS | _REVIEWERS | READERS_OF_ALL
_PROVIDERS: Final = frozenset({PROVIDER, DEVELOPER, DATA_HOLDER})

_APPLICATION: Final = "/v1/applications/{application_id}"
_AUTHORISED: Final = "/v1/authorisations/{authorisation_id}"
_TOKEN: Final = "/v1/usage-tokens/{token_id}"  # noqa: S105  a path

APPLICATION_ROUTES: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("GET", "/v1/applications"): _PARTIES,
    ("POST", "/v1/applications"): _APPLICANTS,
    ("GET", _APPLICATION): _PARTIES,
    ("POST", f"{_APPLICATION}/first-review"): _TRADING,
    ("POST", f"{_APPLICATION}/final-review"): _AUTHORISATION,
    ("POST", f"{_APPLICATION}/consent"): _LINE,
    ("POST", f"{_APPLICATION}/refusal"): _REVIEWERS,
    ("POST", f"{_APPLICATION}/withdrawal"): _APPLICANTS,
    ("POST", f"{_APPLICATION}/authorisation"): _AUTHORISATION,
    ("GET", "/v1/authorisations"): _PARTIES,
    ("GET", _AUTHORISED): _PARTIES,
    ("POST", f"{_AUTHORISED}/suspension"): _AUTHORISATION,
    ("POST", f"{_AUTHORISED}/resumption"): _AUTHORISATION,
    ("POST", f"{_AUTHORISED}/withdrawal"): _AUTHORISATION,
    ("POST", f"{_AUTHORISED}/giving-up"): _APPLICANTS,
    ("GET", f"{_AUTHORISED}/widenings"): _PARTIES,
    ("POST", f"{_AUTHORISED}/widenings"): _APPLICANTS,
    ("POST", f"{_AUTHORISED}/widenings/{{number}}/grant"): _AUTHORISATION,
    ("POST", f"{_AUTHORISED}/widenings/{{number}}/refusal"): _AUTHORISATION,
    ("POST", f"{_AUTHORISED}/widenings/{{number}}/withdrawal"): _APPLICANTS,
    ("GET", "/v1/usage-tokens"): _PARTIES,
    ("POST", "/v1/usage-tokens"): _AUTHORISATION,
    ("GET", _TOKEN): _PARTIES,
    ("GET", f"{_TOKEN}/text"): _APPLICANTS | _AUTHORISATION,
    ("POST", f"{_TOKEN}/revocation"): _APPLICANTS | _AUTHORISATION,
    ("POST", "/v1/usage-token-uses"): _PROVIDERS,
}
