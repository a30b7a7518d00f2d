"""Contradictions: what the anchor service refuses, halts on, or repairs, each with all heads named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.anchor_rig import FakeRig, final_fake_rig

from anchor.following import FinalityRule
from anchor.history import ChainConflictError
from ledger.adapters.chain.errors import ChainUnavailableError, ContractMissingError, WrongChainError
from ledger.adapters.chain.evidence_log import ChainEvent, ChainHead
from ledger.adapters.chain.gateway import TxReceipt
from ledger.adapters.sql import anchoring
from ledger.errors import IntegrityError
from ledger.log.hashing import EMPTY_ROOT
from ledger.services.ports import Watermarks


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


def execute(rig: FakeRig, statement: str, **values: object) -> None:
    with rig.log.engine.begin() as connection:
        connection.execute(text(statement), values)


def refusal(rig: FakeRig) -> str:
    """Starts, must be refused, and nothing may have changed; the message."""
    before = (rig.tiles.read_checkpoint(), rig.journal.notes(), rig.marks())
    with pytest.raises(IntegrityError, match="Refused to start") as caught:
        rig.start()
    assert (rig.tiles.read_checkpoint(), rig.journal.notes(), rig.marks()) == before
    for name in ("database: ", "published: ", "journal: ", "tiles: ", "chain: "):
        assert name in caught.value.detail
    return caught.value.detail


def foreign_head(rig: FakeRig, tree_size: int, root: bytes) -> None:
    """Somebody with the anchor key put a head on the chain."""
    block = rig.chain.mine()
    values = {"logId": rig.log.preparer.identity.log_id, "treeSize": tree_size, "rootHash": root}
    event = ChainEvent("HeadAnchored", values, b"\x05" * 32, block.number, block.block_hash, 0)
    block.receipts.append(TxReceipt(b"\x05" * 32, block.number, block.block_hash, succeeded=True, events=(event,)))
    rig.chain.head_now = ChainHead(tree_size, root)


def restore_older(rig: FakeRig) -> None:
    """The database as it was before anything was published."""
    execute(rig, "DELETE FROM entries WHERE leaf_index >= 1")
    execute(rig, "DELETE FROM identities WHERE leaf_index >= 1")
    execute(rig, "DELETE FROM checkpoints")
    execute(rig, "DELETE FROM anchors")
    execute(rig, "UPDATE log_status SET published = 0, anchored = 0, final = 0")
    execute(
        rig,
        "UPDATE log_head SET tree_size = 1, compact_range = e.leaf_hash, root_hash = e.leaf_hash FROM entries e"
        " WHERE e.leaf_index = 0",
    )


def test_start_with_a_database_restored_from_before_is_refused(rig):
    restore_older(rig)
    assert "the database is behind the journal" in refusal(rig)


def test_start_with_a_restored_database_that_grew_again_is_refused(rig):
    restore_older(rig)
    rig.append(400)
    assert "does not extend the last published checkpoint" in refusal(rig)


def test_start_with_a_journal_lost_is_refused(rig):
    (rig.folder / "journal" / "checkpoints.jsonl").unlink()
    rig.journal.last()
    with pytest.raises(IntegrityError, match=r"above everything that was published here|journal is behind"):
        rig.start()


def test_start_with_a_journal_behind_is_refused(rig):
    rig.append(1)
    rig.leader.publishing_cycle()
    path = rig.folder / "journal" / "checkpoints.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert "the journal is behind the checkpoint in the database" in refusal(rig)


def test_start_with_an_altered_tile_is_refused(rig):
    path = rig.folder / "log" / "tile" / "0" / "001.p" / "44"
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    assert "the tiles do not have the root of the journal's checkpoint" in refusal(rig)


def test_start_with_tiles_lost_makes_them_again_from_the_database(rig):
    before = {path: path.read_bytes() for path in (rig.folder / "log" / "tile").rglob("*") if path.is_file()}
    for path in before:
        path.unlink()
    rig.start()
    assert {path: path.read_bytes() for path in before} == before


def test_start_with_tiles_lost_and_an_entry_altered_is_refused(rig):
    for path in (rig.folder / "log" / "tile").rglob("*"):
        if path.is_file():
            path.unlink()
    execute(rig, "UPDATE entries SET body_commitment = sha256('x') WHERE leaf_index = 7")
    assert "Entry 7" in refusal(rig)


def test_start_with_a_chain_head_above_everything_published_is_refused(rig):
    foreign_head(rig, 5_000, b"\x07" * 32)
    assert "the chain holds a head above everything that was published here" in refusal(rig)


def test_start_with_another_root_on_the_chain_is_refused(rig):
    foreign_head(rig, 200, b"\x07" * 32)
    assert "the chain's head is not in this database's history" in refusal(rig)


def test_start_with_another_logs_database_is_refused(rig):
    execute(rig, "UPDATE log_shard SET origin = 'another.invalid/2026'")
    with pytest.raises(IntegrityError, match="The database holds the log another"):
        rig.start()


def test_start_on_another_chain_is_refused(rig):
    rig.chain.right_chain = False
    with pytest.raises(WrongChainError):
        rig.start()


@pytest.mark.parametrize("error", [ChainUnavailableError("down"), ContractMissingError("gone")])
def test_start_without_the_chain_is_degraded_and_publishes(rig, error):
    rig.chain.plan("check_chain", error)
    assert rig.start() is rig.leader
    rig.append(1)
    assert rig.leader.publishing_cycle()
    rig.run_until_final()
    assert rig.marks() == Watermarks(301, 301, 301, 301)


def test_foreign_head_seen_while_running_halts_anchoring_and_keeps_both_heads(rig):
    foreign_head(rig, 5_000, b"\x07" * 32)
    with pytest.raises(ChainConflictError):
        rig.leader.chain_cycle()
    with rig.log.engine.connect() as connection:
        reason = anchoring.halted(connection)
        exhibit = connection.execute(text("SELECT exhibit FROM log_status")).scalar_one()
    assert reason.startswith("foreign_head_on_chain")
    assert exhibit["chain_root_hash"] == "07" * 32
    assert exhibit["published_note"] == rig.tiles.read_checkpoint()
    rig.append(1)
    assert rig.leader.publishing_cycle()  # accepting and publishing go on
    rig.chain.head_now = ChainHead(300, EMPTY_ROOT)
    assert rig.leader.submitter.submit_due() is None  # anchoring does not


def test_entry_altered_before_it_is_published_stops_publishing(rig):
    rig.append(3)
    before = rig.tiles.read_checkpoint()
    execute(rig, "UPDATE entries SET body_commitment = sha256('x') WHERE leaf_index = 301")
    with pytest.raises(IntegrityError, match="Entry 301"):
        rig.leader.publishing_cycle()
    assert rig.tiles.read_checkpoint() == before


def test_entry_rewritten_with_its_leaf_hash_before_publication_stops_publishing(rig):
    rig.append(3)
    execute(
        rig,
        "UPDATE entries t SET body_commitment = f.body_commitment, envelope_commitment = f.envelope_commitment,"
        " sm3_commitment = f.sm3_commitment, leaf_hash = f.leaf_hash FROM entries f"
        " WHERE t.leaf_index = 301 AND f.leaf_index = 7",
    )
    with pytest.raises(IntegrityError, match="recomputed from the database"):
        rig.leader.publishing_cycle()
    assert rig.marks().published == 300


def test_entry_deleted_before_it_is_published_stops_publishing(rig):
    rig.append(3)
    execute(rig, "DELETE FROM entries WHERE leaf_index = 301")
    with pytest.raises(IntegrityError, match="only"):
        rig.leader.publishing_cycle()
    assert rig.marks().published == 300


def test_final_block_gone_on_a_network_with_finality_halts_with_both_headers(rig):
    rig.rule = FinalityRule("consortium", chain_state_path=None, depth_blocks=1)
    rig.append(1)
    rig.start()
    rig.leader.publishing_cycle()
    for _ in range(3):
        rig.leader.chain_cycle()
    assert rig.marks() == Watermarks(301, 301, 301, 300)  # one block on top is wanted
    rig.chain.mine()
    rig.leader.chain_cycle()
    assert rig.marks().final == 301
    assert rig.chain.dumps == 1  # of the development profile before
    rig.chain.reorganise(2)
    with pytest.raises(ChainConflictError, match="is final and is not in the chain"):
        rig.leader.chain_cycle()
    with rig.log.engine.connect() as connection:
        exhibit = connection.execute(text("SELECT exhibit FROM log_status")).scalar_one()
        stored = (
            connection.execute(text("SELECT header FROM chain_blocks WHERE profile = 'consortium'")).scalars().all()
        )
    assert exhibit["other_header"]["number"] == stored[-1]["number"]
    assert rig.marks().final == 301


def test_chain_lost_with_its_contract_waits_and_anchors_again_after_redeployment(rig):
    rig.chain.reorganise(1)
    rig.chain.deployed = False
    with pytest.raises(ContractMissingError):
        rig.leader.chain_cycle()
    assert rig.marks() == Watermarks(300, 300, 0, 0)
    rig.chain.deployed = True
    rig.run_until_final()
    assert rig.marks() == Watermarks(300, 300, 300, 300)
