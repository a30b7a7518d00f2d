"""The examples of acts in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
from typing import Any

from support.a_log import ALog
from support.signed_acts import FAR, SignedActs

from api.container import Container

JSON = "application/json"
NOTHING = "0" * 40


def record_acts(to: Any, log: ALog, container: Container) -> None:
    """Asks for every kind of answer; ``to`` is the recorder."""
    acts = SignedActs(log, container, to.client)
    to.keys |= {"trading": acts.trading.api_key, "authorisation": acts.authorisation.api_key}
    act_id = acts.propose("permit-status")
    _reads(to, act_id)
    _signatures(to, acts, act_id)
    done = {"role": "trading", "path": f"/v1/acts/{act_id}"}
    to.ask("GET /v1/acts/{act_id}", 200, "calling", "All signatures are there; the contract call waits", **done)


def _reads(to: Any, act_id: str) -> None:
    listed, one, document = "GET /v1/acts", "GET /v1/acts/{act_id}", "GET /v1/acts/{act_id}/typed-data"
    mine = {"waiting_for": "me"}
    to.ask(
        listed, 200, "waiting", "`waiting_for=me`: the acts that wait for one's signature", role="trading", params=mine
    )
    to.ask(listed, 400, "invalid_input", role="trading", params={"state": "lost"})
    to.ask(listed, 401, "unauthenticated", role=None)
    asked = {"place": 0, "deadline": FAR}
    for operation, suffix, params in ((one, "", {}), (document, "/typed-data", asked)):
        path = f"/v1/acts/{act_id}{suffix}"
        to.ask(operation, 400, "invalid_input", role="trading", path=path, params=params | {"verbose": "true"})
        to.ask(operation, 401, "unauthenticated", role=None, path=path, params=params)
        to.ask(operation, 404, "not_found", role="trading", path=f"/v1/acts/{NOTHING}{suffix}", params=params)
    to.ask(one, 200, "open", "An act that two platforms sign", role="trading", path=f"/v1/acts/{act_id}")
    path = f"/v1/acts/{act_id}/typed-data"
    to.ask(document, 200, "review", "What the first of them signs", role="trading", path=path, params=asked)


def _signatures(to: Any, acts: SignedActs, act_id: str) -> None:
    post = "POST /v1/acts/{act_id}/signatures"

    def sign(status: int, name: str, body: Any, summary: str = "", *, key: str | None = None, **given: Any) -> None:
        headers = {"Content-Type": JSON} | ({} if key == "" else {"Idempotency-Key": key or f"{name}-{status}"})
        given = {"role": "trading", "path": f"/v1/acts/{act_id}/signatures"} | given
        to.ask(post, status, name, summary, headers=headers, content=json.dumps(body), **given)

    mine = acts.signature(act_id, acts.trading, 0)
    other = acts.signature(act_id, acts.authorisation, 1, sm2=True)
    sign(400, "invalid_act_signature", mine | {"signature": "0x" + "00" * 65})
    sign(400, "act_deadline_out_of_range", mine | {"deadline": 1})
    sign(400, "invalid_input", mine | {"place": 2})
    sign(400, "idempotency_key_missing", mine, key="")
    sign(401, "unauthenticated", mine, role=None)
    sign(403, "forbidden", mine, role="auditor")
    sign(404, "not_found", mine, path=f"/v1/acts/{NOTHING}/signatures")
    sign(201, "open", mine, "The first of two signatures")
    to.accept(post, JSON, "signature", "A signature of the act's first signer", mine)
    sign(409, "conflict", acts.signature(act_id, acts.trading, 0, hours=25))
    sign(409, "idempotency_key_reused", other, key="open-201")
    sign(201, "complete", other, "The last one, with an SM2 signature beside it", role="authorisation")
    to.accept(post, JSON, "with_sm2", "One with an SM2 signature of the same act", other)
    sign(409, "illegal_transition", acts.signature(act_id, acts.trading, 0, hours=26))
