"""The sender of contract calls over a real database and a chain in memory: the seventeen ways in which sending goes wrong.

The numbers in the names are those of the list of failures that such senders were seen to have.
"""

import pytest
from sqlalchemy import text
from support.call_world import RELAY_KEY, CallWorld
from support.fake_call_chain import REFUSAL
from support.fake_chain import parse_transaction

from anchor.call_staging import IN_FLIGHT_MAX, UnknownStepError
from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    ContractMissingError,
    InsufficientFundsError,
    NonceTooLowError,
    UnderpricedError,
    WrongChainError,
)
from ledger.adapters.files.keys import secp256k1_address
from ledger.adapters.sql import chain_calls
from ledger.adapters.sql.leases import LeaseLostError
from ledger.services.steps import step_names

RELAY = secp256k1_address(RELAY_KEY)


def nonces(world: CallWorld) -> list[int]:
    """Of everything that was broadcast, in its order."""
    return [parse_transaction(raw).nonce for raw in world.chain.broadcasts]


def test_calls_become_final_in_the_order_of_their_numbers(world: CallWorld) -> None:
    world.ask(3)

    assert not world.cycles(world.process(), 2)

    world.check_whole()
    assert world.chain.done() == list(world.asked.values())
    assert nonces(world) == [0, 1, 2]


