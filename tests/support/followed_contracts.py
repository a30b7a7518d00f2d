"""A suite of real contracts on a development chain, and what a database that follows it must hold.

What is expected comes from the node's logs, named by the compiler's ABI, and from the contracts' own answers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from support.anchor_rig import Anvil
from support.suite import DEPLOYER, NAMES, ROLES, SuiteWorld, address, key
from web3 import Web3

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import artifact_name
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.sql import contract_events
from ledger.adapters.sql.contract_events import Cursor
from ledger.domain.chain_counts import count_of_acts
from ledger.log.typed_data import keccak256

FOLLOWED = ("Directory", "ParticipantRegistry")
LISTINGS = len(NAMES)
"""The last acts of a deployment put its contracts into the directory, one block each; the one before admits the last body."""


@dataclass
class FollowedDatabase:
    """What a database has recorded of the contracts that it follows."""

    engine: Engine

    def rows(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def cursor(self) -> Cursor:
        with self.engine.connect() as connection:
            cursor = contract_events.read_cursor(connection)
        assert cursor is not None
        return cursor


@dataclass
class FollowedContracts(FollowedDatabase):
    """A deployed suite, and the database that it is followed into."""

    world: SuiteWorld
    contracts: SuiteChain

    def state(self, contract: str, kind: str, object_id: str) -> dict[str, Any] | None:
        with self.engine.connect() as connection:
            return contract_events.state_of(connection, self.contracts.addresses[contract], kind, object_id)

    def reorganise(self, depth: int) -> None:
        self.contracts.rpc.call("anvil_reorg", depth, [])

    def position(self) -> tuple[int, str] | None:
        """Height and hash of the newest recorded block; None before the first."""
        with self.engine.connect() as connection:
            cursor = contract_events.read_cursor(connection)
        return None if cursor is None or cursor.block_hash is None else (cursor.number, "0x" + cursor.block_hash.hex())

    def newest(self) -> tuple[int, str]:
        """Height and hash of the chain's newest block."""
        block = self.contracts.rpc.call("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), block["hash"]

    def require_followed(self) -> None:
        """Rows and read model say what the chain says now."""
        rows = self.rows("SELECT block_hash, log_index, name FROM contract_events")
        assert {(bytes(row[0]), row[1]): row[2] for row in rows} == self._logged()
        for role in ROLES:
            self._require_body(keccak256(b"id of " + role.encode()), address(key(role)))
        listed = self.rows("SELECT object_id FROM contract_objects WHERE kind = 'listing'")
        names = self.contracts.ask("Directory", "names")
        assert {row[0] for row in listed} == {f"0x{name.hex()}/1" for name in names}
        assert self.position() == self.newest()

    def _require_body(self, body_id: bytes, body_key: bytes) -> None:
        stands = self.contracts.ask("ParticipantRegistry", "isInGoodStanding", body_id)
        body = self.state("ParticipantRegistry", "body", "0x" + body_id.hex())
        key_state = self.state("ParticipantRegistry", "key", f"0x{body_id.hex()}/0x{body_key.hex()}")
        if not stands:
            assert (body, key_state) == (None, None)
            return
        _, _, roles, qualified_until, *_ = self.contracts.ask("ParticipantRegistry", "bodyOf", body_id)
        assert (body["status"], body["roles"], body["qualified_until"]) == ("active", roles, qualified_until)
        registry, name = self.contracts.addresses["ParticipantRegistry"], "0x" + body_id.hex()
        with self.engine.connect() as connection:
            seen = contract_events.followed_changes(connection, registry, ("body", "act_count"), name)
        assert seen.block_number == self.cursor().number
        assert {change.object_id[: len(name)] for change in seen.changes} == {name}
        assert count_of_acts(seen, name, name) == 0  # admitted, and nothing since
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


def deploy_contracts(engine: Engine, chain: Anvil, folder: Path) -> FollowedContracts:
    """The contracts deployed on ``chain``, their manifest in ``folder``."""
    world = SuiteWorld(chain.url, folder)
    world.run()
    contracts = SuiteChain(JsonRpc(chain.url), TransactionSender(chain.url, DEPLOYER))
    contracts.addresses |= {record.name: record.address for record in read_manifest(world.manifest_path).contracts}
    return FollowedContracts(engine, world, contracts)
