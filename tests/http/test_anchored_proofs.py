"""Proofs of events on a real chain: anchored directly, anchored by a later head, redacted; verified with the chain's own facts."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.a_service import JSON, serving_log
from support.anchor_rig import Rig, anvil_rig, running_anvil
from support.embedded import DatabaseFactory

from ledger.adapters.chain.facts import read_chain_facts, read_chain_identity, read_contract_head
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.bundle.verifier import Verdict, verify_proof
from ledger.log.proof_file import parse_proof
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile


@dataclass
class Anchored:
    """Three events: two published one after the other, then one head anchored that covers both; all final."""

    rig: Rig
    rpc: JsonRpc
    client: httpx.Client
    headers: dict[str, str]
    early: dict[str, Any]
    late: dict[str, Any]
    early_size: int

    def proof(self, event: dict[str, Any], **params: Any) -> bytes:
        answer = self.client.get(
            "/v1/events/proof", params={"source": event["source"], "id": event["id"]} | params, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    def trust(self) -> TrustFile:
        identity = self.rig.log.preparer.identity
        chain = read_chain_identity(self.rpc, identity.evidence_log)
        receipt_key = self.rig.log.keys.receipt.public_key().public_bytes_raw()
        trusted = TrustedChain(chain.chain_id, identity.evidence_log, chain.code_hash, chain.genesis_hash)
        return TrustFile(trusted, (TrustedLog(identity, receipt_key),))


def event() -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": os.urandom(8).hex(),
        "source": "urn:test:office",
        "type": "org.xes.permit.v1",
        "subject": "case-1",
        "data": {"org:group": "Group 1", "concept:name": "Confirmation"},
    }


@pytest.fixture(scope="module")
def anchored(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Anchored]:
    factory = DatabaseFactory(postgres_server)
    database_url = factory(template=migrated_template)
    folder: Path = tmp_path_factory.mktemp("anchored")
    with running_anvil(folder / "anvil") as anvil:
        rig = anvil_rig(database_url, folder, anvil)
        with serving_log(rig.log, database_url, folder, rpc_url=anvil.url) as (url, _, keys):
            client = httpx.Client(base_url=url, timeout=30)
            headers = {"X-API-Key": keys["operator"]}
            events = [event(), event()]
            for sent in events:
                answer = client.post(
                    "/v1/events", content=json.dumps(sent), headers=headers | JSON | {"Prefer": "respond-async"}
                )
                assert answer.status_code == 202
                rig.leader.publishing_cycle()
                if sent is events[0]:
                    early_size = rig.marks().published
            marks = rig.run_until_final()
            assert marks.final == marks.published > early_size
            yield Anchored(rig, JsonRpc(anvil.url), client, headers, *events, early_size)
            client.close()
        rig.log.engine.dispose()
    factory.close()


def assert_valid(anchored: Anchored, proof: bytes) -> None:
    parsed = parse_proof(proof)
    assert parsed.anchor is not None
    head = read_contract_head(anchored.rpc, parsed, anchored.trust())
    assert head.state is not None
    assert head.state.tree_size >= parsed.anchor.tree_size
    facts = read_chain_facts(anchored.rpc, parsed.anchor)
    report = verify_proof(proof, anchored.trust(), facts, contract_head=head)
    assert report.verdict is Verdict.VALID, report
    assert report.steps[-1].outcome == "passed", "the chain itself was asked"


def test_event_is_final_and_its_proof_is_anchored_directly(anchored: Anchored) -> None:
    params = {"source": anchored.late["source"], "id": anchored.late["id"]}
    state = anchored.client.get("/v1/events", params=params, headers=anchored.headers).json()

    proof = anchored.proof(anchored.late)

    assert state["result"]["state"] == "final"
    parsed = parse_proof(proof)
    assert parsed.anchor is not None
    assert parsed.anchor.consistency_path == ()
    assert_valid(anchored, proof)


def test_proof_under_the_earlier_checkpoint_is_tied_to_the_later_head(anchored: Anchored) -> None:
    proof = anchored.proof(anchored.early, as_of_tree_size=anchored.early_size)

    parsed = parse_proof(proof)
    assert parsed.anchor is not None
    assert parsed.anchor.tree_size > anchored.early_size
    assert parsed.anchor.consistency_path
    assert_valid(anchored, proof)
    assert_valid(anchored, anchored.proof(anchored.early))


def test_redacted_proof_is_valid_on_the_chain(anchored: Anchored) -> None:
    proof = anchored.proof(anchored.early, redact="/event/data/concept:name")

    assert b"Confirmation" not in proof
    assert_valid(anchored, proof)


def test_verify_endpoint_asks_the_chain(anchored: Anchored) -> None:
    proof = anchored.proof(anchored.late)
    headers = {"Content-Type": "application/json"}

    good = anchored.client.post("/v1/verify", content=proof, headers=headers).json()
    tx_hash = json.loads(proof)["anchor"]["tx_hash"].encode()
    forged = anchored.client.post(
        "/v1/verify", content=proof.replace(tx_hash, b"0x" + b"1" * 64), headers=headers
    ).json()

    assert good["verdict"] == "valid"
    assert good["steps"][-1]["outcome"] == "passed"
    assert "chain node" in good["trust"]["source"]
    assert forged["verdict"] == "invalid"
    assert [step["name"] for step in forged["steps"] if step["outcome"] == "failed"] == ["chain"]


def test_anchors_are_listed_with_cursors(anchored: Anchored) -> None:
    whole = anchored.client.get("/v1/anchors", headers=anchored.headers).json()
    page = anchored.client.get("/v1/anchors", params={"limit": 1}, headers=anchored.headers).json()

    assert whole["chain"]["note"] == "development chain, no consensus"
    assert whole["items"][-1]["state"] == "final"
    assert whole["items"][-1]["tx_hash"] == json.loads(anchored.proof(anchored.late))["anchor"]["tx_hash"]
    listed = list(page["items"])
    while page["next_cursor"] is not None:
        params = {"limit": 1, "cursor": page["next_cursor"]}
        page = anchored.client.get("/v1/anchors", params=params, headers=anchored.headers).json()
        listed += page["items"]
    assert listed == whole["items"]
