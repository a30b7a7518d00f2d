"""The count that an act on a body names, when the body relays acts of its own: followed on the chain, not only counted here."""

from typing import Any

import pytest
from support.participants import BANK, BANK_CODE, OPERATOR, PLACE, REGULATOR, Registry, address_of, report

from ledger.domain.chain_counts import FollowedChange
from ledger.domain.participant import OnChain
from ledger.errors import ConflictError
from ledger.services import participant_steps

NEW_KEY = address_of(f"{BANK_CODE} new")
OUTDATED = 'ParticipantRegistryWrongNonce {"body_id":"0x00","expected":"1","nonce":"0"}'


@pytest.fixture
def registry() -> Registry:
    made = Registry.made()
    made.admit()
    return made


def chain(registry: Registry) -> OnChain:
    found = registry.participant().chain
    assert found is not None
    return found


def follow(registry: Registry, block_number: int, *events: tuple[str, int], to: int | None = None) -> None:
    """What the follower recorded: the admission in the block of ``PLACE``, and these events, one act a block."""
    name = chain(registry).body_id
    entered = [("BodyAdmitted", "body", name, 1), ("QualificationRecorded", "body", name, 2)]
    entered += [("KeyAdded", "key", f"{name}/{place}", place) for place in (4, 6)]
    registry.world.followed = [
        ("ParticipantRegistry", FollowedChange(event, kind, of, PLACE["block_number"], place, {}))
        for event, kind, of, place in entered
    ]
    registry.world.followed += [
        ("ParticipantRegistry", FollowedChange(event, "body", name, block_number + number, place, {}))
        for number, (event, place) in enumerate(events)
    ]
    registry.world.followed_to = block_number + len(events) if to is None else to


def proposed_nonce(registry: Registry) -> Any:
    return registry.open_act().document["message"]["nonce"]


def test_act_names_what_the_body_did_by_itself_too(registry: Registry) -> None:
    follow(registry, 8, ("KeyRevoked", 1), ("KeyRevoked", 1))

    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)

    assert proposed_nonce(registry) == 2
    registry.sign()
    registry.complete()
    assert registry.stored().state == "suspended"
    assert chain(registry).revision == 3


def test_follower_that_has_not_seen_the_last_act_yet_does_not_count(registry: Registry) -> None:
    registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    registry.sign()
    registry.complete()
    follow(registry, 8, to=PLACE["block_number"] - 1)

    registry.act(participant_steps.renew_qualification, OPERATOR, report(), registry.bodies)

    assert proposed_nonce(registry) == 1


def test_act_refused_as_outdated_says_so_and_is_proposed_again_with_the_right_count(registry: Registry) -> None:
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    assert proposed_nonce(registry) == 0
    registry.sign()
    follow(registry, 8, ("KeyRevoked", 1))
    registry.refuse(OUTDATED)

    refused = registry.participant().refused_step
    assert refused is not None
    assert (refused.step, refused.is_outdated) == ("suspend", True)
    assert registry.world.events[-2][1]["is_outdated"] is True
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    assert proposed_nonce(registry) == 1


def test_act_refused_for_another_reason_is_not_outdated(registry: Registry) -> None:
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    registry.sign()
    registry.refuse('ParticipantRegistryWrongStatus {"status":"2"}')

    refused = registry.participant().refused_step
    assert refused is not None
    assert not refused.is_outdated


def test_step_that_is_being_called_holds_the_next_one_back(registry: Registry) -> None:
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    registry.sign()
    with pytest.raises(ConflictError, match="being called"):
        registry.act(participant_steps.suspend, REGULATOR, "again", registry.bodies)
