"""The anchor service against a real PostgreSQL and a real development chain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.anchor_rig import Anvil, Rig, anvil_rig, open_on_chain

from anchor.signing import TransactionSigner
from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    ContractMissingError,
    InsufficientFundsError,
    KnownTransactionError,
    NonceTooLowError,
    RevertedError,
    UnderpricedError,
    WrongChainError,
)
from ledger.adapters.chain.evidence_log import ChainHead, encode_anchor
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.sql import anchoring
from ledger.log.checkpoint import open_checkpoint
from ledger.log.typed_data import keccak256
from ledger.services.ports import Watermarks


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, chain: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, chain)
    yield rig
    rig.log.engine.dispose()


def test_events_appended_become_final(rig):
    rig.append(600)
    assert rig.run_until_final() == Watermarks(601, 601, 601, 601)
    rig.append(1)
    assert rig.run_until_final() == Watermarks(602, 602, 602, 602)
    assert rig.log.count("chain_blocks") == 2


def test_somebody_else_anchors_with_a_checkpoint_from_the_tile_folder(rig, chain):
    rig.append(5)
    rig.leader.publishing_cycle()
    checkpoint = open_checkpoint(rig.tiles.read_checkpoint(), rig.log.preparer.identity)
    head = ChainHead(checkpoint.checkpoint.tree_size, checkpoint.checkpoint.root_hash)
    log_id = rig.log.preparer.identity.log_id
    data = encode_anchor(log_id, 0, head, path=[], signature=checkpoint.anchor_signature)
    anybody = TransactionSigner(keccak256(b"anybody"), 31337, rig.log.preparer.identity.evidence_log)
    raw, tx_hash = anybody.sign(data, nonce=0, gas=400_000, gas_price=0)
    rig.chain.broadcast(raw)
    assert rig.run_until_final() == Watermarks(6, 6, 6, 6)
    assert rig.jobs() == []
    rig.chain.broadcast(anybody.sign(data, nonce=1, gas=400_000, gas_price=0)[0])  # a repeat changes nothing
    assert rig.run_until_final() == Watermarks(6, 6, 6, 6)
    with rig.log.engine.connect() as connection:
        assert [head.tx_hash for head in anchoring.anchored_heads(connection)] == [tx_hash]


def test_node_answers_become_typed_errors(rig):
    rig.append(1)
    rig.leader.publishing_cycle()
    job = rig.leader.submitter.submit_due()
    with pytest.raises(NonceTooLowError):
        rig.chain.broadcast(job.raw_transaction)
    rig.chain.call("evm_setAutomine", False)
    sender = TransactionSigner(keccak256(b"other sender"), 31337, rig.log.preparer.identity.evidence_log)
    raw, _ = sender.sign(b"", nonce=0, gas=100_000, gas_price=0)
    rig.chain.broadcast(raw)
    with pytest.raises(KnownTransactionError):
        rig.chain.broadcast(raw)
    with pytest.raises(UnderpricedError):
        rig.chain.broadcast(sender.sign(b"\x01", nonce=0, gas=100_000, gas_price=0)[0])
    with pytest.raises(InsufficientFundsError):
        rig.chain.broadcast(sender.sign(b"\x01", nonce=1, gas=100_000, gas_price=10**18)[0])
    head = ChainHead(9, b"\x07" * 32)
    data = encode_anchor(rig.log.preparer.identity.log_id, 2, head, path=[], signature=b"\x01" * 65)
    with pytest.raises(RevertedError) as caught:
        rig.chain.simulate(sender.address, data)
    assert caught.value.facts["error"] == "EvidenceLogInvalidSignature"
    with pytest.raises(ContractMissingError):
        rig.chain.head(b"\x00" * 32)
    with pytest.raises(WrongChainError):
        ChainGateway(rig.chain._provider.endpoint_uri, 1, bytes(20)).check_chain()


def test_chain_stopped_for_a_while_keeps_publishing_and_anchors_afterwards(rig, chain):
    rig.append(5)
    rig.run_until_final()
    chain.stop()
    rig.append(5)
    assert rig.leader.publishing_cycle()
    with pytest.raises(ChainUnavailableError):
        rig.leader.chain_cycle()
    assert rig.marks() == Watermarks(11, 11, 6, 6)
    chain.start(rig.folder / "chain" / "state.json")
    assert rig.run_until_final() == Watermarks(11, 11, 11, 11)


def test_chain_killed_and_restarted_from_its_state_file_keeps_what_was_final(rig, chain):
    rig.append(5)
    rig.run_until_final()
    with rig.log.engine.connect() as connection:
        before = anchoring.anchored_heads(connection)
    chain.stop()
    chain.start(rig.folder / "chain" / "state.json")
    assert rig.run_until_final() == Watermarks(6, 6, 6, 6)
    with rig.log.engine.connect() as connection:
        assert anchoring.anchored_heads(connection) == before
    assert rig.jobs() == [("final", None)]


def test_chain_rolled_back_to_an_older_state_file_is_anchored_again(rig, chain, tmp_path):
    rig.append(5)
    rig.run_until_final()
    older = tmp_path / "older.json"
    older.write_bytes((rig.folder / "chain" / "state.json").read_bytes())
    rig.append(5)
    rig.run_until_final()
    chain.stop()
    chain.start(older)
    rig.leader.chain_cycle()
    assert rig.run_until_final() == Watermarks(11, 11, 11, 11)
    assert rig.jobs() == [("final", None), ("abandoned", "rolled_back"), ("final", None)]
    assert rig.chain.head(rig.log.preparer.identity.log_id).tree_size == 11


def test_chain_lost_altogether_waits_for_redeployment_then_anchors_again(rig, chain):
    rig.append(5)
    rig.run_until_final()
    chain.stop()
    chain.start()
    with pytest.raises(ContractMissingError, match="run `cityledger up`"):
        rig.leader.chain_cycle()
    assert rig.marks() == Watermarks(6, 6, 0, 0)
    open_on_chain(chain, rig.log)
    assert rig.run_until_final() == Watermarks(6, 6, 6, 6)


def test_transactions_dropped_by_a_reorganisation_are_anchored_again(rig, chain):
    rig.append(5)
    rig.run_until_final()
    rig.chain.call("anvil_reorg", 1, [])
    rig.leader.chain_cycle()
    assert rig.run_until_final() == Watermarks(6, 6, 6, 6)
    assert rig.jobs()[0] == ("abandoned", "rolled_back")


def test_stored_block_holds_header_transactions_and_receipts_as_the_node_gave_them(rig):
    rig.append(5)
    rig.run_until_final()
    with rig.log.engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM chain_blocks")).mappings().all()
        (head,) = anchoring.anchored_heads(connection)
    assert row["profile"] == "development"
    assert row["block_hash"] == head.block_hash
    assert row["header"]["hash"] == "0x" + head.block_hash.hex()
    assert row["header"]["stateRoot"].startswith("0x")
    assert [item["hash"] for item in row["transactions"]] == ["0x" + head.tx_hash.hex()]
    assert [item["transactionHash"] for item in row["tx_receipts"]] == ["0x" + head.tx_hash.hex()]
