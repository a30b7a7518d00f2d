"""The authorisation platform's use cases on fakes: follow, compare, act, and every durable step lost or applied but reported failed."""

from typing import Any

import pytest
from support.platform_world import (
    US,
    TwoPlatforms,
    a_token,
    an_agreement,
    an_application,
    an_authorisation,
    an_order,
    changed,
)

from ledger.adapters.signing_keys import sign_usage_token
from ledger.bundle.usage_token_text import parse_usage_token
from ledger.domain.application import ASPECTS
from ledger.domain.platform_act import ActExistsError
from ledger.domain.platform_comparison import Cause, OnChain
from ledger.domain.usage_token import UsageToken
from ledger.errors import ConflictError, InputError, NotFoundError, RefusedByServiceError, UnavailableError
from ledger.services import platform_acts as acts
from ledger.services.platform_acts import NewAct, TokenWish
from ledger.services.platform_sending import send_next

NEW = NewAct("act-1", "handler")
SECRET = b"\x21" * 32
TOKEN = "tok-00000001"


def findings(*, failed: str | None = None) -> list[dict[str, Any]]:
    return [{"aspect": one, "passed": one != failed, "reasons": f"{one}: see file"} for one in ASPECTS]


def wish(**members: Any) -> TokenWish:
    defaults = {
        "token_id": TOKEN,
        "authorisation": "app-1",
        "entry": "0/施工许可",
        "subject": "910000000000000003",
        "interface": 0,
        "parameters": {},
        "fields": ("状态",),
        "mode": "read",
        "quota": 10,
        "valid_from": 1_793_600_000,
        "valid_until": 1_793_700_000,
    }
    return TokenWish(**defaults | members)


def sign(token: UsageToken) -> str:
    return sign_usage_token(token, SECRET)


@pytest.fixture
def two() -> TwoPlatforms:
    return TwoPlatforms()


def issue(two: TwoPlatforms, **members: Any) -> None:
    with two.store() as books:
        acts.issue_token(books, US, NEW, wish(**members), sign)


def granted(two: TwoPlatforms) -> None:
    """An authorisation that is this platform's own act."""
    two.peer.put(an_application(state="approved"))
    two.sweep()
    with two.store() as books:
        acts.grant(books, US, NewAct("act-0", "handler"), "app-1", {"scenario": "s", "purpose": "p", "items": [LINE]})
    two.sweep()
    assert two.listed() == set()


LINE = {
    "item": "施工许可",
    "item_type": "registration",
    "fields": ["状态"],
    "actions": ["read"],
    "valid_from": "2026-11-02",
    "valid_until": "2027-06-30",
    "calls": 500,
}


def test_sweep_copies_every_page_and_finds_nothing_when_both_agree(two: TwoPlatforms) -> None:
    for number in range(5):
        two.peer.put(an_order(f"ord-{number}"))
    two.sweep()
    assert {name for kind, name in two.store.copies} == {f"ord-{number}" for number in range(5)}
    assert two.listed() == {("order", f"ord-{number}", "not_on_chain", "trading_platform") for number in range(5)}
    two.contracts.objects = {("order", f"ord-{number}"): OnChain("placed", {}) for number in range(5)}
    two.sweep()
    assert two.listed() == set() and len(two.store.ended) == 5


def test_position_resumes_where_a_sweep_stopped(two: TwoPlatforms) -> None:
    for number in range(5):
        two.peer.put(an_application(f"app-{number}"))
    two.sweep()
    two.peer.put(an_application("app-9"))
    with two.store() as books:
        assert books.position("application").cursor is None
    two.peer.fail = "lost"
    two.sweep()
    with two.store() as books:
        assert books.position("application").failure == "no answer"
    two.peer.fail = None
    two.sweep()
    with two.store() as books:
        assert books.copy_of("application", "app-9") is not None
        assert books.position("application").failure is None


def test_altered_object_is_listed_until_it_is_mended(two: TwoPlatforms) -> None:
    one = an_application()
    two.peer.put(one)
    two.sweep()
    two.peer.put(changed(one, content={"a": 2}))
    two.sweep()
    [(key, difference)] = two.store.open.items()
    assert key == ("application", "app-1", Cause.CONTENT_DIFFERS)
    assert (difference.finding.fields, difference.finding.here, difference.finding.there) == (("/content/a",), "1", "2")
    first_seen = difference.first_seen
    two.sweep(later_s=100)
    assert next(iter(two.store.open.values())).first_seen == first_seen
    with two.store() as books:
        kept = books.copy_of("application", "app-1")
        assert kept is not None and kept.document["content"] == {"a": 1}, "a copy never overwrites what was seen first"
    two.peer.put(one)
    two.sweep()
    assert two.listed() == set()
    [ended] = two.store.ended
    assert ended.ended_at is not None and ended.age(two.store.now).total_seconds() > 100


