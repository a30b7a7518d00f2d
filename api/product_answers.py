"""Products as answers: the objects in the shapes of ``api.schemas.products``."""

from collections.abc import Mapping
from typing import Any, Final

from api.writes import Answer
from ledger.adapters.sql.objects import Revision
from ledger.domain.product_life import PRODUCT_LIFE, life_of
from ledger.domain.transitions import TransitionTable
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.product_objects import is_public

_SHOWN: Final = (
    *("version", "provider", "provider_name", "content", "content_digest", "price_rule_digest", "salt", "reviewers"),
    *("first_review", "final_review", "letter", "filing", "suspension", "delisting", "destruction", "listed_at"),
    "refused",
)


def version_value(stored: StoredObject) -> dict[str, Any]:
    """A version as ``VersionAnswer``."""
    document = stored.document
    filing = document["filing"]
    return {
        "product_code": stored.object_id.rpartition("/")[0],
        "filing_number": None if filing is None else filing["number"],
        "revision": stored.revision,
        "state": stored.state,
        "allowed": _asked_for(life_of(is_public(stored)), stored.state),
        **{name: document[name] for name in _SHOWN},
        "waiting": _waiting(document),
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def product_value(stored: StoredObject) -> dict[str, Any]:
    """A product as ``ProductAnswer``."""
    document = stored.document
    return {
        "product_code": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": _asked_for(PRODUCT_LIFE, stored.state),
        **{name: document[name] for name in ("provider", "versions", "on_sale", "freeze", "refused")},
        "waiting": _waiting(document),
    }


def revision_value(revision: Revision) -> dict[str, Any]:
    """A revision as ``RevisionAnswer``; the account behind it is not shown, its body is."""
    return {
        "revision": revision.revision,
        "act": revision.act,
        "state": revision.state,
        "participant": revision.participant,
        "changed_at": format_time(revision.changed_at),
        "content": revision.document["content"],
    }


def version_answer(stored: StoredObject, *, status: int = 200) -> Answer:
    """The answer of a write on a version."""
    value = version_value(stored)
    location = f"/v1/products/{value['product_code']}/versions/{value['version']}"
    headers = {"Location": location.replace("•", "%E2%80%A2")} if status == 201 else {}
    return Answer(value, status=status, revision=stored.revision, headers=headers)


def product_answer(stored: StoredObject) -> Answer:
    """The answer of a write on a product."""
    return Answer(product_value(stored), revision=stored.revision)


def _asked_for(life: TransitionTable, state: str) -> list[str]:
    """What somebody may ask for; how a wait ends, and what the ledger withholds by itself, nobody asks for."""
    own = {"confirm", "withhold"}
    return [act for act in life.allowed(state) if act not in own and not act.startswith("return_to_")]


def _waiting(document: Mapping[str, Any]) -> dict[str, Any] | None:
    waiting = document["waiting"]
    return None if waiting is None else {name: waiting[name] for name in ("step", "act_id", "by", "due_at")}
