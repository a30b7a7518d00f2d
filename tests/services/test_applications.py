"""Applications for the use of a product: both reviews and the line authority's, and everything that is refused."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from support.authorisation_world import APPLICATION, Bank, application_content, findings
from support.product_steps import Life
from support.product_world import CODES, a_world, acting

from ledger.domain.application import InvalidApplicationError
from ledger.domain.line_authority import LineAuthorityNeededError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, InputError, NotFoundError
from ledger.services import application_reviews, applications
from ledger.services.application_reviews import UseFinding
from ledger.services.bodies import BodyNotAbleError

FIRST = application_reviews.pass_first_application_review
FINAL = application_reviews.pass_final_application_review
CONSENT = application_reviews.consent_to_application
REFUSE = application_reviews.refuse_application
WITHDRAW = applications.withdraw_application


@pytest.fixture
def bank() -> Bank:
    return Bank()


def test_application_is_reviewed_twice_and_approved_with_reasons_for_all_to_see(bank: Bank) -> None:
    submitted = bank.submit()
    assert (submitted.state, bank.first().state) == ("submitted", "first_reviewed")
    approved = bank.final()

    assert approved.state == "approved"
    assert approved.parties == tuple(CODES[name] for name in ("bank", "provider", "trading", "authorisation"))
    assert [review["role"] for review in approved.document["reviews"]] == ["trading_platform", "authorisation_platform"]
    assert all(finding["reasons"] for review in approved.document["reviews"] for finding in review["findings"])
    assert bank.events()[-3:] == [
        "application.submitted.v1",
        "application.first_reviewed.v1",
        "application.approved.v1",
    ]
    assert approved.document["content"] == application_content()


def test_line_authority_has_the_last_word_where_the_first_review_names_it(bank: Bank) -> None:
    bank.submit()
    assert CODES["line"] not in bank.first(CODES["line"]).parties
    referred = bank.final()
    assert (referred.state, referred.parties[-1]) == ("with_line_authority", CODES["line"])

    approved = bank.do("line", CONSENT, APPLICATION, findings())

    assert approved.state == "approved"
    assert bank.events()[-2:] == ["application.referred.v1", "application.approved.v1"]


@pytest.mark.parametrize("listed", [("D0100",), ("S0100",), ("V0000", "S0201")])
def test_line_authority_is_named_where_the_space_asks_for_it(bank: Bank, listed: tuple[str, ...]) -> None:
    bank.submit()
    first, before = partial(FIRST, classes_in_need=listed), bank.seen()
    with pytest.raises(LineAuthorityNeededError, match=listed[-1]):
        bank.do("trading", first, APPLICATION, findings())
    assert bank.seen() == before

    bank.do("trading", first, APPLICATION, findings(), CODES["line"])
    assert bank.final().state == "with_line_authority"


def test_line_authority_is_not_needed_where_the_space_lists_other_classes(bank: Bank) -> None:
    bank.submit()
    first = partial(FIRST, classes_in_need=("B0500", "C0200", "S0202"))
    bank.do("trading", first, APPLICATION, findings())
    assert bank.final().state == "approved"


@pytest.mark.parametrize(("steps", "who"), [(0, "trading"), (1, "authorisation"), (2, "line")])
def test_whoevers_turn_it_is_refuses_with_reasons(bank: Bank, steps: int, who: str) -> None:
    bank.submit()
    for step in (lambda: bank.first(CODES["line"]), bank.final)[:steps]:
        step()

    refused = bank.do(who, REFUSE, APPLICATION, findings(failed="necessity"))

    assert refused.state == "refused"
    assert refused.document["reviews"][-1]["passed"] is False


def test_applicant_takes_it_back_until_it_is_decided(bank: Bank) -> None:
    bank.submit()
    bank.first()

    assert bank.do("bank", WITHDRAW, APPLICATION, "不再需要").state == "withdrawn"
    with pytest.raises(IllegalTransitionError):
        bank.final()


def test_content_stands_in_the_evidence_by_its_digest_alone(bank: Bank) -> None:
    bank.submit()

    _, said, subject = bank.world.events[-1]
    assert subject == APPLICATION
    assert len(said["content_digest"]) == 64
    assert "放款前核验" not in str(said)


# steps done before, who, use case, arguments, account, error, part of the message
REFUSED: dict[str, tuple[int, str, Callable[..., Any], tuple[Any, ...], type[Exception], str]] = {
    "final review first": (0, "authorisation", FINAL, (findings(),), IllegalTransitionError, "Allowed now"),
    "first review twice": (1, "trading", FIRST, (findings(),), IllegalTransitionError, "Allowed now"),
    "first review by the other platform": (0, "authorisation", FIRST, (findings(),), AccessError, "as trading"),
    "first review by another trading platform": (0, "other_trading", FIRST, (findings(),), NotFoundError, "no such"),
    "final review by the trading platform": (1, "trading", FINAL, (findings(),), AccessError, "as authorisation"),
    "review by the applicant": (0, "bank", FIRST, (findings(),), AccessError, "nothing of its own"),
    "consent unasked": (1, "authorisation", CONSENT, (findings(),), IllegalTransitionError, "Allowed now"),
    "passing what failed": (
        *(0, "trading", FIRST, (findings(failed="security"),)),
        *(InvalidApplicationError, "refuse it"),
    ),
    "refusing what passed": (0, "trading", REFUSE, (findings(),), InvalidApplicationError, "nothing to refuse"),
    "a review of three aspects": (0, "trading", FIRST, (findings()[:3],), InvalidApplicationError, "each of"),
    "a review without reasons": (
        *(0, "trading", FIRST, ((*findings()[:3], UseFinding("security", True, " ")),)),
        *(InvalidApplicationError, "reasons"),
    ),
    "a reason that no database takes": (
        *(0, "trading", FIRST, ((*findings()[:3], UseFinding("security", True, "x\x00")),)),
        *(InvalidApplicationError, "reasons"),
    ),
    "the applicant as line authority": (
        *(0, "trading", FIRST, (findings(), CODES["bank"])),
        *(ConflictError, "nothing of its own"),
    ),
    "a line authority that is none": (0, "trading", FIRST, (findings(), CODES["price"]), BodyNotAbleError, "role"),
    "withdrawing another's": (0, "provider", WITHDRAW, ("x",), NotFoundError, "no such"),
    "withdrawing as a stranger": (0, "stranger", WITHDRAW, ("x",), NotFoundError, "no such"),
    "withdrawing without reasons": (0, "bank", WITHDRAW, (" ",), InvalidApplicationError, "reasons"),
    "withdrawing what is approved": (2, "bank", WITHDRAW, ("x",), IllegalTransitionError, "nothing any more"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_step_that_may_not_be_is_refused_and_changes_nothing(bank: Bank, name: str) -> None:
    steps, who, use_case, arguments, error, message = REFUSED[name]
    bank.submit()
    for step in (bank.first, bank.final)[:steps]:
        step()
    before = bank.seen()

    with pytest.raises(error, match=message):
        bank.do(who, use_case, APPLICATION, *arguments)

    assert bank.seen() == before


def test_account_that_made_a_review_makes_no_other(bank: Bank) -> None:
    bank.submit()
    bank.first(CODES["line"])
    with bank.world.begin() as uow:
        stored = uow.get("application", APPLICATION)
        [review] = stored.document["reviews"]
        document = {**stored.document, "reviews": [review | {"account": "authorisation-1"}]}
        uow.change(stored, act="test", document=document)

    with pytest.raises(AccessError, match="makes none after it"):
        bank.final()
    assert bank.do("authorisation", FINAL, APPLICATION, findings(), account="2").state == "with_line_authority"


@pytest.mark.parametrize(
    ("members", "error", "message"),
    [
        ({"version": 2}, NotFoundError, "on sale"),
        ({"product_code": "6" * 32}, NotFoundError, "on sale"),
        ({"authorisation_platform": CODES["trading"]}, BodyNotAbleError, "role"),
        ({"content": application_content(valid_until="2026-11-01", valid_from="2026-01-01")}, InputError, "over"),
        ({"content": application_content(unknown=1)}, InputError, "none of"),
    ],
)
def test_application_that_is_none_is_refused(
    bank: Bank, members: dict[str, Any], error: type[Exception], message: str
) -> None:
    before = bank.seen()
    with pytest.raises(error, match=message):
        bank.submit(**members)
    assert bank.seen() == before


@pytest.mark.parametrize("who", ["provider", "trading", "regulator"])
def test_provider_and_authorities_do_not_apply(bank: Bank, who: str) -> None:
    with pytest.raises((ConflictError, AccessError)):
        bank.do(who, applications.submit_application, bank.command())


def test_second_application_of_a_name_and_one_too_many_are_refused(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.submit()
    with pytest.raises(ConflictError, match="already"):
        bank.submit()
    monkeypatch.setattr(applications, "OPEN_APPLICATIONS_MAX", 1)
    with pytest.raises(ConflictError, match="at most"):
        bank.submit(application_id="app-2")


def test_product_with_public_data_is_authorised_by_the_platform_that_reviewed_it() -> None:
    world = a_world()
    life = Life(world, public=True).until("listed")
    command = Bank().command(product_code=life.code, authorisation_platform=CODES["trading"])

    with acting(world, "bank") as uow, pytest.raises(InvalidApplicationError, match="Another platform"):
        applications.submit_application(uow, command)


@pytest.mark.parametrize(
    "members",
    [
        {"qualifications": []},
        {"items": []},
        {"items": application_content()["items"] * 2},
        {"security_plan": {"summary": "x", "papers": []}},
        {"security_plan": {"summary": "x", "papers": [{"title": "x", "digest": "ab"}]}},
        {"valid_from": "2027-11-01"},
        {"valid_from": "2026-1-1"},
        {"scenario": application_content()["scenario"] | {"scene": "X"}},
        {"scenario": application_content()["scenario"] | {"name": " "}},
        *({"items": [application_content()["items"][0] | change]} for change in (
            {"fields": []}, {"fields": ["a", "a"]}, {"actions": ["steal"]}, {"calls": 0}, {"necessity": ""},
        )),
    ],
)  # fmt: skip
def test_content_that_lacks_something_is_refused(bank: Bank, members: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        bank.submit(content=application_content(**members))
