"""Applications over HTTP and PostgreSQL: reviewed in turn, seen at once by who has to do with them, and by nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.a_service import running_service
from support.application_http import (
    APPLICATION,
    APPLICATIONS,
    FAILED,
    PASSED,
    REASONS,
    HttpUse,
    days,
    grant,
    submission,
    today,
)
from support.authorisation_world import application_content
from support.embedded import DatabaseFactory
from support.product_http import Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.domain.application import ASPECTS


@pytest.fixture(scope="module")
def life(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HttpLife]:
    databases = DatabaseFactory(postgres_server)
    listed = {"line_authority_classes": ("U0900",)}
    folder = tmp_path_factory.mktemp("applications")
    with running_service(databases(template=migrated_template), folder, **listed) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        product = HttpLife(service.client, bodies, public=False)
        product.until_listed()
        yield product
    databases.close()


@pytest.fixture
def use(life: HttpLife) -> HttpUse:
    return HttpUse(life)


def waiting(use: HttpUse, name: str) -> set[str]:
    items = use.see(name, f"{APPLICATIONS}?waiting_for=me&limit=200")["items"]
    return {item["application_id"] for item in items}


def test_application_is_approved_by_three_reviews_in_turn_and_all_see_each_at_once(use: HttpUse) -> None:
    submitted = use.submit()
    assert (submitted["state"], submitted["turn"]["participant"]) == ("submitted", CODES["trading"])
    assert submitted["content"] == application_content(**days())
    assert use.application_id in waiting(use, "trading") - waiting(use, "authorisation")

    named = PASSED | {"line_authority": CODES["line"]}
    use.do("trading", f"{APPLICATION}/first-review", named)
    assert use.application_id in waiting(use, "authorisation") - waiting(use, "trading")
    assert use.ask("line", "GET", APPLICATION).status_code == 404

    referred = use.do("authorisation", f"{APPLICATION}/final-review", PASSED)
    assert (referred["state"], referred["turn"]["role"]) == ("with_line_authority", "line_authority")
    assert use.application_id in waiting(use, "line")

    approved = use.do("line", f"{APPLICATION}/consent", PASSED)
    assert (approved["state"], approved["turn"], approved["allowed"]) == ("approved", None, [])
    assert [review["role"] for review in approved["reviews"]] == [
        "trading_platform",
        "authorisation_platform",
        "line_authority",
    ]
    for name in ("bank", "provider", "trading", "authorisation", "line", "regulator"):
        assert use.see(name, APPLICATION) == approved, name
    assert "account" not in str(approved)


def test_first_review_of_a_class_that_the_space_lists_names_a_line_authority(use: HttpUse) -> None:
    scenario = application_content()["scenario"] | {"scene": "U0901"}
    use.submit(scenario=scenario)
    problem = use.ask("trading", "POST", f"{APPLICATION}/first-review", PASSED)
    assert (problem.status_code, problem.json()["code"]) == (400, "line_authority_needed")
    assert "U0900" in problem.json()["detail"]
    assert use.see("bank", APPLICATION)["state"] == "submitted"

    named = PASSED | {"line_authority": CODES["line"]}
    assert use.do("trading", f"{APPLICATION}/first-review", named)["state"] == "first_reviewed"


def test_refusal_shows_its_reasons_and_a_new_application_may_mend_them(use: HttpUse) -> None:
    use.submit()
    refused = use.do("trading", f"{APPLICATION}/refusal", FAILED)

    assert refused["state"] == "refused"
    [review] = use.see("bank", APPLICATION)["reviews"]
    assert [one["aspect"] for one in review["findings"] if not one["passed"]] == ["necessity"]
    assert {one["aspect"] for one in review["findings"]} == set(ASPECTS) and all(
        one["reasons"] for one in review["findings"]
    )
    first = use.application_id
    use.submit()
    assert use.application_id != first
    listed = use.see("bank", f"{APPLICATIONS}?state=refused&limit=200")["items"]
    assert first in {one["application_id"] for one in listed}
    assert use.application_id not in {one["application_id"] for one in listed}


def test_applicant_takes_it_back_until_it_is_decided(use: HttpUse) -> None:
    use.submit()
    withdrawn = use.do("bank", f"{APPLICATION}/withdrawal", REASONS)

    assert (withdrawn["state"], withdrawn["withdrawal"]["reasons"]) == ("withdrawn", REASONS["reasons"])
    again = use.ask("bank", "POST", f"{APPLICATION}/withdrawal", REASONS)
    assert (again.status_code, again.json()["code"], again.json()["allowed"]) == (409, "illegal_transition", [])


@pytest.mark.parametrize(
    ("name", "step", "body", "refusal"),
    [
        ("authorisation", "final-review", PASSED, (409, "illegal_transition")),
        ("line", "consent", PASSED, (404, "not_found")),
        ("other_trading", "first-review", PASSED, (404, "not_found")),
        ("authorisation", "refusal", FAILED, (403, "forbidden")),
        ("trading", "first-review", FAILED, (400, "invalid_application")),
        ("trading", "refusal", PASSED, (400, "invalid_application")),
        ("trading", "first-review", {"findings": PASSED["findings"][:3]}, (400, "invalid_application")),
        ("trading", "first-review", PASSED | {"line_authority": CODES["bank"]}, (409, "conflict")),
        ("trading", "first-review", PASSED | {"line_authority": CODES["price"]}, (409, "body_not_able")),
        ("bank", "first-review", PASSED, (403, "forbidden")),
        ("stranger", "withdrawal", REASONS, (404, "not_found")),
        ("authorisation", "authorisation", grant(), (409, "conflict")),
    ],
)
def test_step_out_of_turn_or_form_is_refused_by_its_code_and_changes_nothing(
    use: HttpUse, name: str, step: str, body: Any, refusal: tuple[int, str]
) -> None:
    use.submit()
    before = use.see("bank", APPLICATION)

    problem = use.ask(name, "POST", f"{APPLICATION}/{step}", body)

    assert (problem.status_code, problem.json()["code"]) == refusal
    assert use.see("bank", APPLICATION) == before


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"valid_from": "2020-01-01", "valid_until": "2020-12-31"}, 400, "invalid_application"),
        ({"valid_from": today(10), "valid_until": today()}, 400, "invalid_application"),
        ({"qualifications": []}, 400, "invalid_input"),
        ({"qualifications": None}, 400, "invalid_input"),
        ({"scenario": application_content()["scenario"] | {"scene": "A0101"}}, 400, "invalid_input"),
        ({"items": application_content()["items"] * 2}, 400, "invalid_application"),
    ],
)
def test_application_that_is_none_is_refused(use: HttpUse, members: Any, status: int, code: str) -> None:
    problem = use.ask("bank", "POST", APPLICATIONS, submission(use.life.code, **members))
    assert (problem.status_code, problem.json()["code"]) == (status, code), problem.text


def test_nobody_applies_for_its_own_product_or_for_one_that_is_not_on_sale(use: HttpUse) -> None:
    own = use.ask("provider", "POST", APPLICATIONS, submission(use.life.code))
    assert (own.status_code, own.json()["code"]) == (409, "conflict")
    other = submission(use.life.code) | {"version": 2}
    assert use.ask("bank", "POST", APPLICATIONS, other).json()["code"] == "not_found"
    wrong = submission(use.life.code) | {"authorisation_platform": CODES["stranger"]}
    assert use.ask("bank", "POST", APPLICATIONS, wrong).json()["code"] == "body_not_able"


def test_repeat_of_a_submission_gets_its_first_answer(use: HttpUse) -> None:
    sent = submission(use.life.code)
    first, again = (use.ask("bank", "POST", APPLICATIONS, sent, **{"Idempotency-Key": "apply-once"}) for _ in range(2))

    assert (first.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, first.content, "true")
    assert first.headers["Location"] == f"{APPLICATIONS}/{first.json()['application_id']}"
    assert first.headers["ETag"] == '"1"'
