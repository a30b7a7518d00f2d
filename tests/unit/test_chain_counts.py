"""Counts from followed events: held against a registry that counts as the contract does and logs what it logs."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.chain_counts import (
    Followed,
    FollowedChange,
    count_of_body,
    count_of_events,
    is_wrong_nonce,
    newest_count,
)

BODY = "0xb0d7"


@dataclass
class Registry:
    """What ``ParticipantRegistry`` logs of one body, event by event, signatures included; acts may share a block."""

    revision: int = 0
    block: int = 1
    place: int = 0
    changes: list[FollowedChange] = field(default_factory=list)

    def log(self, event: str, *, key: int | None = None, **members: object) -> None:
        kind, name = ("body", BODY) if key is None else ("key", f"{BODY}/{key}")
        self.changes.append(FollowedChange(event, kind, name, self.block, self.place, members))
        self.place += 1

    def signed(self, times: int = 1) -> None:
        self.place += times

    def admit(self, keys: int, *, by_council: bool) -> None:
        self.signed(0 if by_council else 1)
        self.log("BodyAdmitted")
        self.log("QualificationRecorded")
        for key in range(keys):
            self.signed()
            self.log("KeyAdded", key=key, by_council=False)

    def act(self, name: str) -> None:
        self.revision += 1
        if name == "addKey":
            self.signed(2)
            self.log("KeyAdded", key=100, by_council=False)
        elif name.startswith("recoverKey"):
            self.signed()
            for key in range(int(name[-1])):
                self.log("KeyRevoked", key=key)
            self.log("KeyAdded", key=101, by_council=True)
        elif name.startswith("council:"):
            self.log(name.removeprefix("council:"))
        else:
            self.signed()
            self.log(name)


ACTS = (
    "addKey",
    "KeyRevoked",
    "recoverKey0",
    "recoverKey1",
    "recoverKey3",
    "QualificationRecorded",
    "RolesChanged",
    "BodySuspended",
    "BodyReinstated",
    "council:QualificationRecorded",
    "council:BodySuspended",
    "council:BodyReinstated",
)


@given(
    st.integers(1, 16),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(["same place", "next transaction", "next block"]))),
)
def test_count_of_body_is_the_contracts_revision_after_any_acts(keys, by_council, acts):
    registry = Registry()
    registry.admit(keys, by_council=by_council)
    for name, where in acts:
        if where == "next block":
            registry.block, registry.place = registry.block + 1, 0
        elif where == "next transaction":
            registry.place += 1  # at least one event of another contract, or of none of ours
        registry.act(name)

    assert count_of_body(registry.changes) == registry.revision


def test_count_of_body_without_its_admission_is_unknown():
    registry = Registry()
    registry.act("BodySuspended")

    assert count_of_body(registry.changes) is None


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
