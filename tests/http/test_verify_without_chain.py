"""POST /v1/verify beside a chain node that fails: an answer all the same, and nothing is said for or against the anchor."""

import json
import os
from collections.abc import Callable
from typing import Any

from support.a_service import JSON, Service
from support.http_double import Answer, Seen, http_double

NewService = Callable[..., Service]
REFUSED = {"error": {"code": -32601, "message": "no such method"}}


def verified(service: Service) -> dict[str, Any]:
    """The answer about a proof of a new event."""
    sent = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "t"}
    assert service.post(json.dumps(sent), JSON).status_code == 201
    proof = service.get("/v1/events/proof", params={"source": sent["source"], "id": sent["id"]}).content
    answer = service.client.post("/v1/verify", content=proof, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def answered(outcome: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps({"jsonrpc": "2.0", "id": 1} | outcome).encode())


def test_verify_beside_a_node_that_refuses_every_call_leaves_the_chain_not_checked(new_service: NewService) -> None:
    with http_double(answered(REFUSED)) as node:
        report = verified(new_service(rpc_url=node.url))
    assert (report["verdict"], report["steps"][-1]["outcome"]) == ("valid", "not_checked")
    assert "does not answer" in report["trust"]["source"]


def test_verify_beside_a_node_that_comes_back_meanwhile_is_not_judged_by_a_chain_that_is_not_known(
    new_service: NewService,
) -> None:
    def node_that_is_up(request: Seen) -> Answer:
        call = json.loads(request.body)
        results = {"eth_chainId": "0x7a69", "eth_getCode": "0x6001", "eth_call": "0x" + "00" * 128}
        return answered({"result": results.get(call["method"], {"hash": "0x" + "11" * 32})})

    with http_double(answered(REFUSED), node_that_is_up) as node:
        service = new_service(rpc_url=node.url)
        first = verified(service)
        second = verified(service)
    assert (first["verdict"], first["steps"][-1]["outcome"]) == ("valid", "not_checked")
    assert "does not answer" in first["trust"]["source"]
    assert "its own chain node" in second["trust"]["source"]
