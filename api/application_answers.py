"""Applications, authorisations and requests to widen as answers, in the shapes of ``api.schemas``. Accounts are not shown, their bodies are."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain import application, authorisation
from ledger.log.timestamps import format_time
from ledger.services.application_reviews import TURN
from ledger.services.authorisations import authorisation_of
from ledger.services.business import StoredObject

_APPLICATION: Final = (
    *("applicant", "applicant_name", "provider", "product_code", "version", "content", "salt", "reviewers"),
    "withdrawal",
)
_AUTHORISATION: Final = (
    *("holder", "provider", "issuer", "product_code", "version", "interfaces", "policy", "listed", "widenings"),
    *("widenings_asked", "tokens", "reserved", "salt", "suspension", "ending"),
)


def application_value(stored: StoredObject) -> dict[str, Any]:
    """An application as ``ApplicationAnswer``."""
    document = stored.document
    acts = application.LIFE.allowed(stored.state)
    return {
        "application_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        # the first review has decided whether a passed final one refers
        "allowed": [act for act in acts if act != "refer_to_line_authority"],
        "turn": _turn(stored),
        **{name: document[name] for name in _APPLICATION},
        "reviews": [_without_account(review) for review in document["reviews"]],
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def authorisation_value(stored: StoredObject) -> dict[str, Any]:
    """An authorisation as ``AuthorisationAnswer``."""
    return {
        "authorisation_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(authorisation.LIFE.allowed(stored.state)),
        **{name: stored.document[name] for name in _AUTHORISATION},
        "valid_until": authorisation_of(stored).valid_until,
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def widening_value(stored: StoredObject) -> dict[str, Any]:
    """A request to widen as ``WideningAnswer``."""
    document = stored.document
    decision = document["decision"]
    return {
        "authorisation_id": document["authorisation"],
        "number": document["number"],
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(authorisation.WIDENING_LIFE.allowed(stored.state)),
        **{name: document[name] for name in ("items", "reasons", "asked_at")},
        "decision": None if decision is None else _without_account(decision),
    }


def _turn(stored: StoredObject) -> dict[str, str] | None:
    role = TURN.get(stored.state)
    return None if role is None else {"role": role, "participant": stored.document["reviewers"][role]}


def _without_account(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in value.items() if name != "account"}
