"""Authorisations and their widenings over HTTP and PostgreSQL: granted no wider than asked, stopped, ended, widened for a while."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support.a_service import running_service
from support.application_http import (
    APPLICATION,
    AUTHORISATION,
    AUTHORISATIONS,
    FOUND,
    REASONS,
    TOKENS,
    WIDENING,
    HttpUse,
    days,
    grant,
    put_sm2_keys_on_file,
    today,
    widening,
)
from support.authorisation_world import SECRET, line, list_of
from support.embedded import DatabaseFactory
from support.product_http import Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.domain.authorisation import STANDING_BANS, TRACING_DUTY


@pytest.fixture(scope="module")
def life(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HttpLife]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("authorisations")) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        put_sm2_keys_on_file(bodies, "authorisation", SECRET)
        product = HttpLife(service.client, bodies, public=False)
        product.until_listed()
        yield product
    databases.close()


@pytest.fixture
def use(life: HttpLife) -> HttpUse:
    return HttpUse(life).until_authorised()


def test_list_is_granted_once_with_bans_and_duty_and_seen_by_all_parties(life: HttpLife) -> None:
    use = HttpUse(life).until_approved()
    answer = use.ask("authorisation", "POST", f"{APPLICATION}/authorisation", grant())
    granted = answer.json()

    assert (answer.status_code, answer.headers["Location"]) == (201, use.path(AUTHORISATION))
    assert (granted["state"], granted["holder"], granted["issuer"]) == (
        "in_force",
        CODES["bank"],
        CODES["authorisation"],
    )
    assert granted["listed"]["bans"] == list(STANDING_BANS) and granted["listed"]["tracing_duty"] == TRACING_DUTY
    assert granted["valid_until"] == today(90)
    for name in ("bank", "provider", "trading", "authorisation", "regulator"):
        assert use.see(name, AUTHORISATION) == granted, name
        listed = use.see(name, f"{AUTHORISATIONS}?state=in_force&limit=200")["items"]
        assert use.application_id in {one["authorisation_id"] for one in listed}, name
    assert use.ask("stranger", "GET", AUTHORISATION).status_code == 404
    again = use.ask("authorisation", "POST", f"{APPLICATION}/authorisation", grant())
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("listed", "beyond"),
    [
        (list_of(line(**days(), calls=1_001)), "calls"),
        (list_of(line(**days() | {"valid_until": today(91)})), "valid_until"),
        (list_of(line(**days(), fields=["许可证号", "身份证号"])), "fields"),
        (list_of(line(**days(), item="房屋登记")), "item"),
        (list_of(line(**days()), purpose="credit"), "purpose"),
    ],
)
def test_list_beyond_the_application_is_refused_by_the_member(life: HttpLife, listed: Any, beyond: str) -> None:
    use = HttpUse(life).until_approved()
    problem = use.ask("authorisation", "POST", f"{APPLICATION}/authorisation", listed).json()
    assert (problem["code"], problem["beyond"]) == ("authorisation_too_wide", beyond)
    assert "身份证号" not in str(problem)
    assert use.ask("bank", "GET", AUTHORISATION).status_code == 404


def test_list_that_bans_its_own_purpose_or_brings_other_bans_is_refused(life: HttpLife) -> None:
    use = HttpUse(life).until_approved()
    own = grant() | {"banned_purposes": [grant()["purpose"]]}
    assert (
        use.ask("authorisation", "POST", f"{APPLICATION}/authorisation", own).json()["code"] == "invalid_authorisation"
    )
    fewer = grant() | {"bans": []}
    assert use.ask("authorisation", "POST", f"{APPLICATION}/authorisation", fewer).json()["code"] == "invalid_input"


def test_violation_suspends_until_it_is_resumed_and_withdraws_for_good(use: HttpUse) -> None:
    token_id, text = use.issue()
    suspended = use.do("authorisation", f"{AUTHORISATION}/suspension", FOUND)
    assert (suspended["state"], suspended["suspension"]["kind"]) == ("suspended", FOUND["kind"])
    assert use.spend(text).json()["code"] == "usage_token_ended"
    assert use.see("bank", f"{TOKENS}/{token_id}")["is_usable"] is False

    resumed = use.do("authorisation", f"{AUTHORISATION}/resumption", REASONS)
    assert (resumed["state"], resumed["suspension"]) == ("in_force", None)
    assert use.spend(text).status_code == 200

    ended = use.do("authorisation", f"{AUTHORISATION}/withdrawal", FOUND)
    assert (ended["state"], ended["allowed"], ended["ending"]["kind"]) == ("withdrawn", [], FOUND["kind"])
    assert use.spend(text).json()["code"] == "usage_token_ended"
    counter = use.see("provider", f"{TOKENS}/{token_id}")["counter"]
    assert (counter["spent"], counter["is_ended"]) == (1, True)


def test_holder_gives_it_up_with_every_token_also_while_it_is_suspended(use: HttpUse) -> None:
    _, text = use.issue()
    use.do("authorisation", f"{AUTHORISATION}/suspension", FOUND)
    given_up = use.do("bank", f"{AUTHORISATION}/giving-up", REASONS)

    assert (given_up["state"], given_up["ending"]["by"]) == ("given_up", CODES["bank"])
    assert "kind" not in given_up["ending"]
    assert use.spend(text).json()["code"] == "usage_token_ended"
    assert (
        use.ask("authorisation", "POST", f"{AUTHORISATION}/resumption", REASONS).json()["code"] == "illegal_transition"
    )


@pytest.mark.parametrize(
    ("name", "step", "body", "refusal"),
    [
        ("authorisation", "resumption", REASONS, (409, "illegal_transition")),
        ("authorisation", "suspension", FOUND | {"kind": "late"}, (400, "invalid_input")),
        ("bank", "suspension", FOUND, (403, "forbidden")),
        ("authorisation", "giving-up", REASONS, (403, "forbidden")),
        ("provider", "giving-up", REASONS, (404, "not_found")),
        ("stranger", "widenings", widening(), (404, "not_found")),
        ("authorisation", "widenings/1/grant", REASONS, (404, "not_found")),
        ("authorisation", "widenings/51/grant", REASONS, (400, "invalid_input")),
    ],
)
def test_step_that_may_not_be_is_refused_by_its_code(
    use: HttpUse, name: str, step: str, body: Any, refusal: tuple[int, str]
) -> None:
    problem = use.ask(name, "POST", f"{AUTHORISATION}/{step}", body)
    assert (problem.status_code, problem.json()["code"]) == refusal


def test_widening_is_asked_for_granted_and_covers_what_the_list_does_not(use: HttpUse) -> None:
    asked = use.do("bank", f"{AUTHORISATION}/widenings", widening())
    assert (asked["number"], asked["state"], asked["decision"]) == (1, "asked", None)
    assert use.ask("bank", "POST", f"{WIDENING}/grant", REASONS).status_code == 403

    granted = use.do("authorisation", f"{WIDENING}/grant", REASONS)
    assert (granted["state"], granted["decision"]["reasons"]) == ("granted", REASONS["reasons"])
    assert "account" not in granted["decision"]
    [line_beside] = use.see("bank", AUTHORISATION)["widenings"]
    assert line_beside == {"number": 1, "items": granted["items"]}
    _, text = use.issue(entry="1/施工许可", subject=f"{CODES['bank']}/season", quota=50, valid_until=granted_until())
    assert use.spend(text, calls=50).json()["left"] == 0


def granted_until() -> int:
    """Within the days of ``widening``."""
    return int(datetime.now(UTC).timestamp()) + 20 * 86_400


def test_requests_to_widen_are_listed_with_how_they_were_decided(use: HttpUse) -> None:
    for _ in range(3):
        use.do("bank", f"{AUTHORISATION}/widenings", widening())
    use.do("authorisation", f"{WIDENING}/refusal", REASONS)
    use.do("bank", f"{AUTHORISATION}/widenings/2/withdrawal", REASONS)

    for name in ("bank", "provider", "authorisation", "regulator"):
        page = use.see(name, f"{AUTHORISATION}/widenings?limit=2")
        rest = use.see(name, f"{AUTHORISATION}/widenings?limit=2&cursor={page['next_cursor']}")
        found = [(one["number"], one["state"]) for one in page["items"] + rest["items"]]
        assert found == [(1, "refused"), (2, "taken_back"), (3, "asked")], name
        assert rest["next_cursor"] is None
    assert use.ask("stranger", "GET", f"{AUTHORISATION}/widenings").status_code == 404
    assert use.see("bank", AUTHORISATION)["widenings"] == []
    again = use.ask("authorisation", "POST", f"{WIDENING}/grant", REASONS).json()
    assert (again["code"], again["allowed"]) == ("illegal_transition", [])


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([line(valid_from=today(), valid_until=today(91))], "invalid_authorisation"),
        ([line(valid_from=today(-1), valid_until=today(3))], "invalid_authorisation"),
        ([line(valid_from=today(), valid_until=today(92))], "invalid_authorisation"),
        ([line(valid_from=today(), valid_until=today(3), calls=10_000)], "authorisation_too_wide"),
        ([line(valid_from=today(), valid_until=today(3), actions=["distribute"])], "authorisation_too_wide"),
        ([line(valid_from=today(), valid_until=today(3), item=f"{n}", fields=["x" * 128]) for n in range(50)], None),
    ],
)
def test_widening_beyond_its_bounds_is_refused(use: HttpUse, items: list[Any], code: str | None) -> None:
    if code is None:  # many lines with many fields: more than a revision should keep
        items = [one | {"fields": [f"{number:03d}{'字段' * 20}" for number in range(50)]} for one in items]
    problem = use.ask("bank", "POST", f"{AUTHORISATION}/widenings", {"items": items, "reasons": "x"})
    assert (problem.status_code, problem.json()["code"]) == (400, code or "invalid_authorisation"), problem.text
    assert use.see("bank", AUTHORISATION)["widenings_asked"] == 0
