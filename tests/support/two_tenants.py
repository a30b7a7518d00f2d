"""The first tenants with an object of every kind, and second tenants in every role, at a running API."""

import base64
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from support import sm2_reference
from support.a_service import JSON, Service, running_service
from support.account_examples import GRANT
from support.application_http import (
    APPLICATION_BODIES,
    APPLICATIONS,
    TOKENS,
    USES,
    HttpUse,
    put_sm2_keys_on_file,
    submission,
    use_of,
    widening,
)
from support.authorisation_world import SECRET as PLATFORM_SECRET
from support.catalog_examples import REQUEST
from support.demand_steps import BID, STEPS
from support.demand_world import CONTACT, demand
from support.life_http import (
    INTERFACE_BODIES,
    LIFE_BODIES,
    STATEMENT,
    HttpLifeAfter,
    complaint_body,
    create_body,
    execution_body,
    interface_execution_body,
    negotiate_body,
    put_keys_on_file,
    registrate_body,
    strategy_of,
    terminate_body,
)
from support.negotiation_http import CREDENTIALS, OFFERS, OPENING, OURS, SAY, Courses
from support.negotiation_world import PEER, RULES
from support.oidc_issuer import AUDIENCE, claims_of, part
from support.participant_service import ACT_BODIES, PRIVATE_WORDS, REGISTRY, application_body
from support.participants import BANK_CODE
from support.policy_examples import POLICY
from support.product_http import SIMPLE, STEP_BODIES, Bodies, HttpLife
from support.product_world import CODES, actor, body_document, content
from support.trade_http import (
    AGREEMENT_BODIES,
    ORDER_BODIES,
    TRADE_CONTRACTS,
    HttpTrade,
)

from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.participant import ChainKey, OnChain, Organisation, Participant, participant_to_json
from ledger.domain.records import from_json
from ledger.domain.roles import APPLICANT, READERS_OF_ALL, ROLES
from ledger.domain.subject_code import generate_subject_code
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor
from ledger.services.connector_credentials import set_credential

OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
TENANTS = {
    role: generate_subject_code("310000", f"MT{number:06d}0")
    for number, role in enumerate(sorted(set(ROLES) - READERS_OF_ALL), 1)
}
"""The second tenant in every role that does not read everything."""

ISSUER, SECRET = "https://region.test", 77_777
FIRST_EVENT = {"source": "urn:test:office:first", "id": "first-tenant-event"}
PARAMS: dict[str, dict[str, str]] = {
    "/v1/acts/{act_id}/typed-data": {"place": "0", "deadline": "1900000000"},
    "/v1/events": FIRST_EVENT,
    "/v1/events/proof": FIRST_EVENT,
}

CREDENTIAL = {"address": PEER, "token": "a-token-of-theirs-0123456789"}
_REASON = {"trigger": "dispute", "text": "x"}
_SIGNATURE = {"place": 0, "key": "0x" + "11" * 20, "deadline": 1_900_000_000, "signature": "0x" + "22" * 65}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/products/": STEP_BODIES
    | {
        "freeze": _REASON,
        "thaw": {"text": "x"},
        "{version}": content(),
    },
    "/v1/demands/": STEPS,
    **APPLICATION_BODIES,
    "/v1/participants/": ACT_BODIES,
    "/v1/acts/": {"signatures": _SIGNATURE},
    "/v1/accounts": {"accounts": GRANT, "withdrawal": {}},
    "/v1/catalog/": {"checks": {"finding": "conforms", "members": ["title"]}},
    "/v1/orders": ORDER_BODIES,
    "/v1/agreements": AGREEMENT_BODIES | LIFE_BODIES["/v1/agreements"],
    **{beginning: bodies for beginning, bodies in LIFE_BODIES.items() if beginning != "/v1/agreements"},
    **{path: {path.removeprefix("/"): body} for path, body in INTERFACE_BODIES.items()},
    "/dsp/": {"request": REQUEST},
    CREDENTIALS: {"connector-credentials": CREDENTIAL, "removal": {}},
    "/v1/policies/": {
        "evaluation": {"policy": POLICY, "steps": [{"action": "read"}]},
        "explanation": {"policy": POLICY},
    },
}
"""Beginning of a route -> its last part -> a body that is in order."""

