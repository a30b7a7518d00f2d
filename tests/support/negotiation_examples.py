"""The examples of negotiations in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
import os
from typing import Any

from support.a_log import PROMISE
from support.negotiation_http import (
    AGREE,
    COUNTER,
    CREDENTIALS,
    DSP,
    EVENT,
    OFFER,
    OFFERS,
    OURS,
    TERMINATE,
    VERIFY,
    Courses,
)
from support.product_examples import code_on_sale
from support.product_http import Bodies
from support.product_world import CODES

from api.openapi import ANY_NEGOTIATION
from ledger.adapters.sql import api_keys, outbox, search_index
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.services.accounts import WantedAccount

SUMMARIES = {
    f"{DSP}/request": "A bank asks for a product on offer",
    COUNTER: "The bank asks for other terms",
    EVENT: "The bank accepts",
    VERIFY: "The bank has verified the agreement",
    TERMINATE: "The bank ends the negotiation",
    OFFER: "A provider offers terms",
    AGREE: "The provider agrees",
    OURS: "Our bank asks a connector for a dataset",
    OFFERS: "Our provider offers a connector a product of its own",
    f"{DSP}/offers": "A provider offers a dataset to our bank",
}
JSON = {"Content-Type": "application/json"}


def record_negotiations(to: Any, bodies: Bodies) -> str:
    """Both sides of a negotiation; ``bodies`` are those of the products' examples, whose product is on sale."""
    code = code_on_sale(bodies)
    shown: set[str] = set()

    def post(who: str, route: str, body: Any, path: str) -> dict[str, Any]:
        operation = f"POST {route}"
        own = {} if route.startswith("/dsp/") else {"Idempotency-Key": os.urandom(8).hex()}
        is_new = route not in shown
        shown.add(route)
        status = 201 if route in (OURS, OFFERS, f"{DSP}/request", f"{DSP}/offers") else 200
        if not is_new:
            headers = JSON | own | {"Authorization": f"Bearer {to.keys[f'body:{who}']}"}
            answer = to.client.post(path, json=body, headers=headers)
            assert answer.status_code == status, answer.text
            return dict(answer.json())
        sent = {"path": path, "headers": JSON | own}
        summary = SUMMARIES.get(route, "The provider offers terms of its own")
        answer = to.ask(operation, status, "taken", summary, role=f"body:{who}", content=json.dumps(body), **sent)
        to.accept(operation, "application/json", "message", summary, body)
        wrong, role = ("invalid_negotiation_message", f"body:{who}") if not own else ("invalid_input", f"body:{who}")
        to.ask(operation, 400, wrong, "Not a message", role=role, content="{}", **sent)
        to.ask(operation, 401, "unauthenticated", "No key", role=None, content=json.dumps(body), **sent)
        return dict(answer.json())

    courses = Courses(bodies, post, code)
    courses.play()
    _reads(to, courses.provider_pid)
    proof = _record(to, bodies, courses.provider_pid)
    _credentials(to, bodies)
    return proof


def _reads(to: Any, pid: str) -> None:
    one = f"{OURS}/{{negotiation_id}}"
    for operation, summary in (
        (f"GET {OURS}", "Those of a body"),
        (f"GET {one}", "One, after it ended"),
        (f"GET {one}/messages", "All that was said"),
        (f"GET {DSP}/{{pid}}", "Its state, as the protocol shows it"),
    ):
        path = operation.partition(" ")[2].replace("{negotiation_id}", pid).replace("{pid}", pid)
        to.ask(operation, 200, "shown", summary, role="body:provider", path=path)
        to.ask(operation, 400, "invalid_input", "An unknown parameter", role="body:provider", path=f"{path}?colour=red")
        to.ask(operation, 401, "unauthenticated", "No key", role=None, path=path)
        if "{" in operation:
            to.ask(operation, 404, "not_found", "Of others", role="body:stranger", path=path)
    to.ask(f"DELETE {DSP}/request", 405, "method", "Another method", role=None, as_any=ANY_NEGOTIATION)


