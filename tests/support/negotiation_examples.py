"""The examples of negotiations in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
import os
from typing import Any

from support.negotiation_http import AGREE, COUNTER, DSP, EVENT, OFFER, OURS, TERMINATE, VERIFY, Courses
from support.product_examples import code_on_sale
from support.product_http import Bodies

from api.openapi import ANY_NEGOTIATION

SUMMARIES = {
    f"{DSP}/request": "A bank asks for a product on offer",
    COUNTER: "The bank asks for other terms",
    EVENT: "The bank accepts",
    VERIFY: "The bank has verified the agreement",
    TERMINATE: "The bank ends the negotiation",
    OFFER: "A provider offers terms",
    AGREE: "The provider agrees",
    OURS: "Our bank asks a connector for a dataset",
}
JSON = {"Content-Type": "application/json"}


def record_negotiations(to: Any, bodies: Bodies) -> None:
    """Both sides of a negotiation; ``bodies`` are those of the products' examples, whose product is on sale."""
    code = code_on_sale(bodies)
    shown: set[str] = set()

    def post(who: str, route: str, body: Any, path: str) -> dict[str, Any]:
        operation = f"POST {route}"
        own = {} if route.startswith("/dsp/") else {"Idempotency-Key": os.urandom(8).hex()}
        is_new = route not in shown
        shown.add(route)
        status = 201 if route in (OURS, f"{DSP}/request") else 200
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
