"""Products over HTTP and PostgreSQL: the whole way, other tenants, repeats, edits, history."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from support.a_service import Service, running_service
from support.embedded import DatabaseFactory
from support.product_http import (
    DESTRUCTION,
    FULL,
    OWN,
    REJECTION,
    REVIEW,
    STEP_BODIES,
    Bodies,
    HttpLife,
)
from support.product_world import CODES, content, public_content

from api.roles import MATRIX
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql.catalog_index import entry_of

ONE = "/v1/products/{product_code}/versions/{version}"
READ = "org.cityledger.access.read.v1"


@dataclass(frozen=True)
class World:
    service: Service
    bodies: Bodies

    def life(self, *, public: bool = True) -> HttpLife:
        return HttpLife(self.service.client, self.bodies, public)


@pytest.fixture(scope="module")
def world(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    databases = DatabaseFactory(postgres_server)
    url = databases(template=migrated_template)
    with running_service(url, tmp_path_factory.mktemp("products")) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        yield World(service, bodies)
    databases.close()


def test_public_product_is_drafted_judged_filed_and_listed(world: World) -> None:
    life = world.life()
    life.until_listed()

    answer = life.ask("provider", "GET", life.path)
    value = answer.json()
    assert (value["state"], value["filing_number"]) == ("listed", life.filing["number"])
    assert answer.headers["ETag"] == f'"{value["revision"]}"'
    assert value["allowed"] == ["delist", "suspend"]
    product = life.ask("provider", "GET", f"/v1/products/{life.code}").json()
    assert product["on_sale"] == {"1": "listed"}
    with world.service.log.engine.connect() as connection:
        entry = entry_of(connection, life.code)
    assert entry is not None and entry["filing_number"] == life.filing["number"]


def test_every_step_is_an_event_that_is_published(world: World) -> None:
    life = world.life(public=False)
    life.until_listed()

    for step in ("drafted", "registered", "first_reviewed", "reviewed", "letter_issued", "listed"):
        kind = f"org.cityledger.product.{step}.v1"
        assert len(events_of(world, kind, tag_kind="case", tag_value=life.code)) == 1, step


def test_history_tells_every_revision(world: World) -> None:
    life = world.life(public=False)
    life.until_listed()

    items = life.ask("provider", "GET", f"{life.path}/history").json()["items"]

    assert [item["act"] for item in items] == [
        *("draft", "register", "confirm", "pass_first_review", "pass_final_review", "confirm"),
        *("issue_letter", "list", "confirm"),
    ]
    assert [item["revision"] for item in items] == list(range(1, 10))
    assert items[3]["participant"] == CODES["trading"]


def test_edit_needs_the_revision_and_changes_the_draft(world: World) -> None:
    life = world.life(public=False)
    drafted = life.draft()
    tag = drafted.headers["ETag"]
    changed = content(title="新名称")

    assert life.ask("provider", "PUT", life.path, changed).status_code == 428
    assert life.ask("provider", "PUT", life.path, changed, **{"If-Match": '"9"'}).status_code == 412
    edited = life.ask("provider", "PUT", life.path, changed, **{"If-Match": tag})
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"')
    assert edited.json()["content"]["title"] == "新名称"
    assert life.ask("provider", "PUT", life.path, changed, **{"If-Match": tag}).status_code == 412


def test_repeated_draft_is_one_product(world: World) -> None:
    life = world.life(public=False)
    sent = {"region": "3101", "content": content()}
    named = {"Idempotency-Key": "draft-once"}

    first = life.ask("provider", "POST", "/v1/products", sent, **named)
    again = life.ask("provider", "POST", "/v1/products", sent, **named)
    other = life.ask("provider", "POST", "/v1/products", sent | {"region": "3102"}, **named)

    assert first.content == again.content and again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert first.headers["Location"] == f"/v1/products/{first.json()['product_code']}/versions/1"


def test_code_with_an_extension_is_found_under_its_escaped_form(world: World) -> None:
    life = world.life(public=False)
    sent = {"region": "3101", "extension": "OLD-7", "content": content()}
    made = life.ask("provider", "POST", "/v1/products", sent)

    assert made.json()["product_code"].endswith("•OLD-7")
    assert "%E2%80%A2OLD-7" in made.headers["Location"]
    assert life.ask("provider", "GET", made.headers["Location"]).status_code == 200


def test_illegal_step_answers_409_with_state_and_allowed_acts(world: World) -> None:
    life = world.life(public=False)
    life.draft()

    problem = life.ask("provider", "POST", f"{life.path}/listing", {})

    assert problem.status_code == 409
    assert {name: problem.json()[name] for name in ("code", "state", "allowed")} == {
        "code": "illegal_transition",
        "state": "draft",
        "allowed": ["edit", "register", "withdraw"],
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy": {"@type": "Offer"}}, "invalid_policy"),
        ({"price": {"kind": "per_call", "currency": "CNY"}}, "invalid_price_rule"),
        ({"sensitivity_grade": "core"}, "invalid_product"),
        ({"topic": "A9900"}, "invalid_code"),
        ({"title": 7}, "invalid_input"),
        ({"owner": "x"}, "invalid_input"),
    ],
)
def test_content_that_is_wrong_is_refused_by_its_code(world: World, change: dict[str, object], code: str) -> None:
    sent = {"region": "3101", "content": content(**change)}

    problem = world.life().ask("provider", "POST", "/v1/products", sent)

    assert (problem.status_code, problem.json()["code"]) == (400, code)


def test_history_shows_reviewers_what_was_submitted_only(world: World) -> None:
    life = world.life()
    tag = life.draft().headers["ETag"]
    edited = life.ask("provider", "PUT", life.path, public_content(title="未提交"), **{"If-Match": tag})
    life.ask("provider", "PUT", life.path, public_content(), **{"If-Match": edited.headers["ETag"]})
    life.step("provider", "registration", FULL, chain=True)

    told = {
        name: [item["act"] for item in life.ask(name, "GET", f"{life.path}/history").json()["items"]]
        for name in ("provider", "trading", "regulator")
    }
    first = life.ask("trading", "GET", f"{life.path}/history?limit=1").json()
    second = life.ask("trading", "GET", f"{life.path}/history?limit=1&cursor={first['next_cursor']}").json()

    whole = ["draft", "edit", "edit", "register", "confirm"]
    assert [item["act"] for item in (*first["items"], *second["items"])] == whole[3:]
    assert (first["next_cursor"], second["next_cursor"]) == ("4", None)
    assert told == {"provider": whole, "trading": whole[3:], "regulator": whole}


def test_registration_is_of_the_revision_that_was_read(world: World) -> None:
    life = world.life()
    life.draft()
    path = f"{life.path}/registration"

    assert life.ask("provider", "POST", path, FULL).status_code == 428
    assert life.ask("provider", "POST", path, FULL, **{"If-Match": '"2"'}).status_code == 412
    assert life.ask("provider", "POST", path, FULL, **{"If-Match": '"1"'}).json()["state"] == "registering"
    taken_back = life.step("provider", "step-withdrawal", {})
    assert (taken_back["state"], taken_back["waiting"]) == ("draft", None)
    assert life.ask("trading", "GET", life.path).status_code == 404, "a draft is its provider's alone"


def test_null_character_is_refused_wherever_it_stands(world: World) -> None:
    life = world.life()
    life.draft()
    life.step("provider", "registration", FULL, chain=True)
    findings = [finding | {"reasons": "a\x00"} for finding in REVIEW["findings"]]

    for name, method, path, body in (
        ("trading", "POST", f"{life.path}/first-review", {"findings": findings}),
        ("price", "POST", f"{life.path}/filing", life.filing | {"number": "\x00"}),
        ("provider", "GET", "/v1/products?cursor=2026-01-01T00:00:00.000000Z~%00", None),
    ):
        problem = life.ask(name, method, path, body)
        assert (problem.status_code, problem.json()["code"]) == (400, "invalid_input"), path


def counts(world: World) -> tuple[int, ...]:
    with world.service.log.engine.connect() as connection:
        tables = ("object_history", "objects")
        return tuple(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)


ROUTES = sorted((method, path) for method, path in MATRIX if path.startswith("/v1/products/"))


@pytest.mark.parametrize("state", ["draft", "listed"])
def test_other_tenants_find_and_touch_nothing_on_any_route(world: World, state: str) -> None:
    life = world.life()
    if state == "draft":
        life.draft()
    else:
        life.until_listed()
    before = counts(world)
    others = {"stranger": ("provider",), "other_trading": ("trading_platform",)}

    for method, route in ROUTES:
        path = route.replace("{product_code}", life.code).replace("{version}", "1")
        body = (
            content()
            if method == "PUT"
            else STEP_BODIES.get(route.rpartition("/")[2], {"trigger": "dispute", "text": "x"})
        )
        for name, roles in others.items():
            answer = life.ask(name, method, path, None if method == "GET" else body, **{"If-Match": '"1"'})
            expected = 404 if set(roles) & MATRIX[method, route] else 403
            assert answer.status_code == expected, (name, method, route, answer.text)
    listed = life.ask("stranger", "GET", "/v1/products").json()["items"]

    assert listed == []
    assert counts(world) == before


def test_lists_hold_what_the_caller_has_to_do_with(world: World) -> None:
    life = world.life()
    life.until_listed()

    for name in ("provider", "trading", "authorisation", "price", "regulator"):
        codes, cursor = set(), ""
        while cursor is not None:
            page = life.ask(name, "GET", f"/v1/products?state=listed&limit=3{cursor and '&cursor=' + cursor}").json()
            codes |= {item["product_code"] for item in page["items"]}
            cursor = page["next_cursor"]
        assert life.code in codes, name


def events_of(world: World, kind: str, **tag: str) -> list[dict[str, object]]:
    """The published events of a type, as an auditor finds them."""
    world.service.settled()
    params = {"type": kind, "limit": "1000"} | tag
    items: list[dict[str, object]] = world.service.get("/v1/events/search", role="auditor", params=params).json()[
        "items"
    ]
    return items


def test_read_of_a_regulator_is_itself_recorded(world: World) -> None:
    life = world.life(public=False)
    life.draft()
    before = len(events_of(world, READ))

    assert life.ask("regulator", "GET", life.path).status_code == 200
    assert life.ask("provider", "GET", life.path).status_code == 200

    assert len(events_of(world, READ)) == before + 2, "the read, and the auditor's search before"


def test_freeze_and_thaw_of_a_regulator(world: World) -> None:
    life = world.life(public=False)
    life.until_listed()
    path = f"/v1/products/{life.code}"

    frozen = life.ask("regulator", "POST", f"{path}/freeze", {"trigger": "dispute", "text": "核查"})
    assert (frozen.status_code, frozen.json()["state"]) == (200, "freezing")
    world.bodies.settle()
    assert life.ask("provider", "GET", path).json()["state"] == "frozen"
    assert life.ask("regulator", "POST", f"{path}/thaw", {"text": "结束"}).json()["waiting"]["step"] == "thaw"
    world.bodies.settle()
    assert life.ask("provider", "GET", path).json()["state"] == "active"


def test_offer_is_suspended_resumed_delisted_and_withdrawn(world: World) -> None:
    life = world.life(public=False)
    life.until_listed()

    life.step("trading", "suspension", {"trigger": "complaint", "text": "投诉"}, chain=True)
    assert life.ask("provider", "POST", f"{life.path}/resumption", {"text": "x"}).status_code == 403
    life.step("trading", "resumption", {"text": "已处理"}, chain=True)
    life.step("provider", "delisting", OWN, chain=True)
    done = life.step("provider", "withdrawal", DESTRUCTION)

    assert done["state"] == "withdrawn" and done["allowed"] == []
    with world.service.log.engine.connect() as connection:
        assert entry_of(connection, life.code) is None


def test_rejected_version_is_followed_by_the_next(world: World) -> None:
    life = world.life()
    life.draft()
    life.step("provider", "registration", FULL, chain=True)
    life.step("trading", "rejection", REJECTION, chain=True)

    made = life.ask("provider", "POST", f"/v1/products/{life.code}/versions", {})

    assert (made.status_code, made.json()["version"], made.json()["state"]) == (201, 2, "draft")
