"""An event whose body is gone: it stays in the log, its proof stays valid, and it is never taken again.

The act of erasure itself is not this API's business; the test leaves the rows as an erasure leaves them.
"""

import json
import os

from sqlalchemy import text
from support.a_service import BATCH, JSON, Service

from ledger.bundle.verifier import Outcome, verify_proof

EVENT = {"specversion": "1.0", "source": "urn:test:office", "type": "org.test.erased.v1", "data": {"name": "Zhang San"}}


def test_erased_event_is_410_and_keeps_its_state_and_proof(service: Service) -> None:
    sent = EVENT | {"id": os.urandom(8).hex()}
    first = service.post(json.dumps(sent), JSON).json()["result"]
    service.settled()
    with service.log.engine.begin() as connection:
        at = {"leaf_index": first["leaf_index"]}
        connection.execute(text("UPDATE identities SET erased = true WHERE leaf_index = :leaf_index"), at)
        connection.execute(text("UPDATE entries SET sealed_body = NULL WHERE leaf_index = :leaf_index"), at)
    before = service.settled()
    params = {"source": sent["source"], "id": sent["id"]}

    for content in (sent, sent | {"data": {}}):
        again = service.post(json.dumps(content), JSON)
        assert (again.status_code, again.json()["code"]) == (410, "event_erased")
    item = service.post(json.dumps([sent]), BATCH).json()["results"][0]
    assert item["problem"]["code"] == "event_erased"
    assert service.settled() == before

    assert service.get("/v1/events", params=params).json()["result"]["leaf_hash"] == first["leaf_hash"]
    proof = service.get("/v1/events/proof", params=params)
    assert "Zhang" not in proof.text
    assert proof.json()["opening"]["body"] is None
    assert Outcome.FAILED not in {step.outcome for step in verify_proof(proof.content, None).steps}
    found = service.get("/v1/events/search", params={"type": EVENT["type"]}, role="auditor").json()["items"]
    assert [(item["erased"], item["source"], item["id"]) for item in found] == [(True, None, None)]