def test_several_are_in_flight_and_no_more_than_the_limit(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(IN_FLIGHT_MAX + 2)
    leader = world.process()

    world.cycles(leader)
    assert world.states() == ["submitted"] * IN_FLIGHT_MAX + ["queued"] * 2
    world.chain.mine()
    world.cycles(leader)
    world.chain.mine()
    world.cycles(leader, 2)

    world.check_whole()


def test_calls_that_wait_are_counted_with_the_time_of_the_oldest(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(2)
    world.cycles(world.process())

    with world.log.engine.connect() as connection:
        found = chain_calls.waiting(connection)
        oldest = connection.execute(text("SELECT min(created_at) FROM chain_calls")).scalar_one()
    assert (found.count, found.by_state["submitted"], found.since) == (2, 2, oldest)


def test_nothing_to_do_asks_the_chain_nothing(world: CallWorld) -> None:
    assert world.cycles(world.process()) is False
    assert world.chain.calls == []


# --- 5: refused before it is sent ---------------------------------------------------------------------------------


def test_mode_5_call_that_the_contract_refuses_spends_no_nonce_and_says_why(world: CallWorld) -> None:
    world.ask(3)
    world.chain.rules.refuses.add(world.asked["a-1"])

    world.cycles(world.process(), 3)

    assert world.states() == ["final", "refused", "final"]
    assert nonces(world) == [0, 1]
    assert world.act_states() == {"a-0": "final", "a-1": "refused", "a-2": "final"}
    [(reason, told)] = world.rows(
        "SELECT c.reason, o.document->>'refused_because' FROM chain_calls c, objects o "
        "WHERE c.object_id = 'a-1' AND o.kind = 'product' AND o.object_id = 'p-1'"
    )
    assert reason == told == f"{REFUSAL.__name__} {{}}"


def test_mode_5_call_that_is_only_early_waits_for_the_one_before_it(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(2)
    world.chain.rules.needs[world.asked["a-1"]] = world.asked["a-0"]
    leader = world.process()

    world.cycles(leader, 3)
    assert world.states() == ["submitted", "queued"]
    world.chain.mine()
    world.cycles(leader)
    world.chain.mine()
    world.cycles(leader)

    world.check_whole()


def test_mode_5_refusal_of_a_chain_that_lost_blocks_refuses_nothing(world: CallWorld) -> None:
    world.ask(1)
    leader = world.process()
    world.cycles(leader, 2)
    world.ask(1)
    world.chain.rules.needs[world.asked["a-1"]] = world.asked["a-0"]
    has_code = world.chain.has_code

    def lose_a_block_meanwhile(address: bytes) -> bool:
        world.chain.has_code = has_code  # type: ignore[method-assign]
        world.chain.reorganise(1)
        return has_code(address)

    world.chain.has_code = lose_a_block_meanwhile  # type: ignore[method-assign]
    world.cycles(leader)
    assert world.states() == ["staged", "queued"]
    world.cycles(leader, 3)

    world.check_whole()


# --- 6, 15: unclear outcomes --------------------------------------------------------------------------------------

QUESTIONS = ("check_chain", "has_code", "simulate_call", "estimate_call", "gas_price", "transaction_count")
LATER_QUESTIONS = ("tx_receipt", "knows_transaction", "block_number", "block_hash_at", "dump_state")


@pytest.mark.parametrize("outcome", ["lost", "applied"])
@pytest.mark.parametrize("method", [*QUESTIONS, *LATER_QUESTIONS, "broadcast"])
def test_mode_6_answer_that_does_not_come_decides_nothing(world: CallWorld, method: str, outcome: str) -> None:
    world.ask(2)
    world.chain.automine = False
    leader = world.process()
    world.chain.plan(method, outcome)

    for _ in range(8):
        try:
            world.cycles(leader, 2)
        except ChainUnavailableError:
            continue
        finally:
            world.chain.mine()

    assert "broadcast" in world.chain.calls
    assert not world.chain.script[method], "the failure did not happen"
    world.check_whole()


@pytest.mark.parametrize(
    "error",
    [
        UnderpricedError("x"),
        InsufficientFundsError("x"),
        NonceTooLowError("x"),
        ChainUnavailableError("x"),
    ],
)
def test_mode_15_refusal_of_a_node_is_repeated_with_the_same_bytes(world: CallWorld, error: Exception) -> None:
    world.ask(1)
    leader = world.process()
    world.chain.plan("broadcast", error, error)

    world.cycles(leader)
    assert world.states() == ["staged"]
    world.cycles(leader, 8)

    world.check_whole()
    assert len(set(world.chain.broadcasts)) == 1


def test_mode_14_call_behind_one_that_is_in_doubt_is_not_sent(world: CallWorld) -> None:
    world.ask(2)
    leader = world.process()
    world.chain.plan("broadcast", "lost", "lost")

    world.cycles(leader, 2)
    assert world.states() == ["staged", "queued"]
    world.cycles(leader, 5)

    world.check_whole()


# --- 7, 8: dropped from the pool ----------------------------------------------------------------------------------


def test_mode_7_transactions_that_the_pool_dropped_are_sent_again_in_the_order_of_nonces(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(3)
    leader = world.process()
    world.cycles(leader)
    world.chain.drop_pool()

    world.cycles(leader, 4)
    world.chain.mine()
    world.cycles(leader, 2)

    world.check_whole()
    assert nonces(world) == [0, 1, 2, 0, 1, 2]
    assert len(set(world.chain.broadcasts)) == 3, "the same bytes"


def test_mode_11_transaction_that_stays_unmined_is_sent_again_now_and_then(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(1)
    leader = world.process()

    world.cycles(leader, 10)  # 20 s

    assert 3 <= len(world.chain.broadcasts) <= 5
    assert len(set(world.chain.broadcasts)) == 1
    assert world.states() == ["submitted"]


# --- 4, 10, 13: the nonce is used by another transaction ----------------------------------------------------------


def test_mode_13_nonce_used_elsewhere_gives_the_call_a_new_transaction(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(2)
    leader = world.process()
    world.cycles(leader)
    world.chain.drop_pool()
    world.chain.use_nonce_elsewhere(RELAY)

    world.chain.automine = True
    world.cycles(leader, 8)

    world.check_whole()
    assert len(world.rows("SELECT 1 FROM chain_call_attempts")) == 1


def test_mode_10_nonce_seen_used_before_the_receipt_makes_no_new_transaction(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(1)
    leader = world.process()
    world.cycles(leader)
    world.chain.nonces[RELAY] = 1  # the node's other view has mined it already
    world.cycles(leader, 2)
    world.chain.nonces[RELAY] = 0
    world.chain.mine()
    world.cycles(leader)

    world.check_whole()
    assert world.rows("SELECT 1 FROM chain_call_attempts") == []


def test_mode_10_transaction_that_was_set_aside_and_is_mined_all_the_same_settles_the_call(world: CallWorld) -> None:
    world.chain.automine = False
    world.ask(1)
    leader = world.process()
    world.cycles(leader)
    first = world.chain.broadcasts[0]
    world.chain.drop_pool()
    world.chain.use_nonce_elsewhere(RELAY)
    world.cycles(leader, 4)
    assert world.states() == ["submitted"]
    world.chain.drop_pool()
    world.chain.reorganise(1)  # the block that used the nonce is gone
    world.chain.nonces[RELAY] = 0
    world.chain.pool = [parse_transaction(first)]
    world.chain.mine()
    world.cycles(leader)

    world.check_whole()
    assert world.rows("SELECT raw_transaction FROM chain_calls") == [(first,)]


# --- who may, and what is missing ---------------------------------------------------------------------------------


def test_chain_without_the_contract_is_sent_nothing(world: CallWorld) -> None:
    world.ask(1)
    world.chain.deployed = False
    leader = world.process()

    with pytest.raises(ContractMissingError, match="ProductRegistry"):
        world.cycles(leader)
    assert (world.states(), world.chain.broadcasts) == (["queued"], [])
    world.chain.deployed = True
    world.cycles(leader, 2)

    world.check_whole()


def test_another_chain_is_sent_nothing(world: CallWorld) -> None:
    world.ask(1)
    world.chain.right_chain = False

    with pytest.raises(WrongChainError):
        world.cycles(world.process())
    assert world.chain.broadcasts == []


def test_leader_that_was_overtaken_sends_nothing(world: CallWorld) -> None:
    world.ask(1)
    overtaken = world.process()
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE leases SET token = token + 1"))

    with pytest.raises(LeaseLostError):
        world.cycles(overtaken)
    assert (world.states(), world.chain.broadcasts) == (["queued"], [])


def test_call_of_a_step_that_nobody_registered_is_not_sent(world: CallWorld) -> None:
    world.ask(1)
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE chain_calls SET step = 'nobody.knows'"))

    with pytest.raises(UnknownStepError, match=r"nobody\.knows"):
        world.cycles(world.process())
    with world.log.engine.connect() as connection:
        assert chain_calls.unknown_steps(connection, step_names()) == ["nobody.knows"]
    assert world.chain.broadcasts == []


def test_step_that_fails_does_not_hold_the_calls_beside_it(world: CallWorld) -> None:
    world.ask(2)
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET state = 'open' WHERE kind = 'act' AND object_id = 'a-0'"))
    leader = world.process()

    with pytest.raises(Exception, match="cannot do this"):
        world.cycles(leader, 2)
    assert world.states() == ["mined", "final"]
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET state = 'calling' WHERE kind = 'act' AND object_id = 'a-0'"))
    world.cycles(leader)

    world.check_whole()


def test_refusal_whose_step_fails_does_not_hold_the_calls_behind_it(world: CallWorld) -> None:
    world.ask(2)
    world.chain.rules.refuses.add(world.asked["a-0"])
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET state = 'open' WHERE kind = 'act' AND object_id = 'a-0'"))
    leader = world.process()

    for _ in range(2):
        with pytest.raises(Exception, match="cannot do this"):
            world.cycles(leader)
    assert world.states() == ["queued", "final"]
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET state = 'calling' WHERE kind = 'act' AND object_id = 'a-0'"))
    world.cycles(leader)

    world.check_whole(refused=frozenset({"a-0"}))
