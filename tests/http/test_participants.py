"""Participants over HTTP: the way of an application, who sees what, and what is refused by which problem."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from support.a_service import publish_years
from support.embedded import DatabaseFactory
from support.participant_service import (
    ACT_BODIES,
    NEW_KEY,
    PRIVATE_WORDS,
    REGISTRY,
    ParticipantService,
    application_body,
    participant_service,
)
from support.participants import BANK_CODE, OFFICE_CODE, RESERVED_CODES

from api.participant_roles import PARTICIPANT_ACTS, PARTICIPANT_ROUTES
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.working_days import OfficialCalendar
from ledger.client.service import ServiceClient
from ledger.domain.participant_life import LIFE
from ledger.services.participant_completion import FINISHES

BANK = f"/v1/participants/{BANK_CODE}"


@pytest.fixture(scope="module")
def running(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ParticipantService]:
    factory = DatabaseFactory(postgres_server)
    with participant_service(factory(template=migrated_template), tmp_path_factory.mktemp("participants")) as started:
        yield started
    factory.close()


@pytest.fixture
def city(running: ParticipantService) -> ParticipantService:
    running.reset()
    return running


def test_body_is_admitted_and_every_step_is_visible(city: ParticipantService) -> None:
    made = city.post("/v1/participants", "bank", application_body())
    assert made.status_code == 201
    assert made.headers["Location"] == BANK
    assert made.headers["ETag"] == '"1"'
    assert made.json()["allowed"] == ["accept_identity", "reject"]
    for act, state, who in (
        ("accept-identity", "identity_reviewed", "operator"),
        ("accept-role", "role_reviewed", "operator"),
        ("approve", "approved", "authorisation_platform account"),
    ):
        assert city.act(act, who)["state"] == state
    admitting = city.act("admit", "operator")
    assert admitting["open_step"]["act_state"] == "open"
    assert admitting["open_step"]["call"] is None
    city.sign()
    waiting = city.get(BANK, "bank").json()
    assert waiting["state"] == "admitting"
    assert (waiting["open_step"]["act_state"], waiting["open_step"]["call"]["state"]) == ("calling", "queued")
    assert waiting["in_good_standing"] is False
    city.complete()

    found = city.get(BANK, "bank")
    admitted = found.json()
    assert (admitted["state"], admitted["open_step"], admitted["in_good_standing"]) == ("active", None, True)
    assert found.headers["ETag"] == f'"{admitted["revision"]}"'
    history = city.get(f"{BANK}/history", "bank").json()["items"]
    assert [one["act"] for one in history] == [
        "apply",
        "accept_identity",
        "accept_role",
        "approve",
        "admit",
        "confirm_admission",
    ]
    assert [one["revision"] for one in history] == list(range(1, admitted["revision"] + 1))


def test_repeated_write_is_answered_the_same_and_a_reused_key_refused(city: ParticipantService) -> None:
    first = city.post("/v1/participants", "bank", application_body(), key="apply-1")
    again = city.post("/v1/participants", "bank", application_body(), key="apply-1")
    other = city.post("/v1/participants", "bank", application_body(roles=["provider"]), key="apply-1")

    assert (again.status_code, again.json(), again.headers["Idempotent-Replay"]) == (201, first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len(city.get(f"{BANK}/history", "bank").json()["items"]) == 1


def test_act_names_its_revision_and_an_illegal_one_is_told_what_is_allowed(city: ParticipantService) -> None:
    city.post("/v1/participants", "bank", application_body())
    path = f"{BANK}/accept-role"
    for revision, status, code in ((None, 428, "precondition_required"), (9, 412, "precondition_failed")):
        answer = city.post(path, "operator", {"reasons": "fits"}, revision=revision)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = city.post(path, "operator", {"reasons": "fits"}, revision=1)
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["state"]) == ("illegal_transition", "applied")
    assert problem["allowed"] == ["accept_identity", "reject"]


def test_suspension_need_not_name_a_revision_that_the_body_can_change_all_the_time(city: ParticipantService) -> None:
    city.admit()
    path, why = f"{BANK}/suspend", {"reasons": "a complaint"}
    stale = city.post(path, "operator", why, revision=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    answer = city.post(path, "operator", why)
    assert (answer.status_code, answer.json()["open_step"]["step"]) == (200, "suspend")
    assert (answer.json()["in_good_standing"], answer.json()["overtaken_step"]) == (False, None)
    assert answer.json()["open_step"]["due_at"] > city.get(BANK, "operator").json()["changed_at"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organisation": application_body()["organisation"] | {"code": "91310000MA000000XX"}}, "invalid_code"),
        ({"roles": ["operator"]}, "invalid_input"),
        ({"keys": []}, "invalid_input"),
        ({"extra": True}, "invalid_input"),
        ({"facts": {"legal_person": {"name": "a\u0000b"}}}, "invalid_input"),
        ({"documents": [{"kind": "diploma", "title": "x", "sha256": "0" * 64, "issuer": "y"}]}, "invalid_input"),
    ],
)
def test_application_that_is_wrong_is_refused_by_name(city: ParticipantService, change: Any, code: str) -> None:
    answer = city.post("/v1/participants", "bank", application_body() | change)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not any(word in answer.text for word in PRIVATE_WORDS)
    assert city.get(BANK, "operator").status_code == 404


def test_stranger_finds_nothing_of_another_on_any_route(city: ParticipantService) -> None:
    city.admit(who="bank")
    city.act("add-key", "bank")
    before = city.get(BANK, "operator").json()
    for method, route in PARTICIPANT_ROUTES:
        if "{code}" not in route:
            continue
        path, act = route.replace("{code}", BANK_CODE), route.rpartition("/")[2]
        if method == "GET":
            answer = city.get(path, "stranger")
        elif "provider" in PARTICIPANT_ACTS[act]:
            answer = city.post(path, "stranger", ACT_BODIES[act], revision=before["revision"])
        else:
            assert city.post(path, "stranger", ACT_BODIES[act], revision=1).status_code == 403
            continue
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), route
    assert city.get(BANK, "operator").json() == before
    assert city.get("/v1/participants", "stranger").json()["items"] == []
    taken = city.post("/v1/participants", "stranger", application_body())
    assert (taken.status_code, taken.json()["code"]) == (403, "forbidden")


def test_real_name_facts_are_read_by_the_body_and_the_authorities_only(city: ParticipantService) -> None:
    city.admit(who="bank")
    for who, status in (
        ("bank", 200),
        ("operator", 200),
        ("regulator", 200),
        ("auditor", 403),
        ("arbitrator", 403),
        ("trading_platform account", 403),
        ("stranger", 404),
        (None, 401),
    ):
        answer = city.get(f"{BANK}/facts", who)
        assert answer.status_code == status, who
        assert all((word in answer.text) == (status == 200) for word in PRIVATE_WORDS), who
    for path in (BANK, f"{BANK}/history", "/v1/participants", "/v1/whitelist"):
        assert not any(word in city.get(path, "operator").text for word in PRIVATE_WORDS), path
    reserved = city.get(f"/v1/participants/{RESERVED_CODES['regulator']}/facts", "operator").json()
    assert reserved["facts"] is None


def test_nothing_in_clear_in_database_or_outbox_names_a_person(city: ParticipantService) -> None:
    city.admit(who="bank")
    with city.service.log.engine.connect() as connection:
        found = connection.execute(
            text("SELECT document::text FROM objects UNION ALL SELECT document::text FROM object_history")
        ).scalars()
        stored = "\n".join(found)
        sealed = connection.execute(
            text("SELECT sealed_private FROM objects WHERE object_id = :code"), {"code": BANK_CODE}
        )
        blob = bytes(sealed.scalar_one())
    assert not any(word in stored or word.encode() in blob for word in PRIVATE_WORDS)


def test_whitelist_is_public_and_holds_who_is_active(city: ParticipantService) -> None:
    city.admit()
    city.approve(OFFICE_CODE)
    listed = city.get("/v1/whitelist?limit=3", None).json()
    rest = city.get(f"/v1/whitelist?limit=3&cursor={listed['next_cursor']}", None).json()
    found = {body["code"]: body for body in (*listed["items"], *rest["items"])}

    assert set(found) == {BANK_CODE, *RESERVED_CODES.values()}
    assert rest["next_cursor"] is None
    assert found[BANK_CODE]["report"]["scenarios"] == ["credit review"]
    assert [body["code"] for body in city.get("/v1/whitelist?role=consumer", None).json()["items"]] == [BANK_CODE]
    assert city.get("/v1/whitelist?verbose=1", None).status_code == 400


def test_body_that_is_suspended_or_left_is_known_as_such_to_others(city: ParticipantService) -> None:
    def listed() -> dict[str, bool]:
        found = city.get("/v1/whitelist?limit=100", None).json()["items"]
        return {body["code"]: body["in_good_standing"] for body in found}

    city.admit(OFFICE_CODE)  # a body without an account here: accounts end with their body
    assert listed()[OFFICE_CODE] is True
    city.act("suspend", "regulator", code=OFFICE_CODE)
    assert listed().get(OFFICE_CODE, False) is False, "from the order on, before the chain agrees"
    city.sign(OFFICE_CODE)
    city.complete(OFFICE_CODE)
    assert OFFICE_CODE not in listed()
    city.act("reinstate", "regulator", code=OFFICE_CODE)
    city.sign(OFFICE_CODE)
    city.complete(OFFICE_CODE)
    assert listed()[OFFICE_CODE] is True
    city.act("depart", "operator", code=OFFICE_CODE)
    city.sign(OFFICE_CODE)
    city.complete(OFFICE_CODE)
    assert OFFICE_CODE not in listed()
    assert city.get(f"/v1/participants/{OFFICE_CODE}", "regulator").json()["state"] == "left", "its identity stays"


def test_service_parties_are_listed_with_what_qualifies_them(city: ParticipantService) -> None:
    city.admit(roles=["service_party"])
    city.admit(OFFICE_CODE)
    [listed] = city.get("/v1/whitelist?role=service_party", None).json()["items"]

    assert (listed["code"], listed["rules"]) == (BANK_CODE, "admission/1")
    assert {document["kind"] for document in listed["documents"]} >= {"iso_27701", "security_assessment"}
    stated = {"finding", "valid_until", "scenarios", "limits", "verifier", "seal_sha256", "issued_on"}
    assert {name for name, value in listed["report"].items() if value} == stated


def test_list_of_service_parties_is_kept_by_both_platforms(city: ParticipantService) -> None:
    """Both see the same one; what one enters is in it at once, and the other has to note it."""
    city.admit(roles=["service_party"])
    platforms = ("trading_platform account", "authorisation_platform account")
    papers = [*ACT_BODIES["change-qualification"]["documents"]]
    added = papers[0] | {"kind": "professional_licence", "sha256": "cd" * 32}

    def listed(who: str) -> Any:
        return city.get("/v1/whitelist?role=service_party", who).json()["items"]

    before = listed(platforms[0])
    documents = [*application_body()["documents"], added]
    changed = city.act("change-qualification", platforms[0], {"documents": documents})
    assert changed["untold"] == ["authorisation_platform"]
    seen = [listed(who) for who in platforms]
    assert seen[0] == seen[1] != before
    assert [one["kind"] for one in seen[0][0]["documents"]][-1] == "professional_licence"
    assert city.act("acknowledge-change", platforms[1])["untold"] == []


def test_list_has_pages_and_states(city: ParticipantService) -> None:
    city.approve()
    city.approve(OFFICE_CODE)
    first = city.get("/v1/participants?limit=1&state=approved", "regulator").json()
    second = city.get(f"/v1/participants?limit=1&state=approved&cursor={first['next_cursor']}", "regulator").json()

    assert [one["items"][0]["code"] for one in (first, second)] == [BANK_CODE, OFFICE_CODE]
    assert second["next_cursor"] is None
    assert [one["code"] for one in city.get("/v1/participants", "bank").json()["items"]] == [BANK_CODE]
    assert city.get("/v1/participants?state=famous", "bank").status_code == 400


def test_change_of_qualification_reaches_the_platforms_with_a_deadline(city: ParticipantService) -> None:
    city.admit(who="bank")
    assert city.act("change-qualification", "bank")["untold"] == ["authorisation_platform", "trading_platform"]
    assert city.act("acknowledge-change", "trading_platform account")["untold"] == ["authorisation_platform"]
    with city.service.log.engine.connect() as connection:
        rows = connection.execute(text("SELECT duty, met_at IS NULL FROM deadlines WHERE duty LIKE 'tell_%'")).all()
    assert dict(map(tuple, rows)) == {"tell_trading_platform": False, "tell_authorisation_platform": True}


def test_duty_beyond_the_calendar_is_refused_by_name_until_the_year_is_entered(
    city: ParticipantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.admit(who="bank")
    before, path = city.get(BANK, "bank").json(), city.service.container.settings.calendar_path
    ended = OfficialCalendar()
    monkeypatch.setattr(ended, "last", datetime.now(UTC).date())
    with monkeypatch.context() as patched:
        patched.setattr(city.service.container, "calendar", SimpleNamespace(current=lambda: ended, error=lambda: None))
        body, revision = ACT_BODIES["change-qualification"], city.revision()
        refused = city.post(f"{BANK}/change-qualification", "bank", body, revision=revision, key="the-same-write")
        stated = city.get("/v1/log", None).json()["calendar"]

    assert (refused.status_code, refused.json()["code"]) == (503, "calendar_not_published")
    assert "CITYLEDGER_CALENDAR_PATH" in refused.json()["detail"]
    assert (stated["days_left"], stated["last"]) == (0, ended.last.isoformat())
    assert city.get(BANK, "bank").json() == before, "nothing is half done"

    path.write_text("[]", encoding="utf-8")
    assert "not in its form" in city.get("/v1/log", None).json()["calendar"]["refused"]
    publish_years(path)
    assert city.get("/v1/log", None).json()["calendar"]["refused"] is None
    again = city.post(f"{BANK}/change-qualification", "bank", body, revision=revision, key="the-same-write")
    assert (again.status_code, again.json()["untold"]) == (200, ["authorisation_platform", "trading_platform"])


def test_credit_is_entered_contested_and_repaired(city: ParticipantService) -> None:
    city.admit(who="bank")
    assert city.act("enter-violation", "operator")["score"] == 80
    city.act("appeal", "bank")
    city.act("decide-appeal", "arbitrator")
    assert city.get(BANK, "bank").json()["credit"]["violations"][0]["state"] == "upheld"
    city.act("claim-repair", "bank")
    repaired = city.act("decide-repair", "regulator")
    assert (repaired["score"], repaired["level"]) == (100, "ordinary")
    city.act("rate", "trading_platform account")
    assert city.get(BANK, "bank").json()["credit"]["ratings"][0]["compliance"] == 90


def test_acts_of_the_router_are_those_of_the_table(city: ParticipantService) -> None:
    served = {act.replace("-", "_") for act in PARTICIPANT_ACTS} - {"fail_recheck"}
    by_chain = {end.act for end in FINISHES.values()} | {"refuse_admission", "refuse_step"}

    assert served | by_chain | {"apply_again"} == LIFE.acts
    assert set(ACT_BODIES) == set(PARTICIPANT_ACTS)
    assert city.service.log.count("objects") == len(RESERVED_CODES)


def test_application_for_a_code_that_another_applied_for_waits_unseen(city: ParticipantService) -> None:
    assert city.post("/v1/participants", "operator", application_body()).status_code == 201
    waiting = city.post("/v1/participants", "bank", application_body(roles=["provider"]))
    assert (waiting.status_code, waiting.json()["state"]) == (202, "waiting")
    assert "Location" not in waiting.headers
    seen = city.get(BANK, "operator").json()
    assert (seen["waiting"], seen["roles"]) == (1, ["consumer"])
    assert all(word not in waiting.text for word in PRIVATE_WORDS)
    waiting_list = "/v1/waiting-applications"
    assert city.get(waiting_list, "bank").json() == {"items": [waiting.json()], "next_cursor": None}
    assert city.get(waiting_list, "stranger").json()["items"] == []
    assert city.act("reject", "operator")["state"] == "applied"
    assert city.get(BANK, "bank").json()["roles"] == ["provider"]
    [ended] = city.get(waiting_list, "bank").json()["items"]
    assert (ended["state"], ended["changed_at"] > waiting.json()["changed_at"]) == ("taken_up", True)
    facts = city.get(f"{BANK}/facts", "operator").json()
    assert facts["facts"]["contact"]["name"] == "Li Si"


def test_differences_name_what_the_chain_holds_otherwise(city: ParticipantService) -> None:
    city.admit()
    bank = city.get(BANK, "operator").json()
    held: dict[str, Any] = {
        bank["chain"]["body_id"]: {
            "status": "suspended",
            "roles": 2,
            "qualified_until": bank["chain"]["qualified_until"],
        }
    }
    keys = {key["address"]: {"status": "valid", "purposes": 3} for key in bank["keys"]} | {
        NEW_KEY: {"status": "valid", "purposes": 1}
    }
    _hold(city, "body", held)
    _hold(city, "key", {f"{bank['chain']['body_id']}/{address}": state for address, state in keys.items()})

    answer = city.get("/v1/participants/differences", "auditor").json()

    assert answer["compared"] == len(RESERVED_CODES) + 1
    found = [(one["kind"], one["here"], one["on_chain"]) for one in answer["items"] if one["code"] == BANK_CODE]
    assert sorted(found, key=str) == sorted(
        [
            ("status", "active", "suspended"),
            ("key_purposes", "['finance']", "['business', 'metering']"),
            ("key_unknown_here", None, "valid"),
        ],
        key=str,
    )
    assert {one["kind"] for one in answer["items"] if one["code"] != BANK_CODE} == {"body_missing_on_chain"}
    strangers = [f"0x{number:064x}" for number in (1, 2)]
    _hold(city, "body", {body_id: {"status": "active"} for body_id in strangers})
    for limit in (1, 2, 1_000):
        paged, cursor = [], ""
        while cursor is not None:
            page = city.get(f"/v1/participants/differences?limit={limit}{cursor}", "auditor").json()
            paged += page["items"]
            assert page["compared"] <= limit
            cursor = None if page["next_cursor"] is None else f"&cursor={page['next_cursor']}"
        unknown = [one for one in paged if one["kind"] == "body_unknown_here"]
        assert [one["body_id"] for one in unknown] == strangers
        assert [one for one in paged if one["code"] is not None] == answer["items"]
    with ServiceClient(city.service.url, city.service.keys["auditor"]) as client:
        found = client.participant_differences()
        assert found is not None
        assert (found["compared"], found["items"], found["is_whole"]) == (answer["compared"], paged, True)
    assert city.get("/v1/participants/differences", "bank").status_code == 403


def _hold(city: ParticipantService, kind: str, states: dict[str, Any]) -> None:
    with city.service.log.engine.begin() as connection:
        for object_id, state in states.items():
            connection.execute(
                text("INSERT INTO contract_objects VALUES (:address, :kind, :object_id, 7, CAST(:state AS jsonb))"),
                {"address": REGISTRY, "kind": kind, "object_id": object_id, "state": json.dumps(state)},
            )
