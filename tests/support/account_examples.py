"""The examples of accounts in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
from typing import Any

from support import sm2_reference

GRANT = {
    "participant": "91110108000000001A",
    "issuer": "https://identity.example",
    "subject": "9b1c7e52",
    "level": "handler",
    "roles": ["provider"],
    "sm2_keys": [sm2_reference.public_key(7).hex()],
    "signs_requests": True,
}
NOBODY = "acc-" + "0" * 32


def record_accounts(to: Any) -> None:
    """Asks for every kind of answer; ``to`` is the recorder."""
    grant, withdraw = "POST /v1/accounts", "POST /v1/accounts/{account_id}/withdrawal"

    def write(operation: str, status: int, name: str, summary: str = "", **given: Any) -> Any:
        key = given.pop("key", f"{name}-{summary[:8]}".replace(" ", "-"))
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        body = json.dumps(given.pop("body", GRANT if operation == grant else {}))
        return to.ask(operation, status, name, summary, headers=headers, content=body, **({"role": "operator"} | given))

    made = write(grant, 201, "granted", "A handler of a provider, whose requests must be signed").json()
    to.accept(grant, "application/json", "handler", "A handler of a provider, whose requests must be signed", GRANT)
    write(grant, 400, "invalid_input", body=GRANT | {"roles": ["provider", "auditor"]})
    write(grant, 400, "idempotency_key_missing", key="")
    write(grant, 401, "unauthenticated", role=None)
    write(grant, 403, "forbidden", role="auditor")
    write(grant, 409, "conflict")
    write(grant, 409, "idempotency_key_reused", key="granted-A-handle", body=GRANT | {"level": "viewer"})
    path = f"/v1/accounts/{made['account_id']}/withdrawal"
    write(withdraw, 200, "withdrawn", "From now on this account is refused", path=path)
    to.accept(withdraw, "application/json", "nothing", "The path names the account", {})
    write(withdraw, 400, "invalid_input", path=path, body={"reason": "left"})
    write(withdraw, 401, "unauthenticated", path=path, role=None)
    write(withdraw, 403, "forbidden", path=path, role="auditor")
    write(withdraw, 404, "not_found", path=f"/v1/accounts/{NOBODY}/withdrawal")
    write(withdraw, 409, "illegal_transition", path=path)
    to.ask("GET /v1/accounts", 200, "page", "All accounts, as the operator sees them", role="operator")
    to.ask("GET /v1/me", 200, "key", "A key of the operator's making stands for itself", role="operator")
    for operation in ("GET /v1/accounts", "GET /v1/me"):
        to.ask(operation, 400, "invalid_input", role="operator", params={"verbose": "true"})
        to.ask(operation, 401, "unauthenticated", role=None)
