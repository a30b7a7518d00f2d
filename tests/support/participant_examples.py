"""Examples of the participants' operations: one body through its whole life, every act as the service answered it."""

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from support import sm2_reference
from support.participant_service import ACT_BODIES, REGISTRY, ParticipantService, application_body
from support.participants import BANK_CODE, OFFICE_CODE, RESERVED_CODES
from support.product_http import CONTRACTS

from api.participant_roles import PARTICIPANT_ROUTES
from api.routers.participant_acts import ACTS
from ledger.domain.codes import CodeKind, generate_national_code

if TYPE_CHECKING:
    from support.api_examples import Recorder

JSON = {"Content-Type": "application/json"}
PLATFORM = "trading_platform account"
SECOND = "second applicant"
OTHER_PLATFORM = "authorisation platform of the participants"
APPLY = "POST /v1/participants"
CONNECTOR = {
    "code": generate_national_code(CodeKind.CONNECTOR, BANK_CODE, "3101", "00000001"),
    "name": "bank connector",
    "join_type": "2",
    "connector_type": "1",
}


class Example:
    """One participant whose acts are kept as examples."""

    def __init__(self, to: "Recorder", city: ParticipantService) -> None:
        self.to = to
        self.city = city

    def act(self, act: str, role: str = "operator", code: str = BANK_CODE) -> None:
        """One act, answered 200."""
        operation, body = f"POST /v1/participants/{{code}}/{act}", ACT_BODIES[act]
        headers = _headers() | {"If-Match": f'"{self.city.revision(code)}"'}
        path = f"/v1/participants/{code}/{act}"
        name = act.replace("-", "_")
        self.to.ask(operation, 200, name, ACTS[act].summary, role=role, headers=headers, path=path, json=body)
        self.to.accept(operation, JSON["Content-Type"], name, ACTS[act].summary, body)

    def propose_and_take_back(self, act: str) -> None:
        self.act(act)
        self.city.act("withdraw-step", "operator")

    def settle(self) -> None:
        """The open step is signed, and the chain holds it."""
        self.city.sign()
        self.city.complete()


def record_participants(to: "Recorder", log: Any, container: Any) -> None:
    """Every operation with what it answers, and its refusals."""
    vars(container)["contracts"] = CONTRACTS | {"ParticipantRegistry": REGISTRY}
    service = cast("Any", SimpleNamespace(log=log, client=to.client))
    city = ParticipantService(service, to.keys)
    city.reset()
    city.tenant(SECOND, "consumer", BANK_CODE)
    city.tenant(PLATFORM, "trading_platform", RESERVED_CODES["trading_platform"])
    city.tenant(OTHER_PLATFORM, "authorisation_platform", RESERVED_CODES["authorisation_platform"])
    example = Example(to, city)
    _admission(example)
    _membership(example)
    _reads(to)
    _refusals(to)


def _headers() -> dict[str, str]:
    return JSON | {"Idempotency-Key": os.urandom(8).hex()}


def _admission(example: Example) -> None:
    body = application_body(connector=CONNECTOR, sm2_keys=[sm2_reference.public_key(11).hex()])
    shown = "An application with a connector"
    example.to.ask(APPLY, 201, "application", shown, role="operator", headers=_headers(), json=body)
    example.to.accept(APPLY, JSON["Content-Type"], "application", shown, body)
    shown = "Somebody else applied for the code before"
    example.to.ask(APPLY, 202, "waiting", shown, role=SECOND, headers=_headers(), json=application_body())
    example.to.ask("GET /v1/waiting-applications", 200, "page", "One that waits", role=SECOND)
    for act in ("accept-identity", "accept-role", "accept-connector"):
        example.act(act)
    example.act("approve", OTHER_PLATFORM)
    for act in ("admit", "withdraw-step"):
        example.act(act)
    example.city.act("admit", "operator")
    example.settle()
    example.city.post("/v1/participants", "operator", application_body(OFFICE_CODE))
    example.act("reject", code=OFFICE_CODE)


def _membership(example: Example) -> None:
    for act in ("add-key", "revoke-key", "change-roles", "renew-qualification", "depart"):
        example.propose_and_take_back(act)
    for act in ("add-sm2-key", "revoke-sm2-key", "change-qualification"):
        example.act(act)
    example.act("acknowledge-change", PLATFORM)
    for act, role in (
        ("enter-violation", "operator"),
        ("appeal", "operator"),
        ("decide-appeal", "arbitrator"),
        ("claim-repair", "operator"),
        ("decide-repair", "regulator"),
        ("rate", "operator"),
        ("pass-recheck", "operator"),
        ("suspend", "regulator"),
    ):
        example.act(act, role)
    example.settle()
    example.act("reinstate", "regulator")
    example.settle()
    example.act("fail-recheck")


def _reads(to: "Recorder") -> None:
    given: dict[str, Any] = {"role": "operator"}
    bank = f"/v1/participants/{BANK_CODE}"
    to.ask("GET /v1/participants", 200, "page", "The oldest two", params={"limit": 2}, **given)
    to.ask("GET /v1/participants/{code}", 200, "waiting", "With a step that waits for a signature", path=bank, **given)
    to.ask("GET /v1/participants/{code}/history", 200, "revisions", "Every revision", path=f"{bank}/history", **given)
    shown = "Unsealed for the operator"
    to.ask("GET /v1/participants/{code}/facts", 200, "facts", shown, path=f"{bank}/facts", **given)
    shown = "A chain that was not followed yet holds nobody"
    to.ask("GET /v1/participants/differences", 200, "differences", shown, **given)
    to.ask("GET /v1/waiting-applications", 200, "none", "Nobody waits behind another", **given)
    params = {"role": "consumer"}
    to.ask("GET /v1/whitelist", 200, "consumers", "Admitted consumers", role=None, params=params)


def _refusals(to: "Recorder") -> None:
    stale = _headers() | {"If-Match": '"1"'}
    approve, path = "POST /v1/participants/{code}/approve", f"/v1/participants/{BANK_CODE}/approve"
    report = ACT_BODIES["approve"]
    to.ask(approve, 412, "precondition_failed", role="operator", headers=stale, path=path, json=report)
    to.ask(approve, 428, "precondition_required", role="operator", headers=_headers(), path=path, json=report)
    office = f"/v1/participants/{OFFICE_CODE}/approve"
    current = _headers() | {"If-Match": '"2"'}
    to.ask(approve, 409, "illegal_transition", role="operator", headers=current, path=office, json=report)
    to.ask(APPLY, 400, "invalid_code", role="operator", headers=_headers(), json=_with_another_code())
    for method, route in PARTICIPANT_ROUTES:
        operation, good = f"{method} {route}", route.replace("{code}", BANK_CODE)
        if method == "GET" and route != "/v1/whitelist":
            to.ask(operation, 401, "unauthenticated", role=None, path=good)
            to.ask(operation, 400, "invalid_input", role="operator", path=good, params={"verbose": "true"})
        elif method == "POST":
            content = json.dumps({"unknown": True})
            to.ask(operation, 401, "unauthenticated", role=None, headers=_headers(), path=good, content=content)
            to.ask(
                operation,
                400,
                "invalid_input",
                role="operator" if _is_operators(route) else _other(route),
                headers=_headers(),
                path=good,
                content=content,
            )


def _with_another_code() -> dict[str, Any]:
    body = application_body()
    return body | {"organisation": body["organisation"] | {"code": "91310000MA000000XX"}}


def _is_operators(route: str) -> bool:
    return "operator" in PARTICIPANT_ROUTES["POST", route]


def _other(route: str) -> str:
    return min(PARTICIPANT_ROUTES["POST", route])
