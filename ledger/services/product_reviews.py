"""Reviews of product versions: first and final review with reasons, the joint compliance letter, the filing.

The first review is the trading platform's. The final one is the authorisation platform's where public data are in the product, else the
trading platform's by another account. What both found goes on the chain as one ``ProductReview``, signed by the platforms concerned.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.domain.acts.product_registry import ProductFiling, ProductReview
from ledger.domain.filing_number import NUMBER_CHARACTERS_MAX, clean_number
from ledger.domain.price import Ceiling
from ledger.domain.product import InvalidProductError
from ledger.domain.product_value import BaseFee
from ledger.domain.records import to_json
from ledger.errors import AccessError, ConflictError
from ledger.log.timestamps import format_time
from ledger.services.acts import Signer
from ledger.services.bodies import acting_body, body_of, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.filing_numbers import reserve_number
from ledger.services.product_chain import ask_chain
from ledger.services.product_objects import (
    Both,
    finding_digest,
    is_public,
    load,
    move,
    registered_facts,
)

ASPECTS: Final = ("compliance", "quality", "risk")
"""What every review says something about (requirement A054)."""

REASONS_CHARACTERS_MAX: Final = 5_000
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a review found about one of ``ASPECTS``."""

    aspect: str
    passed: bool
    reasons: str


@dataclass(frozen=True, slots=True)
class Letter:
    """The compliance letter: its number, digest (SHA-256, hex) and day (YYYY-MM-DD)."""

    number: str
    digest: str
    issued_on: str


def pass_first_review(uow: UnitOfWork, product_code: str, version: int, findings: tuple[Finding, ...]) -> StoredObject:
    """The trading platform's review; the version goes on to the final one.

    Raises:
        IllegalTransitionError: it is not registered, or was reviewed already.
        InvalidProductError: an aspect is missing, without reasons, or not passed: then it is to be rejected.
        AccessError: the actor is not the platform that the provider named.
    """
    both = _loaded(uow, product_code, version, "pass_first_review")
    _require_platform(uow, both, "trading_platform")
    review = _review(uow, findings, passed=True)
    changes = {"first_review": review}
    return move(uow, both, "pass_first_review", "first_reviewed", changes, review_digest=_digest(both, review))


def pass_final_review(uow: UnitOfWork, product_code: str, version: int, findings: tuple[Finding, ...]) -> StoredObject:
    """The final review; the platforms then sign what was found, and the chain is asked.

    Raises:
        IllegalTransitionError: the first review is not passed.
        InvalidProductError: as in the first review.
        AccessError: the actor is not the platform whose turn it is, or the account that made the first review.
    """
    both = _loaded(uow, product_code, version, "pass_final_review")
    _require_platform(uow, both, "authorisation_platform" if is_public(both.version) else "trading_platform")
    first = both.version.document["first_review"]
    if uow.actor.account_id == first["account"]:
        raise AccessError("Whoever made the first review does not make the final one. Nothing was changed.")
    review = _review(uow, findings, passed=True)
    waiting = _ask_review(uow, both, "pass_final_review", {"first": first, "final": review})
    changes = {"final_review": review, "waiting": waiting}
    return move(uow, both, "pass_final_review", "final_reviewed", changes, review_digest=_digest(both, review))


def reject_product(uow: UnitOfWork, product_code: str, version: int, findings: tuple[Finding, ...]) -> StoredObject:
    """Ends a version in either review, with reasons; the next version may mend what was found.

    Raises:
        IllegalTransitionError: it is in no review.
        InvalidProductError: every aspect is passed, or one has no reasons.
        AccessError: the actor is not the platform whose turn it is.
    """
    both = _loaded(uow, product_code, version, "reject")
    is_final = both.version.state == "first_reviewed"
    is_authoritys = is_final and is_public(both.version)
    _require_platform(uow, both, "authorisation_platform" if is_authoritys else "trading_platform")
    review = _review(uow, findings, passed=False)
    found = {
        "first": both.version.document["first_review"] if is_final else review,
        "final": review if is_final else None,
    }
    waiting = _ask_review(uow, both, "reject", found, approved=False)
    changes = {"final_review" if is_final else "first_review": review, "waiting": waiting}
    return move(uow, both, "reject", "rejection_asked", changes, review_digest=_digest(both, review))


def issue_letter(uow: UnitOfWork, product_code: str, version: int, letter: Letter) -> StoredObject:
    """A platform issues the compliance letter; with public data it is joint, and holds when both have issued the same one.

    Raises:
        IllegalTransitionError: the version is not reviewed.
        ConflictError: the other platform issued another letter, or this one did already.
        AccessError: the actor is neither platform.
    """
    both = _loaded(uow, product_code, version, "issue_letter")
    actor = participant_of(uow.actor)
    reviewers = both.version.document["reviewers"]
    if actor not in required_issuers(both.version):
        raise AccessError("The platforms that reviewed the product issue its letter. Nothing was changed.")
    role = "trading_platform" if actor == reviewers["trading_platform"] else "authorisation_platform"
    require_role(uow.actor, role)
    acting_body(uow, role)
    _check_letter(letter)
    there = both.version.document["letter"]
    stated = to_json(letter)
    if there is not None and {name: there[name] for name in stated} != stated:
        raise ConflictError("The other platform issued another letter; a joint one is the same. Nothing was changed.")
    issued_by = [] if there is None else there["issued_by"]
    if actor in issued_by:
        raise ConflictError("This platform issued the letter already. Nothing was changed.")
    changes = {"letter": {**stated, "issued_by": [*issued_by, actor]}}
    return move(uow, both, "issue_letter", "letter_issued", changes, letter_digest=letter.digest, issued_by=actor)


