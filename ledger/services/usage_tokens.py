"""Usage tokens: issued by the authorisation platform, revoked, read by their holder; ``usage_token_spending`` spends them.

The platform states and signs a token with a key of its own (``ledger.bundle.usage_token_text``); here it is held against the authorisation
and entered into the books. Its text is sealed: whoever has the database cannot use it. One subject has one token of an authorisation at a
time, and all tokens of a line have no more calls than the line.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ledger.bundle.usage_token_text import check_signature, parse_usage_token, usage_token_digest
from ledger.domain.authorisation import KIND as AUTHORISATION
from ledger.domain.authorisation import LIFE as AUTHORISATION_LIFE
from ledger.domain.authorisation_coverage import Reason, UseRequest, Why, coverage
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.facts import Facts, Request
from ledger.domain.policies.vocabulary import Action, LeftOperand
from ledger.domain.records import to_json
from ledger.domain.usage_token import KIND, LIFE, InvalidUsageTokenError, UsageToken, UseNotCoveredError
from ledger.errors import AccessError, ConflictError, NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.authorisations import (
    authorisation_of,
    checked_reasons,
    policy_of,
    require_issuer_of,
)
from ledger.services.bodies import acting_body, body_of, participant_of
from ledger.services.business import StoredObject, UnitOfWork

EVENT: Final = "org.cityledger.usage_token.{}.v1"
PARTICIPANT: Final = "participant"
CLOCKS_OFF: Final = timedelta(minutes=5)
"""How far the issuer's clock may be ahead of ours."""

ISSUED_WITHIN: Final = timedelta(days=1)
"""A token is entered no later than this after it was stated."""


def issue_usage_token(uow: UnitOfWork, text: str) -> StoredObject:
    """Enters a signed token into the books.

    Args:
        uow: of the authorisation platform.
        text: of the token.

    Raises:
        InvalidUsageTokenError: no usage token, or one that its authorisation does not fit; names the member.
        SignatureError: no SM2 key that the platform has on file signed it.
        NotFoundError: there is no such authorisation that the actor may see.
        AccessError: the actor did not grant it.
        IllegalTransitionError: the authorisation is not in force.
        UseNotCoveredError: list, widenings or policy do not cover what the token allows.
        ConflictError: the subject has a token, the line has too few calls left, or there is a token of that name.
        BodyNotAbleError: holder or platform is not in good standing.
    """
    token, _ = parse_usage_token(text)
    stored = uow.get(AUTHORISATION, token.authorisation)
    require_issuer_of(uow, stored)
    state = AUTHORISATION_LIFE.next(stored.state, "issue_token")
    body_of(uow, stored.document["holder"])
    check_signature(text, _keys_of(uow, stored.document["issuer"]))
    _check_facts(uow, stored, token)
    _check_covered(stored, token)
    document = _without_former(uow, stored, token)
    document = _reserve(stored, document, token)
    changed = uow.change(stored, act="issue_token", state=state, document=document)
    content = {"token": to_json(token), "digest": usage_token_digest(text).hex(), "ending": None}
    made = uow.create(KIND, token.token_id, state=LIFE.initial, parties=changed.parties, document=content, act="issue")
    uow.put_private(made, {"text": text})
    valid_from, valid_until = (datetime.fromtimestamp(each, UTC) for each in (token.valid_from, token.valid_until))
    uow.quotas.open(token.token_id, token.authorisation, token.quota, valid_from, valid_until)
    record_of_token(uow, token, "issued", token_digest=content["digest"], quota=token.quota)
    return made


def revoke_usage_token(uow: UnitOfWork, token_id: str, reasons: str) -> StoredObject:
    """Issuer or holder ends a token; what it had left is the line's again.

    Raises:
        NotFoundError: there is none that the actor may see.
        AccessError: the actor is neither.
        IllegalTransitionError: it is over already, or its authorisation is.
        InvalidAuthorisationError: no reasons.
    """
    seen = uow.peek(KIND, token_id)
    if seen is None or not uow.actor.may_see(seen.parties):
        raise NotFoundError("There is no such usage token.")
    token = token_of(seen)
    authorisation = uow.get(AUTHORISATION, token.authorisation)
    stored = uow.get(KIND, token_id)
    if participant_of(uow.actor) != token.holder:
        require_issuer_of(uow, authorisation)
    LIFE.next(stored.state, "revoke")
    state = AUTHORISATION_LIFE.next(authorisation.state, "end_token")
    ended, spent = _end(uow, stored, "revoke", checked_reasons(reasons))
    document = _released(authorisation.document, token, spent)
    uow.change(authorisation, act="end_token", state=state, document=document)
    record_of_token(uow, token, "revoked", spent=spent)
    return ended


def read_usage_token(uow: UnitOfWork, token_id: str) -> str:
    """The text of a token, for its holder and its issuer.

    Raises:
        NotFoundError: there is none that the actor may see.
        AccessError: the actor is neither.
    """
    stored = uow.peek(KIND, token_id)
    if stored is None or not uow.actor.may_see(stored.parties):
        raise NotFoundError("There is no such usage token.")
    token = token_of(stored)
    if participant_of(uow.actor) not in (token.holder, token.issuer):
        raise AccessError("The text of a usage token is its holder's and its issuer's.")
    acting_body(uow)
    return str(uow.private(stored)["text"])


