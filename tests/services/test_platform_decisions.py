"""Decisions of the authorisation platform about what it granted: each is its own act, and any other one that is shown in its name is listed."""

from typing import Any

import pytest
from support.platform_world import OTHER, US, TwoPlatforms, an_application, an_authorisation

from ledger.domain.authorisation import InvalidAuthorisationError
from ledger.domain.platform_act import ActExistsError
from ledger.errors import ConflictError, InputError, NotFoundError
from ledger.services import platform_acts, platform_decisions
from ledger.services.platform_acts import NewAct
from ledger.services.platform_sending import send_next

NAME = "app-1"
VIOLATION = {"kind": "beyond_scope", "reasons": "用于营销", "evidence_digest": "ab" * 32}
LINE = {
    "item": "施工许可",
    "item_type": "registration",
    "fields": ["状态"],
    "actions": ["read"],
    "valid_from": "2026-11-02",
    "valid_until": "2027-01-30",
    "calls": 500,
}
WIDENING = {"number": 1, "items": [LINE]}
MISSING_HERE = {("authorisation", NAME, "missing_here", "authorisation_platform")}
DIFFERS = {("authorisation", NAME, "content_differs", "trading_platform")}


class Decider:
    """One after the other, each sent and answered."""

    def __init__(self) -> None:
        self.two = TwoPlatforms()
        self.count = 0
        self.two.peer.put(an_application(state="approved"))
        self.two.sweep()
        listed = {"scenario": "s", "purpose": "p", "items": [LINE]}
        with self.two.store() as books:
            platform_acts.grant(books, US, self.new(), NAME, listed)
        self.two.sweep()

    def new(self) -> NewAct:
        self.count += 1
        return NewAct(f"act-{self.count}", "handler")

    def write(self, decision: str, *said: Any, **named: Any) -> None:
        with self.two.store() as books:
            getattr(platform_decisions, decision)(books, US, self.new(), NAME, *said, **named)

    def decide(self, decision: str, *said: Any, **named: Any) -> str:
        """Returns the state at the other platform."""
        self.write(decision, *said, **named)
        self.two.sweep()
        assert self.two.listed() == set()
        return self.two.peer.objects["authorisation", NAME].state

    def forge(self, state: str | None = None, **members: Any) -> None:
        """The other platform says it with a revision of its own."""
        self.two.peer.move("authorisation", NAME, state, **members)
        self.two.sweep()


@pytest.fixture
def decider() -> Decider:
    return Decider()


def test_suspended_resumed_suspended_again_widened_and_withdrawn_and_both_agree(decider: Decider) -> None:
    assert decider.decide("suspend", VIOLATION) == "suspended"
    assert decider.decide("resume", "审计通过") == "in_force"
    assert decider.decide("suspend", {**VIOLATION, "kind": "failed_audit"}) == "suspended"
    assert decider.decide("resume", "审计通过") == "in_force"
    assert decider.decide("widen", WIDENING, reasons="临时") == "in_force"
    assert decider.decide("widen", {**WIDENING, "number": 2}, reasons="临时") == "in_force"
    assert decider.decide("withdraw", VIOLATION) == "withdrawn"
    assert len(decider.two.peer.done) == 8


def test_suspension_widening_and_withdrawal_that_were_not_decided_here_are_listed(decider: Decider) -> None:
    decider.forge("suspended", suspension={**VIOLATION, "by": US})
    assert decider.two.listed() == MISSING_HERE
    [difference] = decider.two.store.open.values()
    assert difference.finding.there == "suspension"
    decider.forge("in_force", suspension=None)
    assert decider.two.listed() == set()
    decider.forge(widenings=[WIDENING])
    [difference] = decider.two.store.open.values()
    assert (decider.two.listed(), difference.finding.there) == (MISSING_HERE, "widening/1")
    decider.forge("withdrawn", widenings=[], ending={**VIOLATION, "by": US})
    [difference] = decider.two.store.open.values()
    assert (decider.two.listed(), difference.finding.there) == (MISSING_HERE, "withdrawal")


def test_second_suspension_that_was_not_decided_here_is_listed(decider: Decider) -> None:
    decider.decide("suspend", VIOLATION)
    decider.decide("resume", "审计通过")
    decider.forge("suspended", suspension={**VIOLATION, "by": US})
    assert decider.two.listed() == MISSING_HERE


