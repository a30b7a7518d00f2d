"""Products by their providers: draft, edit, register, the next version, withdrawal.

Each function is one use case: one transition, one event, one transaction. Numbers and salts that must be random are drawn by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.acts.product_registry import ProductVersion
from ledger.domain.codes import CodeKind, generate_national_code, random_part
from ledger.domain.credit import NO_NEW_PRODUCTS
from ledger.domain.product import InvalidProductError, ProductContent
from ledger.domain.product_life import LIFE, PRODUCT_LIFE
from ledger.domain.records import from_json, to_json
from ledger.errors import ConflictError, NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.bodies import Body, acting_body, body_of, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_chain import ask_chain
from ledger.services.product_objects import (
    EVENT,
    PRODUCT,
    PROVIDERS,
    VERSION,
    Both,
    load,
    move,
    registered_facts,
    version_id,
)

SALT_BYTES: Final = 32
VERSIONS_MAX: Final = 2**32 - 1
CONTENT_BYTES_MAX: Final = 128 << 10
"""Of what a version states, as canonical JSON: every revision keeps it."""


@dataclass(frozen=True, slots=True)
class DraftProduct:
    """A new product.

    Args:
        content: members of ``ProductContent`` as JSON.
        region: region or industry of its code, four digits.
        random_number: 0 to ``codes.RANDOM_PARTS`` - 1, drawn at random.
        salt: 32 bytes, drawn at random.
        extension: of its code, for example an older code; empty for none.
    """

    content: Mapping[str, Any]
    region: str
    random_number: int
    salt: bytes
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who judges a version: subject codes of the platforms, and of the body that files it.

    Args:
        trading_platform: reviews every product.
        authorisation_platform: reviews those with public data as well.
        filing_authority: a price authority, which files those with public data.
    """

    trading_platform: str
    authorisation_platform: str | None = None
    filing_authority: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Each once."""
        named = (self.trading_platform, self.authorisation_platform, self.filing_authority)
        return tuple(dict.fromkeys(code for code in named if code is not None))


@dataclass(frozen=True, slots=True)
class Destruction:
    """Evidence that the data are destroyed: how, the digest of the record (SHA-256, hex), and the day (YYYY-MM-DD)."""

    method: str
    digest: str
    destroyed_on: str


def draft_product(uow: UnitOfWork, command: DraftProduct) -> StoredObject:
    """A product with version 1 as a draft; gives the version.

    Raises:
        InputError: the content or a part of the code is not one.
        BodyNotAbleError: the provider is not in good standing.
    """
    body = _provider(uow)
    body.require_unlimited(NO_NEW_PRODUCTS)
    content = _content(command.content)
    code = generate_national_code(
        CodeKind.PRODUCT, body.code, command.region, random_part(command.random_number), command.extension
    )
    document = {
        "salt": _salt(command.salt),
        "provider": body.code,
        "versions": 1,
        "on_sale": {},
        "freeze": None,
        "freeze_revision": 0,
        "freeze_block": 0,
        "waiting": None,
        "refused": None,
    }
    uow.create(PRODUCT, code, state=PRODUCT_LIFE.initial, parties=(body.code,), document=document, act="draft")
    return _create_version(uow, body, code, 1, content=content, salt=command.salt)


def edit_product(uow: UnitOfWork, product_code: str, version: int, content: Mapping[str, Any]) -> StoredObject:
    """Replaces what a draft states; based on the revision that the caller saw.

    Raises:
        NotFoundError: there is no such version of the actor's.
        IllegalTransitionError: it is no draft any more.
        RevisionMismatchError: it was changed meanwhile.
        InputError: the content is not one.
    """
    both = _own(uow, product_code, version)
    both.life.next(both.version.state, "edit")
    uow.expect_revision(both.version)
    changed = _content(content)
    return move(uow, both, "edit", "edited", {"content": changed, "refused": None})


def register_product(uow: UnitOfWork, product_code: str, version: int, reviewers: Reviewers) -> StoredObject:
    """Asks the chain for the registration of a draft; the provider's key signs the ``ProductVersion`` act.

    Based on the revision that the caller saw: what is registered is what it read.

    Raises:
        RevisionMismatchError: the draft was changed meanwhile.
        IllegalTransitionError: it is no draft.
        InvalidProductError: with public data the authorisation platform and the filing authority are named, otherwise neither.
        BodyNotAbleError: one of the bodies cannot do its part.
        ConflictError: the version before it is not registered yet, and the chain takes them in order.
    """
    both = _own(uow, product_code, version)
    both.life.next(both.version.state, "register")
    uow.expect_revision(both.version)
    content = both.content
    named = [name is not None for name in (reviewers.authorisation_platform, reviewers.filing_authority)]
    if named != [content.has_public_data] * 2 or len(reviewers.codes) < (2 if content.has_public_data else 1):
        raise InvalidProductError(
            "Public data need an authorisation platform and a filing authority; others have none."
        )
    if version > 1:
        before = uow.find(VERSION, version_id(product_code, version - 1))
        if before is None or before.document["content_digest"] is None or before.state == "registering":
            raise ConflictError("The version before this one is not registered. Nothing was changed.")
    body = _bodies(uow, both.version.document["provider"], reviewers)
    body.require_unlimited(NO_NEW_PRODUCTS)
    act = ProductVersion(**registered_facts(both))
    parties = tuple(dict.fromkeys((body.code, *reviewers.codes)))
    everybody = tuple(dict.fromkeys((*both.product.parties, *reviewers.codes)))
    parties_before = list(both.product.parties)
    both = Both(uow.change(both.product, act="register", parties=everybody), both.version)
    waiting = ask_chain(uow, both, "register", act, [body.signer("provider")], function="register")
    changes = {
        "reviewers": to_json(reviewers),
        "content_digest": act.content_digest.hex(),
        "price_rule_digest": act.price_rule_digest.hex(),
        "waiting": waiting | {"product_parties": parties_before},
    }
    digest = act.content_digest.hex()
    return move(uow, both, "register", "registration_asked", changes, parties=parties, content_digest=digest)


def new_version(uow: UnitOfWork, product_code: str, salt: bytes, content: Mapping[str, Any] | None) -> StoredObject:
    """The next version as a draft: with this content, or as a copy of the newest version.

    Raises:
        ConflictError: the newest version is still a draft, or on its way to the chain.
    """
    product = _own_product(uow, product_code)
    body = _provider(uow)
    body.require_unlimited(NO_NEW_PRODUCTS)
    newest = uow.get(VERSION, version_id(product_code, product.document["versions"]))
    if newest.state in {"draft", "registering"}:
        raise ConflictError("The newest version is not registered yet; edit that one. Nothing was changed.")
    chosen = newest.document["content"] if content is None else _content(content)
    number = product.document["versions"] + 1
    uow.change(product, act="add_version", document={**product.document, "versions": number})
    return _create_version(uow, body, product_code, number, content=chosen, salt=salt)


def withdraw_product(uow: UnitOfWork, product_code: str, version: int, destruction: Destruction | None) -> StoredObject:
    """Ends a version that is off the market for good: a draft as it is, any other with evidence that its data are destroyed.

    Raises:
        IllegalTransitionError: it is not a draft, rejected or delisted.
        InvalidProductError: the evidence is missing.
    """
    both = load(uow, product_code, version)
    document = both.version.document
    actor = participant_of(uow.actor)
    platform = (document["reviewers"] or {}).get("trading_platform")
    if actor not in (document["provider"], platform):
        raise NotFoundError("There is no such product version.")
    acting_body(uow)
    both.life.next(both.version.state, "withdraw")
    if destruction is None and both.version.state != "draft":
        raise InvalidProductError("A withdrawal comes with evidence of destruction. Nothing was changed.")
    evidence = None if destruction is None else {**to_json(destruction), "recorded_by": actor}
    digest = None if destruction is None else destruction.digest
    return move(uow, both, "withdraw", "withdrawn", {"destruction": evidence}, destruction_digest=digest)


def _create_version(
    uow: UnitOfWork, body: Body, code: str, number: int, *, content: Mapping[str, Any], salt: bytes
) -> StoredObject:
    document = {
        "version": number,
        "provider": body.code,
        "provider_id": body.body_id.hex(),
        "provider_name": body.name,
        "salt": _salt(salt),
        "content": dict(content),
        "content_digest": None,
        "price_rule_digest": None,
        "reviewers": None,
        "first_review": None,
        "final_review": None,
        "letter": None,
        "filing": None,
        "listed_at": None,
        "suspension": None,
        "delisting": None,
        "destruction": None,
        "chain_revision": 0,
        "chain_block": 0,
        "waiting": None,
        "refused": None,
    }
    stored = uow.create(
        VERSION, version_id(code, number), state=LIFE.initial, parties=(body.code,), document=document, act="draft"
    )
    drafted_at = format_time(uow.now)
    uow.record(EVENT.format("drafted"), {"product_code": code, "version": number, "at": drafted_at}, subject=code)
    return stored


def _provider(uow: UnitOfWork) -> Body:
    require_role(uow.actor, *PROVIDERS)
    return acting_body(uow, *PROVIDERS)


def _bodies(uow: UnitOfWork, provider: str, reviewers: Reviewers) -> Body:
    """The provider, once every body that takes part was found able."""
    named = {
        "trading_platform": reviewers.trading_platform,
        "authorisation_platform": reviewers.authorisation_platform,
        "price_authority": reviewers.filing_authority,
    }
    if provider in named.values():
        raise InvalidProductError("A provider does not review its own product. Nothing was changed.")
    for role, code in named.items():
        if code is not None:
            body_of(uow, code, role)
    return body_of(uow, provider, *PROVIDERS)


def _own_product(uow: UnitOfWork, product_code: str) -> StoredObject:
    product = uow.get(PRODUCT, product_code)
    if product.document["provider"] != uow.actor.participant:
        raise NotFoundError("There is no such product.")
    return product


def _own(uow: UnitOfWork, product_code: str, version: int) -> Both:
    require_role(uow.actor, *PROVIDERS)
    both = load(uow, product_code, version)
    if both.version.document["provider"] != uow.actor.participant:
        raise NotFoundError("There is no such product version.")
    acting_body(uow, *PROVIDERS)
    return both


def _content(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a version states, checked, as it is kept."""
    content: dict[str, Any] = to_json(from_json(ProductContent, stated))
    if len(encode_jcs(content)) > CONTENT_BYTES_MAX:
        raise InvalidProductError(f"The content has more than {CONTENT_BYTES_MAX} bytes. Nothing was changed.")
    return content


def _salt(salt: bytes) -> str:
    if len(salt) != SALT_BYTES:
        raise InvalidProductError("A salt has 32 bytes.")
    return salt.hex()
