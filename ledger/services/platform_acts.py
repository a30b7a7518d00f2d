"""What the authorisation platform does itself: the final review, the list, usage tokens and their end, the filing on its side.

Each function writes one act into this platform's own books, in one transaction, and sends nothing: ``platform_sending`` sends it, with the act's
name as Idempotency-Key, until the other platform has answered. So a crash leaves no act, or one that is going to be done exactly once.
Names that must be random are drawn by the caller.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.bundle.usage_token_text import usage_token_digest
from ledger.domain.application import ASPECTS, InvalidApplicationError, is_text
from ledger.domain.authorisation import AuthorisationList, InvalidAuthorisationError
from ledger.domain.platform_act import ACT_LIFE
from ledger.domain.platform_books import (
    AGREEMENT,
    APPLICATION,
    AUTHORISATION,
    FILING,
    FINAL_REVIEW,
    GRANT,
    REVOCATION,
    TOKEN,
    USAGE_TOKEN,
    Shown,
)
from ledger.domain.records import from_json, to_json
from ledger.domain.usage_token import InvalidUsageTokenError, UsageToken
from ledger.errors import ConflictError, NotFoundError
from ledger.services.platform_following import derived_facts
from ledger.services.platform_ports import Act, Books

REASONS_CHARACTERS_MAX: Final = 5_000
FILED_STATES: Final = ("signed", "filing", "filed", "in_performance", "ending", "terminated")
"""An agreement that has ended meanwhile is filed here all the same: a filing is a record."""


Sign = Callable[[UsageToken], str]
"""The text of a token, signed by this platform's key."""


@dataclass(frozen=True, slots=True)
class NewAct:
    """Who asks for an act, and its name, drawn at random."""

    act_id: str
    account: str


@dataclass(frozen=True, slots=True)
class TokenWish:
    """What a usage token is issued with; everything else follows from the authorisation.

    Args:
        token_id: drawn by the caller.
        authorisation: its name.
        entry: line of it: ``0/item`` of the list, ``number/item`` of a widening.
        subject: the holder's subject code, or that, a slash and a name of the holder's own.
        interface: place in the version's interfaces, from 0.
        parameters: fixed ones.
        fields: that may be used.
        mode: the one action.
        quota: calls in all.
        valid_from: seconds since 1970, first moment.
        valid_until: seconds since 1970, first moment after it.
    """

    token_id: str
    authorisation: str
    entry: str
    subject: str
    interface: int
    parameters: Mapping[str, str]
    fields: tuple[str, ...]
    mode: str
    quota: int
    valid_from: int
    valid_until: int


def review_application(
    books: Books, us: str, new: NewAct, application_id: str, findings: Sequence[Mapping[str, Any]]
) -> Act:
    """The final review; the application is refused when an aspect is not passed.

    Raises:
        NotFoundError: no copy of such an application is here.
        ConflictError: it is not this platform's turn.
        InvalidApplicationError: the findings are not one about each aspect, with reasons.
        ActExistsError: the review was made.
    """
    copy = copy_here(books, APPLICATION, application_id)
    reviewers = copy.document.get("reviewers") or {}
    if copy.state != "first_reviewed" or reviewers.get("authorisation_platform") != us:
        raise ConflictError(
            "This application does not wait for the final review of this platform. Nothing was written."
        )
    stated = [
        {"aspect": one["aspect"], "passed": one["passed"], "reasons": one["reasons"]}
        for one in sorted(findings, key=lambda one: str(one["aspect"]))
    ]
    if [one["aspect"] for one in stated] != sorted(ASPECTS):
        raise InvalidApplicationError(f"A review finds something about each of {', '.join(ASPECTS)}, once.")
    if not all(is_text(one["reasons"], REASONS_CHARACTERS_MAX) for one in stated):
        raise InvalidApplicationError(f"Every finding has reasons, at most {REASONS_CHARACTERS_MAX} characters.")
    return write_act(books, new, FINAL_REVIEW, (APPLICATION, application_id), {"findings": stated})


def grant(books: Books, us: str, new: NewAct, application_id: str, listed: Mapping[str, Any]) -> Act:
    """An authorisation list for an approved application.

    Raises:
        NotFoundError: no copy of such an application is here.
        ConflictError: it is not approved, or another platform reviewed it.
        InvalidAuthorisationError: the list is none.
        InputError: it has not the form of one.
        ActExistsError: it has its list.
    """
    copy = copy_here(books, APPLICATION, application_id)
    reviewers = copy.document.get("reviewers") or {}
    if copy.state != "approved" or reviewers.get("authorisation_platform") != us:
        raise ConflictError(
            "This application is not approved, or another platform grants its list. Nothing was written."
        )
    whole = to_json(from_json(AuthorisationList, listed))
    return write_act(books, new, GRANT, (AUTHORISATION, application_id), {"listed": whole})


