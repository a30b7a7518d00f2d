"""Two tenants on every route: whoever has to do with another's object in no way finds nothing, changes nothing, and learns nothing.

The routes are those of the role matrix. One that names an object needs a case here, or stands in ``SHARED`` with its reason; one that
lists is asked as it is. So a new route without a case fails this test.
"""

from dataclasses import asdict
from typing import Any

import pytest
from support.a_service import JSON
from support.application_http import APPLICATIONS, TOKENS, USES
from support.demand_world import CONTACT, demand
from support.life_http import INTERFACE_BODIES, complaint_body
from support.negotiation_http import CREDENTIALS, DSP, OFFERS, OURS
from support.participant_service import application_body
from support.participants import BANK_CODE
from support.product_world import CODES, content
from support.route_matrix import NAMES_NOTHING
from support.trade_http import framework_body, order_content
from support.two_tenants import FIRST_EVENT, ISSUER, PARAMS, TENANTS, TwoTenants, body_in_order

from api.life_roles import INTERFACES
from api.roles import MATRIX
from ledger.domain.roles import APPLICANT, READERS_OF_ALL
from ledger.domain.subject_code import generate_subject_code

SHARED = {
    ("GET", "/v1/catalog/{product_code}"): "what is on offer is for every body",
    ("GET", "/dsp/2025-1/catalog/datasets/{dataset_id}"): "what is on offer is for every body",
    ("GET", "/v1/catalog/{product_code}/checks"): "of a product on offer; others see none, which is tested below",
    ("POST", "/v1/catalog/{product_code}/checks"): "a regulator's, who reads everything",
    (
        "GET",
        "/v1/filings/{agreement_id}",
    ): "that an agreement is filed is for every body, what it says is not; tested below",
}


def names_an_object(route: tuple[str, str]) -> bool:
    return "{" in route[1] and bool(MATRIX[route])


OBJECT_ROUTES = sorted(route for route in MATRIX if names_an_object(route) and route not in SHARED)
LISTS = sorted(route for route in MATRIX if route[0] == "GET" and "{" not in route[1] and MATRIX[route])
CREATIONS = sorted(route for route in MATRIX if route[0] != "GET" and "{" not in route[1] and MATRIX[route])


def body_for(method: str, route: str) -> dict[str, Any] | None:
    body = body_in_order(method, route)
    if body is None and method != "GET":
        pytest.fail(f"{method} {route} has no case: give it a body in two_tenants.BODIES, or a reason in SHARED")
    return body


def seconds_of(method: str, route: str) -> list[str]:
    """The second tenants that the matrix lets in."""
    roles = MATRIX[method, route]
    return [f"second {role}" for role in TENANTS if role in roles] + [APPLICANT] * (APPLICANT in roles)


@pytest.mark.parametrize("route", OBJECT_ROUTES, ids=" ".join)
def test_object_of_another_tenant_is_not_found_by_any_role(tenants: TwoTenants, route: tuple[str, str]) -> None:
    method, path = route
    body = body_for(method, path)
    before = tenants.written()
    hidden = [
        word for word in tenants.hidden if word not in str(body)
    ]  # a protocol's refusal repeats the ids that were sent

    for names in tenants.objects:
        for who in seconds_of(method, path):
            answer = tenants.ask(who, method, path, body, **names)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (who, names, answer.text)
            assert not any(word in answer.text for word in hidden), (who, answer.text)
    assert tenants.written() == before


def test_answer_is_the_same_for_what_is_anothers_and_for_what_is_not_there(tenants: TwoTenants) -> None:
    missing = {name.strip("{}"): value for name, value in NAMES_NOTHING.items()}
    for method, path in OBJECT_ROUTES:
        for who in seconds_of(method, path)[:1]:
            body = body_for(method, path)
            answers = [tenants.ask(who, method, path, body, **names).json() for names in (tenants.objects[1], missing)]
            assert answers[0] == answers[1], (who, method, path)


def test_first_tenants_find_what_the_second_ones_do_not(tenants: TwoTenants) -> None:
    """So that nothing above is not found because it is not there."""
    owners = {"{product_code}": "provider", "{demand_id}": "bank", "{act_id}": "provider", "{code}": "first bank"}
    owners |= {
        "{order_id}": "bank",
        "{agreement_id}": "provider",
        "{instruction_number}": "provider",
        "{dispute_id}": "provider",
    }
    owners |= {"{negotiation_id}": "provider", "{pid}": "bank"}
    owners |= dict.fromkeys(("{application_id}", "{authorisation_id}", "{token_id}"), "bank")
    for method, path in OBJECT_ROUTES:
        owner = next((name for part, name in owners.items() if part in path), None)
        if method == "GET" and owner is not None:
            for names in tenants.objects:
                assert tenants.ask(owner, method, path, **names).status_code == 200, (path, names)


