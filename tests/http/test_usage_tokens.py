"""Usage tokens over HTTP and PostgreSQL: entered sealed, read by few, spent once each call, refused by name; 200 clients at one quota."""

import asyncio
import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text as sql
from support.a_service import Service, running_service
from support.application_http import (
    REASONS,
    TOKENS,
    USES,
    HttpUse,
    put_sm2_keys_on_file,
    use_of,
)
from support.authorisation_world import DAY, OTHER_SECRET, SECRET
from support.embedded import DatabaseFactory
from support.product_http import OPERATOR, Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.signing_keys import sign_usage_token
from ledger.adapters.sql.tables import metadata

CLIENTS, QUOTA = 200, 60
SPENT = "event_index WHERE type = 'org.cityledger.usage_token.spent.v1'"


@pytest.fixture(scope="module")
def service(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("tokens")) as running:
        yield running
    databases.close()


@pytest.fixture(scope="module")
def life(service: Service) -> HttpLife:
    bodies = Bodies(service.log)
    bodies.admit()
    put_sm2_keys_on_file(bodies, "authorisation", SECRET)
    product = HttpLife(service.client, bodies, public=False)
    product.until_listed()
    return product


@pytest.fixture
def use(life: HttpLife) -> HttpUse:
    return HttpUse(life).until_authorised()


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_token_is_entered_and_seen_by_all_parties_and_its_text_by_two(use: HttpUse) -> None:
    token = use.token()
    text = sign_usage_token(token, SECRET)
    answer = use.ask("authorisation", "POST", TOKENS, {"text": text})
    entered = answer.json()

    assert (answer.status_code, answer.headers["Location"]) == (201, f"{TOKENS}/{token.token_id}")
    assert (entered["state"], entered["is_usable"], entered["counter"]["left"]) == ("issued", True, 100)
    signature = text.rpartition(".")[2]
    for name in ("bank", "provider", "trading", "authorisation", "regulator"):
        seen = use.ask(name, "GET", f"{TOKENS}/{token.token_id}")
        assert seen.json() == entered and signature not in seen.text, name
        [listed] = use.see(name, f"{TOKENS}?authorisation_id={use.application_id}&state=issued")["items"]
        assert listed == entered, name
    for name in ("bank", "authorisation"):
        shown = use.ask(name, "GET", f"{TOKENS}/{token.token_id}/text")
        assert (shown.json()["text"], shown.headers["Cache-Control"]) == (text, "no-store"), name
    assert refused(use.ask("provider", "GET", f"{TOKENS}/{token.token_id}/text")) == (403, "forbidden")
    assert refused(use.ask("regulator", "GET", f"{TOKENS}/{token.token_id}/text")) == (403, "forbidden")
    for path in (f"{TOKENS}/{token.token_id}", f"{TOKENS}/{token.token_id}/text"):
        assert refused(use.ask("stranger", "GET", path)) == (404, "not_found")
    assert use.see("bank", f"{TOKENS}?authorisation_id={use.application_id}&state=revoked")["items"] == []


def test_text_of_a_token_is_in_no_column_of_the_database_in_clear(use: HttpUse) -> None:
    _, text = use.issue()
    use.spend(text)
    use.ask("bank", "GET", f"{TOKENS}?limit=200")

    signature = text.rpartition(".")[2]
    with use.life.bodies.log.engine.connect() as connection:
        for table in metadata.tables:
            rows = connection.execute(sql(f"SELECT t::text FROM {table} t")).scalars().all()
            assert not any(signature in row for row in rows), table


def test_calls_are_spent_to_the_last_and_a_repeat_spends_nothing_again(use: HttpUse) -> None:
    token_id, text = use.issue(quota=10)
    named = {"Idempotency-Key": os.urandom(8).hex()}

    first, again = (use.ask("provider", "POST", USES, use_of(text, calls=6), **named) for _ in range(2))
    assert first.json() == {"token_id": token_id, "calls": 6, "spent": 6, "quota": 10, "left": 4}
    assert (again.content, again.headers["Idempotent-Replay"]) == (first.content, "true")
    beyond = use.spend(text, calls=5)
    assert (*refused(beyond), beyond.json()["left"]) == (409, "quota_exceeded", 4)
    assert use.spend(text, calls=4).json()["left"] == 0
    assert use.see("bank", f"{TOKENS}/{token_id}")["is_usable"] is False


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"fields": ["日期"]}, "other_fields"),
        ({"interface": 1}, "other_interface"),
        ({"parameters": {"region": "310000"}}, "other_parameters"),
        ({"performed": []}, "duties_open"),
    ],
)
def test_use_beyond_the_token_is_refused_with_why(use: HttpUse, members: Any, why: str) -> None:
    token_id, text = use.issue()
    problem = use.spend(text, **members)

    assert refused(problem) == (403, "use_not_covered")
    assert [one["why"] for one in problem.json()["reasons"]] == [why]
    assert use.see("bank", f"{TOKENS}/{token_id}")["counter"]["spent"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"calls": 0}, "invalid_input"),
        ({"calls": "1"}, "invalid_input"),
        ({"facts": {"colour": "red"}}, "invalid_policy_facts"),
        ({"performed": [{"action": "logRecordSend", "facts": {"count": "x"}}]}, "invalid_policy_facts"),
        ({"performed": [{"action": "dance"}]}, "invalid_input"),
        ({"text": "a.b"}, "invalid_input"),
        ({"text": "YQ.YQ.YQ"}, "invalid_usage_token"),
    ],
)
def test_use_that_is_none_is_refused_and_its_text_not_repeated(use: HttpUse, body: Any, code: str) -> None:
    _, text = use.issue()
    problem = use.ask("provider", "POST", USES, use_of(text) | body)

    assert refused(problem) == (400, code)
    assert text.rpartition(".")[2] not in problem.text


