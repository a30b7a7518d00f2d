"""Following real contracts on a real node: what their deployment and acts logged, a reorganisation, and what ``status`` says of it.

What is expected comes from the node's logs, decoded by web3 with the compiler's ABI, and from the contracts' own answers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from support.a_service import Service, running_service
from support.anchor_rig import Anvil
from support.suite import DEPLOYER, ROLES, SuiteWorld, address, key
from typer.testing import CliRunner
from web3 import Web3

from anchor.contract_events import ContractFollower, FollowedSuite
from anchor.following import FinalityRule
from anchor.lease import LeaderLease, holder_name
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import artifact_name
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_events import read_suite
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.clock import SystemClock
from ledger.adapters.sql import contract_events
from ledger.adapters.sql.contract_events import Cursor
from ledger.adapters.sql.engine import create_engine
from ledger.cli.app import app
from ledger.log.typed_data import keccak256

FOLLOWED = ("Directory", "ParticipantRegistry")
INHERITED = "AuthorityUpdated"
"""Of a base contract, and in no interface: kept without a name."""
LISTINGS = 6
"""The last acts of a deployment put its contracts into the directory, one block each; the one before admits the last body."""


@dataclass
class Followed:
    """A deployed suite, and the database that it is followed into."""

    world: SuiteWorld
    engine: Engine
    follower: ContractFollower
    contracts: SuiteChain

    def rows(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def cursor(self) -> Cursor:
        with self.engine.connect() as connection:
            cursor = contract_events.read_cursor(connection)
        assert cursor is not None
        return cursor

    def state(self, contract: str, kind: str, object_id: str) -> dict[str, Any] | None:
        with self.engine.connect() as connection:
            return contract_events.state_of(connection, self.contracts.addresses[contract], kind, object_id)

    def reorganise(self, depth: int) -> None:
        self.contracts.rpc.call("anvil_reorg", depth, [])

    def require_followed(self) -> None:
        """Rows and read model say what the chain says now."""
        while self.follower.follow():
            pass
        named = {at: "" if name == INHERITED else name for at, name in self._logged().items()}
        rows = self.rows("SELECT block_hash, log_index, name FROM contract_events")
        assert {(bytes(row[0]), row[1]): row[2] for row in rows} == named
        for role in ROLES:
            self._require_body(keccak256(b"id of " + role.encode()), address(key(role)))
        listed = self.rows("SELECT object_id FROM contract_objects WHERE kind = 'listing'")
        names = self.contracts.ask("Directory", "names")
        assert {row[0] for row in listed} == {f"0x{name.hex()}/1" for name in names}
        newest = int(self.contracts.rpc.call("eth_blockNumber"), 16)
        block = self.contracts.rpc.call("eth_getBlockByNumber", hex(newest), False)
        cursor = self.cursor()
        assert (cursor.number, "0x" + (cursor.block_hash or b"").hex()) == (newest, block["hash"])

    def _require_body(self, body_id: bytes, body_key: bytes) -> None:
        stands = self.contracts.ask("ParticipantRegistry", "isInGoodStanding", body_id)
        body = self.state("ParticipantRegistry", "body", "0x" + body_id.hex())
        key_state = self.state("ParticipantRegistry", "key", f"0x{body_id.hex()}/0x{body_key.hex()}")
        if not stands:
            assert (body, key_state) == (None, None)
            return
        _, _, roles, qualified_until, _, _ = self.contracts.ask("ParticipantRegistry", "bodyOf", body_id)
        assert (body["status"], body["roles"], body["qualified_until"]) == ("active", roles, qualified_until)
        purposes = self.contracts.ask("ParticipantRegistry", "keyOf", body_id, Web3.to_checksum_address(body_key))[0]
        assert (key_state["status"], key_state["purposes"]) == ("valid", purposes)

    def _logged(self) -> dict[tuple[bytes, int], str]:
        """Block hash and log index -> the name in the ABI."""
        found = {}
        for name in FOLLOWED:
            events = {
                Web3.keccak(text=signature(event)): event["name"]
                for event in load_artifact(artifact_name(name)).abi
                if event["type"] == "event"
            }
            query = {"address": self.contracts.text_address(name), "fromBlock": "0x0", "toBlock": "latest"}
            for log in self.contracts.rpc.call("eth_getLogs", query):
                topic = bytes.fromhex(log["topics"][0][2:])
                found[bytes.fromhex(log["blockHash"][2:]), int(log["logIndex"], 16)] = events[topic]
        return found


def signature(event: Any) -> str:
    return f"{event['name']}({','.join(member['type'] for member in event['inputs'])})"


def follow_into(engine: Engine, lease: LeaderLease, chain: Anvil, folder: Path) -> Followed:
    world = SuiteWorld(chain.url, folder)
    world.run()
    rule = FinalityRule("development", chain_state_path=None, depth_blocks=0)
    suite = FollowedSuite(read_suite(world.manifest_path), ChainGateway(chain.url, 31337, bytes(20)))
    contracts = SuiteChain(JsonRpc(chain.url), TransactionSender(chain.url, DEPLOYER))
    contracts.addresses |= {record.name: record.address for record in read_manifest(world.manifest_path).contracts}
    follower = ContractFollower(engine, suite, rule=rule, lease=lease, clock=SystemClock())
    return Followed(world, engine, follower, contracts)


@pytest.fixture
def followed(chain: Anvil, tmp_path: Path, migrated_url: str) -> Iterator[Followed]:
    engine = create_engine(migrated_url, pool_size=2)
    lease = LeaderLease.acquire(engine, holder_name(), 600)
    assert lease is not None
    yield follow_into(engine, lease, chain, tmp_path)
    engine.dispose()


def test_real_contracts_are_followed_through_a_reorganisation_and_back(followed):
    followed.require_followed()
    assert followed.cursor().undone_blocks == 0
    all_events = len(followed.rows("SELECT 1 FROM contract_events"))
    followed.reorganise(LISTINGS + 1)
    followed.require_followed()
    assert followed.cursor().undone_blocks == LISTINGS + 1
    bodies = followed.rows("SELECT count(*) FROM contract_objects WHERE kind = 'body'")
    assert bodies == [(len(ROLES) - 1,)]
    assert followed.rows("SELECT count(*) FROM contract_objects WHERE kind = 'listing'") == [(0,)]
    followed.world.run()
    followed.require_followed()
    assert len(followed.rows("SELECT 1 FROM contract_events")) == all_events


def status(service: Service, *options: str) -> str:
    done = CliRunner().invoke(app, ["status", "--api-url", service.url, *options])
    assert done.exit_code == 0, done.output
    return done.output


def contracts_line(service: Service) -> list[str]:
    return [line for line in status(service).splitlines() if line.startswith("contracts")]


def test_status_says_how_far_the_contracts_are_followed(chain, tmp_path, migrated_url):
    with running_service(migrated_url, tmp_path / "service", rpc_url=chain.url) as service:
        service.publisher.step()
        assert contracts_line(service) == []
        assert json.loads(status(service, "--json"))["log"]["contract_events"] is None
        lease = service.publisher.publisher._lease
        followed = follow_into(service.log.engine, lease, chain, tmp_path)
        followed.require_followed()
        newest = followed.contracts.rpc.call("eth_getBlockByNumber", "latest", False)
        number = int(newest["number"], 16)
        where = f"block {number} {newest['hash']}, final to {followed.cursor().final_number}, 0 undone"
        assert contracts_line(service) == [f"contracts   {where}"]
        followed.reorganise(2)
        followed.require_followed()
        newest = followed.contracts.rpc.call("eth_getBlockByNumber", "latest", False)
        (line,) = contracts_line(service)
        assert line.startswith(f"contracts   block {number} {newest['hash']}, final to ")
        assert line.endswith(", 2 undone")
        assert json.loads(status(service, "--json"))["log"]["contract_events"]["undone_blocks"] == 2