@pytest.mark.parametrize("route", LISTS, ids=" ".join)
def test_lists_hold_nothing_of_another_tenant(tenants: TwoTenants, route: tuple[str, str]) -> None:
    for who in seconds_of(*route):
        answer = tenants.ask(who, *route)
        assert answer.status_code == (404 if route[1] in PARAMS else 200), (who, answer.text)
        assert not any(word in answer.text for word in tenants.hidden), (who, route)
    assert seconds_of(*route) or MATRIX[route] <= READERS_OF_ALL, "somebody asked"


def test_open_demand_is_shown_without_bids_and_contact(tenants: TwoTenants) -> None:
    """What the hall shows to every body; ``bids`` of others and the contact are not in it."""
    [shown] = tenants.ask("second provider", "GET", "/v1/demands").json()["items"]
    assert (shown["bids"], shown["contact"], shown["matches"]) == (1, None, [])
    bids = tenants.ask("second provider", "GET", "/v1/demands/{demand_id}/bids", demand_id=shown["demand_id"])
    assert bids.json() == {"items": []}


def test_checks_of_metadata_are_their_providers(tenants: TwoTenants) -> None:
    route = "/v1/catalog/{product_code}/checks"
    tenants.made("regulator", route, {"finding": "conforms", "members": ["title"]}, product_code=tenants.offered)

    for who in seconds_of("GET", route):
        assert tenants.ask(who, "GET", route, product_code=tenants.offered).json() == {"items": []}, who
    assert len(tenants.ask("provider", "GET", route, product_code=tenants.offered).json()["items"]) == 1


def test_nothing_is_made_in_anothers_name(tenants: TwoTenants) -> None:
    """Each route that makes something: in the name of the caller's body alone, whether the other body is there or not."""
    other, nobody = CODES["bank"], generate_subject_code("310000", "MT9999990")
    organisation = application_body()["organisation"]
    grant = {"issuer": ISSUER, "subject": "x", "level": "viewer", "roles": ["provider"]}
    event = {"specversion": "1.0", "type": "org.test.v1", "id": "1", "source": FIRST_EVENT["source"]}
    limited = tenants.service.new_key("second-office", ("urn:test:second:",), role="platform_service").api_key
    own = {
        ("POST", "/v1/products"): {"region": "3101", "content": content()},
        ("POST", "/v1/demands"): {"content": demand(), "contact": asdict(CONTACT)},
    }
    foreign: dict[tuple[str, str], list[dict[str, Any]]] = {
        ("POST", "/v1/participants"): [
            application_body() | {"organisation": organisation | {"code": code}} for code in (BANK_CODE, CODES["bank"])
        ],
        ("POST", "/v1/accounts"): [grant | {"participant": code} for code in (other, nobody)],
        ("POST", "/v1/agreements"): [framework_body(tenants.offered) | {"consumer": code} for code in (other, nobody)],
    }
    between = {("POST", path) for path in (OURS, OFFERS, f"{DSP}/request", f"{DSP}/offers", CREDENTIALS)}
    of_others = {("POST", route) for route in (APPLICATIONS, TOKENS, USES)}
    others = {("POST", "/v1/events"), ("POST", "/dsp/2025-1/catalog/request"), ("POST", "/v1/orders")}
    others |= {("POST", f"/v1/policies/{question}") for question in ("evaluation", "explanation")}
    others |= {("POST", "/v1/disputes"), *(("POST", path) for path in INTERFACES)}
    assert {*own, *foreign, *between, *of_others, *others} == set(CREATIONS)

    before = tenants.written()
    for route, bodies in foreign.items():
        answers = [tenants.ask("second provider", *route, body) for body in bodies]
        assert [answer.status_code for answer in answers] == [403, 403], answers[0].text
        assert answers[0].json() == answers[1].json()
    headers = {"Authorization": f"Bearer {limited}", **JSON}
    assert tenants.service.client.post("/v1/events", json=event, headers=headers).status_code == 403
    assert tenants.written() == before
    for route, body in own.items():
        who = "second provider"
        answer = tenants.ask(who, *route, body)
        owner = answer.json().get("provider", answer.json().get("owner"))
        assert owner in {TENANTS["provider"], None}, answer.text
        assert "provider" not in body and "owner" not in body


def test_negotiation_is_begun_in_the_name_of_the_callers_body(tenants: TwoTenants) -> None:
    begun = tenants.ask("second provider", "POST", OURS, body_in_order("POST", OURS))
    assert (begun.status_code, begun.json()["consumer"]) == (201, TENANTS["provider"])
    again = tenants.ask("second provider", "POST", f"{DSP}/request", body_in_order("POST", f"{DSP}/request"))
    assert (again.status_code, again.json()["state"]) == (201, "REQUESTED")
    assert again.json()["providerPid"] != tenants.objects[0]["provider_pid"], (
        "the same message, and another negotiation"
    )


