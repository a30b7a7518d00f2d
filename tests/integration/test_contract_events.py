"""Following the contract suite into PostgreSQL: once per (block hash, log index), undone and done again with the chain."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.followed_contracts import FollowedDatabase
from support.suite_chain import (
    RECEIPTS,
    STREAM,
    SUITE,
    SuiteChain,
    answered,
    claimed,
    opened,
    require_followed,
    statement_id,
    voided,
)

from anchor import contract_events as following
from anchor.contract_events import ContractEventError, ContractFollower, FollowedSuite
from anchor.following import FinalityRule
from anchor.history import ChainConflictError
from anchor.lease import LeaderLease, holder_name
from anchor.ports import ContractChain
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.suite_events import Suite
from ledger.adapters.clock import SystemClock
from ledger.adapters.sql import contract_events, contract_recording
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.leases import LeaseLostError

REVERSIBLE = FinalityRule("development", chain_state_path=None, depth_blocks=0)


@dataclass
class Rig(FollowedDatabase):
    lease: LeaderLease

    def follower(
        self, chain: ContractChain, rule: FinalityRule = REVERSIBLE, suite: Suite = SUITE, **options: Any
    ) -> ContractFollower:
        followed = FollowedSuite(suite, chain, **options)
        return ContractFollower(self.engine, followed, rule=rule, lease=self.lease, clock=SystemClock())

    def state(self, kind: str, object_id: bytes) -> dict[str, Any] | None:
        with self.engine.connect() as connection:
            return contract_events.state_of(connection, RECEIPTS, kind, "0x" + object_id.hex())


@pytest.fixture
def rig(migrated_url: str) -> Iterator[Rig]:
    engine = create_engine(migrated_url, pool_size=2)
    lease = LeaderLease.acquire(engine, holder_name(), 600)
    assert lease is not None
    yield Rig(engine, lease)
    engine.dispose()


def test_events_are_recorded_once_however_often_they_are_read(rig):
    chain = SuiteChain()
    chain.mine(opened(), claimed(0))
    chain.mine()
    chain.mine(answered(0, 500))
    for _ in range(3):
        assert rig.follower(chain).follow() is False
    require_followed(rig.engine, chain)
    statement = rig.state("statement", statement_id(0))
    assert statement is not None
    assert (statement["status"], statement["accepted_units"]) == ("acknowledged", 500)
    assert rig.cursor().undone_blocks == 0


def test_block_that_disappears_takes_its_events_and_their_effects_along(rig):
    chain = SuiteChain()
    chain.mine(opened(), claimed(0))
    before = None
    follower = rig.follower(chain)
    follower.follow()
    before = rig.state("statement", statement_id(0)), rig.state("stream", STREAM)
    chain.mine(answered(0, 500), claimed(1))
    chain.mine(voided(20, 30))
    follower.follow()
    assert rig.state("stream", STREAM)["next_sequence"] == 30
    chain.drop(2)
    chain.mine()
    follower.follow()
    assert (rig.state("statement", statement_id(0)), rig.state("stream", STREAM)) == before
    assert rig.state("statement", statement_id(1)) is None
    assert rig.cursor().undone_blocks == 2
    chain.mine(answered(0, 100), claimed(1, units=7))
    follower.follow()
    require_followed(rig.engine, chain)
    assert rig.state("statement", statement_id(1))["units"] == 7


def test_the_same_event_in_another_block_is_another_event(rig):
    chain = SuiteChain()
    chain.mine(opened())
    follower = rig.follower(chain)
    follower.follow()
    first = rig.rows("SELECT block_hash FROM contract_events")
    chain.drop(1)
    chain.mine(opened())
    follower.follow()
    assert rig.rows("SELECT block_hash FROM contract_events") != first
    require_followed(rig.engine, chain)


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_with_reorganisations_and_lost_answers_end_as_a_single_reading(rig, seed):
    rng = random.Random(seed)
    chain = SuiteChain()
    follower = rig.follower(chain)

    def mine() -> None:
        events = [
            rng.choice(
                (opened(), claimed(rng.randrange(4), rng.randrange(9)), answered(rng.randrange(4), 1), voided(1, 2))
            )
            for _ in range(rng.randrange(4))
        ]
        chain.mine(*events)

    def trouble() -> None:
        drawn = rng.random()
        if drawn < 0.05:
            raise ChainUnavailableError("lost")
        if drawn < 0.09:  # the chain changes its mind in the middle of a cycle
            chain.drop(rng.randrange(1, 4))
            for _ in range(rng.randrange(4)):
                mine()

    chain.before_call = trouble
    for _ in range(25):
        mine()
        try:
            follower.follow()
        except ChainUnavailableError:
            follower = rig.follower(chain)  # as after a crash: nothing is remembered but the tables
    chain.before_call = lambda: None
    while follower.follow():
        pass
    require_followed(rig.engine, chain)


def test_failure_inside_a_block_leaves_nothing_of_it(rig, monkeypatch):
    chain = SuiteChain()
    chain.mine(opened())
    follower = rig.follower(chain)
    follower.follow()
    chain.mine(claimed(0), answered(0, 500))
    real = contract_recording.changes_of
    monkeypatch.setattr(contract_recording, "changes_of", lambda event: real(event) if event.log_index == 0 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        follower.follow()
    assert rig.cursor().number == 1
    assert rig.state("statement", statement_id(0)) is None
    monkeypatch.undo()
    follower.follow()
    require_followed(rig.engine, chain)


def test_final_block_that_disappears_stops_and_undoes_nothing(rig):
    chain = SuiteChain()
    chain.mine(opened())
    chain.mine(claimed(0))
    for _ in range(2):
        chain.mine()
    follower = rig.follower(chain, FinalityRule("consortium", chain_state_path=None, depth_blocks=2))
    follower.follow()
    assert rig.cursor().final_number == 2
    chain.drop(2)
    follower.follow()
    assert rig.cursor().number == 2
    chain.drop(1)
    chain.mine()
    with pytest.raises(ChainConflictError) as caught:
        follower.follow()
    assert caught.value.facts["finding"] == "final_block_gone"
    assert rig.state("statement", statement_id(0)) is not None


def test_long_silence_is_forgotten_and_a_deep_reorganisation_found_all_the_same(rig, monkeypatch):
    monkeypatch.setattr(following, "EMPTY_BLOCKS_KEPT", 20)
    chain = SuiteChain()
    chain.mine(opened())
    for _ in range(60):
        chain.mine()
    follower = rig.follower(chain)
    while follower.follow():
        pass
    assert rig.rows("SELECT count(*) FROM contract_blocks") == [(22,)]
    chain.drop(50)
    chain.mine(claimed(0))
    while follower.follow():
        pass
    require_followed(rig.engine, chain)


def test_follower_tells_how_far_it_is_after_every_whole_cycle(rig, monkeypatch):
    monkeypatch.setattr(following, "BLOCKS_A_CYCLE", 4)
    chain, told = SuiteChain(), []
    for _ in range(9):
        chain.mine(opened())
    rule = FinalityRule("consortium", chain_state_path=None, depth_blocks=2)
    follower = rig.follower(chain, rule, tell=lambda *heights: told.append(heights))
    while follower.follow():
        pass
    chain.drop(1)
    chain.mine(claimed(0))
    follower.follow()
    assert told == [(9, 4, 4), (9, 8, 7), (9, 9, 7), (9, 9, 7)]
    chain.before_call = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        follower.follow()
    assert len(told) == 4


def test_another_suite_is_followed_from_its_beginning(rig):
    chain = SuiteChain()
    chain.mine(opened())
    chain.mine(claimed(0))
    rig.follower(chain).follow()
    later = Suite(SUITE.contracts, 2)
    rig.follower(chain, suite=later).follow()
    assert [row[0] for row in rig.rows("SELECT name FROM contract_events")] == ["UsageClaimed"]
    assert rig.cursor().suite == later.digest


def test_contract_that_is_not_what_the_manifest_says_stops_the_following(rig):
    chain = SuiteChain()
    chain.mine(opened()).logs[0]["data"] = "0x00"
    with pytest.raises(ContractEventError, match="Block 1"):
        rig.follower(chain).follow()
    assert rig.rows("SELECT * FROM contract_events") == []


def test_process_that_lost_the_lease_records_nothing(rig):
    chain = SuiteChain()
    chain.mine(opened())
    with rig.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leases SET token = token + 1")
    with pytest.raises(LeaseLostError):
        rig.follower(chain).follow()
    assert rig.rows("SELECT * FROM contract_cursor") == []