@pytest.mark.parametrize(
    ("altered", "expected"),
    [
        ({"content": {"a": 2}}, "content_differs"),
        ({"state": "submitted"}, "state_behind"),
    ],
)
def test_what_contradicts_the_copy_under_a_higher_revision_is_listed_until_it_is_mended(
    two: TwoPlatforms, altered: dict[str, Any], expected: str
) -> None:
    one = an_application()
    two.peer.put(one)
    two.sweep()
    two.peer.move("application", "app-1", **altered)
    for _ in range(3):
        two.sweep(later_s=100)
        assert two.listed() == {("application", "app-1", expected, "trading_platform")}
    assert two.store.ended == [], "one difference, and not a new one at each look"
    two.peer.move("application", "app-1", **{name: one.document[name] for name in altered})
    two.sweep()
    assert two.listed() == set()
    with two.store() as books:
        kept = books.copy_of("application", "app-1")
    assert kept is not None and (kept.revision, kept.state) == (one.revision + 2, one.state)


def test_vanished_object_is_missing_there_once_it_was_asked_for_by_name(two: TwoPlatforms) -> None:
    two.peer.put(an_application())
    two.sweep()
    del two.peer.objects["application", "app-1"]
    two.sweep()
    two.sweep()
    assert two.listed() == {("application", "app-1", "missing_there", "trading_platform")}
    two.peer.put(an_application())
    two.sweep()
    assert two.listed() == set()


def test_revision_that_went_back_is_listed(two: TwoPlatforms) -> None:
    two.peer.put(an_application())
    two.sweep()
    two.peer.move("application", "app-1", "approved")
    two.sweep()
    two.peer.put(an_application())
    two.sweep()
    assert two.listed() == {("application", "app-1", "revision_went_back", "trading_platform")}


def test_final_review_goes_out_and_is_this_platforms_original(two: TwoPlatforms) -> None:
    two.peer.put(an_application())
    two.sweep()
    with two.store() as books:
        acts.review_application(books, US, NEW, "app-1", findings())
    two.sweep()
    assert two.peer.objects["application", "app-1"].state == "approved"
    assert two.listed() == set()
    two.peer.put(changed(two.peer.objects["application", "app-1"], reviews=[]))
    two.sweep()
    assert two.listed() == {("application", "app-1", "content_differs", "trading_platform")}


def test_review_out_of_turn_or_incomplete_is_refused(two: TwoPlatforms) -> None:
    two.peer.put(an_application(state="submitted"))
    two.sweep()
    with pytest.raises(ConflictError), two.store() as books:
        acts.review_application(books, US, NEW, "app-1", findings())
    with pytest.raises(NotFoundError), two.store() as books:
        acts.review_application(books, US, NEW, "app-2", findings())
    two.peer.move("application", "app-1", "first_reviewed")
    two.sweep()
    with pytest.raises(InputError), two.store() as books:
        acts.review_application(books, US, NEW, "app-1", findings()[:2])
    assert two.store.acts == {}