def test_offer_is_made_in_the_name_of_the_callers_body_and_of_its_products(tenants: TwoTenants) -> None:
    for route in (OFFERS, f"{DSP}/offers"):
        refused = tenants.ask("second provider", "POST", route, body_in_order("POST", route))
        assert refused.json()["code"] == "terms_differ", refused.text


def test_credential_is_set_for_the_callers_body(tenants: TwoTenants) -> None:
    made = tenants.ask("second provider", "POST", CREDENTIALS, body_in_order("POST", CREDENTIALS)).json()
    assert (made["participant"], made["revision"]) == (TENANTS["provider"], 1), "not the first tenant's of this address"
    assert made["credential_id"] != tenants.objects[0]["credential_id"]


def test_application_is_made_in_the_name_of_the_callers_body(tenants: TwoTenants) -> None:
    made = tenants.ask("second consumer", "POST", APPLICATIONS, body_in_order("POST", APPLICATIONS))
    assert (made.status_code, made.json()["applicant"]) == (201, TENANTS["consumer"])


def test_token_of_another_tenant_is_neither_entered_nor_spent(tenants: TwoTenants) -> None:
    """Even whoever has its text: another platform did not grant it, and another provider is not the one that is called."""
    before = tenants.written()
    entered = tenants.ask("second authorisation_platform", "POST", TOKENS, body_in_order("POST", TOKENS))
    assert (entered.status_code, entered.json()["code"]) == (404, "not_found")
    for who in seconds_of("POST", USES):
        spent = tenants.ask(who, "POST", USES, body_in_order("POST", USES))
        assert (spent.status_code, spent.json()["code"]) == (403, "forbidden"), who
        assert not any(word in spent.text for word in tenants.hidden), who
    assert tenants.written() == before


def test_nobody_orders_for_anothers_demand(tenants: TwoTenants) -> None:
    before = tenants.written()
    demands = (tenants.objects[0]["demand_id"], "dem-" + "0" * 32)
    sent = [order_content(tenants.offered, one) for one in demands]
    answers = [tenants.ask("second consumer", "POST", "/v1/orders", body) for body in sent]
    assert [answer.json()["code"] for answer in answers] == ["order_origin_not_met"] * 2
    assert answers[0].json() == answers[1].json() and tenants.written() == before


def test_nobody_complains_of_anothers_agreement(tenants: TwoTenants) -> None:
    before = tenants.written()
    for kind, name in (("agreement", "agreement_id"), ("order", "order_id")):
        named = (tenants.objects[0][name], "84" + "0" * 45)
        sent = [complaint_body(kind, one) for one in named]
        answers = [tenants.ask("second consumer", "POST", "/v1/disputes", body) for body in sent]
        assert [answer.json()["code"] for answer in answers] == ["not_found"] * 2
        assert answers[0].json() == answers[1].json() and tenants.written() == before


def test_interfaces_find_no_contract_of_another_tenant(tenants: TwoTenants) -> None:
    """A message about an agreement, or about a contract that no agreement adopted, is answered as about one that is not there."""
    before = tenants.written()
    for name in (tenants.objects[0]["agreement_id"], tenants.contract_id, "84" + "0" * 45):
        for path in ("/contractNegotiate", "/contractRegistrate", "/contractExecution"):
            body = INTERFACE_BODIES[path] | {"contractId": name}
            answer = tenants.ask("second consumer", "POST", path, body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (path, answer.text)
            assert not any(word in answer.text for word in tenants.hidden)
    for path in ("/contractCreate", "/contractTerminate"):  # in the name of another body
        assert tenants.ask("second consumer", "POST", path, INTERFACE_BODIES[path]).json()["code"] == "forbidden"
    assert tenants.written() == before


def test_filing_shows_nothing_of_what_was_agreed(tenants: TwoTenants) -> None:
    name = tenants.objects[0]["agreement_id"]
    shown = tenants.ask("second provider", "GET", "/v1/filings/{agreement_id}", agreement_id=name)
    assert shown.status_code == 200
    assert not any(word in shown.text for word in (CODES["bank"], CODES["provider"], tenants.offered, "disclosed"))


def test_fixture_has_every_kind_of_object(tenants: TwoTenants) -> None:
    named = {name for _, path in OBJECT_ROUTES for name in path.split("/") if name.startswith("{")}
    assert named == {"{" + name + "}" for name in tenants.objects[0]}
    assert all(reason for reason in SHARED.values())
