"""The count that an act about a body names, when its signer relays acts elsewhere: followed on the chain, not only counted here."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.participants import BANK, BANK_CODE, PLACE, REGULATOR, RESERVED_CODES, Registry, address_of

from ledger.domain.chain_counts import FollowedChange
from ledger.domain.participant import OnChain
from ledger.errors import ConflictError
from ledger.services import participant_steps

NEW_KEY = address_of(f"{BANK_CODE} new")
OUTDATED = 'ParticipantRegistryWrongNonce {"body_id":"0x00","expected":"1","nonce":"0"}'


def chain(registry: Registry) -> OnChain:
    found = registry.participant().chain
    assert found is not None
    return found


def body_of(registry: Registry, role: str | None = None) -> str:
    """Id on the chain of the bank, or of the body with a reserved role."""
    if role is None:
        return chain(registry).body_id
    found = registry.participant(RESERVED_CODES[role]).chain
    assert found is not None
    return found.body_id


def follow(registry: Registry, counts: Mapping[str, int], *, to: int = 8) -> None:
    """What the follower recorded: the admission in the block of ``PLACE``, and in the next one what each signer did."""
    name = chain(registry).body_id
    entered = FollowedChange("BodyAdmitted", "body", name, PLACE["block_number"], 1, {})
    counted = [
        FollowedChange("ActCounted", "act_count", f"{name}/{signer}", 8, place, {"count": str(count)})
        for place, (signer, count) in enumerate(counts.items())
    ]
    registry.world.followed = [("ParticipantRegistry", change) for change in (entered, *counted)]
    registry.world.followed_to = to


def proposed_nonce(registry: Registry) -> Any:
    return registry.open_act().document["message"]["nonce"]


def test_act_names_what_its_signer_did_elsewhere_too(registry: Registry) -> None:
    follow(registry, {body_of(registry, "regulator"): 2, body_of(registry): 5})

    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)

    assert proposed_nonce(registry) == 2
    registry.sign()
    registry.complete()
    assert registry.stored().state == "suspended"
    assert chain(registry).count_of(body_of(registry, "regulator")) == 3


def test_each_signer_counts_for_itself(registry: Registry) -> None:
    regulator, bank = body_of(registry, "regulator"), body_of(registry)
    for act in (participant_steps.suspend, participant_steps.reinstate):
        registry.act(act, REGULATOR, "because", registry.bodies)
        registry.sign()
        registry.complete()
    follow(registry, {regulator: 2})

    registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))

    assert proposed_nonce(registry) == 0
    registry.sign()
    registry.complete()
    assert {one.signer: one.count for one in chain(registry).counts} == {regulator: 2, bank: 1}
    assert chain(registry).revision == 3


def test_follower_that_has_not_seen_the_last_act_yet_does_not_count(registry: Registry) -> None:
    registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    registry.sign()
    registry.complete()
    follow(registry, {}, to=PLACE["block_number"] - 1)

    registry.act(participant_steps.depart, BANK, "not needed any more", registry.bodies)

    assert proposed_nonce(registry) == 1


def test_act_refused_as_outdated_says_so_and_is_proposed_again_with_the_right_count(registry: Registry) -> None:
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    assert proposed_nonce(registry) == 0
    registry.sign()
    follow(registry, {body_of(registry, "regulator"): 1})
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
