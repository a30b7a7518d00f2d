"""A walk along a transition table: any act at any time, and those that are allowed more often; what is refused says what is allowed."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError


class TableWalk(RuleBasedStateMachine):
    """A machine says in ``move`` what an act that the table allows must be."""

    table: TransitionTable
    state: str

    def move(self, act: str) -> Any:
        raise NotImplementedError

    @rule(data=st.data())
    def any_act(self, data: st.DataObject) -> None:
        act = data.draw(st.sampled_from(sorted(self.table.acts)))
        allowed = self.table.allowed(self.state)
        if act not in allowed:
            with pytest.raises(IllegalTransitionError) as refused:
                self.table.next(self.state, act)
            assert refused.value.facts == {"state": self.state, "allowed": list(allowed)}
            return
        self.move(act)

    @rule(data=st.data())
    def allowed_act(self, data: st.DataObject) -> None:
        allowed = self.table.allowed(self.state)
        if allowed:
            self.move(data.draw(st.sampled_from(allowed)))
