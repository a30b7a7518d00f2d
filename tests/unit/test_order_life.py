"""The tables of orders against a second description of what may follow what, walked at random; and who may do what."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant
from support.table_walk import TableWalk

from ledger.domain.order_life import BOTH, KINDS, MAY, allowed_moves, life_of, next_state
from ledger.errors import IllegalTransitionError

WAITING = {
    "placing": "drafted",
    "confirming": "offered",
    "rejecting": "offered",
    "withdrawing": "offered",
    "cancelling": "confirmed",
}
"""Waiting for the chain -> where a step that came to nothing leaves the order."""

ENDS = {"discarded", "rejected", "withdrawn", "lapsed", "cancelled", "closed"}


class OrderLife(TableWalk):
    """Any act at any time: what the table lets pass must keep the order of the design."""

    kind: str

    @initialize(kind=st.sampled_from(KINDS))
    def begin(self, kind: str) -> None:
        self.kind, self.table = kind, life_of(kind)
        self.state, self.done, self.last = self.table.initial, ["drafted"], ""

    def move(self, act: str) -> None:
        before = self.state
        self.state = self.table.next(before, act)
        self.done.append(self.state)
        if before in WAITING:
            assert act == "confirm" or self.state == WAITING[before]
        else:
            assert act != "confirm", "only what was asked for is confirmed"

    @invariant()
    def both_have_signed_before_it_binds(self) -> None:
        if {"confirmed", "in_force"} & set(self.done):
            assert self.done.index("placing") < self.done.index("offered") < self.done.index("confirming")
        if "confirmed" in self.done:
            assert self.kind == "single", "a call-off is in force at once"
        if "in_force" in self.done and self.kind == "single":
            assert self.done.index("confirmed") < self.done.index("in_force")

    @invariant()
    def ends_are_ends(self) -> None:
        assert (self.state in ENDS) == (not self.table.allowed(self.state))

    @invariant()
    def nobody_moves_what_waits_for_the_chain(self) -> None:
        if self.state in WAITING:
            assert not any(allowed_moves(self.kind, self.state, side) for side in BOTH)


TestOrderLife = OrderLife.TestCase
TestOrderLife.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(
    ("state", "consumer", "provider"),
    [
        ("drafted", ("discard", "edit", "place"), ()),
        ("offered", ("lapse", "withdraw"), ("accept", "lapse", "reject")),
        ("confirmed", ("cancel",), ("cancel",)),
        ("in_force", ("close",), ("close",)),
        ("closed", (), ()),
    ],
)
def test_each_side_is_told_its_own_moves(state: str, consumer: tuple[str, ...], provider: tuple[str, ...]) -> None:
    assert allowed_moves("single", state, "consumer") == consumer
    assert allowed_moves("single", state, "provider") == provider
    assert allowed_moves("single", state, None) == ()


@pytest.mark.parametrize("act", ["cancel", "contract"])
def test_what_only_a_single_order_knows_is_illegal_for_a_call_off(act: str) -> None:
    assert next_state("single", "confirmed", act) in {"cancelling", "in_force"}
    with pytest.raises(IllegalTransitionError) as refused:
        next_state("call_off", "in_force", act)
    assert refused.value.facts == {"state": "in_force", "allowed": ["close"]}


def test_every_act_of_a_party_is_of_a_table() -> None:
    acts = life_of("single").acts | life_of("call_off").acts
    assert set(MAY) <= acts
    assert {act for act in acts - set(MAY) if not act.startswith("return_to_")} == {"confirm", "contract"}
