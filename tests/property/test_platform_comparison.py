"""Laws of comparing two platforms' books: equal ones agree, each single change is found with its cause, order does not matter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.platform_world import US, an_agreement, an_application, an_authorisation, an_order, changed

from ledger.domain.platform_books import (
    FILING,
    FIXED,
    GRANT,
    KINDS,
    LIVES,
    TOKEN,
    Original,
    Shown,
    claims,
    differing,
    follows,
    value_at,
)
from ledger.domain.platform_comparison import ON_CHAIN, Cause, OnChain, Owner, compare
from ledger.domain.platform_differences import TOLERANCE, Difference, carry_on

NAMES = st.sampled_from(["a", "b", "a/b", "~", "", "名"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["x", "y", ""])
VALUES: Any = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3)
STATES = st.sampled_from([(kind, state) for kind in KINDS for table in LIVES[kind] for state in sorted(table.states)])
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@st.composite
def objects(draw: st.DrawFn) -> Shown:
    kind, state = draw(STATES)
    return Shown(kind, "one", draw(st.integers(1, 9)), state, draw(DOCUMENTS))


def causes(*arguments: Any, **options: Any) -> list[Cause]:
    return [one.cause for one in compare(US, *arguments, **options)]


@given(objects())
def test_equal_books_have_no_difference(one: Shown) -> None:
    assert causes(one, [], one) == []


@given(objects())
def test_new_object_that_claims_nothing_of_ours_is_no_difference(one: Shown) -> None:
    assert causes(None, [], one) == []


@given(objects())
def test_vanished_object_is_missing_there(one: Shown) -> None:
    [found] = compare(US, one, [], None)
    assert (found.cause, found.owner) == (Cause.MISSING_THERE, Owner.TRADING_PLATFORM)


@given(objects(), st.integers(1, 5))
def test_lower_revision_went_back(one: Shown, by: int) -> None:
    kept = replace(one, revision=one.revision + by)
    assert causes(kept, [], one) == [Cause.REVISION_WENT_BACK]


@given(objects(), DOCUMENTS)
def test_other_document_of_the_same_revision_is_found_with_its_fields(one: Shown, other: dict[str, Any]) -> None:
    found = compare(US, one, [], replace(one, document=other))
    where = [part.pointer for part in differing(one.document, other)]
    assert [(each.cause, each.owner) for each in found] == [(Cause.CONTENT_DIFFERS, Owner.TRADING_PLATFORM)] * bool(
        where
    )
    for each in found:
        assert list(each.fields) == where[:20]


@given(STATES, STATES)
def test_state_that_cannot_follow_is_behind(first: tuple[str, str], second: tuple[str, str]) -> None:
    kind, before = first
    after = second[1]
    kept, now = Shown(kind, "one", 1, before, {}), Shown(kind, "one", 2, after, {})
    assert (Cause.STATE_BEHIND in causes(kept, [], now)) == (not follows(kind, before, after))


@given(VALUES, VALUES)
def test_differing_is_empty_for_equal_values_alone_and_symmetrical(here: Any, there: Any) -> None:
    assert list(differing(here, here)) == []
    forth, back = list(differing(here, there)), list(differing(there, here))
    assert [(one.pointer, one.here, one.there) for one in forth] == [(one.pointer, one.there, one.here) for one in back]
    for one in forth:
        assert (value_at(here, one.pointer), value_at(there, one.pointer)) == (one.here, one.there)


@given(st.randoms())
def test_order_of_originals_does_not_matter(random: Any) -> None:
    shown = an_authorisation()
    originals = [
        Original(GRANT, True, 1, {"/issuer": US}),
        Original(TOKEN, True, 5, {"/digest": "00"}),
        Original(FILING, False, 0, {}),
    ]
    expected = compare(US, shown, originals, shown)
    random.shuffle(originals)
    assert {(one.cause, one.owner) for one in compare(US, shown, originals, shown)} == {
        (one.cause, one.owner) for one in expected
    }


@given(st.lists(st.sampled_from(list(Cause)), unique=True), st.lists(st.sampled_from(list(Cause)), unique=True))
def test_carrying_on_opens_keeps_and_ends_each_once(before: list[Cause], after: list[Cause]) -> None:
    def finding(cause: Cause) -> Any:
        return replace(compare(US, an_order(), [], None)[0], cause=cause)

    open_ones = {cause: Difference("order", "one", finding(cause), NOW, NOW) for cause in before}
    later = NOW + timedelta(seconds=5)
    carried = carry_on("order", "one", open_ones, [finding(cause) for cause in after], later)
    assert {one.cause for one in carried.open} == set(after)
    assert {one.cause for one in carried.ended} == set(before) - set(after)
    assert all(one.first_seen == (NOW if one.cause in before else later) for one in carried.open)
    assert all(one.ended_at == later and one.age(later + TOLERANCE) == timedelta(seconds=5) for one in carried.ended)


def test_every_state_of_what_is_on_the_chain_has_its_word_there() -> None:
    for kind, words in ON_CHAIN.items():
        assert set(words) == {state for table in LIVES[kind] for state in table.states}


def test_every_kind_has_a_life_and_what_is_fixed() -> None:
    assert set(LIVES) == set(FIXED) == set(KINDS)


def test_chain_that_has_nothing_of_what_is_signed_is_not_on_chain() -> None:
    one = an_agreement(state="filed", platforms=[])
    assert causes(one, [], one, on_chain=OnChain(None, {})) == [Cause.NOT_ON_CHAIN]
    assert causes(one, [], one, on_chain=OnChain("filed", {"/contract_hash": one.document["contract_hash"]})) == []
    assert causes(one, [], one, on_chain=OnChain("concluded", {})) == [Cause.CHAIN_DIFFERS]
    [found] = compare(US, one, [], one, on_chain=OnChain("filed", {"/contract_hash": "00" * 32}))
    assert (found.cause, found.fields) == (Cause.CHAIN_DIFFERS, ("/contract_hash",))


def test_step_that_waits_for_the_chain_goes_with_both_ends() -> None:
    one = an_order(state="confirming")
    assert causes(one, [], one, on_chain=OnChain("placed", {})) == []
    assert causes(one, [], one, on_chain=OnChain("confirmed", {})) == []
    assert causes(one, [], one, on_chain=OnChain("rejected", {})) == [Cause.CHAIN_DIFFERS]


def test_act_in_our_name_without_an_original_is_missing_here() -> None:
    [found] = compare(US, None, [], an_authorisation())
    assert (found.cause, found.owner, found.there) == (Cause.MISSING_HERE, Owner.AUTHORISATION_PLATFORM, GRANT)
    assert causes(None, [Original(GRANT, True, 1, {"/issuer": US})], an_authorisation()) == []


def test_filing_on_our_side_is_missed_once_it_is_filed_there() -> None:
    assert claims(an_agreement(state="signed"), US) == frozenset()
    assert claims(an_agreement(state="filed"), US) == {FILING}
    assert claims(an_agreement(state="filed", platforms=["other"]), US) == frozenset()


def test_original_that_is_not_shown_as_it_was_said_differs() -> None:
    one = an_authorisation()
    original = Original(GRANT, True, 1, {"/issuer": US, "/listed": {"scenario": "other", "purpose": "p", "items": []}})
    [found] = compare(US, one, [original], one)
    assert (found.cause, found.fields, found.here, found.there) == (
        Cause.CONTENT_DIFFERS,
        ("/listed/scenario",),
        "other",
        "s",
    )


def test_act_that_is_not_answered_is_ours_to_deliver() -> None:
    one = an_application()
    [found] = compare(US, one, [Original("final_review", False, 0, {})], one)
    assert (found.cause, found.owner) == (Cause.STATE_BEHIND, Owner.AUTHORISATION_PLATFORM)


def test_digest_that_does_not_follow_from_the_content_differs() -> None:
    one = an_agreement(platforms=[])
    [found] = compare(US, one, [], one, derived={"/contract_hash": "00" * 32})
    assert (found.cause, found.fields) == (Cause.CONTENT_DIFFERS, ("/contract_hash",))


@given(st.integers(1, 20), st.none() | st.integers(0, 25), st.integers(0, 25), st.integers(1, 20))
def test_counter_of_a_token_rises_up_to_its_quota_without_a_revision(
    quota: int, before: int | None, spent: int, shown_quota: int
) -> None:
    one = Shown("usage_token", "tok", 1, "issued", {"token": {"quota": quota}, "is_usable": True, "digest": "aa"})
    kept = changed(one, counter={"spent": 0, "quota": quota, "left": quota})
    later = changed(one, counter={"spent": spent, "quota": shown_quota, "left": 0}, is_usable=False)
    found = compare(US, kept, [], later, spent_before=before)
    wrong = {"/counter/spent"} if spent > quota or (before is not None and spent < before) else set()
    wrong |= {"/counter/quota"} if shown_quota != quota else set()
    assert {field for each in found for field in each.fields} == wrong
    assert [(each.cause, each.owner) for each in found] == [
        (Cause.CONTENT_DIFFERS, Owner.TRADING_PLATFORM) for _ in range(bool(wrong))
    ]


def test_digest_of_a_token_does_not_change_without_a_revision() -> None:
    one = Shown("usage_token", "tok", 1, "issued", {"counter": {"spent": 0}, "is_usable": True, "digest": "aa"})
    assert causes(one, [], changed(one, digest="bb")) == [Cause.CONTENT_DIFFERS]


def test_fixed_member_that_changes_with_a_revision_differs() -> None:
    one = an_agreement(platforms=[])
    later = replace(changed(one, contract_hash="00" * 32), revision=one.revision + 1)
    assert Cause.CONTENT_DIFFERS in causes(one, [], later)


def test_young_difference_is_under_way() -> None:
    found = compare(US, an_order(), [], None)[0]
    one = Difference("order", "one", found, NOW, NOW)
    assert one.is_under_way(NOW + TOLERANCE - timedelta(seconds=1)) and not one.is_under_way(NOW + TOLERANCE)
