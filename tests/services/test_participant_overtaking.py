"""A body cannot hold off its suspension: not by changing itself all the time, and not by a step of its own that is at the chain."""

from datetime import timedelta

import pytest
from support.participants import BANK, BANK_CODE, OPERATOR, REGULATOR, Registry, address_of

from ledger.errors import ConflictError, PreconditionRequiredError, RevisionMismatchError
from ledger.services import participant_duties, participant_steps
from ledger.services.bodies import BodyNotAbleError, body_of
from ledger.services.participant_comparison import compare

NEW = address_of(f"{BANK_CODE} new")


@pytest.fixture
def registry() -> Registry:
    """With an admitted bank."""
    made = Registry.made()
    made.admit()
    return made


def call_new_key(registry: Registry) -> str:
    """The bank's new key is at the chain; the name of its act."""
    registry.act(participant_steps.add_key, BANK, NEW, ("business",))
    registry.sign()
    return registry.open_act().object_id


@pytest.mark.parametrize("stop", [participant_steps.suspend, participant_duties.fail_recheck])
def test_suspension_need_not_name_the_revision_and_holds_one_that_is_named(registry: Registry, stop: object) -> None:
    assert callable(stop)
    with registry.world.begin(OPERATOR, revision=1) as uow, pytest.raises(RevisionMismatchError):
        stop(uow, BANK_CODE, "a complaint", registry.bodies)
    with registry.world.begin(OPERATOR) as uow:
        stop(uow, BANK_CODE, "a complaint", registry.bodies)
    step = registry.participant().open_step
    assert step is not None
    assert step.step == "suspend"
    with registry.world.begin(OPERATOR) as uow, pytest.raises(PreconditionRequiredError):
        participant_steps.withdraw_step(uow, BANK_CODE)


@pytest.mark.parametrize("key_comes_first", [True, False])
@pytest.mark.parametrize("is_key_refused", [True, False])
def test_step_that_the_body_signed_alone_goes_on_beside_its_suspension(
    registry: Registry, key_comes_first: bool, is_key_refused: bool
) -> None:
    key_act = call_new_key(registry)
    registry.act(participant_steps.suspend, REGULATOR, "a stolen key", registry.bodies)

    overtaken = registry.participant().overtaken_step
    assert overtaken is not None
    assert overtaken.act_id == key_act
    with registry.world.begin() as uow, pytest.raises(BodyNotAbleError):
        body_of(uow, BANK_CODE)
    registry.sign()
    reason = "ParticipantRegistryNotActive" if is_key_refused else None
    if key_comes_first:
        registry.world.decide(key_act, reason)
        assert registry.participant().open_step is not None
    registry.complete()
    if not key_comes_first:
        assert registry.participant().overtaken_step is not None
        registry.world.decide(key_act, reason)

    participant = registry.participant()
    assert (registry.stored().state, participant.open_step, participant.overtaken_step) == ("suspended", None, None)
    assert (NEW in {key.address for key in participant.valid_keys()}) is not is_key_refused


def test_body_begins_nothing_while_the_chain_decides_about_its_overtaken_step(registry: Registry) -> None:
    key_act = call_new_key(registry)
    registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    registry.act(participant_steps.withdraw_step, OPERATOR)
    with pytest.raises(ConflictError, match="add_key"):
        registry.act(participant_steps.revoke_key, BANK, address_of(f"{BANK_CODE} finance"), "not used")
    [difference] = compare([registry.stored()], [], 7).differences
    assert difference.waiting == "add_key", "what the chain has of it is explained by the step that is there"
    registry.act(participant_steps.suspend, OPERATOR, "a complaint after all", registry.bodies)
    registry.act(participant_steps.withdraw_step, OPERATOR)
    registry.world.decide(key_act)
    registry.world.now += timedelta(minutes=1)
    registry.act(participant_steps.revoke_key, BANK, address_of(f"{BANK_CODE} finance"), "not used")

    assert registry.participant().overtaken_step is None


def test_step_that_an_authority_signed_is_decided_first(registry: Registry) -> None:
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    with pytest.raises(ConflictError, match="all its signatures"):
        registry.act(participant_steps.suspend, REGULATOR, "a complaint", registry.bodies)
