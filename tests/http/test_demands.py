"""The demand hall over HTTP and PostgreSQL: the whole way, who sees what, and other tenants."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.a_service import running_service
from support.demand_steps import STEPS
from support.demand_world import CONTACT, demand
from support.embedded import DatabaseFactory
from support.product_http import Bodies, HttpLife
from support.product_world import CODES

from api.roles import MATRIX
from api.routers import demands as demand_routes
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import objects


@dataclass
class Hall:
    """The hall at a running API, with one product on sale."""

    life: HttpLife
    demand_id: str = ""

    @property
    def path(self) -> str:
        return f"/v1/demands/{self.demand_id}"

    def ask(self, name: str, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.life.ask(name, method, path, body)

    def publish(self, **members: Any) -> dict[str, Any]:
        sent = {"content": demand(**members), "contact": asdict(CONTACT)}
        answer = self.ask("bank", "POST", "/v1/demands", sent)
        assert answer.status_code == 201, answer.text
        self.demand_id = answer.json()["demand_id"]
        return dict(answer.json())

    def step(self, name: str, step: str) -> Any:
        answer = self.ask(name, "POST", f"{self.path}/{step}", STEPS[step])
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def see(self, name: str) -> Any:
        return self.ask(name, "GET", self.path).json()


@pytest.fixture(scope="module")
def life(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HttpLife]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("demands")) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        product = HttpLife(service.client, bodies, public=False)
        product.until_listed()
        yield product
    databases.close()


@pytest.fixture
def hall(life: HttpLife) -> Hall:
    return Hall(life)


def test_demand_goes_from_publication_to_feedback(hall: Hall) -> None:
    hall.publish()
    matched = hall.step("bank", "matching")
    assert matched["matches"][0]["product_code"] == hall.life.code
    assert {"reason": "topic", "worth": 25} in matched["matches"][0]["reasons"]
    notices = hall.ask("provider", "GET", "/v1/demand-notices").json()["items"]
    assert hall.demand_id in {notice["demand_id"] for notice in notices}

    hall.step("provider", "bids")
    hall.step("stranger", "bids")
    hall.step("bank", "selection")
    assert hall.step("provider", "follow-ups")["contact"]["name"] == CONTACT.name
    closed = hall.step("bank", "closing")

    assert (closed["state"], closed["allowed"], closed["feedback"]["rating"]) == ("closed", [], 5)
    assert hall.see("provider")["feedback"]["rating"] == 5


def test_repeat_of_a_matching_gets_its_first_answer_and_nothing_is_looked_for(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.publish()
    named = {"Idempotency-Key": os.urandom(8).hex()}
    first = hall.life.ask("bank", "POST", f"{hall.path}/matching", {}, **named)
    hall.step("provider", "bids")
    looks: list[str] = []
    monkeypatch.setattr(demand_routes, "look_for_matches", lambda _uow, demand_id: looks.append(demand_id))

    again = hall.life.ask("bank", "POST", f"{hall.path}/matching", {}, **named)

    assert (first.status_code, again.content, again.headers["Idempotent-Replay"]) == (200, first.content, "true")
    assert looks == []
    assert hall.ask("bank", "POST", f"{hall.path}/matching", {}).status_code == 409
    assert looks == [hall.demand_id]


def test_bidder_sees_its_bid_closed_when_the_demand_is_withdrawn(hall: Hall) -> None:
    hall.publish()
    hall.step("provider", "bids")
    assert hall.ask("bank", "POST", f"{hall.path}/withdrawal", {}).status_code == 200

    [bid] = hall.ask("provider", "GET", f"{hall.path}/bids").json()["items"]
    assert bid["state"] == "closed"


def test_page_of_large_demands_ends_early_and_goes_on_behind_its_cursor(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = {hall.publish()["demand_id"] for _ in range(3)}
    whole = hall.ask("stranger", "GET", "/v1/demands?limit=200").json()["items"]
    monkeypatch.setattr(objects, "PAGE_BYTES_MAX", 3 * len(json.dumps(whole[-1])) // 2)

    found, cursor, sizes = [], "", []
    while cursor is not None:
        page = hall.ask("stranger", "GET", f"/v1/demands?limit=200{cursor and '&cursor=' + cursor}").json()
        found += [item["demand_id"] for item in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]

    assert found == [item["demand_id"] for item in whole] and published <= set(found)
    assert max(sizes) <= 2 and len(sizes) >= 2


def test_hall_shows_an_open_demand_without_what_is_private(hall: Hall) -> None:
    published = hall.publish()
    assert published["contact"] == asdict(CONTACT)
    hall.step("bank", "matching")

    for name in ("provider", "stranger", "trading", "regulator"):
        seen = hall.see(name)
        assert (seen["contact"], seen["follow_ups"], seen["selected"]) == (None, [], None), name
        assert bool(seen["matches"]) == (name == "regulator"), name
    listed = hall.ask("stranger", "GET", "/v1/demands?limit=200").json()["items"]
    assert CONTACT.name not in str(listed) and hall.demand_id in {item["demand_id"] for item in listed}


def test_hall_lists_a_demand_until_its_deadline(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.publish()
    last = date.fromisoformat(demand()["deadline"])

    def listed(today: date) -> bool:
        monkeypatch.setattr(demand_routes, "day_in_shanghai", lambda _now: today)
        items = hall.ask("stranger", "GET", "/v1/demands?limit=200").json()["items"]
        return hall.demand_id in {item["demand_id"] for item in items}

    assert (listed(last), listed(last + timedelta(days=1))) == (True, False)
    assert hall.see("bank")["state"] == "published"


def test_contact_is_in_no_column_of_the_database_in_clear(hall: Hall) -> None:
    hall.publish()

    with hall.life.bodies.log.engine.connect() as connection:
        rows = connection.execute(text("SELECT objects::text FROM objects WHERE kind = 'demand'")).scalars().all()
        assert rows and not any(CONTACT.name in row or CONTACT.email in row for row in rows)


def test_bids_are_seen_by_bidder_and_owner_alone(hall: Hall) -> None:
    hall.publish()
    hall.step("provider", "bids")
    hall.step("stranger", "bids")

    seen = {
        name: hall.ask(name, "GET", f"{hall.path}/bids").json()["items"] for name in ("bank", "provider", "trading")
    }
    assert {bid["bidder"] for bid in seen["bank"]} == {CODES["provider"], CODES["stranger"]}
    assert [bid["bidder"] for bid in seen["provider"]] == [CODES["provider"]]
    assert seen["trading"] == []
    assert hall.see("trading")["bids"] == 2


def test_bidder_that_was_passed_over_keeps_its_bid_and_loses_the_demand(hall: Hall) -> None:
    hall.publish()
    for name, step in (("provider", "bids"), ("stranger", "bids"), ("bank", "selection")):
        hall.step(name, step)

    assert hall.ask("stranger", "GET", hall.path).status_code == 404
    [own] = hall.ask("stranger", "GET", f"{hall.path}/bids").json()["items"]
    assert own["state"] == "passed_over"


ROUTES = sorted(
    (method, path) for method, path in MATRIX if path.startswith("/v1/demands/") and not path.endswith("/bids")
)


@pytest.mark.parametrize("is_over", [False, True])
def test_other_tenants_touch_nothing_on_any_route(hall: Hall, is_over: bool) -> None:
    hall.publish()
    hall.step("provider", "bids")
    if is_over:
        hall.step("bank", "selection")
    with hall.life.bodies.log.engine.connect() as connection:
        before = connection.execute(text("SELECT count(*) FROM object_history")).scalar_one()

    for method, route in ROUTES:
        path = route.replace("{demand_id}", hall.demand_id)
        body = None if method == "GET" else STEPS[route.rpartition("/")[2]]
        answer = hall.ask("stranger", method, path, body)
        expected = 200 if method == "GET" and not is_over else 404
        assert answer.status_code == expected, (method, route, answer.text)
    assert hall.ask("stranger", "GET", f"{hall.path}/bids").status_code == (404 if is_over else 200)
    with hall.life.bodies.log.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM object_history")).scalar_one() == before


@pytest.mark.parametrize(
    ("name", "step", "status", "code"),
    [
        ("bank", "selection", 409, "illegal_transition"),
        ("bank", "bids", 403, "forbidden"),
        ("trading", "matching", 403, "forbidden"),
        ("provider", "closing", 404, "not_found"),
    ],
)
def test_step_that_may_not_be_is_refused_by_its_code(hall: Hall, name: str, step: str, status: int, code: str) -> None:
    hall.publish()

    problem = hall.ask(name, "POST", f"{hall.path}/{step}", STEPS[step])

    assert (problem.status_code, problem.json()["code"]) == (status, code)


def test_demand_without_an_element_of_the_standard_is_refused(hall: Hall) -> None:
    for missing in demand():
        stated = {name: value for name, value in demand().items() if name != missing}
        sent = {"content": stated, "contact": asdict(CONTACT)}
        problem = hall.ask("bank", "POST", "/v1/demands", sent)
        assert (problem.status_code, problem.json()["code"]) == (400, "invalid_input"), missing
        assert missing in problem.json()["detail"]
    late = {"content": demand(deadline="2020-01-01"), "contact": asdict(CONTACT)}
    assert hall.ask("bank", "POST", "/v1/demands", late).json()["code"] == "invalid_demand"


def test_withdrawn_demand_leaves_the_hall(hall: Hall) -> None:
    hall.publish()
    hall.step("bank", "withdrawal")

    listed = hall.ask("stranger", "GET", "/v1/demands?limit=200").json()["items"]
    assert hall.demand_id not in {item["demand_id"] for item in listed}
    assert hall.see("bank")["state"] == "withdrawn"
