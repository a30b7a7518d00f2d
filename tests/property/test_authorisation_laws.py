"""Laws of authorisations: what is narrower never allows more, and nothing is allowed that list, widening or policy do not have."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support import policies

from ledger.domain.authorisation import MARKETING, Authorisation, AuthorisationList, AuthorisedItem, Widening
from ledger.domain.authorisation_coverage import UseRequest, Why, coverage
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.facts import Facts, Request
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.vocabulary import Action

FIELDS = ("permit_no", "status", "issued_on")
ACTIONS = ("read", "compute", "use", "grantUse")
DAYS = ("2026-11-01", "2026-11-02", "2026-11-03")
READ = parse_odrl({"@type": "Offer", "permission": [{"action": "read"}, {"action": "compute"}]})
WHOLE = AuthorisedItem("permits", "registration", FIELDS, ("read", "compute"), DAYS[0], DAYS[2], 10, 5)


def some_of(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(words), min_size=1).map(lambda found: tuple(sorted(found)))


@st.composite
def items(draw: st.DrawFn) -> AuthorisedItem:
    first, last = sorted(draw(st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))))
    return AuthorisedItem(
        draw(st.sampled_from(("permits", "plots"))),
        "registration",
        draw(some_of(FIELDS)),
        draw(some_of(ACTIONS[:3])),
        first,
        last,
        draw(st.integers(1, 5)),
        draw(st.none() | st.integers(1, 5)),
    )


@st.composite
def narrowed(draw: st.DrawFn, item: AuthorisedItem) -> AuthorisedItem:
    """The same with less of one thing or another."""
    records = item.records_per_call
    days = [day for day in DAYS if item.valid_from <= day <= item.valid_until]
    first, last = sorted(draw(st.tuples(st.sampled_from(days), st.sampled_from(days))))
    return replace(
        item,
        fields=draw(some_of(item.fields)),
        actions=draw(some_of(item.actions)),
        valid_from=first,
        valid_until=last,
        calls=draw(st.integers(1, item.calls)),
        records_per_call=draw(st.integers(1, 5 if records is None else records)),
    )


@st.composite
def requests(draw: st.DrawFn, item: AuthorisedItem) -> UseRequest:
    """A use that the line covers, but for one thing or none; of some of the other things it takes all that there is."""
    twist = draw(st.sampled_from((None, None, "field", "action", "day", "calls", "records", "purpose", "scenario")))
    days = [day for day in DAYS if twist == "day" or item.valid_from <= day <= item.valid_until]
    allowed = [one for one in item.actions if one != "use"] or ["read"]
    records = 6 if twist == "records" else draw(st.integers(0, item.records_per_call or 6))
    return UseRequest(
        item.item,
        "other" if twist == "scenario" else "loans",
        datetime.fromisoformat(f"{draw(st.sampled_from(days))}T09:00:00+00:00"),
        Request(
            parse_listed(Action, draw(st.sampled_from(ACTIONS if twist == "action" else allowed))),
            Facts(
                {
                    "dataField": list(draw(some_of(FIELDS if twist == "field" else item.fields))),
                    "purpose": draw(st.sampled_from((MARKETING, "research"))) if twist == "purpose" else "loan",
                }
            ),
        ),
        calls=6 if twist == "calls" else draw(st.integers(1, item.calls)),
        records=records,
    )


def a_list(*lines: AuthorisedItem, **members: Any) -> AuthorisationList:
    by_name = {one.item: one for one in lines}
    return AuthorisationList("loans", "loan", tuple(by_name.values()), **members)


def test_narrower_list_never_allows_more() -> None:
    answers: list[tuple[bool, bool]] = []

    @settings(max_examples=40, deadline=None)
    @given(wide=items(), other=items(), data=st.data())
    def law(wide: AuthorisedItem, other: AuthorisedItem, data: st.DataObject) -> None:
        less = data.draw(narrowed(wide))
        request = data.draw(requests(data.draw(st.sampled_from((less, wide)))))
        narrow = Authorisation(a_list(less, banned_purposes=("research",)))
        wider = Authorisation(a_list(wide), (Widening(1, (other,)),))
        answer = coverage(narrow, READ, request).is_covered, coverage(wider, READ, request).is_covered
        assert answer != (True, False)
        answers.append(answer)

    law()
    assert len(set(answers)) == 3, "uses that both cover, that the wider one covers alone, and that neither does"


def test_answer_is_yes_without_reasons_or_no_with_some() -> None:
    answers: set[bool] = set()

    @settings(max_examples=30, deadline=None)
    @given(lines=st.lists(items(), min_size=1, max_size=3), data=st.data())
    def law(lines: list[AuthorisedItem], data: st.DataObject) -> None:
        widenings = tuple(Widening(number, (one,)) for number, one in enumerate(lines[1:], 1))
        authorisation = Authorisation(a_list(lines[0]), widenings)
        request = data.draw(requests(data.draw(st.sampled_from(lines))))
        found = coverage(authorisation, READ, request)
        answers.add(found.is_covered)
        assert found.is_covered == (not found.reasons)
        if found.entry is not None:
            item = authorisation.entries[found.entry]
            assert item.item == request.item
            assert set(request.use.facts.fields) <= set(item.fields)
            assert (request.scenario, request.use.facts.stated["purpose"]) == ("loans", "loan")
            assert request.use.action != "grantUse"
            assert coverage(authorisation, READ, replace(request, entry=found.entry)).is_covered

    law()
    assert answers == {True, False}


@settings(max_examples=15, deadline=None)
@given(document=policies.documents(["read", "compute"], ["dataField", "count", "region"]), facts=st.data())
def test_nothing_is_covered_that_the_policy_denies(document: dict[str, Any], facts: st.DataObject) -> None:
    policy = parse_odrl(document)
    stated = facts.draw(policies.facts(["count", "region"])) | {"dataField": ["status"], "purpose": "loan"}
    use = Request(Action.READ, Facts(stated))
    at = datetime(2026, 11, 2, tzinfo=UTC)
    found = coverage(Authorisation(a_list(WHOLE)), policy, UseRequest("permits", "loans", at, use, records=1))

    timed = Request(Action.READ, Facts({**stated, "time": "2026-11-02T00:00:00Z"}))
    assert found.is_covered == (evaluate(policy, timed).result in {Result.ALLOWED, Result.CONDITIONAL})
    assert {reason.why for reason in found.reasons} <= {Why.POLICY_DENIES, Why.POLICY_UNDECIDED}


def test_every_reason_is_given_for_what_it_says() -> None:
    authorisation = Authorisation(a_list(WHOLE, banned_purposes=("research",)))
    good = UseRequest(
        "permits",
        "loans",
        datetime(2026, 11, 2, tzinfo=UTC),
        Request(Action.READ, Facts({"dataField": "status", "purpose": "loan"})),
        records=1,
    )

    def use(action: Action = Action.READ, **facts: Any) -> Request:
        stated = {name: value for name, value in {"dataField": "status", "purpose": "loan", **facts}.items() if value}
        return Request(action, Facts(stated))

    changes: dict[Why, dict[str, Any]] = {
        Why.OTHER_SCENARIO: {"scenario": "x"},
        Why.PURPOSE_NOT_STATED: {"use": use(purpose=None)},
        Why.BANNED_PURPOSE: {"use": use(purpose="research")},
        Why.OTHER_PURPOSE: {"use": use(purpose="x")},
        Why.ONWARD_AUTHORISATION: {"use": use(Action.GRANT_USE)},
        Why.FIELDS_NOT_STATED: {"use": use(dataField=None)},
        Why.ITEM_NOT_LISTED: {"item": "plots"},
        Why.FIELD_NOT_LISTED: {"use": use(dataField="owner")},
        Why.ACTION_NOT_LISTED: {"use": use(Action.STORE)},
        Why.NOT_YET_VALID: {"at": datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC)},
        Why.NO_LONGER_VALID: {"at": datetime(2026, 11, 3, 16, tzinfo=UTC)},
        Why.TOO_MANY_CALLS: {"calls": 11},
        Why.RECORDS_NOT_STATED: {"records": None},
        Why.TOO_MANY_RECORDS: {"records": 6},
        Why.POLICY_DENIES: {"use": use(Action.STORE)},
        Why.POLICY_UNDECIDED: {},
    }
    region = policies.that("region", "eq", "310000")
    undecided = parse_odrl({"@type": "Offer", "permission": [policies.rule("read", region)]})

    assert coverage(authorisation, READ, good).entry == "0/permits"
    assert changes.keys() == set(Why)
    for why, change in changes.items():
        policy = undecided if why is Why.POLICY_UNDECIDED else READ
        found = coverage(authorisation, policy, replace(good, **change))
        assert why in {reason.why for reason in found.reasons}, why
        assert not found.is_covered
