"""The tables of products against a second description of what may follow what, walked at random."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant
from support.table_walk import TableWalk

from ledger.domain.product_life import LIFE, LIFE_PUBLIC, PRODUCT_LIFE, life_of
from ledger.domain.transitions import TransitionTable

FINAL = {"withdrawn"}
WAITING = {"registering", "reviewing", "rejecting", "filing", "listing", "suspending", "resuming", "delisting"}
ON_OFFER = {"listed", "withheld"}


class VersionLife(TableWalk):
    """Any act at any time: what the table lets pass must keep the order of the design."""

    done: list[str]
    came_from: str

    @initialize(public=st.booleans())
    def begin(self, public: bool) -> None:
        self.public, self.table = public, life_of(public)
        self.state, self.done = self.table.initial, []
        self.came_from = self.state

    def move(self, act: str) -> None:
        before = self.state
        if act.startswith("return_to_") and act != f"return_to_{self.came_from}":
            return  # a refused step goes back to where it began, which the version's document says and no table can
        if (before, act) == ("delisting", "withhold") and self.came_from not in ON_OFFER:
            return  # for the same reason: only an offer is withheld, and what was never on offer goes back
        self.state = self.table.next(before, act)
        if before not in WAITING:
            self.came_from = before
        self.done.append(self.state)
        if act.startswith("return_to_"):
            assert before in WAITING and self.state == act.removeprefix("return_to_")
        if self.state == "listed":
            assert before in WAITING, "only the chain lists"

    @invariant()
    def order_is_kept(self) -> None:
        if "listed" in self.done:
            assert {"registered", "first_reviewed", "reviewed"} <= set(self.done)
            assert ("filed" in self.done) == self.public
        for end in ("rejected", "delisted"):
            if end in self.done:
                assert set(self.done[self.done.index(end) + 1 :]) <= FINAL

    @invariant()
    def waiting_ends_by_the_chain_alone(self) -> None:
        if self.state in WAITING:
            ends = {"confirm", "withhold"}
            assert all(act in ends or act.startswith("return_to_") for act in self.table.allowed(self.state))


TestVersionLife = VersionLife.TestCase
TestVersionLife.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("table", [LIFE, LIFE_PUBLIC])
def test_only_withdrawn_versions_have_no_next_step(table: TransitionTable) -> None:
    assert {state for state in table.states if not table.allowed(state)} == FINAL


def test_version_without_public_data_is_never_filed() -> None:
    assert "file" not in LIFE.acts and "file" in LIFE_PUBLIC.acts
    assert "list" not in LIFE_PUBLIC.allowed("reviewed")


@pytest.mark.parametrize("table", [LIFE, LIFE_PUBLIC])
def test_withheld_offers_come_back_by_the_chain_alone(table: TransitionTable) -> None:
    assert table.allowed("withheld") == ("delist", "resume", "suspend")
    assert PRODUCT_LIFE.allowed("withheld") == ("freeze", "thaw")


def test_freeze_and_thaw_take_turns() -> None:
    assert {state: PRODUCT_LIFE.allowed(state) for state in ("active", "frozen")} == {
        "active": ("freeze",),
        "frozen": ("thaw",),
    }
