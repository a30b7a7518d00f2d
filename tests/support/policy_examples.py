"""The examples of policies in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
from typing import Any

JSON = {"Content-Type": "application/json"}
POLICY = {
    "@type": "Offer",
    "permission": [
        {
            "action": "read",
            "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 100}],
            "duty": [{"action": "logRecordSend"}],
        }
    ],
    "prohibition": [{"action": "distribute"}],
}
COURSE = [
    {"action": "read", "facts": {"count": 1}},
    {"action": "read", "performed": [{"action": "logRecordSend", "facts": {}}]},
    {"action": "distribute"},
]


def record_policies(to: Any) -> None:
    """A policy tried and explained, and what is no policy."""
    for name, summary, body in (
        ("evaluation", "Three uses, one after the other", {"policy": POLICY, "steps": COURSE}),
        ("explanation", "A policy in words", {"policy": POLICY}),
    ):
        operation = f"POST /v1/policies/{name}"
        to.ask(operation, 200, "told", summary, role="consumer", headers=JSON, content=json.dumps(body))
        to.accept(operation, "application/json", "policy", summary, body)
        wrong = json.dumps(body | {"policy": {"@type": "Offer", "permission": [{"action": "dance"}]}})
        to.ask(operation, 400, "invalid_policy", role="consumer", headers=JSON, content=wrong)
        to.ask(operation, 401, "unauthenticated", role=None, headers=JSON, content=json.dumps(body))
