"""Transition tables."""

import pytest

from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError, MisuseError

DOOR = TransitionTable(
    "front_door", "open", {("open", "close"): "closed", ("closed", "open"): "open", ("closed", "brick_up"): "gone"}
)


def test_allowed_act_leads_where_the_table_says() -> None:
    assert DOOR.next("open", "close") == "closed"
    assert DOOR.states == {"open", "closed", "gone"}
    assert DOOR.acts == {"open", "close", "brick_up"}


def test_illegal_act_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(IllegalTransitionError, match="front door in state open") as refused:
        DOOR.next("open", "brick_up")

    assert refused.value.facts == {"state": "open", "allowed": ["close"]}


def test_final_state_allows_nothing() -> None:
    with pytest.raises(IllegalTransitionError, match="nothing any more"):
        DOOR.next("gone", "open")


@pytest.mark.parametrize(("state", "act"), [("ajar", "close"), ("open", "burn")])
def test_state_or_act_of_no_table_is_our_mistake(state: str, act: str) -> None:
    with pytest.raises(MisuseError):
        DOOR.next(state, act)


def test_table_whose_states_cannot_be_reached_is_refused() -> None:
    with pytest.raises(MisuseError, match="ajar"):
        TransitionTable("door", "open", {("ajar", "close"): "open"})
