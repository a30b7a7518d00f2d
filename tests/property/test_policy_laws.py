"""Laws of policies: the written forms are inverses, and what is reported as contradictory is so under every use that was tried."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.policies import FACTS, constraints, documents, facts

from ledger.domain.policies.analysis import Defect, example_use, find_contradictions
from ledger.domain.policies.duties import DutyState, stand_of
from ledger.domain.policies.evaluation import Result, Why, evaluate
from ledger.domain.policies.facts import Facts, Performed, Request
from ledger.domain.policies.national import encode_national, parse_national
from ledger.domain.policies.odrl import encode_odrl, parse_odrl
from ledger.domain.policies.points import points_of
from ledger.domain.policies.values import KINDS, Fields
from ledger.domain.policies.vocabulary import Action, LeftOperand, Operator, RuleKind, includes

ANY = sorted(action.value for action in Action)
FEW = ["read", "download", "use"]
NARROW = ["count", "region", "dataField", "payAmount", "networkAddress", "timeWindow", "time"]
FEWER = settings(max_examples=50)
"""For laws whose one example takes milliseconds: drawing it is what takes the time."""
IN_VAIN = {Defect.PERMISSION_FORBIDDEN, Defect.PERMISSION_UNDECIDABLE}


@FEWER
@given(documents(ANY))
def test_both_forms_say_the_same_and_are_read_back(document: dict[str, Any]) -> None:
    policy = parse_odrl(document)

    assert encode_odrl(policy) == document
    assert parse_national(encode_national(policy)) == policy


@given(st.data())
def test_every_fact_is_decided_as_one_of_the_representatives(data: st.DataObject) -> None:
    operand = data.draw(st.sampled_from(LeftOperand))
    drawn = data.draw(st.lists(constraints([operand.value]), min_size=1, max_size=3))
    stated = data.draw(FACTS[operand.value])
    read = parse_odrl({"@type": "Set", "permission": [{"action": "read", "constraint": [one]} for one in drawn]})
    asked = [rule.constraints[0] for rule in read.permissions]
    if operand is LeftOperand.FIELD:
        # what a use has beside the field that is judged is no fact of the field
        asked = [one for one in asked if one.operator not in (Operator.IS_ALL_OF, Operator.HAS_PART)]
        point: Any = Fields(stated[0], frozenset(stated))
    else:
        point = KINDS[operand].read_fact(stated)

    answers = [one.is_true_of(point) for one in asked]
    assert any(
        all(answer in (None, one.is_true_of(standing)) for one, answer in zip(asked, answers, strict=True))
        for standing in points_of(operand, asked).values()
    )


@given(documents(FEW, NARROW), st.lists(facts(NARROW), min_size=1, max_size=3))
def test_permission_that_is_reported_never_allows(document: dict[str, Any], known: list[dict[str, Any]]) -> None:
    policy = parse_odrl(document)
    found = find_contradictions(policy)
    in_vain = {(one.places[0], one.action) for one in found if one.defect in IN_VAIN}
    empty = {one.places[0] for one in found if one.defect in (Defect.EMPTY, Defect.PERMISSION_BLOCKED)}
    nothing = any(one.defect is Defect.NOTHING_PERMITTED for one in found)

    for stated in known:
        for action in (Action.READ, Action.DOWNLOAD, Action.SELL):
            decision = evaluate(policy, Request(action, Facts(stated)))
            assert not (nothing and decision.result is Result.ALLOWED)
            allowing = {one.place for one in decision.reasons if one.why is Why.PERMITTED}
            assert not allowing & empty
            if decision.result in (Result.ALLOWED, Result.CONDITIONAL):
                judged = {one.place for one in decision.reasons if one.why in (Why.PERMITTED, Why.PERMITTED_AFTER_DUTY)}
                for place in judged:
                    number = int(place.removeprefix("permission[").removesuffix("]"))
                    stated_actions = policy.permissions[number].actions
                    assert not all((place, own) in in_vain for own in stated_actions if includes(own, action))


@FEWER
@given(documents(FEW, [name for name in NARROW if name != "dataField"]))
def test_permission_that_is_not_reported_has_a_use_that_it_allows(document: dict[str, Any]) -> None:
    for one in document["permission"]:
        one.pop("duty", None)  # whose time may have passed: a matter of when, not of contradiction
    policy = parse_odrl(document)
    found = find_contradictions(policy)
    dead = {one.places[0] for one in found if one.defect is Defect.EMPTY}
    in_vain = {(one.places[0], one.action) for one in found if one.defect in IN_VAIN}

    for place, rule in policy.numbered(RuleKind.PERMISSION):
        for action in rule.actions:
            examples = [example_use(policy, place, narrow) for narrow in Action if includes(action, narrow)]
            is_reported = place in dead or (place, action) in in_vain
            assert any(examples) != is_reported


@given(documents(FEW, NARROW), st.lists(facts(NARROW), min_size=1, max_size=3))
def test_duty_that_is_reported_impossible_is_never_fulfilled(
    document: dict[str, Any], known: list[dict[str, Any]]
) -> None:
    policy = parse_odrl(document)
    empty = {one.places[0] for one in find_contradictions(policy) if one.defect is Defect.EMPTY}
    performed = tuple(Performed(action, Facts(stated)) for stated in known for action in Action)
    now = Request(Action.READ, Facts(known[0] | {"time": "2026-06-01T00:00:00Z"}), performed)

    for place, duty in policy.places():
        if place in empty:
            assert stand_of(place, duty, now).state is not DutyState.FULFILLED


@given(documents(FEW, NARROW), facts(NARROW), st.data())
def test_knowing_less_never_allows_more(document: dict[str, Any], stated: dict[str, Any], data: st.DataObject) -> None:
    policy = parse_odrl(document)
    forgotten = data.draw(st.sets(st.sampled_from(sorted(stated))))
    less = {name: value for name, value in stated.items() if name not in forgotten}

    if evaluate(policy, Request(Action.READ, Facts(less))).result is Result.ALLOWED:
        assert evaluate(policy, Request(Action.READ, Facts(stated))).result is Result.ALLOWED


@given(documents(FEW, NARROW), facts(NARROW))
def test_use_of_several_fields_is_allowed_as_each_of_them_alone(
    document: dict[str, Any], stated: dict[str, Any]
) -> None:
    text = str(document)
    policy = parse_odrl(document)
    fields = stated.get("dataField", ["status"])
    if "isAllOf" in text or "hasPart" in text:
        return

    together = evaluate(policy, Request(Action.READ, Facts({**stated, "dataField": fields}))).result
    alone = [evaluate(policy, Request(Action.READ, Facts({**stated, "dataField": one}))).result for one in fields]
    assert together is max(alone, key=list(Result).index)
