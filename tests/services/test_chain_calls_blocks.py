"""Contract calls in blocks: such as failed there, and blocks that are gone."""

from collections.abc import Callable

import pytest
from support.call_world import CallWorld
from support.fake_call_chain import REFUSAL
from support.fake_chain import parse_transaction

from anchor.call_staging import UNEXPLAINED
from anchor.history import ChainConflictError
from ledger.adapters.sql import anchoring

NewWorld = Callable[..., CallWorld]


def nonces(world: CallWorld) -> list[int]:
    """Of everything that was broadcast, in its order."""
    return [parse_transaction(raw).nonce for raw in world.chain.broadcasts]


# --- failed in a block --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_states", [True, False])
def test_call_that_fails_in_its_block_is_refused_with_the_contracts_reason(
    world: CallWorld, keeps_states: bool
) -> None:
    world.chain.automine = False
    world.chain.keeps_states = keeps_states
    world.ask(1)
    leader = world.process()
    world.cycles(leader)
    world.chain.rules.refuses.add(world.asked["a-0"])
    world.chain.mine()
    world.cycles(leader, 2)

    assert world.states() == ["refused"]
    [(reason,)] = world.rows("SELECT reason FROM chain_calls")
    assert reason == f"{REFUSAL.__name__} {{}}", "the state after the block says so, or the newest one does"
    assert world.subject_states() == ["listed"]


def test_call_that_fails_for_no_reason_of_the_contract_is_sent_again(world: CallWorld) -> None:
    world.ask(1)
    world.chain.rules.fails[world.asked["a-0"]] = 2

    world.cycles(world.process(), 6)

    world.check_whole()
    assert nonces(world) == [0, 1, 2]


def test_call_that_always_fails_without_a_reason_is_refused_in_the_end(world: CallWorld) -> None:
    world.ask(1)
    world.chain.rules.fails[world.asked["a-0"]] = 100

    world.cycles(world.process(), 8)

    assert world.states() == ["refused"]
    assert world.rows("SELECT reason FROM chain_calls") == [(UNEXPLAINED,)]
    assert nonces(world) == [0, 1, 2]


def test_call_that_failed_because_it_was_early_is_sent_again(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(2)
    leader = world.process()
    world.cycles(leader)
    first, second = world.asked.values()
    world.chain.rules.needs[second] = first
    world.chain.rules.fails[first] = 1  # what was simulated together comes apart in the block
    world.chain.mine()
    world.chain.automine = True
    world.cycles(leader, 6)

    world.check_whole()


# --- 12: blocks that are gone -------------------------------------------------------------------------------------


def test_mode_12_development_chain_that_lost_final_blocks_gets_the_same_bytes_again(world: CallWorld) -> None:
    world.ask(3)
    leader = world.process()
    world.cycles(leader, 2)
    world.check_whole()
    sent = list(world.chain.broadcasts)
    world.chain.reorganise(2)

    world.cycles(leader, 3)

    world.check_whole()
    assert world.chain.broadcasts[3:] == sent[1:], "in the order of nonces"
    assert world.rows("SELECT count(*) FROM object_history WHERE kind = 'act' AND act = 'lose'") == [(2,)]


def test_mode_12_reorganisation_that_keeps_the_transactions_needs_no_new_broadcast(new_world: NewWorld) -> None:
    world = new_world(profile="consortium", depth_blocks=3)
    world.ask(1)
    leader = world.process()
    world.cycles(leader, 2)
    assert world.states() == ["mined"]
    world.chain.reorganise(1, drop=False)
    world.cycles(leader)
    assert world.states() == ["submitted"]
    world.chain.mine()
    world.chain.mine_empty(3)
    world.cycles(leader)

    world.check_whole()
    assert len(world.chain.broadcasts) == 1


def test_mode_12_failure_in_a_block_that_is_gone_refuses_nothing(new_world: NewWorld) -> None:
    world = new_world(profile="consortium", depth_blocks=3)
    world.chain.automine = False
    world.ask(1)
    leader = world.process()
    world.cycles(leader)
    world.chain.rules.fails[world.asked["a-0"]] = 1
    world.chain.mine()
    world.cycles(leader)
    assert world.rows("SELECT state, reason FROM chain_calls") == [("mined", UNEXPLAINED)]
    world.chain.reorganise(1, drop=False)
    world.chain.mine()
    world.chain.mine_empty(3)
    world.cycles(leader, 3)

    world.check_whole()


def test_mode_12_final_block_that_is_gone_on_a_consortium_chain_halts(new_world: NewWorld) -> None:
    world = new_world(profile="consortium")
    world.ask(1)
    leader = world.process()
    world.cycles(leader, 2)
    world.check_whole()
    world.ask(1)
    world.chain.reorganise(1)

    for _ in range(2):
        with pytest.raises(ChainConflictError, match="is final and is not in the chain any more"):
            world.cycles(leader)

    assert world.states() == ["final", "queued"]
    with world.log.engine.connect() as connection:
        assert (anchoring.halted(connection) or "").startswith("final_block_gone: ")


def test_halted_log_sends_nothing_and_still_settles_what_is_in_flight(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(1)
    leader = world.process()
    world.cycles(leader)
    world.ask(1)
    with world.log.engine.begin() as connection:
        anchoring.halt(connection, "foreign_head_on_chain: for a test", {"finding": "foreign_head_on_chain"})
    world.chain.mine()

    world.cycles(leader, 4)

    assert world.states() == ["final", "queued"]
    assert len(world.chain.broadcasts) == 1


def test_refused_call_whose_block_is_gone_is_not_sent_again_and_the_later_ones_get_new_nonces(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(2)
    leader = world.process()
    world.cycles(leader)
    world.chain.rules.refuses.add(world.asked["a-0"])
    world.chain.mine()
    world.cycles(leader, 2)
    assert world.states() == ["refused", "final"]
    world.chain.rules.refuses.clear()
    world.chain.reorganise(1)
    world.chain.automine = True

    world.cycles(leader, 8)

    assert world.states() == ["refused", "final"]
    assert world.chain.done() == [world.asked["a-1"]]
    assert world.rows("SELECT nonce FROM chain_calls WHERE state = 'final'") == [(0,)]


def test_chain_that_begins_anew_gets_every_call_again(world: CallWorld) -> None:
    world.ask(4)
    leader = world.process()
    world.cycles(leader, 2)
    world.chain.reorganise(4)
    world.chain.deployed = False
    world.cycles(leader, 1)
    world.chain.deployed = True
    world.cycles(leader, 3)

    world.check_whole()