def token_of(stored: StoredObject) -> UsageToken:
    """What a stored token states."""
    value = dict(stored.document["token"])
    return UsageToken(**{**value, "fields": tuple(value["fields"])})


def record_of_token(uow: UnitOfWork, token: UsageToken, event: str, **data: Any) -> None:
    """The evidence of a step of a token; last of a use case."""
    said = {
        "token_id": token.token_id,
        "authorisation_id": token.authorisation,
        "holder": token.holder,
        "product_code": token.product_code,
        "version": token.version,
        **data,
    }
    uow.record(EVENT.format(event), said, subject=token.token_id)


def reasons_to_json(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Reasons as facts of an error, for whoever asked; fields that it made up are not repeated."""
    return [
        {"why": str(one.why), "entry": one.entry, "detail": [] if one.why is Why.FIELD_NOT_LISTED else list(one.detail)}
        for one in reasons
    ]


def _keys_of(uow: UnitOfWork, issuer: str) -> list[bytes]:
    """The SM2 keys that a body has on file and has not ended."""
    found = uow.peek(PARTICIPANT, issuer)
    keys = [] if found is None else found.document["sm2_keys"]
    return [bytes.fromhex(key["public_key"]) for key in keys if key["revoked_at"] is None]


def _check_facts(uow: UnitOfWork, stored: StoredObject, token: UsageToken) -> None:
    document = stored.document
    listed = document["listed"]
    issued_at = datetime.fromtimestamp(token.issued_at, UTC)
    for member, is_wrong in (
        ("issuer", token.issuer != document["issuer"]),
        ("subject", token.holder != document["holder"]),
        ("node", token.node != document["provider"]),
        ("product_code", token.product_code != document["product_code"]),
        ("version", token.version != document["version"]),
        ("interface", token.interface >= document["interfaces"]),
        ("scenario", token.scenario != listed["scenario"]),
        ("purpose", token.purpose != listed["purpose"]),
        ("issued_at", not uow.now - ISSUED_WITHIN <= issued_at <= uow.now + CLOCKS_OFF),
        ("valid_until", token.valid_until <= uow.now.timestamp()),
    ):
        if is_wrong:
            raise InvalidUsageTokenError(f"The {member} of the token is not the authorisation's. Nothing was changed.")


def _check_covered(stored: StoredObject, token: UsageToken) -> None:
    """Refuses a token that allows what its line does not, at its first or its last moment; what facts decide is decided with the use."""
    authorisation, policy = authorisation_of(stored), policy_of(stored)
    stated = {
        str(LeftOperand.FIELD): list(token.fields),
        str(LeftOperand.PURPOSE): token.purpose,
        str(LeftOperand.COUNT): authorisation.calls,
    }
    for moment in (token.valid_from, token.valid_until - 1):
        request = UseRequest(
            token.item,
            token.scenario,
            datetime.fromtimestamp(moment, UTC),
            Request(parse_listed(Action, token.mode), Facts(stated)),
            calls=token.quota,
            records=0,
            entry=token.entry,
        )
        reasons = coverage(authorisation, policy, request).reasons
        against = tuple(one for one in reasons if one.why is not Why.POLICY_UNDECIDED)
        if against:
            raise UseNotCoveredError(
                "The authorisation does not cover what the token allows. Nothing was changed.",
                reasons=reasons_to_json(against),
            )


def _without_former(uow: UnitOfWork, stored: StoredObject, token: UsageToken) -> dict[str, Any]:
    """The authorisation's document once the subject's token before this one has ended; one that is valid still stands in the way."""
    document = dict(stored.document)
    former = document["tokens"].get(token.subject)
    if former is None:
        return document
    found = uow.get(KIND, former)
    before = token_of(found)
    if uow.now.timestamp() < before.valid_until:
        raise ConflictError("The subject has a token of this authorisation: revoke it first. Nothing was changed.")
    _, spent = _end(uow, found, "expire", "its time was over")
    return _released(document, before, spent)


def _reserve(stored: StoredObject, document: dict[str, Any], token: UsageToken) -> dict[str, Any]:
    reserved = document["reserved"].get(token.entry, 0) + token.quota
    allowed = authorisation_of(stored).entries[token.entry].calls
    if reserved > allowed:
        left = allowed - document["reserved"].get(token.entry, 0)
        raise ConflictError(f"The line has {left} calls left for tokens. Nothing was changed.", left=left)
    return {
        **document,
        "tokens": {**document["tokens"], token.subject: token.token_id},
        "reserved": {**document["reserved"], token.entry: reserved},
    }


def _released(document: Any, token: UsageToken, spent: int) -> dict[str, Any]:
    """The authorisation's document without a token that has ended: only what it spent stays taken."""
    left = token.quota - spent
    return {
        **document,
        "tokens": {name: one for name, one in document["tokens"].items() if name != token.subject},
        "reserved": {**document["reserved"], token.entry: document["reserved"][token.entry] - left},
    }


def _end(uow: UnitOfWork, stored: StoredObject, act: str, reasons: str) -> tuple[StoredObject, int]:
    """The token, ended, and what it had spent."""
    state = LIFE.next(stored.state, act)
    spent = uow.quotas.end(stored.object_id)
    ending = {"by": participant_of(uow.actor), "reasons": reasons, "spent": spent, "at": format_time(uow.now)}
    return uow.change(stored, act=act, state=state, document={**stored.document, "ending": ending}), spent
