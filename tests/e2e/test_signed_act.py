"""A signed act on the real contracts: proposed, signed by the keys of two bodies, called, final, whoever is killed on the way.

The anchor service runs as a process of its own and is killed with ``kill -9``; the chain is anvil with the whole suite on it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.admission_step import STEP
from support.anchor_rig import Anvil, Rig, anvil_rig, key_files, running_anvil
from support.embedded import DatabaseFactory
from support.followed_contracts import FollowedContracts, deploy_contracts
from support.suite import QUALIFIED_UNTIL, address, body_id, key

from anchor.chain_calls import Relay
from anchor.leader import Leader
from anchor.signing import TransactionSigner
from ledger.adapters.chain.deployment import sign_digest
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.files.keys import KeyName, load_or_create_keys, secp256k1_address
from ledger.adapters.settings import Settings
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.domain.acts.participant_registry import Admission, KeyGrant
from ledger.domain.typed_acts import Domain, Tail, act_signing_digest
from ledger.log.typed_data import keccak256
from ledger.services.acts import Signer, propose_act, sign_act
from ledger.services.business import Actor

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
OPERATOR_CODE = "91310000MA0000001X"
PURPOSES = (KeyPurpose.BUSINESS, KeyPurpose.METERING, KeyPurpose.FINANCE)
PROGRAM = "import support.admission_step, sys; from anchor.__main__ import main; sys.exit(main([]))"


@dataclass
class City:
    """The suite on a chain, a log beside it, and the settings of the service."""

    anvil: Anvil
    rig: Rig
    followed: FollowedContracts
    settings: Settings
    log_path: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def gateway(self) -> ChainGateway:
        return ChainGateway(self.anvil.url, 31337, self.rig.log.preparer.identity.evidence_log)

    @property
    def contracts(self) -> dict[str, bytes]:
        return {one.name: one.address for one in read_manifest(self.followed.world.manifest_path).contracts}

    @property
    def relay(self) -> bytes:
        return load_or_create_keys(self.settings.keys_dir)[KeyName.RELAY]

    def admission(self, name: str) -> Admission:
        grants = tuple(KeyGrant(address(key(f"{name} {purpose.name}")), purpose) for purpose in PURPOSES)
        papers = keccak256(b"profile of " + name.encode()), keccak256(b"qualification of " + name.encode())
        return Admission(keccak256(name.encode()), BodyRole.PROVIDER, *papers, QUALIFIED_UNTIL, grants)

    def propose(self, name: str, subject_id: str | None = None) -> str:
        """The admission of a new body, to be signed by each of its keys and by the operator's."""
        admission, subject_id = self.admission(name), subject_id or name
        code = "91310000MA0000002X"
        keys = [
            Signer("key_signatures", code, admission.body_id, purpose, (grant.key,))
            for purpose, grant in zip(PURPOSES, admission.keys, strict=True)
        ]
        operator = Signer(
            "operator", OPERATOR_CODE, body_id("OPERATOR"), KeyPurpose.BUSINESS, (address(key("OPERATOR")),)
        )
        with self.rig.log.engine.begin() as connection:
            uow = self._begin(connection)
            subject = uow.create("participant", subject_id, state="admitting", parties=(code,), document={}, act="x")
            return propose_act(
                uow, subject, admission, function="admit", step=STEP, signers=[*keys, operator]
            ).object_id

    def sign(self, act_id: str, name: str) -> None:
        """All signatures, each in a transaction of its own, as they come in."""
        admission = self.admission(name)
        signing = [key(f"{name} {purpose.name}") for purpose in PURPOSES] + [key("OPERATOR")]
        bodies = [admission.body_id] * len(PURPOSES) + [body_id("OPERATOR")]
        domain = Domain("ParticipantRegistry", 31337, self.contracts["ParticipantRegistry"])
        for place, (private_key, signer) in enumerate(zip(signing, bodies, strict=True)):
            deadline = int(time.time()) + 86_400
            _, signature = sign_digest(private_key, act_signing_digest(admission, Tail(signer, deadline), domain))
            with self.rig.log.engine.begin() as connection:
                given = {"key": address(private_key), "deadline": deadline, "signature": signature}
                sign_act(self._begin(connection), act_id, place=place, **given)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.rig.log.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def call(self, act_id: str) -> dict[str, Any]:
        query = "SELECT state, reason, tx_hash, nonce, raw_transaction FROM chain_calls WHERE object_id = :act_id"
        [row] = self.rows(query, act_id=act_id)
        return dict(zip(("state", "reason", "tx_hash", "nonce", "raw_transaction"), row, strict=True))

    def stands(self, name: str) -> bool:
        return bool(
            self.followed.contracts.ask("ParticipantRegistry", "isInGoodStanding", self.admission(name).body_id)
        )

    def start(self) -> None:
        environment = os.environ | self.settings.environment() | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        with self.log_path.open("ab") as log:
            command = [sys.executable, "-c", PROGRAM]
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))

    def kill(self) -> None:
        process = self.processes.pop()
        process.kill()
        process.wait(timeout=10)

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 90
        while not condition():
            said = self.log_path.read_text()[-3000:]
            assert self.processes[-1].poll() is None, said
            assert time.monotonic() < deadline, f"{what}: {said}"
            time.sleep(0.02)

    def leader(self) -> Leader:
        """A term in this process."""
        self.rig.take_over()
        relay = Relay(self.gateway, TransactionSigner(self.relay, 31337, bytes(20)), self.contracts)
        parts = self.rig.parts()
        return Leader(type(parts)(**{**vars(parts), "relay": relay}), self.rig.lease)

    def settle(self, leader: Leader) -> None:
        """Until nothing waits."""
        for _ in range(20):
            if not leader.calls_cycle():
                return
        raise AssertionError(self.rows("SELECT call_id, state, reason FROM chain_calls"))

    def _begin(self, connection: Any) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, self.rig.log.preparer, OPERATOR, contracts=self.contracts)