@pytest.mark.parametrize(
    ("state", "members"),
    [
        ("in_force", {"suspension": None}),
        ("suspended", {"suspension": {**VIOLATION, "by": US, "reasons": "another"}}),
        ("suspended", {"suspension": {**VIOLATION, "by": OTHER}}),
    ],
)
def test_suspension_that_was_lifted_or_altered_there_is_listed(
    decider: Decider, state: str, members: dict[str, Any]
) -> None:
    decider.decide("suspend", VIOLATION)
    decider.forge(state, **members)
    assert decider.two.listed() == DIFFERS


@pytest.mark.parametrize("shown", [[], [{**WIDENING, "items": [{**LINE, "calls": 501}]}]])
def test_widening_that_was_taken_away_or_altered_there_is_listed(decider: Decider, shown: list[Any]) -> None:
    decider.decide("widen", WIDENING, reasons="临时")
    decider.forge(widenings=shown)
    assert decider.two.listed() == DIFFERS


def test_second_widening_that_was_not_decided_here_is_listed(decider: Decider) -> None:
    decider.decide("widen", WIDENING, reasons="临时")
    before = decider.two.peer.objects["authorisation", NAME].document["widenings"]
    decider.forge(widenings=[*before, {**WIDENING, "number": 2}])
    assert decider.two.listed() == MISSING_HERE


def test_given_up_by_its_holder_is_no_difference(decider: Decider) -> None:
    decider.decide("suspend", VIOLATION)
    decider.forge("given_up", ending={"by": "910000000000000003", "reasons": "不再需要"})
    assert decider.two.listed() == set()


@pytest.mark.parametrize("fail", ["lost", "applied"])
@pytest.mark.parametrize("decision", ["suspend", "resume", "widen", "withdraw"])
def test_decision_whose_answer_is_lost_is_done_once_and_both_agree(decider: Decider, decision: str, fail: str) -> None:
    said: dict[str, Any] = {"suspend": VIOLATION, "resume": "审计通过", "widen": WIDENING, "withdraw": VIOLATION}
    if decision == "resume":
        decider.decide("suspend", VIOLATION)
    decider.write(decision, said[decision], **({"reasons": "临时"} if decision == "widen" else {}))
    decider.two.peer.fail = fail
    assert not send_next(decider.two.following)
    decider.two.peer.fail = None
    decider.two.sweep()
    assert decider.two.peer.done.count(f"act-{decider.count}") == 1 and decider.two.listed() == set()


def test_decision_under_way_is_not_made_twice(decider: Decider) -> None:
    decider.write("suspend", VIOLATION)
    with pytest.raises(ActExistsError):
        decider.write("suspend", VIOLATION)
    decider.write("widen", WIDENING, reasons="临时")
    with pytest.raises(ActExistsError):
        decider.write("widen", WIDENING, reasons="临时")


def test_decision_out_of_place_writes_nothing(decider: Decider) -> None:
    before = len(decider.two.store.acts)
    for decision, said in (("resume", ("x",)), ("suspend", ({**VIOLATION, "kind": "rudeness"},))):
        with pytest.raises(InvalidAuthorisationError if decision == "suspend" else ConflictError):
            decider.write(decision, *said)
    for wrong in ({"evidence_digest": "AB"}, {"reasons": ""}):
        with pytest.raises(InvalidAuthorisationError):
            decider.write("withdraw", VIOLATION | wrong)
    with pytest.raises(InvalidAuthorisationError):
        decider.write("widen", {**WIDENING, "items": [LINE, LINE]}, reasons="临时")
    with pytest.raises(InputError):
        decider.write("widen", {"number": 1, "items": [{"item": "x"}]}, reasons="临时")
    with pytest.raises(NotFoundError), decider.two.store() as books:
        platform_decisions.suspend(books, US, decider.new(), "app-9", VIOLATION)
    assert len(decider.two.store.acts) == before


def test_authorisation_of_another_platform_is_not_decided_on(decider: Decider) -> None:
    decider.two.peer.put(an_authorisation("app-2", issuer=OTHER))
    decider.two.peer.put(an_authorisation("app-3", issuer=OTHER, widenings=[WIDENING]))
    decider.two.sweep()
    assert decider.two.listed() == set()
    with pytest.raises(ConflictError), decider.two.store() as books:
        platform_decisions.withdraw(books, US, decider.new(), "app-2", VIOLATION)
