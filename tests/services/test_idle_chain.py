"""Which rounds over the chain are left out: those that would find what the last one found, and no others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, final_fake_rig

from anchor.idle_chain import WHOLE_ROUND_S, IdleChain
from ledger.adapters.chain.errors import ChainUnavailableError


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


@pytest.fixture
def idle(rig: FakeRig) -> IdleChain:
    """After a round that found everything final and nothing to do."""
    idle = IdleChain(rig.log.engine, rig.chain, lambda: rig.now_s)
    assert make_round(rig, idle)
    return idle


def make_round(rig: FakeRig, idle: IdleChain) -> bool:
    """What the worker does; whether a whole round was made."""
    if idle.may_leave_out():
        return False
    idle.round_made(left_work=rig.leader.chain_cycle())
    return True


def test_round_over_a_chain_on_which_nothing_happens_is_left_out_for_some_seconds(rig, idle):
    rig.chain.calls.clear()
    for _ in range(3):
        assert not make_round(rig, idle)
        rig.now_s += WHOLE_ROUND_S / 4
    assert rig.chain.calls == ["block_number", "block_hash_at"] * 3
    rig.now_s += WHOLE_ROUND_S / 4
    assert make_round(rig, idle)
    assert not make_round(rig, idle)


@pytest.mark.parametrize("happens", ["mined", "reorganised", "published", "sequenced"])
def test_round_is_made_as_soon_as_something_happens(rig, idle, happens):
    assert not make_round(rig, idle)
    if happens == "mined":
        rig.chain.mine_empty()
    elif happens == "reorganised":
        rig.chain.reorganise(1)  # as high as before, with another block
    else:
        rig.append(1)
        if happens == "published":
            rig.leader.publishing_cycle()
    assert make_round(rig, idle)


def test_every_round_is_made_until_what_was_published_is_final(rig, idle):
    rig.append(3)
    rig.leader.publishing_cycle()
    rounds = 0
    while rig.marks().final != rig.marks().published:
        assert make_round(rig, idle)
        rounds += 1
        assert rounds < 12
    assert make_round(rig, idle)
    assert not make_round(rig, idle)


def test_no_round_is_left_out_while_one_has_work_left_or_failed(rig, idle):
    idle.may_leave_out()
    idle.round_made(left_work=True)
    assert not idle.may_leave_out()
    rig.chain.plan("check_chain", "lost")
    with pytest.raises(ChainUnavailableError):
        rig.leader.chain_cycle()
    assert not idle.may_leave_out()
    idle.round_made(left_work=False)
    assert idle.may_leave_out()


def test_node_that_does_not_answer_ends_the_rest(rig, idle):
    rig.chain.plan("block_number", "lost")
    with pytest.raises(ChainUnavailableError):
        make_round(rig, idle)
    assert make_round(rig, idle)
