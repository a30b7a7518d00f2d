"""The life of a contract call against a second description of what may follow what, walked at random and case by case."""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from anchor.call_state import CALL_TRANSITIONS, UNMINED, CallState, check_call_transition
from ledger.errors import MisuseError

MOVES = {
    *("queued -> staged", "staged -> submitted", "submitted -> mined", "mined -> final"),  # the way of most
    "staged -> mined",  # the node's answer was lost
    *("queued -> refused", "mined -> refused"),  # the chain would not take it, or did not
    *("staged -> queued", "submitted -> queued", "mined -> queued"),  # set aside, for another transaction
    "queued -> mined",  # set aside, and mined after all
    *("mined -> staged", "final -> staged"),  # its block is gone
}


@pytest.mark.parametrize(("current", "target"), list(itertools.product(CallState, CallState)))
@pytest.mark.parametrize("is_development", [True, False])
def test_move_is_legal_exactly_where_the_description_says_so(
    current: CallState, target: CallState, is_development: bool
) -> None:
    is_told = f"{current} -> {target}" in MOVES and (is_development or current is not CallState.FINAL)
    if is_told:
        check_call_transition(current, target, final_is_reversible=is_development)
        return
    with pytest.raises(MisuseError):
        check_call_transition(current, target, final_is_reversible=is_development)


class CallLife(RuleBasedStateMachine):
    """A call on a network with finality: it ends as final or refused, and has been signed before it is mined."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.was_signed = CallState.QUEUED, False

    @rule(wanted=st.sampled_from(CallState))
    def move(self, wanted: CallState) -> None:
        if wanted is CallState.MINED and not self.was_signed:
            return  # nothing of it is known to any node
        try:
            check_call_transition(self.state, wanted)
        except MisuseError:
            assert f"{self.state} -> {wanted}" not in MOVES or self.state is CallState.FINAL
            return
        assert f"{self.state} -> {wanted}" in MOVES
        self.state, self.was_signed = wanted, self.was_signed or wanted in UNMINED

    @invariant()
    def has_a_way_on_until_it_is_decided(self) -> None:
        decided = {CallState.FINAL, CallState.REFUSED}
        assert (self.state in decided) or CALL_TRANSITIONS[self.state] & {CallState.MINED, CallState.FINAL}


TestCallLife = CallLife.TestCase
