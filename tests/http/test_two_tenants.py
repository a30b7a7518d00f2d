"""Two tenants on every route: whoever has to do with another's object in no way finds nothing, changes nothing, and learns nothing.

The routes are those of the role matrix. One that names an object needs a case here, or stands in ``SHARED`` with its reason; one that
lists is asked as it is. So a new route without a case fails this test.
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support import sm2_reference
from support.a_service import JSON, Service, running_service
from support.demand_world import CONTACT, demand
from support.embedded import DatabaseFactory
from support.oidc_issuer import AUDIENCE, claims_of, part
from support.participant_service import ACT_BODIES, PRIVATE_WORDS, application_body
from support.participants import BANK_CODE
from support.product_http import (
    CONTRACTS,
    DESTRUCTION,
    FILING,
    FULL,
    LETTER,
    OWN,
    REJECTION,
    REVIEW,
    SIMPLE,
    Bodies,
    HttpLife,
)
from support.product_world import CODES, body_document, content

from api.roles import MATRIX
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.domain.participant import ChainKey, OnChain, Organisation, Participant, participant_to_json
from ledger.domain.records import from_json
from ledger.domain.roles import APPLICANT, READERS_OF_ALL, ROLES
from ledger.domain.subject_code import generate_subject_code
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor

OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
TENANTS = {
    role: generate_subject_code("310000", f"MT{number:06d}0")
    for number, role in enumerate(sorted(set(ROLES) - READERS_OF_ALL), 1)
}
"""The second tenant in every role that does not read everything."""

ISSUER, SECRET = "https://region.test", 77_777
FIRST_EVENT = {"source": "urn:test:office:first", "id": "first-tenant-event"}
BID = {"text": "按次调用", "currency": "CNY", "amount_minor": 500_000}
REASON = {"trigger": "dispute", "text": "x"}
SIGNATURE = {"place": 0, "key": "0x" + "11" * 20, "deadline": 1_900_000_000, "signature": "0x" + "22" * 65}

SHARED = {
    ("GET", "/v1/catalog/{product_code}"): "what is on offer is for every body",
    ("GET", "/dsp/2025-1/catalog/datasets/{dataset_id}"): "what is on offer is for every body",
    ("GET", "/v1/catalog/{product_code}/checks"): "of a product on offer; others see none, which is tested below",
    ("POST", "/v1/catalog/{product_code}/checks"): "a regulator's, who reads everything",
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/products/": {
        "freeze": REASON,
        "thaw": {"text": "x"},
        "versions": {},
        "{version}": content(),
        "registration": SIMPLE,
        "first-review": REVIEW,
        "final-review": REVIEW,
        "rejection": REJECTION,
        "letter": LETTER,
        "filing": FILING,
        "listing": {},
        "suspension": OWN,
        "resumption": {"text": "x"},
        "delisting": OWN,
        "withdrawal": DESTRUCTION,
        "step-withdrawal": {},
    },
    "/v1/demands/": {
        "matching": {},
        "bids": BID,
        "selection": {"bidder": CODES["provider"]},
        "follow-ups": {"text": "接口已联调"},
        "closing": {"rating": 5, "text": "符合需求"},
        "withdrawal": {},
    },
    "/v1/participants/": ACT_BODIES,
    "/v1/acts/": {"signatures": SIGNATURE},
    "/v1/accounts/": {"withdrawal": {}},
}
"""Beginning of a route -> its last part -> a body that is in order."""

PARAMS: dict[str, dict[str, str]] = {
    "/v1/acts/{act_id}/typed-data": {"place": "0", "deadline": "1900000000"},
    "/v1/events": FIRST_EVENT,
    "/v1/events/proof": FIRST_EVENT,
}


@dataclass
class TwoTenants:
    """The first tenants with an object of every kind, and second ones in every role."""

    service: Service
    bodies: Bodies
    keys: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, str]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    offered: str = ""

    def ask(self, who: str, method: str, route: str, body: Any = None, **names: str) -> httpx.Response:
        path = route
        for name, value in names.items():
            path = path.replace("{" + name + "}", value)
        headers = {"Authorization": f"Bearer {self.keys[who]}", "If-Match": '"1"'}
        headers |= {} if method == "GET" else {"Idempotency-Key": os.urandom(8).hex()}
        sent = {} if body is None else {"json": body}
        return self.service.client.request(method, path, headers=headers, params=PARAMS.get(route), **sent)

    def made(self, who: str, route: str, body: Any, **names: str) -> dict[str, Any]:
        answer = self.ask(who, "POST", route, body, **names)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def written(self) -> tuple[int, ...]:
        """How much there is of everything that a request could have written."""
        tables = ("objects", "object_history", "accounts", "chain_calls", "deadlines", "idempotency_keys")
        queries = [*(f"SELECT count(*) FROM {table}" for table in tables)]
        queries += ["SELECT sum(revision) FROM objects", "SELECT count(*) FROM accounts WHERE state = 'active'"]
        with self.service.log.engine.connect() as connection:
            return tuple(connection.execute(text(query)).scalar_one() for query in queries)


def applicants_token() -> str:
    """Of somebody without an account: an SM2 token of a trusted issuer."""
    claims = claims_of(ISSUER, "second tenant", aud=None, auth=AUDIENCE)
    signed = f"{part({'typ': 'authToken', 'alg': 'SM2'})}.{part(claims)}"
    value = sm2_reference.sign(SECRET, int.from_bytes(os.urandom(31), "big") + 1, signed.encode(), SM2_SIGNER_ID)
    return f"{signed}.{base64.urlsafe_b64encode(value).rstrip(b'=').decode()}"


@pytest.fixture(scope="module")
def city(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TwoTenants]:
    databases = DatabaseFactory(postgres_server)
    folder = tmp_path_factory.mktemp("two-tenants")
    trusted = [{"issuer": ISSUER, "audience": AUDIENCE, "sm2_keys": [sm2_reference.public_key(SECRET).hex()]}]
    with running_service(databases(template=migrated_template), folder, oidc_issuers=trusted) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        vars(service.container)["contracts"] = CONTRACTS  # in the place of the manifest
        made = TwoTenants(service, bodies, {**service.keys, **bodies.keys, APPLICANT: applicants_token()})
        admit_second_tenants(made)
        give_objects(made)
        yield made
    databases.close()


def admit_second_tenants(city: TwoTenants) -> None:
    log = city.service.log
    with log.engine.begin() as connection:
        for role, code in {**TENANTS, "first bank": BANK_CODE}.items():
            roles = ("consumer",) if role == "first bank" else (role,)
            if role != "first bank":
                known = body_document("stranger")
                admitted = Participant(
                    Organisation(code, role, "0", "上海市", role),
                    roles=(role,),
                    rules="admission/1",
                    facts_digest="",
                    documents=(),
                    keys=(ChainKey(known["keys"][0]["address"], ("business",), "valid"),),
                    chain=from_json(OnChain, known["chain"] | {"body_id": os.urandom(32).hex()}),
                )
                document = participant_to_json(admitted)
                city.bodies.begin(connection, OPERATOR).create(
                    "participant", code, state="active", parties=(code,), document=document, act="confirm_admission"
                )
            wanted = WantedAccount(code, "https://second.example", role, "admin", roles)
            account = SqlAccounts(connection, log.preparer).add(wanted, "key:test")
            key = api_keys.create(
                connection,
                log.preparer,
                role=roles[0],
                submitter=f"second-{role}".replace("_", "-").replace(" ", "-"),
                unrestricted=True,
                account_id=account.account_id,
            )
            city.keys[f"second {role}" if role in TENANTS else role] = key.api_key


def give_objects(city: TwoTenants) -> None:
    """An object of every kind in the state that shows most, and one of each that others must not know of at all."""
    listed, draft, asked = (
        HttpLife(city.service.client, city.bodies, public=public) for public in (True, False, False)
    )
    listed.until_listed()
    draft.draft()
    asked.draft()
    city.offered = listed.code
    demands = []
    for step in ("", "selection"):
        sent = {"content": demand(), "contact": asdict(CONTACT)}
        demands.append(city.made("bank", "/v1/demands", sent)["demand_id"])
        city.made("provider", "/v1/demands/{demand_id}/bids", BID, demand_id=demands[-1])
        if step:
            city.made("bank", f"/v1/demands/{{demand_id}}/{step}", BODIES["/v1/demands/"][step], demand_id=demands[-1])
    city.made("first bank", "/v1/participants", application_body())
    asked.step("provider", "registration", SIMPLE)
    act_id = city.ask("provider", "GET", "/v1/acts?waiting_for=me").json()["items"][0]["act_id"]
    account_id = city.ask("bank", "GET", "/v1/me").json()["account_id"]
    event = {"specversion": "1.0", "type": "org.test.v1", **FIRST_EVENT}
    key = city.service.new_key("first-office", ("urn:test:office:first",), role="platform_service").api_key
    headers = {"Authorization": f"Bearer {key}", **JSON}
    assert city.service.client.post("/v1/events", json=event, headers=headers).status_code == 201
    city.keys["first office"] = key
    same = {"act_id": act_id, "account_id": account_id, "code": BANK_CODE, "version": "1", "demand_id": demands[1]}
    city.objects = [same | {"product_code": code} for code in (listed.code, draft.code)]
    city.hidden = [draft.code, asked.code, act_id, account_id, demands[1], FIRST_EVENT["id"]]
    city.hidden += [*PRIVATE_WORDS, CONTACT.name, CONTACT.email]


def names_an_object(route: tuple[str, str]) -> bool:
    return "{" in route[1] and bool(MATRIX[route])


OBJECT_ROUTES = sorted(route for route in MATRIX if names_an_object(route) and route not in SHARED)
LISTS = sorted(route for route in MATRIX if route[0] == "GET" and "{" not in route[1] and MATRIX[route])
CREATIONS = sorted(route for route in MATRIX if route[0] != "GET" and "{" not in route[1] and MATRIX[route])


def body_for(method: str, route: str) -> dict[str, Any] | None:
    if method == "GET":
        return None
    for beginning, bodies in BODIES.items():
        if route.startswith(beginning) and route.rpartition("/")[2] in bodies:
            found: dict[str, Any] = bodies[route.rpartition("/")[2]]
            return found
    pytest.fail(f"{method} {route} has no case: give it a body in BODIES, or a reason in SHARED")


def seconds_of(method: str, route: str) -> list[str]:
    """The second tenants that the matrix lets in."""
    roles = MATRIX[method, route]
    return [f"second {role}" for role in TENANTS if role in roles] + [APPLICANT] * (APPLICANT in roles)


@pytest.mark.parametrize("route", OBJECT_ROUTES, ids=" ".join)
def test_object_of_another_tenant_is_not_found_by_any_role(city: TwoTenants, route: tuple[str, str]) -> None:
    method, path = route
    body = body_for(method, path)
    before = city.written()

    for names in city.objects:
        for who in seconds_of(method, path):
            answer = city.ask(who, method, path, body, **names)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (who, names, answer.text)
            assert not any(word in answer.text for word in city.hidden), (who, answer.text)
    assert city.written() == before


def test_answer_is_the_same_for_what_is_anothers_and_for_what_is_not_there(city: TwoTenants) -> None:
    missing = {
        "product_code": "691310000MA0000007L3101000000015",
        "demand_id": "dem-" + "0" * 32,
        "act_id": "0" * 40,
        "account_id": "acc-" + "0" * 32,
        "code": "911100000000000001",
        "version": "1",
    }
    for method, path in OBJECT_ROUTES:
        for who in seconds_of(method, path)[:1]:
            body = body_for(method, path)
            answers = [city.ask(who, method, path, body, **names).json() for names in (city.objects[1], missing)]
            assert answers[0] == answers[1], (who, method, path)


def test_first_tenants_find_what_the_second_ones_do_not(city: TwoTenants) -> None:
    """So that nothing above is not found because it is not there."""
    owners = {"{product_code}": "provider", "{demand_id}": "bank", "{act_id}": "provider", "{code}": "first bank"}
    for method, path in OBJECT_ROUTES:
        owner = next((name for part, name in owners.items() if part in path), None)
        if method == "GET" and owner is not None:
            for names in city.objects:
                assert city.ask(owner, method, path, **names).status_code == 200, (path, names)


@pytest.mark.parametrize("route", LISTS, ids=" ".join)
def test_lists_hold_nothing_of_another_tenant(city: TwoTenants, route: tuple[str, str]) -> None:
    for who in seconds_of(*route):
        answer = city.ask(who, *route)
        assert answer.status_code == (404 if route[1] in PARAMS else 200), (who, answer.text)
        assert not any(word in answer.text for word in city.hidden), (who, route)
    assert seconds_of(*route) or MATRIX[route] <= READERS_OF_ALL, "somebody asked"


def test_open_demand_is_shown_without_bids_and_contact(city: TwoTenants) -> None:
    """What the hall shows to every body; ``bids`` of others and the contact are not in it."""
    [shown] = city.ask("second provider", "GET", "/v1/demands").json()["items"]
    assert (shown["bids"], shown["contact"], shown["matches"]) == (1, None, [])
    bids = city.ask("second provider", "GET", "/v1/demands/{demand_id}/bids", demand_id=shown["demand_id"])
    assert bids.json() == {"items": []}


def test_checks_of_metadata_are_their_providers(city: TwoTenants) -> None:
    route = "/v1/catalog/{product_code}/checks"
    city.made("regulator", route, {"finding": "conforms", "members": ["title"]}, product_code=city.offered)

    for who in seconds_of("GET", route):
        assert city.ask(who, "GET", route, product_code=city.offered).json() == {"items": []}, who
    assert len(city.ask("provider", "GET", route, product_code=city.offered).json()["items"]) == 1


def test_nothing_is_made_in_anothers_name(city: TwoTenants) -> None:
    """Each route that makes something: in the name of the caller's body alone, whether the other body is there or not."""
    other, nobody = CODES["bank"], "911100000000000001"
    organisation = application_body()["organisation"]
    grant = {"issuer": ISSUER, "subject": "x", "level": "viewer", "roles": ["provider"]}
    event = {"specversion": "1.0", "type": "org.test.v1", "id": "1", "source": FIRST_EVENT["source"]}
    limited = city.service.new_key("second-office", ("urn:test:second:",), role="platform_service").api_key
    own = {
        ("POST", "/v1/products"): {"region": "3101", "content": content()},
        ("POST", "/v1/demands"): {"content": demand(), "contact": asdict(CONTACT)},
    }
    foreign: dict[tuple[str, str], list[dict[str, Any]]] = {
        ("POST", "/v1/participants"): [
            application_body() | {"organisation": organisation | {"code": code}} for code in (BANK_CODE, CODES["bank"])
        ],
        ("POST", "/v1/accounts"): [grant | {"participant": code} for code in (other, nobody)],
    }
    assert {*own, *foreign, ("POST", "/v1/events"), ("POST", "/dsp/2025-1/catalog/request")} == set(CREATIONS)

    before = city.written()
    for route, bodies in foreign.items():
        answers = [city.ask("second provider", *route, body) for body in bodies]
        assert [answer.status_code for answer in answers] == [403, 403], answers[0].text
        assert answers[0].json() == answers[1].json()
    headers = {"Authorization": f"Bearer {limited}", **JSON}
    assert city.service.client.post("/v1/events", json=event, headers=headers).status_code == 403
    assert city.written() == before
    for route, body in own.items():
        who = "second provider"
        answer = city.ask(who, *route, body)
        owner = answer.json().get("provider", answer.json().get("owner"))
        assert owner in {TENANTS["provider"], None}, answer.text
        assert "provider" not in body and "owner" not in body


def test_fixture_has_every_kind_of_object(city: TwoTenants) -> None:
    named = {name for _, path in OBJECT_ROUTES for name in path.split("/") if name.startswith("{")}
    assert named == {"{" + name + "}" for name in city.objects[0]}
    assert FULL and all(reason for reason in SHARED.values())
