"""The grading of roles: every role is on one side, nobody hands out what it may not, and levels only take away."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import roles
from ledger.errors import InputError

some_roles = st.sets(st.sampled_from(roles.ROLES), min_size=1)


def test_fourteen_roles_are_each_ordinary_or_reserved() -> None:
    assert len(roles.ROLES) == len(set(roles.ROLES)) == 14
    assert set(roles.ORDINARY).isdisjoint(roles.RESERVED)
    assert roles.APPLICANT not in roles.ROLES
    assert set(roles.RESERVED) >= roles.READERS_OF_ALL >= roles.WATCHED_READERS


@pytest.mark.parametrize(
    ("level", "method", "manages", "allowed"),
    [
        ("admin", "GET", False, True),
        ("admin", "POST", False, True),
        ("admin", "POST", True, True),
        ("handler", "GET", False, True),
        ("handler", "POST", False, True),
        ("handler", "POST", True, False),
        ("viewer", "GET", False, True),
        ("viewer", "HEAD", False, True),
        ("viewer", "POST", False, False),
        ("viewer", "PATCH", False, False),
        ("viewer", "DELETE", False, False),
        ("viewer", "POST", True, False),
        ("owner", "GET", False, False),
    ],
)
def test_level_allows_what_the_written_rule_says(level: str, method: str, manages: bool, allowed: bool) -> None:
    assert roles.level_allows(level, method, is_account_management=manages) is allowed


def test_operator_admin_hands_out_everything_and_nobody_below_admin_anything() -> None:
    assert roles.grantable([roles.OPERATOR], "admin") == set(roles.ROLES)
    for role, level in itertools.product(roles.ROLES, ("handler", "viewer", "owner")):
        assert roles.grantable([role], level) == frozenset()


@given(some_roles.filter(lambda found: roles.OPERATOR not in found))
def test_other_admins_hand_on_only_ordinary_roles_of_their_own(own: set[str]) -> None:
    handed = roles.grantable(own, "admin")
    assert handed <= own
    assert handed.isdisjoint(roles.RESERVED)


@given(some_roles)
def test_roles_of_an_account_are_refused_exactly_when_a_separate_one_is_mixed(found: set[str]) -> None:
    mixed = len(found) > 1 and bool(found & roles.SEPARATE)
    if mixed:
        with pytest.raises(InputError, match="stands alone"):
            roles.check_roles(sorted(found))
    else:
        roles.check_roles(sorted(found))


@pytest.mark.parametrize("found", [[], ["provider", "provider"], ["bank"], ["applicant"], ["Provider"]])
def test_no_role_an_unknown_one_or_one_twice_is_refused(found: list[str]) -> None:
    with pytest.raises(InputError):
        roles.check_roles(found)
