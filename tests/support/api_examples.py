"""The examples of the OpenAPI document: requests to a running API and what it answered, nothing written by hand.

``record`` asks a real service over a real database and a real chain for every kind of answer that its operations have.
``scripts/record_examples.py`` keeps that in ``api/examples.json``; ``tests/http/test_openapi_examples.py`` asks again and compares.

Shape: ``{"METHOD /path": {"requests": {media type: {name: example}}, "responses": {status: {media type: {name: example}}}}}``, an
example being ``{"summary": ..., "value": ...}``. ``ANY`` and ``ANY_DSP`` stand for what every operation may answer.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from sqlalchemy import text
from support import catalog_examples
from support.a_service import BATCH, JSON, NDJSON, serving_log
from support.account_examples import record_accounts
from support.act_examples import record_acts
from support.anchor_rig import Anvil, Rig, anvil_rig
from support.application_examples import record_applications
from support.demand_examples import record_demands
from support.life_examples import record_life
from support.negotiation_examples import record_negotiations, record_proof
from support.participant_examples import record_participants
from support.policy_examples import record_policies
from support.product_examples import record_products
from support.trade_examples import record_trade

from api import judging
from api.openapi import ANY
from ledger.adapters.sql import anchoring, api_keys

PROBLEM = "application/problem+json"
ASYNC = {"Prefer": "respond-async"}
PLAIN_JSON = {"Content-Type": "application/json"}
TOO_LARGE = 2**22

EVENT = {
    "specversion": "1.0",
    "id": "case-891:0",
    "source": "urn:city:permit-office",
    "type": "org.xes.permit.v1",
    "subject": "case-891",
    "time": "2010-10-02T09:20:39.266+02:00",
    "datacontenttype": "application/json",
    "data": {"concept:name": "Confirmation of receipt", "org:group": "Group 1"},
}
BINARY = PLAIN_JSON | {
    "ce-specversion": "1.0",
    "ce-id": "case-891:1",
    "ce-source": "urn:city:permit-office",
    "ce-type": "org.xes.permit.v1",
    "ce-subject": "case-891",
}
NAMED = {"source": EVENT["source"], "id": EVENT["id"]}
UNKNOWN = {"source": EVENT["source"], "id": "case-0:0"}


def event(number: int, **members: Any) -> dict[str, Any]:
    return EVENT | {"id": f"case-891:{number}"} | members


@dataclass
class Recorder:
    """Asks, insists on the status, and keeps what was answered under a name."""

    client: httpx.Client
    keys: dict[str, str]
    recorded: dict[str, Any] = field(default_factory=dict)

    def ask(
        self,
        operation: str,
        status: int,
        name: str,
        summary: str = "",
        *,
        role: str | None = "platform_service",
        headers: dict[str, str] | None = None,
        path: str = "",
        as_any: str | None = None,
        **request: Any,
    ) -> httpx.Response:
        """One exchange; ``name`` of a problem is its code, and its summary its title."""
        method, _, route = operation.partition(" ")
        headers = (headers or {}) | ({} if role is None else {"Authorization": f"Bearer {self.keys[role]}"})
        response = self.client.request(method, path or route, headers=headers, **request)
        assert response.status_code == status, (operation, name, response.status_code, response.text)
        media_type = response.headers["Content-Type"].partition(";")[0]
        if media_type == PROBLEM:
            assert response.json()["code"] == name, response.text
            summary = summary or response.json()["title"]
        where = (as_any, "default") if as_any else (operation, str(status))
        kept = self.recorded.setdefault(where[0], {"requests": {}, "responses": {}})["responses"]
        shown = kept.setdefault(where[1], {}).setdefault(media_type, {})
        assert name not in shown, f"{operation} has two examples of the name {name}"
        shown[name] = {"summary": summary, "value": value_of(response, media_type)}
        return response

    def accept(self, operation: str, media_type: str, name: str, summary: str, value: Any) -> None:
        """Keeps the body of a request that was answered as it should be."""
        requests = self.recorded[operation]["requests"]
        requests.setdefault(media_type, {})[name] = {"summary": summary, "value": value}


def value_of(response: httpx.Response, media_type: str) -> Any:
    if media_type.endswith("json"):
        return response.json()
    if media_type == "application/octet-stream":
        return base64.b64encode(response.content).decode("ascii")
    if media_type == "application/pdf":  # the beginning shows the form
        return base64.b64encode(response.content[:60]).decode("ascii")
    if "# HELP" in response.text:  # of the metrics, one counter shows the form
        lines = [line for line in response.text.splitlines() if "cityledger_api_events_total" in line]
        return "\n".join(lines) + "\n"
    return response.text


def record(database_url: str, folder: Path, anvil: Anvil) -> dict[str, Any]:
    """Every exchange, in the shape that is kept; ``anvil`` is a new chain and ``database_url`` a migrated, empty database."""
    rig = anvil_rig(database_url, folder, anvil)
    with (
        serving_log(rig.log, database_url, folder, rpc_url=anvil.url) as (url, container, keys),
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        to = Recorder(client, keys | {"scoped": _scoped_key(rig)})
        _before_publication(to)
        with _publishing(rig):
            _events(to)
            _refused_events(to)
            _overloaded(to, container)
        _not_published(to)
        rig.run_until_final()
        while rig.leader.index_cycle():
            pass
        _reads(to)
        _refused_reads(to)
        _log(to)
        record_accounts(to)
        catalog_examples.record(to, rig.log.engine)
        record_acts(to, rig.log, container)
        record_participants(to, rig.log, container)
        bodies = record_products(to, rig.log)
        record_demands(to, bodies)
        proof = record_negotiations(to, bodies)
        record_policies(to)
        record_applications(to, bodies)
        record_trade(to, bodies)
        record_life(to, bodies)
        rig.run_until_final()
        record_proof(to, proof)
        _verification(to)
        _erased(to, rig)
        _health(to)
        _failures(to, container, rig)
    rig.log.engine.dispose()
    return to.recorded


def _scoped_key(rig: Rig) -> str:
    with rig.log.engine.begin() as connection:
        return api_keys.create(
            connection,
            rig.log.preparer,
            role="platform_service",
            submitter="tax-office",
            source_prefixes=("urn:city:tax-office:",),
        ).api_key


@contextmanager
def _publishing(rig: Rig) -> Iterator[None]:
    stopped = threading.Event()

    def run() -> None:
        while not stopped.wait(0.02):
            rig.leader.publishing_cycle()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _before_publication(to: Recorder) -> None:
    to.ask("GET /log/checkpoint", 404, "not_found", role=None)


def _events(to: Recorder) -> None:
    post = "POST /v1/events"
    to.ask(post, 201, "structured", "A new event, in structured mode", headers=JSON, content=json.dumps(EVENT))
    to.accept(post, JSON["Content-Type"], "structured", "One event, in structured mode", EVENT)
    to.ask(post, 200, "repeat", "The same event again", headers=JSON, content=json.dumps(EVENT))
    shown = "A new event, in binary mode, and with `openings=true` what opens its public entry"
    content = json.dumps(EVENT["data"])
    to.ask(post, 201, "binary_with_opening", shown, headers=BINARY, content=content, params={"openings": "true"})
    attributes = ", ".join(f"`{name}: {value}`" for name, value in BINARY.items() if name.startswith("ce-"))
    to.accept(
        post, "application/json", "binary", f"The data of an event in binary mode; headers {attributes}", EVENT["data"]
    )
    batch = [event(2), EVENT | {"subject": "case-893"}]
    shown = "A batch: one result, or one refusal, an event"
    to.ask(post, 200, "batch", shown, headers=BATCH, content=json.dumps(batch))
    to.accept(
        post,
        BATCH["Content-Type"],
        "batch",
        "Two events; the second is refused, for its identity has other content",
        batch,
    )
    lines = "".join(json.dumps(event(number)) + "\n" for number in (3, 4))
    to.ask(post, 200, "ndjson", "NDJSON: one result a line", headers=NDJSON, content=lines)
    to.accept(post, NDJSON["Content-Type"], "ndjson", "Two events, one a line", lines)
    shown = "With `Prefer: respond-async`: sequenced, under no checkpoint yet"
    to.ask(post, 202, "respond_async", shown, headers=JSON | ASYNC, content=json.dumps(event(5)))


def _refused_events(to: Recorder) -> None:
    post = "POST /v1/events"
    sent = json.dumps(event(90))
    to.ask(post, 400, "malformed_json", headers=JSON, content='{"specversion": oops')
    to.ask(post, 400, "invalid_event", headers=JSON, content='{"specversion": "1.0", "id": "1", "type": "a"}')
    to.ask(post, 400, "number_not_exact", headers=JSON, content=json.dumps(event(90, data=9007199254740993)))
    to.ask(post, 400, "invalid_input", headers=JSON, content=sent, params={"opening": "true"})
    to.ask(post, 401, "unauthenticated", role=None, headers=JSON, content=sent)
    to.ask(post, 403, "forbidden", role="auditor", headers=JSON, content=sent)
    to.ask(post, 403, "source_not_bound", role="scoped", headers=JSON, content=sent)
    to.ask(post, 409, "event_conflict", headers=JSON, content=json.dumps(EVENT | {"subject": "case-892"}))
    to.ask(post, 413, "too_large", headers=JSON, content=b" " * TOO_LARGE)
    to.ask(post, 415, "unsupported_media_type", headers={"Content-Type": "text/plain"}, content=sent)


def _overloaded(to: Recorder, container: Any) -> None:
    """As many events wait as may; that they do is pretended, the refusal is not."""
    with patch.object(container.committer, "_outstanding", container.settings.outstanding_events_max):
        to.ask("POST /v1/events", 429, "overloaded", headers=JSON, content=json.dumps(event(91)))


def _not_published(to: Recorder) -> None:
    sent = event(6)
    to.client.post(
        "/v1/events",
        content=json.dumps(sent),
        headers=JSON | ASYNC | {"Authorization": f"Bearer {to.keys['platform_service']}"},
    )
    named = {"source": sent["source"], "id": sent["id"]}
    to.ask("GET /v1/events/proof", 409, "not_published_yet", params=named)


def _reads(to: Recorder) -> None:
    to.ask("GET /v1/events", 200, "final", "An event whose anchor is final", params=NAMED)
    proof = "GET /v1/events/proof"
    to.ask(proof, 200, "whole", "The proof of a whole event", params=NAMED)
    redacted = NAMED | {"redact": "/event/data/org:group"}
    to.ask(proof, 200, "redacted", "`redact=/event/data/org:group` withholds that field", params=redacted)
    search = {"type": EVENT["type"], "tag_kind": "case", "tag_value": EVENT["subject"], "limit": 2}
    to.ask("GET /v1/events/search", 200, "page", "Two events of a case, and the cursor of the next page", params=search)
    to.ask("GET /v1/anchors", 200, "page", "The heads that the chain holds", role="auditor")


def _refused_reads(to: Recorder) -> None:
    for operation, given in (
        ("GET /v1/events", NAMED),
        ("GET /v1/events/proof", NAMED),
        ("GET /v1/events/search", {}),
        ("GET /v1/anchors", {}),
    ):
        to.ask(operation, 401, "unauthenticated", role=None, params=given)
        if given:
            to.ask(operation, 404, "not_found", params=UNKNOWN)
    to.ask("GET /v1/events", 400, "invalid_input", params={"source": EVENT["source"]})
    to.ask("GET /v1/events/proof", 400, "invalid_input", params=NAMED | {"redact": "/event/data/none"})
    to.ask("GET /v1/events/search", 400, "invalid_input", params={"received_from": "yesterday"})
    to.ask("GET /v1/events/search", 403, "forbidden", params={"submitter": "another-office"})
    to.ask("GET /v1/anchors", 400, "invalid_input", params={"limit": "1001"})


def _log(to: Recorder) -> None:
    facts = to.ask("GET /v1/log", 200, "facts", "The facts of the log", role=None).json()
    to.ask("GET /v1/log", 400, "invalid_input", role=None, params={"verbose": "true"})
    note = to.ask("GET /log/checkpoint", 200, "note", "A signed note with the signatures of both keys", role=None)
    size = facts["tree_sizes"]["published"]
    assert note.text.split("\n")[1] == str(size)
    tile = "GET /log/tile/{path}"
    form = "shown in base64; the answer is these bytes"
    shown = f"`/log/tile/0/000.p/{size}`: the {size} leaf hashes of 32 bytes, {form}"
    to.ask(tile, 200, "hashes", shown, role=None, path=f"/log/tile/0/000.p/{size}")
    shown = f"`/log/tile/entries/000.p/{size}`: the {size} public entries, each after its length in two bytes, {form}"
    to.ask(tile, 200, "entries", shown, role=None, path=f"/log/tile/entries/000.p/{size}")
    to.ask(tile, 404, "not_found", role=None, path="/log/tile/0/000")


def _verification(to: Recorder) -> None:
    post = "POST /v1/verify"
    headers = {"Authorization": f"Bearer {to.keys['platform_service']}"}
    proof = to.client.get("/v1/events/proof", params=NAMED, headers=headers).content
    given: dict[str, Any] = {"role": None, "headers": PLAIN_JSON}
    to.ask(post, 200, "valid", "Every step that could be taken passed", content=proof, **given)
    shown = "A proof file, byte for byte as it was given out: canonical JSON (RFC 8785), no line end"
    to.accept(post, PLAIN_JSON["Content-Type"], "proof_file", shown, json.loads(proof))
    forged = proof.replace(b'"org:group":"Group 1"', b'"org:group":"Group 2"')
    assert forged != proof
    to.ask(post, 200, "invalid", "A field of the event was changed", content=forged, **given)
    to.ask(post, 400, "malformed_gzip", role=None, headers=PLAIN_JSON | {"Content-Encoding": "gzip"}, content=proof)
    to.ask(post, 413, "too_large", content=b" " * TOO_LARGE, **given)
    to.ask(post, 415, "unsupported_media_type", role=None, headers={"Content-Type": "text/plain"}, content=proof)
    _too_many_proofs(to, proof)


def _too_many_proofs(to: Recorder, proof: bytes) -> None:
    """As many proofs wait as may; that they do is pretended, the refusal is not."""
    judges: list[judging.Judge] = []
    verify = judging.Judge.verify

    async def noticed(judge: judging.Judge, unpack: Callable[[], bytes]) -> Any:
        judges.append(judge)
        return await verify(judge, unpack)

    with patch.object(judging.Judge, "verify", noticed):
        assert to.client.post("/v1/verify", content=proof, headers=PLAIN_JSON).status_code == 200
    with patch.object(judges[0], "_waiting", judging.PROOFS_WAITING_MAX):
        to.ask("POST /v1/verify", 429, "overloaded", role=None, headers=PLAIN_JSON, content=proof)


def _erased(to: Recorder, rig: Rig) -> None:
    """The rows as an erasure leaves them; the act itself is not this API's."""
    sent = event(4)
    headers = {"Authorization": f"Bearer {to.keys['platform_service']}"}
    named = {"source": sent["source"], "id": sent["id"]}
    found = to.client.get("/v1/events", params=named, headers=headers).json()["result"]
    with rig.log.engine.begin() as connection:
        at = {"leaf_index": found["leaf_index"]}
        connection.execute(text("UPDATE identities SET erased = true WHERE leaf_index = :leaf_index"), at)
        connection.execute(text("UPDATE entries SET sealed_body = NULL WHERE leaf_index = :leaf_index"), at)
    to.ask("POST /v1/events", 410, "event_erased", headers=JSON, content=json.dumps(sent))