SAID: dict[str, Any] = {OURS: OPENING, SAY: {"act": "terminate"}}
"""Route -> a body that is in order; messages of the other side, and what names an object, are put here when they were taken."""


def body_in_order(method: str, route: str) -> dict[str, Any] | None:
    """A body that this route takes, whatever it then says of the object; None when there is none here."""
    if method == "GET":
        return None
    if route in SAID:
        return SAID[route]
    last = route.rpartition("/")[2]
    for beginning, bodies in BODIES.items():
        if route.startswith(beginning) and last in bodies:
            return bodies[last]
    return None


@dataclass
class TwoTenants:
    """The first tenants with an object of every kind, and second ones in every role."""

    service: Service
    bodies: Bodies
    keys: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, str]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    offered: str = ""
    contract_id: str = ""

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

    def revision(self, names: dict[str, Any]) -> int:
        """Of the object that a path with these names is of, for ``If-Match``; 1 when there is none."""
        version = f"{names.get('product_code')}/{names.get('version')}"
        ids = [version if "version" in names else names.get("product_code"), names.get("code")]
        ids += [names.get("order_id"), names.get("agreement_id"), names.get("dispute_id")]
        query = text("SELECT max(revision) FROM objects WHERE object_id = ANY(:ids)")
        with self.service.log.engine.connect() as connection:
            return connection.execute(query, {"ids": [name for name in ids if name]}).scalar_one() or 1

    def written(self) -> tuple[int, ...]:
        """How much there is of everything that a request could have written."""
        tables = (
            "objects",
            "object_history",
            "accounts",
            "chain_calls",
            "deadlines",
            "idempotency_keys",
            "token_quotas",
        )
        queries = [*(f"SELECT count(*) FROM {table}" for table in tables)]
        queries += [
            "SELECT sum(revision) FROM objects",
            "SELECT sum(spent) FROM token_quotas",
            "SELECT count(*) FROM accounts WHERE state = 'active'",
        ]
        with self.service.log.engine.connect() as connection:
            return tuple(connection.execute(text(query)).scalar_one() for query in queries)


def negotiate(city: TwoTenants) -> dict[str, str]:
    """Two negotiations of the first tenants; returns what paths call them."""

    def post(who: str, route: str, body: Any, path: str) -> dict[str, Any]:
        answer = city.ask(who, "POST", path, body)
        assert answer.status_code in {200, 201}, (route, answer.text)
        return dict(answer.json())

    courses = Courses(city.bodies, post, city.offered)
    courses.play()
    SAID.update(courses.sent)
    SAID[OFFERS] = {"consumer": CODES["bank"], "address": PEER, "dataset_id": product_urn(city.offered), "rules": RULES}
    ours = courses.provider_pid
    return {"negotiation_id": ours, "pid": ours, "provider_pid": ours, "consumer_pid": courses.consumer_pid}


def authorise(city: TwoTenants, listed: HttpLife) -> dict[str, str]:
    """An application of the first tenants with its authorisation, a request to widen it and a token; returns what paths call them."""
    put_sm2_keys_on_file(city.bodies, "authorisation", PLATFORM_SECRET)
    use = HttpUse(listed).until_authorised(by_line_authority=True)
    use.do("bank", "/v1/authorisations/{authorisation_id}/widenings", widening())
    token_id, text = use.issue()
    SAID[APPLICATIONS], SAID[TOKENS], SAID[USES] = submission(listed.code), {"text": text}, use_of(text)
    return {
        "application_id": use.application_id,
        "authorisation_id": use.application_id,
        "number": "1",
        "token_id": token_id,
    }


