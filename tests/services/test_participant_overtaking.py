"""Nothing holds off the suspension of a body: no change of it all the time, and no step at the chain but one that comes first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from support.participants import BANK, BANK_CODE, OPERATOR, REGULATOR, Registry, address_of, is_able, report

from ledger.errors import ConflictError, PreconditionRequiredError, RevisionMismatchError
from ledger.services import participant_duties, participant_steps
from ledger.services.bodies import BodyNotAbleError, body_of
from ledger.services.business import StoredObject
from ledger.services.participant_comparison import compare
from ledger.services.participant_records import RECHECK_DUTY
from ledger.services.stopped_offers import OFFERS_DUTY

NEW = address_of(f"{BANK_CODE} new")
FAILED = "org.cityledger.participant.recheck_failed.v1"


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


def test_departure_is_decided_before_a_suspension(registry: Registry) -> None:
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    with pytest.raises(ConflictError, match="all its signatures"):
        registry.act(participant_steps.suspend, REGULATOR, "a complaint", registry.bodies)


def call_of_operator(registry: Registry, step: str) -> str:
    """A step that the operator signed is at the chain; the name of its act."""
    given = {"renew_qualification": report(valid_until="2029-12-31"), "change_roles": ("consumer",)}[step]
    registry.act(getattr(participant_steps, step), OPERATOR, given, registry.bodies)
    registry.sign()
    return registry.open_act().object_id


@pytest.mark.parametrize("step", ["change_roles", "renew_qualification"])
@pytest.mark.parametrize("stop", [participant_steps.suspend, participant_duties.fail_recheck])
@pytest.mark.parametrize("suspension_comes_first", [True, False])
def test_regulator_waits_for_no_step_of_the_operator(
    registry: Registry, step: str, stop: Callable[..., StoredObject], suspension_comes_first: bool
) -> None:
    act = call_of_operator(registry, step)
    registry.act(stop, REGULATOR, "a stolen key", registry.bodies)

    overtaken = registry.participant().overtaken_step
    assert overtaken is not None
    assert (overtaken.act_id, is_able(registry)) == (act, False)
    registry.sign()
    if suspension_comes_first:
        registry.complete()
        registry.world.decide(act)
    else:
        registry.world.decide(act)
        registry.complete()
    participant = registry.participant()
    assert (registry.stored().state, participant.open_step, participant.overtaken_step) == ("suspended", None, None)
    assert participant.chain is not None
    assert sorted(one.count for one in participant.chain.counts) == [1, 1], "each is counted for its own signer"


def test_operator_ends_nothing_beside_its_own_step_whose_count_that_would_take(registry: Registry) -> None:
    act = call_of_operator(registry, "change_roles")
    with pytest.raises(ConflictError, match="all its signatures"):
        registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    registry.act(participant_steps.suspend, REGULATOR, "a complaint", registry.bodies)
    registry.act(participant_steps.withdraw_step, REGULATOR)
    with pytest.raises(ConflictError, match="all its signatures"):
        registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    registry.world.decide(act)
    registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    assert registry.open_act().document["message"]["nonce"] == 1


@pytest.mark.parametrize("step", ["change_roles", "depart"])
def test_failed_recheck_is_told_at_once_whatever_is_at_the_chain(registry: Registry, step: str) -> None:
    if step == "depart":
        registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
        registry.sign()
    else:
        call_of_operator(registry, step)
    before = registry.participant().open_step
    assert before is not None
    registry.act(participant_duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)

    kind, data, subject = registry.world.events[-1]
    assert (kind, subject, data["waits_for"], data["waits_for_act_id"]) == (FAILED, BANK_CODE, step, before.act_id)
    assert (registry.participant().open_step, is_able(registry)) == (before, False)
    assert {RECHECK_DUTY, OFFERS_DUTY} <= registry.owed(), "it is to be checked again, and offers nothing meanwhile"
    registry.refuse("ParticipantRegistryWrongNonce")
    assert not is_able(registry)
    registry.act(participant_steps.suspend, OPERATOR, "certificate withdrawn", registry.bodies)


def test_reinstatement_forgets_no_recheck_that_failed_while_the_chain_decided_about_it(registry: Registry) -> None:
    registry.act(participant_duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)
    registry.sign()
    registry.complete()
    registry.world.now += timedelta(minutes=1)
    registry.act(participant_steps.reinstate, OPERATOR, "certificate renewed", registry.bodies)
    registry.sign()
    registry.world.now += timedelta(minutes=1)
    registry.act(participant_duties.fail_recheck, REGULATOR, "another is forged", registry.bodies)
    registry.complete()

    assert (registry.stored().state, is_able(registry)) == ("active", False)
    assert registry.participant().failed_recheck is not None
