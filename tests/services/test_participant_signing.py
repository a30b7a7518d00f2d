"""A step that is proposed is to be signed in time: whoever proposes and does not sign holds nobody for ever."""

from datetime import timedelta

import pytest
from support.participants import BANK, BANK_CODE, OPERATOR, Registry

from ledger.errors import AccessError
from ledger.services import participant_duties, participant_steps
from ledger.services.acts import SIGN_DUTY
from ledger.services.bodies import BodyNotAbleError, body_of
from ledger.services.participant_proposals import SIGN_WITHIN


def test_every_proposed_step_is_to_be_signed_in_time(registry: Registry) -> None:
    registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    deadline = registry.world.deadlines["act", registry.open_act().object_id, SIGN_DUTY]
    assert (deadline.due_at - registry.world.now, deadline.met_at) == (SIGN_WITHIN, None)
    registry.sign()

    assert registry.world.deadlines["act", registry.open_act().object_id, SIGN_DUTY].met_at == registry.world.now


def test_suspension_that_nobody_signs_is_the_bodys_to_take_back_once_it_is_overdue(registry: Registry) -> None:
    registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    step = registry.participant().open_step
    assert step is not None
    registry.world.now += SIGN_WITHIN
    with pytest.raises(AccessError):
        registry.act(participant_steps.withdraw_step, BANK)
    registry.world.now += timedelta(seconds=1)
    registry.act(participant_steps.withdraw_step, BANK)

    assert registry.world.objects["act", step.act_id].state == "withdrawn"
    assert registry.world.deadlines["act", step.act_id, SIGN_DUTY].met_at == registry.world.now
    with registry.world.begin() as uow:
        body_of(uow, BANK_CODE)


def test_failed_recheck_holds_the_body_though_its_suspension_is_taken_back(registry: Registry) -> None:
    registry.act(participant_duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)
    registry.world.now += SIGN_WITHIN + timedelta(seconds=1)
    registry.act(participant_steps.withdraw_step, BANK)

    with registry.world.begin() as uow, pytest.raises(BodyNotAbleError):
        body_of(uow, BANK_CODE)


def test_other_steps_of_the_authorities_are_not_the_bodys_to_take_back(registry: Registry) -> None:
    registry.act(participant_steps.change_roles, OPERATOR, ("consumer",), registry.bodies)
    registry.world.now += SIGN_WITHIN + timedelta(seconds=1)
    with pytest.raises(AccessError):
        registry.act(participant_steps.withdraw_step, BANK)
