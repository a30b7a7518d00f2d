"""Requests made at random from the OpenAPI document, sent by every group of roles and at real objects: no 5xx, and answers as it says.

The first case of a route is sent by every caller, each other by two of them in turn. Half of the cases have a body that is in order, so
that the steps behind the first checks are reached too; what they change is this module's own.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.participant_service import application_body
from support.product_world import CODES, content
from support.two_tenants import CREDENTIAL, TENANTS, TwoTenants, body_in_order, running_tenants

from api.app import build_app_without_parts
from api.dsp_errors import PREFIX
from api.life_roles import INTERFACES
from api.roles import MATRIX
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.roles import APPLICANT
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor
from ledger.services.connector_credentials import set_credential

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
CALLERS = {
    "operator": "operator",
    "regulator": "regulator",
    "auditor": "auditor",
    "provider": "provider",
    "bank": "consumer",
    "first bank": "consumer",
    "trading": "trading_platform",
    "authorisation": "authorisation_platform",
    "price": "price_authority",
    "line": "line_authority",
    "arbitrator": "arbitrator",
    "first office": "platform_service",
    "second provider": "provider",
    "second line_authority": "line_authority",
    APPLICANT: APPLICANT,
}
"""Who attacks -> its role. First tenants have to do with the objects, second ones do not."""

EXAMPLES = 5
"""Of a route, the same in every run, so that what they reach is known."""

MORE_EXAMPLES = {"long": 25}
"""Hypothesis profile -> examples of a route on top of these, other ones in every run."""

CONFLICT = 409
"""What the object itself says: the request was in order, and found it in another state."""

READY = ("GET", "/readyz")
"""Says 503 by design: no part that publishes runs here."""

NEVER_REACHED: dict[tuple[str, str], str] = {
    ("GET", "/log/tile/{path:path}"): "no name that is made at random is a tile's; test_public_tiles_client reads them",
    (
        "POST",
        "/v1/acts/{act_id}/signatures",
    ): "a signature that is made up is nobody's; test_acts sends real ones",
    **{
        (
            "POST",
            f"/v1/agreements/{{agreement_id}}/{paper}",
        ): "a signature that is made up is nobody's; test_agreement_life sends real ones"
        for paper in ("termination/signature", "destruction/proof")
    },
}
"""Route -> why no case comes as far as the object. One that does is taken off here."""

MAKING = {
    ("POST", "/v1/products"): {"region": "3101", "content": content()},
    ("POST", "/v1/participants"): application_body(),
}
"""Bodies in order of routes that are about no object yet."""

AREAS = {
    "agreements",
    "applications",
    "authorisations",
    "connector-credentials",
    "demands",
    "disputes",
    "negotiations",
    "orders",
    "participants",
    "policies",
    "products",
    "usage-token-uses",
    "usage-tokens",
}
"""Parts of the interface that are attacked each by itself; the rest together."""

schema = schemathesis.openapi.from_dict(build_app_without_parts().openapi())


def _area(path: str) -> str:
    parts = path.split("/")
    return parts[2] if path.startswith("/v1/") and parts[2] in AREAS else "the rest"


def _operations_by_area() -> dict[str, list[Any]]:
    areas: dict[str, list[Any]] = {}
    found: Any = schema.get_all_operations()
    for operation in (result.ok() for result in found):
        areas.setdefault(_area(operation.path), []).append(operation)
    return areas


OPERATIONS = _operations_by_area()


@dataclass
class Attack:
    """What every case is sent with, and what came back: ``{(method, path): statuses}``."""

    tenants: TwoTenants
    objects: list[dict[str, str]]
    session: requests.Session
    answered: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    sent: int = 0

    def aim(self, case: Any, names: dict[str, str] | None, *, is_in_order: bool) -> None:
        """The case at these objects, with a body that is in order when there is one; ``names`` None leaves it as it was made."""
        if names is not None:
            case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
        body = body_in_order(case.method, case.path) or MAKING.get((case.method, case.path)) if is_in_order else None
        if body is not None:
            case.body, case.media_type = body, "application/json"

    def send(self, case: Any, who: str | None, revision: int) -> None:
        """The case as this caller, and whether the answer is one that the document has."""
        self.sent += 1
        headers = {"Prefer": "respond-async"}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.tenants.keys[who]}"
        if case.method != "GET" and revision:
            headers |= {"If-Match": f'"{revision}"', "Idempotency-Key": f"attack-{self.sent}"}
        response = case.call(base_url=self.tenants.service.url, headers=headers, session=self.session, timeout=60)
        checks = CHECKS[1:] if _route(case.operation) == READY and response.status_code == 503 else CHECKS
        case.validate_response(response, checks=checks)

        self.answered.setdefault(_route(case.operation), set()).add(response.status_code)
        documented = case.operation.definition.raw["responses"]
        assert response.status_code >= 400 or str(response.status_code) in documented, "not by the default answer"
        if response.status_code >= 400 and case.method.upper() != "HEAD":
            is_own = case.path.startswith(PREFIX) or case.path in INTERFACES
            refusal = "application/json" if is_own else "application/problem+json"
            assert response.headers["content-type"][0] == refusal


def _route(operation: Any) -> tuple[str, str]:
    """As the matrix has it."""
    return operation.method.upper(), operation.path.replace("{path}", "{path:path}")


def _is_reached(route: tuple[str, str], statuses: set[int]) -> bool:
    """Whether one case was let in, was in order and found its object: refusing everything is no proof of anything."""
    return any(200 <= status < 300 or status == CONFLICT for status in statuses) or (route == READY and 503 in statuses)


@pytest.fixture(scope="module")
def attack(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with (
        running_tenants(new_database(), tmp_path_factory.mktemp("attacked")) as tenants,
        requests.Session() as session,
    ):
        log = tenants.service.log
        with log.engine.begin() as connection:  # of somebody who asks nothing here: it may be withdrawn
            wanted = WantedAccount(CODES["bank"], "https://identity.example", "leaver", "handler", ("consumer",))
            leaver = SqlAccounts(connection, log.preparer).add(wanted, "key:test")
            second = Actor("key:test", TENANTS["provider"], frozenset({"provider"}))  # whose caller is an administrator
            shown = set_credential(tenants.bodies.begin(connection, second), **CREDENTIAL)
        own = {"account_id": leaver.account_id, "dataset_id": product_urn(tenants.offered)}
        own |= {"credential_id": shown.object_id}
        yield Attack(tenants, [names | own for names in tenants.objects], session)


def callers_of(route: tuple[str, str]) -> list[str | None]:
    """Who is sent by: everybody that the matrix lets in, one whom it does not, and nobody."""
    if not MATRIX[route]:
        return [None]
    let_in = [who for who, role in CALLERS.items() if role in MATRIX[route]]
    return [*let_in, *[who for who in CALLERS if who not in let_in][:1], None]


def try_cases(attack: Attack, operation: Any, chosen: settings) -> None:
    """The first is in order, at an object that is there, and comes from everybody; each other from two in turn."""
    first = [True]
    callers = callers_of(_route(operation))
    turns = itertools.cycle(callers)

    @settings(chosen, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(
        case=operation.as_strategy(),
        names=st.sampled_from([*attack.objects, None]),
        is_in_order=st.booleans(),
    )
    def each(case: Any, names: dict[str, str] | None, is_in_order: bool) -> None:
        senders = callers if first else list(itertools.islice(turns, 2))
        if first:
            is_in_order, names = first.pop(), attack.objects[0]
        attack.aim(case, names, is_in_order=is_in_order)
        for who in dict.fromkeys(senders):
            attack.send(case, who, attack.tenants.revision(case.path_parameters) if is_in_order else 0)

    each()


@pytest.mark.timeout(1800)  # in the long check six times as many requests, measured for coverage
@pytest.mark.parametrize("area", sorted(OPERATIONS))
def test_requests_from_the_document_are_answered_as_it_says(attack: Attack, area: str) -> None:
    for operation in OPERATIONS[area]:
        try_cases(attack, operation, settings(max_examples=EXAMPLES, derandomize=True))

    routes = set(map(_route, OPERATIONS[area]))
    unreached = {route: attack.answered[route] for route in routes if not _is_reached(route, attack.answered[route])}
    assert unreached.keys() == NEVER_REACHED.keys() & routes, unreached

    more = MORE_EXAMPLES.get(settings.get_current_profile_name(), 0)
    for operation in OPERATIONS[area] if more else ():
        try_cases(attack, operation, settings(max_examples=more, derandomize=False))


def test_every_route_lets_one_of_the_callers_in() -> None:
    assert [route for route, roles in MATRIX.items() if roles and not roles & set(CALLERS.values())] == []