def _credentials(to: Any, bodies: Bodies) -> None:
    """Set and removed by an administrator of the bank."""
    with bodies.log.engine.begin() as connection:
        wanted = WantedAccount(CODES["bank"], "https://identity.example", "bank admin", "admin", ("consumer",))
        account = SqlAccounts(connection, bodies.log.preparer).add(wanted, "key:test")
        made = api_keys.create(
            connection, bodies.log.preparer, role="consumer", submitter="bank-admin", account_id=account.account_id
        )
    to.keys["body:bank:admin"] = made.api_key
    body = {"address": "https://connector.example/dsp", "token": "a-token-of-theirs-0123456789"}

    def post(route: str, path: str, body: dict[str, str], summary: str) -> Any:
        operation = f"POST {route}"
        headers = JSON | {"Idempotency-Key": os.urandom(8).hex()}
        sent = json.dumps(body)
        asked = to.ask(
            operation, 200, "done", summary, role="body:bank:admin", path=path, headers=headers, content=sent
        )
        to.accept(operation, "application/json", "sent", summary, body)
        others = JSON | {"Idempotency-Key": os.urandom(8).hex()}
        wrong = json.dumps({"colour": "red"})
        to.ask(
            operation,
            400,
            "invalid_input",
            "Not a request",
            role="body:bank:admin",
            path=path,
            headers=others,
            content=wrong,
        )
        to.ask(operation, 401, "unauthenticated", "No key", role=None, path=path, headers=others, content=sent)
        to.ask(
            operation, 403, "forbidden", "No administrator", role="body:bank", path=path, headers=others, content=sent
        )
        return asked.json()

    name = post(CREDENTIALS, CREDENTIALS, body, "The token that a connector has issued to the bank")["credential_id"]
    operation = f"GET {CREDENTIALS}"
    to.ask(operation, 200, "shown", "For which addresses there is one", role="body:bank")
    to.ask(operation, 400, "invalid_input", "An unknown parameter", role="body:bank", path=f"{CREDENTIALS}?colour=red")
    to.ask(operation, 401, "unauthenticated", "No key", role=None)
    removal = f"{CREDENTIALS}/{{credential_id}}/removal"
    post(removal, removal.replace("{credential_id}", name), {}, "It is shown no more")


def record_proof(to: Any, path: str) -> None:
    """The proof of a negotiation's event, once a checkpoint covers it."""
    operation = f"GET {OURS}/{{negotiation_id}}/record/{{leaf_index}}"
    to.ask(operation, 200, "whole", "The proof of one of its events", role="body:provider", path=path)


def _record(to: Any, bodies: Bodies, pid: str) -> str:
    """What is kept of the provider's negotiation; the log holds no event of it yet, or all. Returns where the proof of its first event is."""
    one = f"{OURS}/{{negotiation_id}}"
    outbox.drain(bodies.log.engine, bodies.log.preparer, PROMISE, 10_000)
    while search_index.index_next(bodies.log.engine, 5_000):
        pass
    path = one.replace("{negotiation_id}", pid)
    record = to.ask(
        f"GET {one}/record", 200, "shown", "Every version and its events", role="body:provider", path=f"{path}/record"
    )
    leaf = record.json()["events"][0]["leaf_index"]
    proof = f"GET {one}/record/{{leaf_index}}"
    to.ask(
        proof,
        409,
        "not_published_yet",
        "No checkpoint covers it yet",
        role="body:provider",
        path=f"{path}/record/{leaf}",
    )
    told = f"GET {one}/explanation"
    to.ask(told, 200, "newest", "What was agreed, in words", role="body:bank", path=f"{path}/explanation")
    for operation, asked in ((f"GET {one}/record", "record"), (proof, f"record/{leaf}"), (told, "explanation")):
        there = f"{path}/{asked}"
        to.ask(
            operation, 400, "invalid_input", "An unknown parameter", role="body:provider", path=f"{there}?colour=red"
        )
        to.ask(operation, 401, "unauthenticated", "No key", role=None, path=there)
        to.ask(operation, 404, "not_found", "Of others", role="body:stranger", path=there)
    return f"{path}/record/{leaf}"
