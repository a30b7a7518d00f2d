"""What binds an agreement beside its own terms: what a product forbids and obliges to is taken over, what a template forbids is not permitted."""

import pytest
from support.policies import policy, rule, that

from ledger.domain.policies.binding import Excess, bound_by, excess_over
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.vocabulary import Action

BANS = policy(rule("read"), prohibits=[rule("distribute"), rule("grantUse")])
BY_FILE = that("deliveryMethod", "eq", "01")
BY_STREAM = that("deliveryMethod", "eq", "02")
FOUND = (
    Excess("permission[1]", Action.DISTRIBUTE, "prohibition[0]"),
    Excess("permission[1]", Action.GRANT_USE, "prohibition[1]"),
)


def test_what_the_product_states_comes_behind_the_own_rules_and_once() -> None:
    own = policy(rule("use"), prohibits=[rule("sell"), rule("distribute")])
    listed = policy(rule("read"), prohibits=[rule("distribute"), rule("reproduce")], obliges=[rule("delete")])
    bound = bound_by(own, listed)
    assert bound == policy(
        rule("use"), prohibits=[rule("sell"), rule("distribute"), rule("reproduce")], obliges=[rule("delete")]
    )
    assert bound_by(bound, listed) == bound


@pytest.mark.parametrize(
    "permits",
    [
        policy(rule("read")),
        policy(rule("use"), prohibits=[rule("distribute"), rule("grantUse")]),
        policy(rule("use"), prohibits=[rule("use", BY_FILE), rule("distribute"), rule("grantUse")]),
        policy(rule("distribute", BY_FILE), prohibits=[rule("distribute", BY_FILE)]),
    ],
)
def test_policy_within_the_bans_exceeds_nothing(permits: PolicySet) -> None:
    assert excess_over(permits, BANS) == ()


def test_everything_beyond_the_bans_is_found() -> None:
    wide = policy(rule("read"), rule("use"))
    assert excess_over(wide, BANS) == FOUND
    partly = policy(rule("read"), rule("use"), prohibits=[rule("distribute"), rule("grantUse", BY_FILE)])
    assert excess_over(partly, BANS) == FOUND[1:]


def test_ban_with_a_constraint_is_held_against_the_uses_that_it_is_about() -> None:
    bans = policy(rule("read"), prohibits=[rule("distribute", BY_FILE)])
    assert excess_over(policy(rule("distribute", BY_STREAM)), bans) == ()
    [found] = excess_over(policy(rule("distribute")), bans)
    assert (found.place, found.action) == ("permission[0]", Action.DISTRIBUTE)