def test_token_is_stated_signed_and_sent_once(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    with pytest.raises(ActExistsError), two.store() as books:
        acts.issue_token(books, US, NewAct("act-2", "handler"), wish(), sign)
    two.sweep()
    act, text = two.store.acts["act-1"]
    assert text is not None and act.state == "acknowledged"
    token, _ = parse_usage_token(text)
    assert (token.issuer, token.node, token.product_code) == (US, "910000000000000004", "6" * 32)
    assert text not in str(act.request)
    assert two.listed() == set()


def test_token_of_ours_that_no_book_of_ours_has_is_missing_here(two: TwoPlatforms) -> None:
    two.peer.put(a_token())
    two.sweep()
    assert two.listed() == {("usage_token", TOKEN, "missing_here", "authorisation_platform")}


def test_token_whose_digest_is_another_differs_from_the_original(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    two.sweep()
    two.peer.put(changed(two.peer.objects["usage_token", TOKEN], digest="cd" * 32))
    two.sweep()
    assert two.listed() == {("usage_token", TOKEN, "content_differs", "trading_platform")}
    two.sweep()
    with two.store() as books:
        acts_of = [one.act for one in books.originals("usage_token", TOKEN)]
    assert acts_of == ["usage_token"]


def test_counter_that_was_set_back_is_listed_until_it_is_as_high_again(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    two.sweep()
    one = two.peer.objects["usage_token", TOKEN]

    def spend(spent: int, quota: int = 10) -> set[tuple[str, str, str, str]]:
        two.peer.alter(changed(one, counter={"spent": spent, "quota": quota}))
        two.sweep()
        return two.listed()

    listed = {("usage_token", TOKEN, "content_differs", "trading_platform")}
    assert spend(7) == set()
    assert spend(3) == listed
    [difference] = two.store.open.values()
    assert (difference.finding.fields, difference.finding.here, difference.finding.there) == (
        ("/counter/spent",),
        "7",
        "3",
    )
    assert spend(6) == listed and spend(7) == set() and spend(8) == set()
    assert spend(8, quota=20) == listed
    assert spend(11) == listed, "more than its quota"


def test_revoked_token_has_its_end_as_an_original(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    two.sweep()
    with two.store() as books:
        acts.revoke_token(books, US, NewAct("act-2", "handler"), TOKEN, "超范围使用")
    two.sweep()
    assert two.peer.objects["usage_token", TOKEN].state == "revoked"
    assert two.listed() == set()


@pytest.mark.parametrize("state", ["filed", "terminated"])
def test_agreement_filed_there_waits_for_the_filing_here(two: TwoPlatforms, state: str) -> None:
    one = an_agreement(state=state)
    two.contracts.objects["agreement", "84-1"] = OnChain(state, {"/contract_hash": one.document["contract_hash"]})
    two.peer.put(one)
    two.sweep()
    assert two.listed() == {("agreement", "84-1", "missing_here", "authorisation_platform")}
    with two.store() as books:
        acts.file_agreement(books, US, NEW, "84-1")
    two.sweep()
    assert two.listed() == set() and two.peer.sent == 0


def test_signed_agreement_is_filed_there_by_the_same_act(two: TwoPlatforms) -> None:
    one = an_agreement(state="signed")
    two.contracts.objects["agreement", "84-1"] = OnChain("concluded", {})
    two.peer.put(one)
    two.sweep()
    with two.store() as books:
        acts.file_agreement(books, US, NEW, "84-1")
    two.sweep()
    assert two.peer.objects["agreement", "84-1"].state == "filing" and two.listed() == set()


def test_agreement_whose_content_does_not_lead_to_its_digest_is_listed_and_not_filed(two: TwoPlatforms) -> None:
    two.peer.put(changed(an_agreement(), disclosed={"name": "another"}))
    two.contracts.is_away = True
    two.sweep()
    assert ("agreement", "84-1", "content_differs", "trading_platform") in two.listed()
    with pytest.raises(ConflictError), two.store() as books:
        acts.file_agreement(books, US, NEW, "84-1")


def test_chain_that_does_not_answer_ends_no_difference(two: TwoPlatforms) -> None:
    two.peer.put(an_order())
    two.sweep()
    two.contracts.is_away = True
    two.sweep()
    assert two.listed() == {("order", "ord-1", "not_on_chain", "trading_platform")}


def test_refused_act_changes_nothing_and_may_be_done_anew(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    two.peer.refuses = RefusedByServiceError("too wide", problem_code="use_not_covered", status=403)
    two.sweep()
    act, _ = two.store.acts["act-1"]
    assert (act.state, act.problem) == ("refused", ("use_not_covered", "too wide"))
    two.peer.refuses = None
    with two.store() as books:
        acts.issue_token(books, US, NewAct("act-2", "handler"), wish(), sign)
    two.sweep()
    assert two.store.acts["act-2"][0].state == "acknowledged" and two.listed() == set()


def test_refusal_that_says_nothing_of_the_act_is_tried_again(two: TwoPlatforms) -> None:
    granted(two)
    issue(two)
    two.peer.refuses = RefusedByServiceError("key revoked", problem_code="unauthenticated", status=401)
    two.sweep()
    two.sweep()
    act, _ = two.store.acts["act-1"]
    assert (act.state, act.attempts, act.last_error) == ("intended", 2, "key revoked")


def test_own_act_that_is_not_delivered_is_listed_as_ours(two: TwoPlatforms) -> None:
    granted(two)
    two.peer.put(two.peer.objects["authorisation", "app-1"])
    issue(two)
    two.peer.refuses = RefusedByServiceError("key revoked", problem_code="unauthenticated", status=401)
    two.sweep()
    assert two.listed() == {("usage_token", TOKEN, "state_behind", "authorisation_platform")}


@pytest.mark.parametrize("fail", ["lost", "applied"])
def test_act_whose_answer_is_lost_is_done_once_and_both_agree(two: TwoPlatforms, fail: str) -> None:
    granted(two)
    issue(two)
    two.peer.fail = fail
    assert not send_next(two.following)
    two.peer.fail = None
    two.sweep()
    assert two.peer.done.count("act-1") == 1
    assert two.store.acts["act-1"][0].state == "acknowledged" and two.listed() == set()


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_token_interrupted_at_every_transaction_is_issued_once_and_both_agree(
    two: TwoPlatforms, step: int, is_lost: bool
) -> None:
    granted(two)
    two.store.fail_at, two.store.is_lost = step, is_lost
    for _ in range(3):
        try:
            if "act-1" not in two.store.acts:
                issue(two)
            send_next(two.following)
        except UnavailableError:
            continue
    two.sweep()
    assert two.peer.done.count("act-1") == 1
    assert two.store.acts["act-1"][0].state == "acknowledged" and two.listed() == set()


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("step", range(1, 6))
def test_sweep_interrupted_at_every_transaction_goes_on(two: TwoPlatforms, step: int, is_lost: bool) -> None:
    for number in range(3):
        two.peer.put(an_application(f"app-{number}"))
    two.store.fail_at, two.store.is_lost = step, is_lost
    with pytest.raises(UnavailableError):
        two.sweep()
    two.sweep()
    assert len(two.store.copies) == 3 and two.listed() == set()


def test_authorisation_of_another_platform_is_copied_and_not_claimed(two: TwoPlatforms) -> None:
    two.peer.put(an_authorisation(issuer="910000000000000009"))
    two.sweep()
    assert two.listed() == set()
    with pytest.raises(ConflictError):
        issue(two)
