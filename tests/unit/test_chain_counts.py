"""Counts from followed events: held against a registry that counts as the contract does and logs what it logs."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.chain_counts import (
    Followed,
    FollowedChange,
    count_of_acts,
    count_of_events,
    is_wrong_nonce,
    newest_count,
)

BODY = "0xb0d7"
SIGNERS = (BODY, "0x09e7", "0x7e91")


@given(st.lists(st.sampled_from([*SIGNERS, "council"]), max_size=12))
def test_count_of_acts_is_each_signers_own(signers):
    counts = dict.fromkeys(SIGNERS, 0)
    changes = [FollowedChange("BodyAdmitted", "body", BODY, 1, 0, {})]
    for block, signer in enumerate(signers, start=2):
        if signer != "council":
            counts[signer] += 1
            members = {"count": counts[signer]}
            changes.append(FollowedChange("ActCounted", "act_count", f"{BODY}/{signer}", block, 0, members))
        changes.append(FollowedChange("BodySuspended", "body", BODY, block, 2, {}))
    followed = Followed(99, tuple(changes))

    assert {signer: count_of_acts(followed, BODY, signer) for signer in SIGNERS} == counts


def test_count_of_acts_without_the_admission_is_unknown():
    changes = (FollowedChange("ActCounted", "act_count", f"{BODY}/{BODY}", 5, 0, {"count": 3}),)

    assert count_of_acts(Followed(9, changes), BODY, BODY) is None


def test_count_of_events_counts_those_of_one_object():
    names = [("ProductRegistered", "p/1"), ("ProductStatusChanged", "p/1"), ("ProductStatusChanged", "p/2")]
    changes = tuple(FollowedChange(name, "product_version", of, 1, at, {}) for at, (name, of) in enumerate(names))
    followed = Followed(1, changes)

    assert count_of_events(followed, "p/1", {"ProductStatusChanged"}, begins="ProductRegistered") == 1
    assert count_of_events(followed, "p/2", {"ProductStatusChanged"}, begins="ProductRegistered") is None


def test_newest_count_is_what_the_newer_of_the_two_says():
    behind, there, ahead = Followed(6, ()), Followed(7, ()), Followed(9, ())
    assert newest_count(3, 7, behind, 2) == 3  # the follower has not seen the last act yet
    assert newest_count(3, 7, there, 4) == 4
    assert newest_count(3, 7, ahead, 5) == 5
    assert newest_count(3, 7, ahead, None) == 3
    assert newest_count(3, 7, Followed(None, ()), 5) == 3
    assert newest_count(3, 7, ahead, 2) == 2  # a development chain that lost the act for good


def test_only_a_wrong_nonce_is_one():
    assert is_wrong_nonce('ParticipantRegistryWrongNonce {"expected":"3"}')
    assert is_wrong_nonce("ProductRegistryWrongNonce")
    assert not is_wrong_nonce('ParticipantRegistryKeyTaken {"key":"WrongNonce"}')
