"""Applications by their applicants: submit and withdraw; ``application_reviews`` has what the reviewers do.

Each function is one use case: one transition, one event, one transaction. Names and salts that must be random are drawn by the caller.
The applicant, the provider and the reviewers see an application from the moment it is there, with every review and its reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from ledger.domain.application import KIND, LIFE, ApplicationContent, InvalidApplicationError, is_text
from ledger.domain.records import from_json, to_json
from ledger.domain.working_days import day_in_shanghai
from ledger.errors import ConflictError, MisuseError, NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.bodies import body_of, ordering_body, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.moves import moved
from ledger.services.product_objects import PRODUCT, VERSION, version_id

EVENT: Final = "org.cityledger.application.{}.v1"
APPLICANTS: Final = ("consumer", "developer", "service_party", "provider", "data_holder")
OPEN: Final = ("submitted", "first_reviewed", "with_line_authority")
OPEN_APPLICATIONS_MAX: Final = 100
"""Of one body at a time."""

CONTENT_BYTES_MAX: Final = 128 << 10
"""Of what an application states, as canonical JSON: every revision keeps it."""

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    """A new application.

    Args:
        application_id: drawn by the caller.
        product_code: of the product that is wanted.
        version: of it, on sale.
        authorisation_platform: subject code of the platform that makes the final review and issues the tokens.
        content: members of ``ApplicationContent`` as JSON.
        salt: 32 bytes, drawn at random.
    """

    application_id: str
    product_code: str
    version: int
    authorisation_platform: str
    content: Mapping[str, Any]
    salt: bytes


def submit_application(uow: UnitOfWork, command: SubmitApplication) -> StoredObject:
    """An application for the use of a product on sale.

    Raises:
        NotFoundError: no such product version is on sale.
        InvalidApplicationError: a member is missing or wrong, the days are over, or another platform authorises this product.
        InputError: the content is no JSON of this form.
        BodyNotAbleError: the applicant, or a body that it needs, is not in good standing.
        ConflictError: it is the applicant's own product, a reviewer is the applicant, or too many are open.
    """
    require_role(uow.actor, *APPLICANTS)
    body = ordering_body(uow, *APPLICANTS)
    uow.hold(f"applications of {body.code}")
    if len(uow.owned(KIND, body.code, states=OPEN)) >= OPEN_APPLICATIONS_MAX:
        raise ConflictError(f"A body has {OPEN_APPLICATIONS_MAX} open applications at most. Nothing was changed.")
    content = _content(command.content)
    if date.fromisoformat(content.valid_until) < day_in_shanghai(uow.now):
        raise InvalidApplicationError("valid_until is over. Nothing was changed.")
    version = offered_version(uow, command.product_code, command.version)
    reviewers = _reviewers(uow, version, command.authorisation_platform)
    provider = version.document["provider"]
    if body.code in {provider, *reviewers.values()}:
        raise ConflictError("Nobody applies for its own product, or to itself. Nothing was changed.")
    if len(command.salt) != SALT_BYTES:
        raise MisuseError(f"a salt has {SALT_BYTES} bytes")
    document = {
        "salt": command.salt.hex(),
        "applicant": body.code,
        "applicant_name": body.name,
        "provider": provider,
        "product_code": command.product_code,
        "version": command.version,
        "content": to_json(content),
        "reviewers": {**reviewers, "line_authority": None},
        "reviews": [],
        "withdrawal": None,
    }
    parties = tuple(dict.fromkeys((body.code, provider, *reviewers.values())))
    stored = uow.create(
        KIND, command.application_id, state=LIFE.initial, parties=parties, document=document, act="submit"
    )
    _record(uow, stored, "submitted", content_digest=digest_of(stored, "content", document["content"]))
    return stored


def withdraw_application(uow: UnitOfWork, application_id: str, reasons: str) -> StoredObject:
    """The applicant takes it back before it is decided; it may be suspended by then.

    Raises:
        NotFoundError: there is no such application of the actor's.
        IllegalTransitionError: it is decided.
        InvalidApplicationError: no reasons.
    """
    stored = uow.get(KIND, application_id)
    if stored.document["applicant"] != participant_of(uow.actor):
        raise NotFoundError("There is no such application.")
    LIFE.next(stored.state, "withdraw")
    if not is_text(reasons, 5_000):
        raise InvalidApplicationError("reasons have 1 to 5000 characters. Nothing was changed.")
    withdrawal = {"reasons": reasons, "at": format_time(uow.now)}
    return move_application(uow, stored, "withdraw", "withdrawn", {"withdrawal": withdrawal})


def content_of(stored: StoredObject) -> ApplicationContent:
    """What an application states."""
    return from_json(ApplicationContent, stored.document["content"])


def digest_of(stored: StoredObject, kind: str, value: Any) -> str:
    """Salted SHA-256 of a part of an application or authorisation in canonical JSON, hex: what evidence says of it."""
    salt = salt_of_ids(stored)
    return sha256(f"cityledger/v1/{stored.kind}-{kind}\n".encode() + salt + encode_jcs(value)).hexdigest()


def offered_version(uow: UnitOfWork, product_code: str, version: int) -> StoredObject:
    """The product version, not locked, if it is on sale.

    Raises:
        NotFoundError: it is not.
    """
    product = uow.peek(PRODUCT, product_code)
    stored = uow.peek(VERSION, version_id(product_code, version))
    if product is None or stored is None or product.state != "active" or stored.state != "listed":
        raise NotFoundError("There is no such product version on sale. Nothing was changed.")
    return stored


def move_application(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    event: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
    **data: Any,
) -> StoredObject:
    """One move of an application along its table, with its event; ``data`` is what else the event says."""
    changed = moved(uow, LIFE, stored, act, changes, parties=parties)
    _record(uow, changed, event, **data)
    return changed


def _record(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    document = stored.document
    said = {
        "application_id": stored.object_id,
        "applicant": document["applicant"],
        "product_code": document["product_code"],
        "version": document["version"],
        "state": stored.state,
        **data,
    }
    uow.record(EVENT.format(event), said, subject=stored.object_id)


def _content(stated: Mapping[str, Any]) -> ApplicationContent:
    content = from_json(ApplicationContent, stated)
    if len(encode_jcs(to_json(content))) > CONTENT_BYTES_MAX:
        raise InvalidApplicationError(f"The content has more than {CONTENT_BYTES_MAX} bytes. Nothing was changed.")
    return content


def _reviewers(uow: UnitOfWork, version: StoredObject, authorisation_platform: str) -> dict[str, str]:
    """Who reviews: the platforms that reviewed the product; one without public data had no authorisation platform, and takes any."""
    named = version.document["reviewers"]
    if named["authorisation_platform"] not in (None, authorisation_platform):
        raise InvalidApplicationError("Another platform authorises the use of this product. Nothing was changed.")
    reviewers = {
        "trading_platform": named["trading_platform"],
        "authorisation_platform": authorisation_platform,
    }
    for role, code in reviewers.items():
        body_of(uow, code, role)
    if len(set(reviewers.values())) < len(reviewers):
        raise ConflictError("Two different bodies review an application. Nothing was changed.")
    return reviewers
