"""Demands: required elements, life, and what an offer is worth to a demand and why."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.catalog_entries import an_entry
from support.demand_world import demand

from ledger.domain import demand as domain_demand
from ledger.domain.catalog import Price, Weights
from ledger.domain.demand import (
    DESCRIPTION_CHARACTERS_MAX,
    LEAST_SCORE,
    LIFE,
    NOT_COMPARED,
    SCORE_OF,
    Demand,
    InvalidDemandError,
    best_matches,
    match,
)
from ledger.domain.records import from_json, to_json
from ledger.domain.search_terms import terms_of_text
from ledger.errors import IllegalTransitionError, InputError
from ledger.services.catalog import entry_value

NO_PRICE: dict[str, Any] = {
    "kind": "subscription",
    "currency": "CNY",
    "unit_price": None,
    "ceiling_unit_price": None,
    "ceiling_source": None,
}
MEETS_ALL = {"spatial": "310000", "delivery_form": "002", "quality": "001"}


def wanted(**members: Any) -> Demand:
    return from_json(Demand, demand(**members))


def offer(number: int = 1, **members: Any) -> dict[str, Any]:
    return entry_value(an_entry(number, **MEETS_ALL | members))


def reasons(demanded: Demand, offered: dict[str, Any]) -> set[str]:
    found = match(demanded, offered)
    assert found is not None
    assert found.score == sum(SCORE_OF.get(name, 0) for name, _ in found.reasons)
    return {name for name, _ in found.reasons}


def test_reasons_are_worth_a_hundred_together() -> None:
    assert sum(SCORE_OF.values()) == 100
    assert reasons(wanted(), offer()) == set(SCORE_OF)


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"topic": "A0100"}, {"topic"}),
        ({"scene": "V0100"}, {"scene"}),
        ({"delivery_form": "001"}, {"delivery_form"}),
        ({"frequency": "001"}, {"frequency"}),
        ({"frequency": "009"}, {"frequency"}),
        ({"region": "440300"}, {"region"}),
        ({"currency": "USD"}, {"budget"}),
        ({"budget_minor": 1}, {"budget"}),
        ({"title": "卫星影像", "items": [{"name": "遥感", "fields": ["x"]}]}, {"words"}),
    ],
)
def test_demand_that_asks_for_something_else_loses_that_reason(change: dict[str, Any], lost: set[str]) -> None:
    assert set(SCORE_OF) - reasons(wanted(**change), offer()) == lost


@pytest.mark.parametrize(
    ("price", "found"),
    [
        ({"amount_minor": 500_000, "period": "P1M"}, {"budget"}),
        ({"amount_minor": 500_001, "period": "P1M"}, set()),
        ({"share": 1_000}, {NOT_COMPARED}),
        ({"amount_minor": 1, "share": 1_000}, {NOT_COMPARED}),
        ({"currency": "USD", "unit_price": 1}, {NOT_COMPARED}),
    ],
)
def test_budget_is_held_against_amounts_and_says_where_there_is_none(price: dict[str, Any], found: set[str]) -> None:
    offered = offer(weights=Weights(0, 1_000_000, 0), price=Price(**(NO_PRICE | price)))
    assert reasons(wanted(budget_minor=500_000), offered) & {"budget", NOT_COMPARED} == found


@pytest.mark.parametrize(
    ("area", "place", "is_met"),
    [
        ("310000", "310115", True),
        ("310115", "310115", True),
        ("310115", "310000", False),
        ("310101", "310115", False),
        ("110000", "310115", False),
        (None, "310115", False),
    ],
)
def test_region_of_an_offer_covers_the_places_in_it(area: str | None, place: str, is_met: bool) -> None:
    assert ("region" in reasons(wanted(region=place), offer(spatial=area))) == is_met


def test_words_of_a_demand_are_taken_once_and_of_an_offer_a_bounded_part(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def counting(text: str) -> frozenset[str]:
        looked_at.append(text)
        return terms_of_text(text)

    monkeypatch.setattr(domain_demand, "terms_of_text", counting)
    offers = [offer(number, description="x " * 10_000) for number in (1, 2, 3)]

    assert len(best_matches(wanted(), offers, 9)) == 3
    assert len(looked_at) == 1 + len(offers)
    assert max(map(len, looked_at)) < DESCRIPTION_CHARACTERS_MAX + 1_000


def test_offer_that_cannot_be_used_is_no_match() -> None:
    assert match(wanted(security_level="001"), offer(security_level="002")) is None
    assert match(wanted(), offer() | {"state": "suspended"}) is None


def test_best_matches_come_first_and_weak_ones_not_at_all() -> None:
    weak = offer(3, topic="A0100", scene="V0100", delivery_form="001", spatial=None, frequency="007", quality="004")
    found = best_matches(wanted(), [weak, offer(1, delivery_form="001"), offer(2)], 10)

    assert [one.product_code for one in found] == [offer(2)["product_code"], offer(1)["product_code"]]
    assert all(one.score >= LEAST_SCORE for one in found)
    assert len(best_matches(wanted(), [offer(1), offer(2)], 1)) == 1


@settings(max_examples=60, deadline=None)
@given(st.permutations([offer(number, delivery_form=form) for number, form in ((1, "001"), (2, "002"), (3, "002"))]))
def test_order_of_the_offers_changes_nothing(offers: list[dict[str, Any]]) -> None:
    assert [one.score for one in best_matches(wanted(), offers, 9)] == [100, 100, 90]
    assert best_matches(wanted(), offers, 9) == best_matches(wanted(), sorted(offers, key=str), 9)


BAD = {
    "title": " ",
    "purpose": "",
    "scenario": "",
    "topic": "Z0100",
    "scene": "A0100",
    "items": [],
    "frequency": "010",
    "region": "31",
    "currency": "yuan",
    "budget_minor": -1,
    "quality": "009",
    "security_level": "000",
    "security_requirement": "",
    "delivery_form": "x",
    "deadline": "2027-02-30",
}


def test_demand_is_the_same_after_json() -> None:
    assert from_json(Demand, to_json(wanted())) == wanted()


@pytest.mark.parametrize("name", BAD)
def test_element_of_the_standard_that_is_wrong_or_missing_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        wanted(**{name: BAD[name]})
    with pytest.raises(InputError, match=name):
        from_json(Demand, {key: value for key, value in demand().items() if key != name})


def test_item_without_fields_is_refused() -> None:
    with pytest.raises(InvalidDemandError):
        wanted(items=[{"name": "x", "fields": []}])


class DemandLife(RuleBasedStateMachine):
    """Any act at any time, against the order that the design states."""

    state = LIFE.initial
    done: tuple[str, ...] = ()

    @rule(act=st.sampled_from(sorted(LIFE.acts)))
    def any_act(self, act: str) -> None:
        allowed = LIFE.allowed(self.state)
        if act in allowed:
            self.state = LIFE.next(self.state, act)
            self.done = (*self.done, act)
        else:
            with pytest.raises(IllegalTransitionError) as refused:
                LIFE.next(self.state, act)
            assert refused.value.facts == {"state": self.state, "allowed": list(allowed)}

    @invariant()
    def order_is_kept(self) -> None:
        order = [self.done.index(act) for act in ("bid", "select", "follow_up", "close") if act in self.done]
        assert order == sorted(order)
        assert ("close" not in self.done) or {"bid", "select", "follow_up"} <= set(self.done)
        assert not ("withdraw" in self.done and "select" in self.done)
        assert self.done.count("select") <= 1
        if "bid" in self.done:
            assert "match" not in self.done[self.done.index("bid") :]


TestDemandLife = DemandLife.TestCase
TestDemandLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