def test_token_is_spent_by_its_own_provider_with_its_own_text_alone(use: HttpUse) -> None:
    _, text = use.issue()
    assert refused(use.spend(text, name="stranger")) == (403, "forbidden")
    assert refused(use.spend(text, name="bank")) == (403, "forbidden")
    other = sign_usage_token(use.token(), SECRET)
    assert refused(use.spend(other)) == (404, "not_found")
    forged = re.sub(r".$", "A" if text[-1] != "A" else "Q", text)
    assert use.spend(forged).status_code in {400, 404}


def test_token_that_was_not_signed_by_a_key_on_file_is_not_entered(use: HttpUse, life: HttpLife) -> None:
    token = use.token()
    signed = {"text": sign_usage_token(token, SECRET)}
    stolen = {"text": sign_usage_token(token, OTHER_SECRET)}
    assert refused(use.ask("authorisation", "POST", TOKENS, stolen)) == (400, "invalid_signature")
    put_sm2_keys_on_file(life.bodies, "authorisation", SECRET, revoked=True)  # a rotated key
    try:
        assert refused(use.ask("authorisation", "POST", TOKENS, signed)) == (400, "invalid_signature")
    finally:
        put_sm2_keys_on_file(life.bodies, "authorisation", SECRET)
    assert refused(use.ask("bank", "POST", TOKENS, signed)) == (403, "forbidden")
    assert use.ask("authorisation", "POST", TOKENS, signed).status_code == 201
    assert refused(use.ask("authorisation", "POST", TOKENS, signed)) == (409, "conflict")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"node": CODES["stranger"]}, "invalid_usage_token"),
        ({"quota": 501}, "use_not_covered"),
        ({"fields": ("日期",)}, "use_not_covered"),
        ({"entry": "1/施工许可"}, "use_not_covered"),
        ({"authorisation": "app-" + "0" * 32}, "not_found"),
    ],
)
def test_token_beyond_its_authorisation_is_not_entered(use: HttpUse, members: Any, code: str) -> None:
    text = sign_usage_token(use.token(**members), SECRET)
    assert use.ask("authorisation", "POST", TOKENS, {"text": text}).json()["code"] == code


def test_token_whose_time_is_over_is_refused_by_name_without_anybody_ending_it(use: HttpUse, life: HttpLife) -> None:
    now_s = use.token().valid_from
    _, text = use.issue(valid_from=now_s + DAY)
    assert refused(use.spend(text)) == (409, "usage_token_out_of_time")


def test_holder_or_issuer_revokes_and_the_rest_is_the_lines_again(use: HttpUse) -> None:
    token_id, text = use.issue(quota=500)
    use.spend(text, calls=10)
    assert refused(use.ask("provider", "POST", f"{TOKENS}/{token_id}/revocation", REASONS)) == (403, "forbidden")

    revoked = use.do("bank", f"{TOKENS}/{token_id}/revocation", REASONS)
    assert (revoked["state"], revoked["allowed"], revoked["ending"]["spent"]) == ("revoked", [], 10)
    assert (revoked["is_usable"], revoked["counter"]["is_ended"]) == (False, True)
    assert refused(use.spend(text)) == (409, "usage_token_ended")
    second, _ = use.issue(quota=490)
    assert use.do("authorisation", f"{TOKENS}/{second}/revocation", REASONS)["state"] == "revoked"
    again = use.ask("bank", "POST", f"{TOKENS}/{second}/revocation", REASONS)
    assert refused(again) == (409, "illegal_transition")


def test_provider_that_is_not_in_good_standing_spends_nothing(use: HttpUse, life: HttpLife) -> None:
    token_id, text = use.issue()
    with life.bodies.log.engine.begin() as connection:
        uow = life.bodies.begin(connection, OPERATOR)
        uow.change(uow.get("participant", CODES["provider"]), act="suspend", state="suspended")
    try:
        assert refused(use.spend(text)) == (409, "body_not_able")
    finally:
        with life.bodies.log.engine.begin() as connection:
            uow = life.bodies.begin(connection, OPERATOR)
            uow.change(uow.get("participant", CODES["provider"]), act="reinstate", state="active")
    assert use.see("bank", f"{TOKENS}/{token_id}")["counter"]["spent"] == 0


def test_two_hundred_clients_at_one_quota_never_oversell_it(use: HttpUse, service: Service) -> None:
    """As many at once as the issue of a popular token would bring; every answer is one of two."""
    token_id, text = use.issue(quota=QUOTA)
    service.settled()
    before = service.log.count(SPENT)
    key = use.life.bodies.keys["provider"]

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(base_url=service.url, limits=limits, timeout=60) as client:

            def one() -> Any:
                headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": os.urandom(8).hex()}
                return client.post(USES, json=use_of(text), headers=headers)

            return list(await asyncio.gather(*(one() for _ in range(CLIENTS))))

    answers = asyncio.run(all_at_once())

    done = [answer.json() for answer in answers if answer.status_code == 200]
    refusals = [refused(answer) for answer in answers if answer.status_code != 200]
    assert sorted(one["spent"] for one in done) == list(range(1, QUOTA + 1))
    assert refusals == [(409, "quota_exceeded")] * (CLIENTS - QUOTA)
    assert use.see("bank", f"{TOKENS}/{token_id}")["counter"]["spent"] == QUOTA
    service.settled()
    assert service.log.count(SPENT) - before == QUOTA, "the counter is what its events add up to"