def required_issuers(version: StoredObject) -> tuple[str, ...]:
    """The platforms whose letter a version needs: both with public data, else the trading platform."""
    reviewers = version.document["reviewers"]
    named = (reviewers["trading_platform"], reviewers["authorisation_platform"])
    return tuple(code for code in named if code is not None)


def file_product(
    uow: UnitOfWork, product_code: str, version: int, number: str, ceiling: Ceiling, *, base_fee: BaseFee | None = None
) -> StoredObject:
    """The authority gives a reviewed version with public data its filing number and its ceiling; its key signs ``ProductFiling``.

    Where it sets a base authorisation fee, that stands in the filing with the factors it was set on; every party of the version, both
    platforms among them, reads it there, and the digest on the chain covers it.

    Raises:
        IllegalTransitionError: not reviewed, or without public data.
        ConflictError: the number is another product's.
        BodyNotAbleError: the actor is no price authority, or may not act.
        NotFoundError: it is another one than the provider named, and does not see the version.
    """
    authority = body_of(uow, participant_of(uow.actor), "price_authority")
    both = _loaded(uow, product_code, version, "file")
    require_role(uow.actor, "price_authority")
    number = clean_number(number)
    if not 1 <= len(number) <= NUMBER_CHARACTERS_MAX:
        raise InvalidProductError(f"A filing number has 1 to {NUMBER_CHARACTERS_MAX} characters.")
    reserve_number(uow, number, authority.code, product_code=product_code, version=version)
    filing = {
        "number": number,
        "ceiling": to_json(ceiling),
        "base_fee": to_json(base_fee),
        "authority": authority.code,
        "filed_at": format_time(uow.now),
    }
    digest = finding_digest(both.version, filing)
    act = ProductFiling(**registered_facts(both), filing_digest=digest, ceiling_unit_price=ceiling.unit_price)
    waiting = ask_chain(
        uow, both, "file", act, [authority.signer("authority")], function="file", sets={"filing": filing}
    )
    return move(uow, both, "file", "filing_asked", {"waiting": waiting}, filing_digest=digest.hex())


def _ask_review(
    uow: UnitOfWork, both: Both, step: str, found: Mapping[str, Any], *, approved: bool = True
) -> dict[str, Any]:
    digest = finding_digest(both.version, found)
    act = ProductReview(**registered_facts(both), approved=approved, review_digest=digest)
    return ask_chain(uow, both, step, act, _platforms(uow, both.version), function="review")


def _platforms(uow: UnitOfWork, version: StoredObject) -> list[Signer]:
    """The platforms that sign a review, in the contract's order."""
    roles = ("trading_platform", "authorisation_platform")
    named = [(version.document["reviewers"][role], role) for role in roles]
    return [body_of(uow, code, role).signer("platforms") for code, role in named if code is not None]


def _loaded(uow: UnitOfWork, product_code: str, version: int, act: str) -> Both:
    both = load(uow, product_code, version)
    both.life.next(both.version.state, act)
    return both


def _require_platform(uow: UnitOfWork, both: Both, role: str) -> None:
    require_role(uow.actor, role)
    if uow.actor.participant != both.version.document["reviewers"][role]:
        raise AccessError("Another platform reviews this product. Nothing was changed.")
    acting_body(uow, role)


def _review(uow: UnitOfWork, findings: tuple[Finding, ...], *, passed: bool) -> dict[str, Any]:
    if sorted(finding.aspect for finding in findings) != sorted(ASPECTS):
        raise InvalidProductError(f"A review finds something about each of {', '.join(ASPECTS)}, once.")
    if not all(finding.reasons.strip() and len(finding.reasons) <= REASONS_CHARACTERS_MAX for finding in findings):
        raise InvalidProductError(f"Every finding has reasons, at most {REASONS_CHARACTERS_MAX} characters.")
    if all(finding.passed for finding in findings) != passed:
        wrong = (
            "An aspect is not passed: reject the version." if passed else "Every aspect is passed: nothing to reject."
        )
        raise InvalidProductError(f"{wrong} Nothing was changed.")
    return {
        "participant": participant_of(uow.actor),
        "account": uow.actor.account_id,
        "findings": [to_json(finding) for finding in findings],
        "passed": passed,
        "at": format_time(uow.now),
    }


def _digest(both: Both, review: Mapping[str, Any]) -> str:
    return finding_digest(both.version, review).hex()


def _check_letter(letter: Letter) -> None:
    try:
        date.fromisoformat(letter.issued_on)
    except ValueError:
        raise InvalidProductError("letter.issued_on is a day, YYYY-MM-DD.") from None
    if _DIGEST.fullmatch(letter.digest) is None or not 1 <= len(letter.number.strip()) <= len(letter.number) <= 128:
        raise InvalidProductError("A letter has a number and the SHA-256 digest of its document in lower-case hex.")