def _health(to: Recorder) -> None:
    to.ask("GET /livez", 200, "alive", "The process answers", role=None)
    to.ask("GET /readyz", 200, "ready", "Every part is ready", role=None)
    to.ask("GET /metrics", 200, "excerpt", "An excerpt: one counter of many", role=None)


def _failures(to: Recorder, container: Any, rig: Rig) -> None:
    """Failures of the service itself; the last of them last, for anchoring stays halted."""
    to.ask("GET /v1/nothing", 404, "not_found", "No such path", role=None, as_any=ANY)
    to.ask("DELETE /v1/events", 405, "method_not_allowed", role=None, as_any=ANY)

    def fail(*_: Any) -> None:
        raise RuntimeError("nothing of this is shown")

    with patch.object(container, "read_view", fail):
        to.ask("GET /v1/log", 500, "internal_error", role=None, as_any=ANY)
    keyring = rig.folder / "keyring"
    kept = keyring.rename(rig.folder / "kept")
    sent = {"headers": JSON, "content": json.dumps(event(92))}
    for state in (503, 200):
        while to.client.get("/readyz").status_code != state:
            time.sleep(0.1)  # the guard looks once a second
        if state == 503:
            to.ask("POST /v1/events", 503, "keyring_incomplete", **sent)
            kept.rename(keyring)
    with rig.log.engine.begin() as connection:
        anchoring.halt(connection, "foreign_head_on_chain: recorded for an example", {})
    to.ask("GET /readyz", 503, "not_ready", role=None)
