"""The seventeen failure modes of transaction managers, each by its number, against a chain that can be told to fail.

The oracle is always the same: the head is anchored exactly once, at most one job is open, and no byte was sent that was not
stored before.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import SENDER, FakeRig, fake_rig

from anchor.confirmation import NONCE_USED_SIGHTINGS, RESEND_S
from anchor.leader import Leader
from anchor.lease import LeaderLease
from anchor.submission import LogClosedError
from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    InsufficientFundsError,
    NonceTooLowError,
    RevertedError,
    RpcRejectedError,
    UnderpricedError,
)
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.adapters.files.keys import secp256k1_address
from ledger.adapters.sql import anchoring
from ledger.adapters.sql.leases import LeaseLostError
from ledger.services.ports import Watermarks

ADDRESS = secp256k1_address(SENDER)


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    """Automined; five entries are published and wait for their anchor."""
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(4)
    rig.leader.publishing_cycle()
    yield rig
    assert_bytes_were_stored_before_sending(rig)
    rig.log.engine.dispose()


@pytest.fixture
def slow(rig: FakeRig) -> FakeRig:
    """The same, with blocks made by hand."""
    rig.chain.automine = False
    return rig


def assert_bytes_were_stored_before_sending(rig: FakeRig) -> None:
    with rig.log.engine.connect() as connection:
        stored = {bytes(row[0]) for row in connection.exec_driver_sql("SELECT raw_transaction FROM anchor_jobs")}
    foreign = getattr(rig, "foreign", set())
    assert set(rig.chain.broadcasts) <= stored | foreign


def assert_anchored_once(rig: FakeRig, tree_size: int = 5) -> None:
    assert rig.marks() == Watermarks(tree_size, tree_size, tree_size, tree_size)
    heads = [
        event.values["treeSize"]
        for block in rig.chain.blocks
        for receipt in block.receipts
        for event in receipt.events
        if event.name == "HeadAnchored"
    ]
    assert heads.count(tree_size) == 1


def cycles(rig: FakeRig, count: int = 6) -> None:
    for _ in range(count):
        rig.leader.chain_cycle()


def anchor_call(rig: FakeRig) -> bytes:
    """What anybody with the newest checkpoint would send."""
    return rig.leader.submitter._build_call(rig.chain.head_now)[1]


def test_mode_01_the_same_request_again_makes_no_second_transaction(slow):
    cycles(slow)
    assert len(set(slow.chain.broadcasts)) == 1
    slow.chain.mine()
    cycles(slow)
    assert slow.jobs() == [("final", None)]
    assert_anchored_once(slow)


def test_mode_02_two_leaders_with_one_signer_only_the_holder_of_the_lease_stages(slow):
    first = slow.leader
    slow.take_over()
    with pytest.raises(LeaseLostError):
        first.submitter.submit_due()
    assert slow.jobs() == []
    assert slow.chain.broadcasts == []
    slow.leader.recover()
    slow.chain.automine = True
    cycles(slow)
    assert_anchored_once(slow)


def test_mode_03_stale_nonce_is_never_kept_locally(rig):
    cycles(rig)
    rig.chain.use_nonce_elsewhere(ADDRESS)
    rig.append(1)
    rig.leader.publishing_cycle()
    cycles(rig)
    assert rig.jobs() == [("final", None), ("final", None)]
    assert_anchored_once(rig, 6)


def test_mode_04_key_used_elsewhere_at_the_same_time_the_job_is_made_again(slow):
    slow.leader.chain_cycle()
    slow.chain.drop_pool()
    slow.chain.use_nonce_elsewhere(ADDRESS)
    slow.chain.automine = True
    cycles(slow, NONCE_USED_SIGHTINGS + 3)
    assert slow.jobs() == [("abandoned", "nonce_used"), ("final", None)]
    assert_anchored_once(slow)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (RevertedError("closed", error="EvidenceLogClosedLog"), RevertedError),
        (RpcRejectedError("odd"), RpcRejectedError),
    ],
)
def test_mode_05_failure_before_send_spends_no_nonce(rig, error, raised):
    rig.chain.plan("simulate", error)
    with pytest.raises(raised):
        rig.leader.chain_cycle()
    assert rig.jobs() == []
    assert rig.chain.nonces == {}
    cycles(rig)
    assert_anchored_once(rig)


def test_mode_05_closed_log_is_said_and_nothing_is_sent(rig):
    rig.chain.head_now = ChainHead(0, rig.chain.head_now.root_hash, closed=True)
    with pytest.raises(LogClosedError):
        rig.leader.chain_cycle()
    assert rig.chain.broadcasts == []


def test_mode_06_reply_lost_but_applied_is_found_on_the_chain(rig):
    rig.chain.plan("broadcast", "applied")
    rig.leader.chain_cycle()
    assert rig.jobs() == [("staged", None)]
    cycles(rig)
    assert len(rig.chain.broadcasts) == 1
    assert rig.jobs() == [("final", None)]
    assert_anchored_once(rig)


def test_mode_06_reply_lost_and_waiting_in_the_pool_is_found_there(slow):
    slow.chain.plan("broadcast", "applied")
    cycles(slow, 2)
    assert slow.jobs() == [("submitted", None)]
    assert len(slow.chain.broadcasts) == 1


def test_mode_06_request_lost_and_not_applied_sends_the_same_bytes_again(rig):
    rig.chain.plan("broadcast", "lost")
    cycles(rig)
    assert len(rig.chain.broadcasts) == 2
    assert len(set(rig.chain.broadcasts)) == 1
    assert_anchored_once(rig)


def test_mode_07_dropped_from_the_pool_is_sent_again_after_the_interval(slow):
    cycles(slow, 2)
    slow.chain.drop_pool()
    cycles(slow, 2)
    assert len(slow.chain.broadcasts) == 1  # not before the interval
    slow.now_s += RESEND_S
    slow.leader.chain_cycle()
    assert len(slow.chain.broadcasts) == 2
    assert len(set(slow.chain.broadcasts)) == 1
    slow.chain.mine()
    cycles(slow)
    assert_anchored_once(slow)


def test_mode_08_never_sent_is_sent_by_the_next_term(slow):
    slow.chain.plan("broadcast", "lost")
    slow.leader.submitter.submit_due()
    assert slow.chain.pool == []
    slow.chain.automine = True
    slow.start()
    cycles(slow)
    assert slow.jobs() == [("final", None)]
    assert_anchored_once(slow)


def test_mode_09_underpriced_decides_nothing_and_the_same_bytes_are_sent_again(rig):
    rig.chain.plan("broadcast", UnderpricedError("replacement transaction underpriced"))
    rig.leader.chain_cycle()
    assert rig.jobs() == [("staged", None)]
    cycles(rig)
    assert len(set(rig.chain.broadcasts)) == 1
    assert_anchored_once(rig)


def test_mode_09_stuck_transaction_is_never_doubled(slow):
    for _ in range(20):
        slow.now_s += RESEND_S
        slow.leader.chain_cycle()
    assert len(set(slow.chain.broadcasts)) == 1
    assert slow.jobs() == [("submitted", None)]


def test_mode_10_nonce_too_low_with_our_receipt_means_mined(rig):
    rig.chain.plan("broadcast", "applied")
    rig.leader.chain_cycle()
    rig.chain.plan("tx_receipt", None, None)
    rig.chain.plan("broadcast", NonceTooLowError("nonce too low"))
    cycles(rig)
    assert rig.jobs() == [("final", None)]
    assert_anchored_once(rig)


def test_mode_10_job_is_given_up_only_after_several_sightings(slow):
    cycles(slow, 2)
    slow.chain.drop_pool()
    slow.chain.use_nonce_elsewhere(ADDRESS)
    cycles(slow, NONCE_USED_SIGHTINGS - 1)
    assert slow.jobs() == [("submitted", None)]
    slow.leader.chain_cycle()
    assert slow.jobs()[0] == ("abandoned", "nonce_used")


def test_mode_11_receipt_missing_though_mined_is_waited_for(rig, monkeypatch):
    rig.leader.chain_cycle()
    real = rig.chain._receipt
    monkeypatch.setattr(rig.chain, "_receipt", lambda tx_hash: None)
    for _ in range(NONCE_USED_SIGHTINGS - 1):
        rig.leader.confirmer.settle_open_job()
    assert rig.jobs() == [("submitted", None)]
    monkeypatch.setattr(rig.chain, "_receipt", real)
    cycles(rig)
    assert rig.jobs() == [("final", None)]
    assert_anchored_once(rig)


def test_mode_12_reorganised_block_sends_the_head_back_and_anchors_it_again(rig):
    cycles(rig)
    rig.chain.reorganise(1)
    rig.leader.chain_cycle()
    cycles(rig)
    assert rig.jobs() == [("abandoned", "rolled_back"), ("final", None)]
    assert_anchored_once(rig)


def test_mode_12_transaction_mined_again_by_the_chain_itself_is_taken_as_it_is(rig):
    cycles(rig)
    rig.chain.automine = False
    rig.chain.reorganise(1, drop=False)
    rig.chain.mine_empty(2)
    rig.leader.follower.follow()
    assert rig.marks().anchored == 0
    rig.chain.mine()
    cycles(rig)
    assert_anchored_once(rig)
    assert len(rig.chain.broadcasts) == 1


def test_mode_13_nonce_used_by_an_outsider_past_finality_ends_the_job(slow):
    cycles(slow, 2)
    slow.chain.drop_pool()
    slow.chain.use_nonce_elsewhere(ADDRESS)
    slow.chain.mine_empty(50)
    slow.chain.automine = True
    cycles(slow, NONCE_USED_SIGHTINGS + 3)
    assert slow.jobs() == [("abandoned", "nonce_used"), ("final", None)]


def test_mode_14_one_anchor_is_in_flight_however_much_is_published(slow):
    cycles(slow, 2)
    for _ in range(5):
        slow.append(1)
        slow.leader.publishing_cycle()
        cycles(slow, 2)
    assert len(slow.chain.pool) == 1
    slow.chain.mine()
    cycles(slow, 2)
    slow.chain.mine()
    cycles(slow, 2)
    assert slow.jobs() == [("final", None), ("final", None)]
    assert_anchored_once(slow, 10)


@pytest.mark.parametrize(
    "error", [ChainUnavailableError("down"), InsufficientFundsError("no funds"), RpcRejectedError("busy")]
)
def test_mode_15_node_down_or_out_of_funds_keeps_the_job_and_goes_on(rig, error):
    rig.chain.plan("broadcast", *[error] * 3)
    for _ in range(8):
        rig.now_s += RESEND_S
        rig.leader.chain_cycle()
    assert rig.jobs() == [("final", None)]
    assert_anchored_once(rig)


@pytest.mark.parametrize(
    "method", ["check_chain", "head", "block_number", "simulate", "gas_price", "transaction_count", "tx_receipt"]
)
def test_mode_15_any_question_unanswered_changes_nothing(rig, method):
    rig.chain.plan(method, "lost", "lost")
    failures = 0
    for _ in range(10):
        try:
            rig.leader.chain_cycle()
        except ChainUnavailableError:
            failures += 1
    assert failures >= 1
    assert_anchored_once(rig)


def test_mode_16_operator_deletes_the_open_job_the_chain_still_decides(slow):
    cycles(slow, 2)
    with slow.log.engine.begin() as connection:
        slow.foreign = {bytes(row[0]) for row in connection.exec_driver_sql("SELECT raw_transaction FROM anchor_jobs")}
        connection.exec_driver_sql("DELETE FROM anchor_jobs")
    slow.chain.mine()
    cycles(slow)
    assert slow.jobs() == []
    assert_anchored_once(slow)


def test_mode_16_history_of_every_job_is_kept(rig):
    cycles(rig)
    rig.chain.reorganise(1)
    cycles(rig)
    with rig.log.engine.connect() as connection:
        rows = anchoring.jobs_in(connection, "abandoned", "final")
    assert [row.tree_size_2 for row in rows] == [5, 5]
    assert all(row.block_hash is not None for row in rows)


def test_mode_17_heads_are_recorded_in_the_order_of_the_chain(slow):
    slow.chain.anchor_by_somebody(anchor_call(slow))
    slow.append(2)
    slow.leader.publishing_cycle()
    slow.chain.anchor_by_somebody(anchor_call(slow))
    slow.foreign = set(slow.chain.broadcasts)
    cycles(slow)
    with slow.log.engine.connect() as connection:
        heads = anchoring.anchored_heads(connection)
    assert [(head.tree_size, head.block_number) for head in heads] == [(5, 1), (7, 2)]
    assert slow.jobs() == []
    assert_anchored_once(slow, 7)


@pytest.mark.parametrize(("grow", "reason"), [(False, "repeated"), (True, "stale")])
def test_race_lost_to_somebody_ends_the_job_without_harm(slow, grow, reason):
    slow.leader.chain_cycle()
    if grow:
        slow.append(1)
        slow.leader.publishing_cycle()
    slow.chain.anchor_by_somebody(anchor_call(slow))
    slow.foreign = set(slow.chain.broadcasts)
    slow.chain.mine()
    cycles(slow)
    assert slow.jobs() == [("abandoned", reason)]
    assert_anchored_once(slow, 6 if grow else 5)


def test_second_term_of_a_leader_that_was_overtaken_writes_nothing(rig):
    old: Leader = rig.leader
    old_lease: LeaderLease = rig.lease
    rig.take_over()
    rig.append(1)
    with pytest.raises(LeaseLostError):
        old.publishing_cycle()
    assert not old_lease.renew()
    assert rig.marks().published == 5