def issue_token(books: Books, us: str, new: NewAct, wish: TokenWish, sign: Sign) -> Act:
    """A usage token, stated and signed here.

    Raises:
        NotFoundError: no copy of such an authorisation is here.
        ConflictError: it is not in force, or another platform issued it.
        InvalidUsageTokenError: what is wished makes no token.
        ActExistsError: there is a token of this name.
    """
    document = own_authorisation(books, us, wish.authorisation, "in_force").document
    number, _, item = wish.entry.partition("/")
    if not number.isdecimal() or not item:
        raise InvalidUsageTokenError("entry is 0/item of the list, or number/item of a widening.")
    listed = document["listed"]
    token = UsageToken(
        token_id=wish.token_id,
        issuer=us,
        subject=wish.subject,
        node=document["provider"],
        authorisation=wish.authorisation,
        entry=wish.entry,
        product_code=document["product_code"],
        version=document["version"],
        interface=wish.interface,
        parameters=dict(wish.parameters),
        item=item,
        fields=wish.fields,
        mode=wish.mode,
        scenario=listed["scenario"],
        purpose=listed["purpose"],
        quota=wish.quota,
        issued_at=int(books.now.timestamp()),
        valid_from=wish.valid_from,
        valid_until=wish.valid_until,
    )
    text = sign(token)
    said = {"token": to_json(token), "digest": usage_token_digest(text).hex()}
    return write_act(books, new, TOKEN, (USAGE_TOKEN, token.token_id), said, text=text)


def revoke_token(books: Books, us: str, new: NewAct, token_id: str, reasons: str) -> Act:
    """The end of a token that this platform issued.

    Raises:
        NotFoundError: no copy of such a token is here.
        ConflictError: another platform issued it, or it has ended.
        InvalidAuthorisationError: no reasons.
        ActExistsError: it was revoked here.
    """
    copy = copy_here(books, USAGE_TOKEN, token_id)
    if copy.state != "issued" or copy.document["token"].get("issuer") != us:
        raise ConflictError("This token has ended, or another platform issued it. Nothing was written.")
    return write_act(books, new, REVOCATION, (USAGE_TOKEN, token_id), {"reasons": checked_reasons(reasons)})


def file_agreement(books: Books, us: str, new: NewAct, agreement_id: str) -> Act:
    """The filing on this platform's side, once its own arithmetic leads to the agreement's digest.

    The first of both platforms also files on the chain: an agreement that is only signed is filed there too, with the act; one that is
    filed there is filed here alone, and nothing is sent.

    Raises:
        NotFoundError: no copy of such an agreement is here.
        ConflictError: it is not signed, is another platform's, or its digest is not that of its content.
        ActExistsError: it is filed here.
    """
    copy = copy_here(books, AGREEMENT, agreement_id)
    document = copy.document
    if copy.state not in FILED_STATES or us not in (document.get("platforms") or ()):
        raise ConflictError("This agreement is not signed, or is another platform's. Nothing was written.")
    derived = derived_facts(copy)["/contract_hash"]
    if derived != document["contract_hash"]:
        raise ConflictError("The content of this agreement does not lead to its digest. Nothing was written.")
    said = {"contract_hash": derived, "sends": copy.state == "signed"}
    act = _new(books, new, FILING, (AGREEMENT, agreement_id), said)
    if not said["sends"]:
        state = ACT_LIFE.next(act.state, "acknowledge")
        act = replace(act, state=state, revision=copy.revision, facts={"/contract_hash": derived})
    books.add_act(act)
    return act


def copy_here(books: Books, kind: str, object_id: str) -> Shown:
    """The newest copy of an object. Raises ``NotFoundError`` when there is none."""
    copy = books.copy_of(kind, object_id)
    if copy is None:
        raise NotFoundError(f"No copy of such a {kind.replace('_', ' ')} is here.")
    return copy


def own_authorisation(books: Books, us: str, authorisation_id: str, *states: str) -> Shown:
    """The newest copy of an authorisation that this platform issued.

    Raises:
        NotFoundError: no copy of such an authorisation is here.
        ConflictError: it is in none of these states, or another platform issued it.
    """
    copy = copy_here(books, AUTHORISATION, authorisation_id)
    if copy.state not in states or copy.document.get("issuer") != us:
        wanted = " or ".join(states).replace("_", " ")
        raise ConflictError(f"This authorisation is not {wanted}, or another platform issued it. Nothing was written.")
    return copy


def checked_reasons(reasons: str) -> str:
    """Reasons for others to read. Raises ``InvalidAuthorisationError`` when there are none, or too many characters."""
    if not is_text(reasons, REASONS_CHARACTERS_MAX):
        raise InvalidAuthorisationError(f"reasons have 1 to {REASONS_CHARACTERS_MAX} characters. Nothing was written.")
    return reasons


def _new(
    books: Books, new: NewAct, act: str, of: tuple[str, str], request: Mapping[str, Any], *, instance: int = 0
) -> Act:
    now = books.now
    return Act(new.act_id, act, *of, request, ACT_LIFE.initial, 0, {}, None, new.account, now, now, instance=instance)


def write_act(
    books: Books,
    new: NewAct,
    act: str,
    of: tuple[str, str],
    request: Mapping[str, Any],
    *,
    text: str | None = None,
    instance: int = 0,
) -> Act:
    """Writes an act down on the object of this kind and id, and returns it; see ``Books.add_act``."""
    made = _new(books, new, act, of, request, instance=instance)
    books.add_act(made, text)
    return made
