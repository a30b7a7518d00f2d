"""Reviews of applications: first, final, and the line authority's where the industry needs it; each with reasons about every aspect.

The trading platform makes the first review and says whether a line authority is needed; the authorisation platform makes the final one. No
account makes two of them, and no applicant any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.application import ASPECTS, KIND, LIFE, InvalidApplicationError, is_text
from ledger.domain.line_authority import LineAuthorityNeededError, class_in_need
from ledger.domain.records import to_json
from ledger.errors import AccessError, ConflictError
from ledger.log.timestamps import format_time
from ledger.services.applications import digest_of, move_application
from ledger.services.bodies import acting_body, body_of, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_objects import VERSION, version_id

REASONS_CHARACTERS_MAX: Final = 5_000

TURN: Final = {
    "submitted": "trading_platform",
    "first_reviewed": "authorisation_platform",
    "with_line_authority": "line_authority",
}
"""State -> the role whose turn it is."""


@dataclass(frozen=True, slots=True)
class UseFinding:
    """What a review found about one of ``ASPECTS`` of the use."""

    aspect: str
    passed: bool
    reasons: str


def pass_first_application_review(
    uow: UnitOfWork,
    application_id: str,
    findings: tuple[UseFinding, ...],
    line_authority: str | None = None,
    *,
    classes_in_need: Sequence[str] = (),
) -> StoredObject:
    """The trading platform's review.

    Args:
        uow: of the platform.
        application_id: of the application.
        findings: one about each aspect, all passed.
        line_authority: subject code, where the industry has special needs.
        classes_in_need: topics and scenes whose use needs a line authority in this space (``ledger.domain.line_authority``).

    Raises:
        LineAuthorityNeededError: the use is of such a class, and no line authority is named.
        NotFoundError: there is no such application that the actor may see.
        IllegalTransitionError: it was reviewed already, or is over.
        AccessError: it is another body's turn, or the applicant's own application.
        InvalidApplicationError: an aspect is missing, without reasons, or not passed: then it is to be refused.
        BodyNotAbleError: the line authority is none in good standing.
        ConflictError: the line authority is the applicant.
    """
    stored, review = _reviewed(uow, application_id, "pass_first_review", findings, passed=True)
    if line_authority is None:
        _require_none_needed(uow, stored, classes_in_need)
    else:
        if line_authority == stored.document["applicant"]:
            raise ConflictError("An applicant reviews nothing of its own. Nothing was changed.")
        body_of(uow, line_authority, "line_authority")
    reviewers = {**stored.document["reviewers"], "line_authority": line_authority}
    return _move(uow, stored, "pass_first_review", "first_reviewed", review, reviewers=reviewers)


def pass_final_application_review(
    uow: UnitOfWork, application_id: str, findings: tuple[UseFinding, ...]
) -> StoredObject:
    """The authorisation platform's review: it approves the application, or hands it on to the line authority.

    Raises:
        As ``pass_first_application_review``.
    """
    stored, review = _reviewed(uow, application_id, "pass_final_review", findings, passed=True)
    line_authority = stored.document["reviewers"]["line_authority"]
    if line_authority is None:
        return _move(uow, stored, "pass_final_review", "approved", review)
    body_of(uow, line_authority, "line_authority")
    parties = tuple(dict.fromkeys((*stored.parties, line_authority)))
    return _move(uow, stored, "refer_to_line_authority", "referred", review, parties=parties)


def consent_to_application(uow: UnitOfWork, application_id: str, findings: tuple[UseFinding, ...]) -> StoredObject:
    """The line authority's consent, which approves the application.

    Raises:
        As ``pass_first_application_review``.
    """
    stored, review = _reviewed(uow, application_id, "consent", findings, passed=True)
    return _move(uow, stored, "consent", "approved", review)


def refuse_application(uow: UnitOfWork, application_id: str, findings: tuple[UseFinding, ...]) -> StoredObject:
    """Whoever's turn it is refuses, with reasons; a new application may mend what was found.

    Raises:
        As ``pass_first_application_review``, but one aspect at least is not passed.
    """
    stored, review = _reviewed(uow, application_id, "refuse", findings, passed=False)
    return _move(uow, stored, "refuse", "refused", review)


def _require_none_needed(uow: UnitOfWork, stored: StoredObject, classes_in_need: Sequence[str]) -> None:
    """Holds product and use against the classes that the space lists."""
    document = stored.document
    version = uow.peek(VERSION, version_id(document["product_code"], document["version"]))
    assert version is not None, "what was applied for is there"
    product = version.document["content"]
    classes = (product["topic"], product["scene"], document["content"]["scenario"]["scene"])
    needed = class_in_need(classes_in_need, classes)
    if needed is not None:
        raise LineAuthorityNeededError(
            f"In this space a use of class {needed} needs the consent of its line authority. Nothing was changed; name it (line_authority)."
        )


def _reviewed(
    uow: UnitOfWork, application_id: str, act: str, findings: tuple[UseFinding, ...], *, passed: bool
) -> tuple[StoredObject, dict[str, Any]]:
    """The application, locked, and the review, once the actor was found to be the one whose turn it is."""
    stored = uow.get(KIND, application_id)
    LIFE.next(stored.state, act)
    role = TURN[stored.state]
    actor = participant_of(uow.actor)
    if actor == stored.document["applicant"]:
        raise AccessError("An applicant reviews nothing of its own. Nothing was changed.")
    require_role(uow.actor, role)
    if actor != stored.document["reviewers"][role]:
        raise AccessError("Another body makes this review. Nothing was changed.")
    acting_body(uow, role)
    if uow.actor.account_id in {review["account"] for review in stored.document["reviews"]}:
        raise AccessError("Whoever made a review before makes none after it. Nothing was changed.")
    _check(findings, passed=passed)
    review = {
        "role": role,
        "participant": actor,
        "account": uow.actor.account_id,
        "findings": [to_json(finding) for finding in findings],
        "passed": passed,
        "at": format_time(uow.now),
    }
    return stored, review


def _move(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    event: str,
    review: dict[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
    **changes: Any,
) -> StoredObject:
    document = {**changes, "reviews": [*stored.document["reviews"], review]}
    digest = digest_of(stored, "review", review)
    return move_application(uow, stored, act, event, document, parties=parties, review_digest=digest)


def _check(findings: tuple[UseFinding, ...], *, passed: bool) -> None:
    if sorted(finding.aspect for finding in findings) != sorted(ASPECTS):
        raise InvalidApplicationError(f"A review finds something about each of {', '.join(ASPECTS)}, once.")
    if not all(is_text(finding.reasons, REASONS_CHARACTERS_MAX) for finding in findings):
        raise InvalidApplicationError(f"Every finding has reasons, at most {REASONS_CHARACTERS_MAX} characters.")
    if all(finding.passed for finding in findings) != passed:
        wrong = "An aspect is not passed: refuse it." if passed else "Every aspect is passed: nothing to refuse."
        raise InvalidApplicationError(f"{wrong} Nothing was changed.")
