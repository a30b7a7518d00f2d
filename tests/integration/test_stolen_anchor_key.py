"""A thief has the anchor key: the real contract takes his head, and the service halts with both exhibits and resumes by itself never."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coincurve import PrivateKey
from sqlalchemy import text
from support.anchor_rig import BODY_KEYS, DEPLOYER, Anvil, Rig, anvil_rig, key_files
from support.checked_log import codes

from anchor.history import ChainConflictError
from anchor.signing import TransactionSigner
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.deployment import _execute, deploy
from ledger.adapters.chain.evidence_log import ChainHead, encode_anchor
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.settings import Settings
from ledger.adapters.sql import reading
from ledger.errors import IntegrityError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.hashing import hash_leaf
from ledger.log.proof import consistency_path, root_hash
from ledger.log.tiles import TileNodeReader, grow_tiles, tile_path
from ledger.log.typed_data import address_of_public_key, checkpoint_signing_digest, keccak256

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, chain: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, chain, key_files(tmp_path / "keys"))
    rig.append(4)
    rig.run_until_final()
    yield rig
    rig.log.engine.dispose()


def foreign_head(rig: Rig, size_1: int, count: int) -> tuple[ChainHead, bytes]:
    """What the thief makes of the public log: ``count`` entries of his own after ``size_1`` true ones; the head and its call."""
    identity = rig.log.preparer.identity
    with rig.log.engine.connect() as connection:
        leaves = reading.leaf_hashes(connection, 0, size_1)
    leaves += [hash_leaf(b"the thief's %d" % number) for number in range(count)]
    tiles = {address.path: data for address, data in grow_tiles(0, {}, leaves)}
    size = len(leaves)
    nodes = TileNodeReader(lambda level, index, width: tiles[tile_path(level, index, width)], size)
    head = ChainHead(size, root_hash(size, nodes))
    digest = checkpoint_signing_digest(identity, size, head.root_hash)
    signature = rig.log.keys.anchor.sign_recoverable(digest, hasher=None)
    signature = signature[:64] + bytes([signature[64] + 27])
    path = consistency_path(size_1, size, nodes)
    return head, encode_anchor(identity.log_id, size_1, head, path=path, signature=signature)


def send_as_thief(rig: Rig, data: bytes) -> None:
    identity = rig.log.preparer.identity
    thief = TransactionSigner(keccak256(b"thief"), identity.chain_id, identity.evidence_log)
    rig.chain.broadcast(thief.sign(data, nonce=0, gas=400_000, gas_price=0)[0])


def status_row(rig: Rig) -> tuple[str | None, dict[str, Any]]:
    with rig.log.engine.connect() as connection:
        return tuple(connection.execute(text("SELECT halted, exhibit FROM log_status")).one())


def halts(rig: Rig) -> tuple[str | None, dict[str, Any]]:
    """The next cycle finds it: the one that settles our job, or the one that follows the contract."""
    with pytest.raises(ChainConflictError):
        rig.leader.chain_cycle()
    return status_row(rig)


def stays_halted(rig: Rig, reason: str | None) -> None:
    """Events are taken and published; nothing is anchored any more, whoever leads."""
    jobs, anchored = rig.jobs(), rig.marks().anchored
    for _ in range(2):
        rig.append(3)
        assert rig.leader.publishing_cycle()
        for _ in range(2):
            try:
                rig.leader.chain_cycle()
            except ChainConflictError:
                continue
        rig.take_over()
        with pytest.raises(IntegrityError, match="Refused to start"):
            rig.leader.recover()
        rig.leader.publisher.load(rig.journal.last())
    marks = rig.marks()
    assert marks.published == marks.sequenced
    assert (rig.jobs(), marks.anchored, status_row(rig)[0]) == (jobs, anchored, reason)


def test_larger_foreign_head_halts_anchoring_with_both_heads_and_nothing_but_that(rig, chain):
    head, data = foreign_head(rig, 5, 40)
    send_as_thief(rig, data)
    assert rig.chain.head(rig.log.preparer.identity.log_id).root_hash == head.root_hash, "the contract cannot tell"
    reason, exhibit = halts(rig)
    assert reason.startswith("foreign_head_on_chain: The chain holds a head of size 45")
    assert (exhibit["chain_tree_size"], exhibit["chain_root_hash"]) == (45, head.root_hash.hex())
    ours = open_checkpoint(exhibit["published_note"], rig.log.preparer.identity).checkpoint
    assert ours.tree_size == exhibit["published_tree_size"] == 5
    assert codes(rig) == {"halted", "foreign_head_on_chain"}
    stays_halted(rig, reason)

    council_closes(rig, chain)
    stays_halted(rig, reason)
    assert rig.chain.head(rig.log.preparer.identity.log_id).closed


def council_closes(rig: Rig, chain: Anvil) -> None:
    """The only act there is: this log ends where the chain has it; a successor would begin from the true head."""
    bodies = [address_of_public_key(PrivateKey(key).public_key.format(compressed=False)) for key in BODY_KEYS]
    deployment = deploy(chain.url, DEPLOYER, bodies, 2)
    sender = TransactionSender(chain.url, DEPLOYER)
    contract = sender.contract(deployment.evidence_log, load_artifact("EvidenceLog").abi)
    call = contract.encode_abi("closeLog", [rig.log.preparer.identity.log_id, bytes(32)])
    _execute(sender, deployment, BODY_KEYS[:2], bytes.fromhex(call[2:]))


def test_foreign_head_of_the_size_that_is_being_anchored_is_a_fork_with_both_roots(rig):
    """The thief is faster by a place in the block: our own head is the second one, and the contract marks the log."""
    rig.append(2)
    rig.leader.publishing_cycle()
    head, data = foreign_head(rig, 5, 2)
    rig.chain.call("evm_setAutomine", False)
    send_as_thief(rig, data)
    rig.leader.chain_cycle()
    assert rig.jobs()[-1][0] == "submitted"
    rig.chain.call("evm_mine")
    reason, exhibit = halts(rig)
    rig.chain.call("evm_setAutomine", True)
    assert rig.jobs()[-1] == ("failed", "forked")
    assert reason.startswith("fork_on_chain: ")
    ours = open_checkpoint(rig.tiles.read_checkpoint(), rig.log.preparer.identity).checkpoint
    assert ours.tree_size == exhibit["chain_tree_size"] == head.tree_size == 7
    assert exhibit["chain_root_hash"] == head.root_hash.hex()
    assert exhibit["our_root_hash"] == ours.root_hash.hex() != head.root_hash.hex()
    assert rig.chain.head(rig.log.preparer.identity.log_id).equivocated
    assert {"halted", "log_equivocated", "root_mismatch"} <= codes(rig)
    stays_halted(rig, reason)


def test_halt_that_somebody_takes_back_in_the_database_is_named(rig):
    send_as_thief(rig, foreign_head(rig, 5, 40)[1])
    halts(rig)
    for column, damage in (
        ("halted", "NULL"),
        ("exhibit", "NULL"),
        ("exhibit", 'exhibit || \'{"published_note": "x"}\''),
        ("exhibit", 'exhibit || \'{"finding": "nothing"}\''),
    ):
        with rig.log.engine.begin() as connection:
            kept = connection.execute(text("SELECT halted, exhibit::text FROM log_status")).one()
            connection.exec_driver_sql(f"UPDATE log_status SET {column} = {damage}")
        assert "halt_altered" in codes(rig), damage
        with rig.log.engine.begin() as connection:
            statement = "UPDATE log_status SET halted = :h, exhibit = CAST(:e AS jsonb)"
            connection.execute(text(statement), {"h": kept[0], "e": kept[1]})


def test_status_of_a_halted_log_says_so_while_events_are_taken(rig, chain, migrated_url, tmp_path):
    send_as_thief(rig, foreign_head(rig, 5, 40)[1])
    halts(rig)
    identity = rig.log.preparer.identity
    port = free_port()
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_url,
        rpc_url=chain.url,
        evidence_log="0x" + identity.evidence_log.hex(),
        council="0x" + "00" * 20,
        origin=identity.origin,
        port=port,
    )
    environment = os.environ | settings.environment()
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "api.log").open("w") as log:
        api = subprocess.Popen([sys.executable, "-m", "api"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(url + "/livez", api)
        status = subprocess.run(
            [sys.executable, "-c", "from ledger.cli import main; main()", "status", "--api-url", url],
            check=False,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert status.returncode == 4
        assert "NOT READY" in status.stdout
        assert [line.split() for line in status.stdout.splitlines() if "anchoring" in line] == [["anchoring", "halted"]]
    finally:
        api.terminate()
        api.wait(timeout=30)
    rig.append(1)
    assert rig.leader.publishing_cycle()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                assert json.load(answer)["status"] == "alive"
                return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