def applicants_token() -> str:
    """Of somebody without an account: an SM2 token of a trusted issuer."""
    an_hour = int(time.time()) + 3_600  # whoever is slow asks with it for as long
    claims = claims_of(ISSUER, "second tenant", aud=None, auth=AUDIENCE, exp=an_hour)
    signed = f"{part({'typ': 'authToken', 'alg': 'SM2'})}.{part(claims)}"
    value = sm2_reference.sign(SECRET, int.from_bytes(os.urandom(31), "big") + 1, signed.encode(), SM2_SIGNER_ID)
    return f"{signed}.{base64.urlsafe_b64encode(value).rstrip(b'=').decode()}"


@contextmanager
def running_tenants(database_url: str, folder: Path) -> Iterator[TwoTenants]:
    """All of them at a running API."""
    trusted = [{"issuer": ISSUER, "audience": AUDIENCE, "sm2_keys": [sm2_reference.public_key(SECRET).hex()]}]
    with running_service(database_url, folder, oidc_issuers=trusted) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        vars(service.container)["contracts"] = TRADE_CONTRACTS | {
            "ParticipantRegistry": REGISTRY
        }  # in the place of the manifest
        made = TwoTenants(service, bodies, {**service.keys, **bodies.keys, APPLICANT: applicants_token()})
        admit_second_tenants(made)
        give_objects(made)
        yield made


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
            city.made("bank", f"/v1/demands/{{demand_id}}/{step}", {"bidder": CODES["provider"]}, demand_id=demands[-1])
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
    same |= negotiate(city) | authorise(city, listed)
    trade = HttpTrade(listed.ask, city.bodies, listed.code).ordered().generated().signed().filed()
    with city.service.log.engine.begin() as connection:
        kept = set_credential(city.bodies.begin(connection, actor("bank")), **CREDENTIAL)
    for _ in range(2):
        city.service.publisher.step()
    record = city.ask("provider", "GET", f"{OURS}/{{negotiation_id}}/record", **same).json()
    same |= {"credential_id": kept.object_id, "leaf_index": str(record["events"][0]["leaf_index"])}
    same |= {"order_id": trade.order_id, "agreement_id": trade.agreement_id}
    same |= give_what_follows(city, trade)
    city.objects = [same | {"product_code": code} for code in (listed.code, draft.code)]
    city.hidden = [
        kept.object_id,
        trade.order_id,
        trade.agreement_id,
        draft.code,
        asked.code,
        act_id,
        account_id,
        demands[1],
    ]
    city.hidden += [FIRST_EVENT["id"], same["application_id"], same["token_id"]]
    city.hidden += [same[name] for name in ("instruction_number", "notice_id", "dispute_id")] + [
        STATEMENT["text"],
        city.contract_id,
    ]
    city.hidden += [same["provider_pid"], same["consumer_pid"], *PRIVATE_WORDS, CONTACT.name, CONTACT.email]


def give_what_follows(city: TwoTenants, trade: HttpTrade) -> dict[str, str]:
    """Instructions, reports, a case, a contract of connectors, and the end with its papers; returns what paths call them."""
    put_keys_on_file(city.bodies)
    after = HttpLifeAfter(trade).performing().complained()
    BODIES["/v1/agreements"]["execution-reports"] = execution_body()  # of a time at which the agreement is there
    BODIES["/v1/disputes"]["disputes"] = complaint_body("agreement", trade.agreement_id)
    city.made(
        "bank", "/v1/agreements/{agreement_id}/execution-reports", execution_body(), agreement_id=trade.agreement_id
    )
    agreement, creation = trade.agreement(), create_body()
    city.contract_id = city.made("bank", "/contractCreate", creation)["contractId"]
    for path, body in (
        ("/contractCreate", creation),
        ("/contractNegotiate", negotiate_body(city.contract_id, strategy_of(trade.code))),
        ("/contractRegistrate", registrate_body(agreement)),
        ("/contractExecution", interface_execution_body(agreement)),
        ("/contractTerminate", terminate_body(agreement)),
    ):
        BODIES[path][path.removeprefix("/")] = body
    after.expired()
    [told, *_] = trade.read("provider", "/v1/notices?limit=200")["items"]
    return {
        "instruction_number": after.number,
        "side": "consumer",
        "dispute_id": after.dispute_id,
        "notice_id": told["notice_id"],
    }
