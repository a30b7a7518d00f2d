"""Rounds of the authorisation platform on fakes: what is new is copied at once however much is old, and the chain is asked about no more."""

from datetime import timedelta

import pytest
from support.platform_world import PAGE, TwoPlatforms, an_agreement, an_application, an_order, changed

from ledger.domain.platform_comparison import OnChain
from ledger.errors import UnavailableError
from ledger.services.platform_rounds import OVERLAP, SWEPT_PAGES_MAX, follow_changes, look_again

OLD = 40
SHARE = PAGE * SWEPT_PAGES_MAX


@pytest.fixture
def two() -> TwoPlatforms:
    """Many old orders, of which the first round has copied a share."""
    two = TwoPlatforms()
    for number in range(OLD):
        two.peer.put(an_order(f"ord-{number:02d}"))
        two.contracts.objects["order", f"ord-{number:02d}"] = OnChain("placed", {})
    for name in two.peer.changed_at:
        two.peer.changed_at[name] -= timedelta(days=30)
    assert two.round() and len(two.store.copies) == SHARE
    two.peer.looked.clear()
    two.contracts.asked.clear()
    return two


def revision_here(two: TwoPlatforms, kind: str, name: str) -> int | None:
    with two.store() as books:
        copy = books.copy_of(kind, name)
    return None if copy is None else copy.revision


def test_new_and_changed_objects_are_copied_in_the_first_round_after(two: TwoPlatforms) -> None:
    two.peer.put(an_order("ord-new"))
    two.peer.move("order", f"ord-{OLD - 1}", "withdrawing")
    two.contracts.objects["order", "ord-new"] = OnChain("placed", {})
    assert two.round()
    assert revision_here(two, "order", "ord-new") == 1
    assert revision_here(two, "order", f"ord-{OLD - 1}") == 2
    assert len(two.store.copies) == 2 * SHARE + 2 and two.listed() == set()
    assert sorted(two.contracts.asked) == [*[f"ord-{n:02d}" for n in range(SHARE, 2 * SHARE)], "ord-39", "ord-new"]


def test_known_change_is_listed_again_within_the_overlap_and_passed_over(two: TwoPlatforms) -> None:
    two.peer.put(an_order("ord-new"))
    two.contracts.objects["order", "ord-new"] = OnChain("placed", {})
    two.round()
    two.contracts.asked.clear()
    two.round()
    assert "ord-new" not in two.contracts.asked


def test_change_that_was_committed_late_is_not_missed(two: TwoPlatforms) -> None:
    two.peer.put(an_order("ord-new"))
    two.round()
    two.peer.put(an_order("ord-late"))
    two.peer.changed_at["order", "ord-late"] = two.peer.changed_at["order", "ord-new"] - OVERLAP + timedelta(seconds=1)
    two.round()
    assert revision_here(two, "order", "ord-late") == 1


def test_every_page_of_changes_is_read_before_the_sweep_goes_on(two: TwoPlatforms) -> None:
    for number in range(5 * PAGE):
        two.peer.put(an_order(f"new-{number}"))
    two.round()
    assert all(revision_here(two, "order", f"new-{number}") == 1 for number in range(5 * PAGE))


def test_row_altered_by_hand_is_found_by_the_sweep_and_its_mending_by_the_next_round(two: TwoPlatforms) -> None:
    one = two.peer.objects["order", "ord-00"]
    two.peer.alter(changed(one, consumer="910000000000000009"))
    two.sweep()
    assert two.listed() == set(), "that sweep had passed it by"
    two.sweep()
    assert two.listed() == {("order", "ord-00", "content_differs", "trading_platform")}
    two.peer.alter(one)
    two.round()
    assert two.listed() == set()


def test_objects_that_differ_are_looked_at_in_turn(two: TwoPlatforms) -> None:
    for number in range(4):
        two.peer.put(an_order(f"new-{number}"))
    two.round()
    assert len(two.listed()) == 4
    two.peer.looked.clear()
    assert look_again(two.following, "order") == 4
    assert sorted(two.peer.looked) == [f"new-{number}" for number in range(4)]


def test_abridged_objects_are_read_whole_when_they_are_new_and_not_otherwise(two: TwoPlatforms) -> None:
    two.peer.abridged = frozenset({"agreement"})
    two.peer.put(an_agreement("84-1"))
    assert follow_changes(two.following, "agreement").looked_at == 1
    assert follow_changes(two.following, "agreement").looked_at == 0
    assert two.peer.looked == ["84-1"]
    with two.store() as books:
        copy = books.copy_of("agreement", "84-1")
    assert copy is not None and copy.document["agreement_id"] == "84-1"


def test_time_to_come_hides_no_later_change(two: TwoPlatforms) -> None:
    two.peer.put(an_order("ord-early"))
    two.peer.changed_at["order", "ord-early"] += timedelta(days=3650)
    two.round()
    two.peer.put(an_order("ord-new"))
    two.round()
    assert revision_here(two, "order", "ord-new") == 1


def test_silence_is_noted_once_a_round_and_ends_with_the_next_answer(two: TwoPlatforms) -> None:
    two.peer.fail = "lost"
    two.peer.put(an_application())
    assert not two.round()
    with two.store() as books:
        assert books.position("application").failure == "no answer"
    two.peer.fail = None
    two.round()
    with two.store() as books:
        assert books.position("application").failure is None
    assert revision_here(two, "application", "app-1") == 2


@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("step", range(1, 5))
def test_changes_interrupted_at_every_transaction_are_read_again(two: TwoPlatforms, step: int, is_lost: bool) -> None:
    two.peer.put(an_order("ord-new"))
    two.store.fail_at, two.store.is_lost = step, is_lost
    for _ in range(2):
        try:
            follow_changes(two.following, "order")
        except UnavailableError:
            continue
    assert revision_here(two, "order", "ord-new") == 1