@pytest.fixture(scope="module")
def city(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    folder, databases = tmp_path_factory.mktemp("city"), DatabaseFactory(postgres_server)
    url = databases(template=migrated_template)
    with running_anvil(folder / "anvil") as anvil:
        rig = anvil_rig(url, folder, anvil, key_files(folder / "keys"))
        followed = deploy_contracts(rig.log.engine, anvil, folder)
        identity = rig.log.preparer.identity
        settings = Settings(
            data_dir=folder,
            database_url=url,
            rpc_url=anvil.url,
            evidence_log="0x" + identity.evidence_log.hex(),
            council="0x" + "00" * 20,
            origin=identity.origin,
            chain_state_path=folder / "chain" / "state.json",
            contracts_manifest=followed.world.manifest_path,
            anchor_interval_s=0.1,
        )
        city = City(anvil, rig, followed, settings, folder / "anchor.log")
        yield city
        while city.processes:
            city.kill()
        rig.log.engine.dispose()
    databases.close()


def test_signed_act_becomes_final_although_the_service_is_killed_twice(city: City) -> None:
    city.rig.lease.release()
    act_id = city.propose("provider")
    city.sign(act_id, "provider")
    assert city.call(act_id)["state"] == "queued"
    city.gateway.call("evm_setAutomine", False)
    city.start()
    city.wait_until(lambda: city.call(act_id)["state"] == "submitted", "the call is with the node")
    city.kill()
    sent = city.call(act_id)
    assert city.gateway.call("anvil_dropTransaction", "0x" + sent["tx_hash"].hex()) is not None
    assert not city.gateway.knows_transaction(sent["tx_hash"])

    city.start()
    city.wait_until(lambda: city.gateway.knows_transaction(sent["tx_hash"]), "the same bytes are sent again")
    city.kill()
    city.gateway.call("anvil_mine", "0x1")
    city.gateway.call("evm_setAutomine", True)
    assert city.stands("provider")
    assert city.call(act_id) == sent, "nobody was there to see it mined"

    city.start()
    city.wait_until(lambda: city.call(act_id)["state"] == "final", "the call is final")
    assert city.call(act_id)["raw_transaction"] == sent["raw_transaction"]
    assert city.gateway.transaction_count(secp256k1_address(city.relay)) == 1
    assert city.rows(
        "SELECT state FROM objects WHERE object_id IN (:act_id, 'provider') ORDER BY kind", act_id=act_id
    ) == [
        ("final",),
        ("active",),
    ]
    admitted = "SELECT count(*) FROM object_history WHERE kind = 'participant' AND act = 'admit'"
    assert city.rows(admitted) == [(1,)]
    waits = "SELECT count(*) FROM outbox WHERE leaf_index IS NULL"
    city.wait_until(lambda: city.rows(waits) == [(0,)], "every event is in the log")
    city.wait_until(lambda: city.rig.marks().final == city.rig.marks().sequenced, "every event is final")
    city.kill()


def test_act_that_the_contract_refuses_goes_back_with_its_error_and_values(city: City) -> None:
    act_id = city.propose("provider", "provider again")  # who is admitted is not admitted twice
    city.sign(act_id, "provider")
    before = city.gateway.transaction_count(secp256k1_address(city.relay))

    city.leader().calls_cycle()

    call = city.call(act_id)
    assert call["state"] == "refused"
    assert call["reason"].startswith("ParticipantRegistry")
    assert city.admission("provider").body_id.hex() in call["reason"]
    assert city.gateway.transaction_count(secp256k1_address(city.relay)) == before
    assert city.rows("SELECT document->>'reason' FROM objects WHERE object_id = 'provider again'") == [
        (call["reason"],)
    ]


def test_act_that_fails_in_its_block_is_refused_with_the_reason_of_that_block(city: City) -> None:
    act_id = city.propose("holder")
    city.sign(act_id, "holder")
    leader = city.leader()
    city.gateway.call("evm_setAutomine", False)
    try:
        leader.calls_cycle()
        ours = city.call(act_id)
        assert ours["state"] == "submitted"
        city.gateway.call("anvil_dropTransaction", "0x" + ours["tx_hash"].hex())
    finally:
        city.gateway.call("evm_setAutomine", True)
    [(to, data)] = city.rows("SELECT address, call_data FROM chain_calls WHERE object_id = :act_id", act_id=act_id)
    assert TransactionSender(city.anvil.url, key("somebody")).send(to, data)["status"] == 1  # anybody may relay
    city.gateway.broadcast(ours["raw_transaction"])

    city.settle(leader)

    refused = city.call(act_id)
    assert (refused["state"], refused["tx_hash"]) == ("refused", ours["tx_hash"])
    assert refused["reason"].startswith("ParticipantRegistry")


def test_development_chain_restored_from_an_older_state_gets_the_same_transactions_again(city: City) -> None:
    older = city.rig.folder / "older.json"
    older.write_bytes(city.gateway.dump_state())
    names = ("developer", "trustee")
    acts = [city.propose(name) for name in names]
    for act_id, name in zip(acts, names, strict=True):
        city.sign(act_id, name)
    leader = city.leader()
    city.settle(leader)
    sent = [city.call(act_id) for act_id in acts]
    assert [call["state"] for call in sent] == ["final", "final"]
    city.anvil.stop()
    city.anvil.start(older)
    assert not any(city.stands(name) for name in names)

    city.settle(leader)

    assert [city.call(act_id) for act_id in acts] == sent, "the same bytes, final again"
    assert all(city.stands(name) for name in names)
    lost = "SELECT count(*) FROM object_history WHERE kind = 'act' AND act = 'lose'"
    assert city.rows(lost) == [(2,)]
