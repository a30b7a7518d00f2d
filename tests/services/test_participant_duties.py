"""What membership asks for: telling the other platform, re-checks, SM2 keys; and the credit file with appeal and repair."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support import sm2_reference
from support.participants import (
    BANK,
    BANK_CODE,
    OPERATOR,
    REGULATOR,
    RESERVED_CODES,
    Registry,
    actor,
    address_of,
    document,
    is_able,
    weekdays,
)

from ledger.domain.admission_rules import SECURITY_CERTIFICATE
from ledger.domain.credit import DEDUCTIONS
from ledger.domain.participant import ChainKey
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError
from ledger.services import participant_credit as credit
from ledger.services import participant_duties as duties
from ledger.services import participant_steps
from ledger.services.bodies import BodyNotAbleError
from ledger.services.participant_steps import PLATFORMS
from ledger.services.stopped_offers import OFFERS_DUTY

TRADING = actor("trading_platform", RESERVED_CODES["trading_platform"])
AUTHORISATION = actor("authorisation_platform", RESERVED_CODES["authorisation_platform"])
ARBITRATOR = actor("arbitrator")
SM2 = sm2_reference.public_key(7).hex()
DOCUMENTS = (document(), document(SECURITY_CERTIFICATE))


def violate(registry: Registry, severity: str = "serious", **changes: Any) -> None:
    given = {"kind": "scope_exceeded", "severity": severity, "basis": "rule 7", "evidence_sha256": "cd" * 32} | changes
    registry.act(credit.enter_violation, OPERATOR, **given)


@pytest.mark.parametrize(
    ("now", "due_at"),
    [
        (datetime(2026, 11, 2, 9, tzinfo=UTC), datetime(2026, 11, 5, 16, tzinfo=UTC)),
        (datetime(2026, 11, 6, 17, tzinfo=UTC), datetime(2026, 11, 11, 16, tzinfo=UTC)),
    ],
)
def test_change_is_told_to_both_platforms_in_three_working_days(now: datetime, due_at: datetime) -> None:
    registry = Registry.made()
    registry.admit()
    registry.world.now = now
    registry.act(duties.change_qualification, BANK, DOCUMENTS, registry.bodies, weekdays)

    assert registry.participant().documents == DOCUMENTS
    assert registry.participant().untold == ("authorisation_platform", "trading_platform")
    due = {duty: one.due_at for (_, _, duty), one in registry.world.deadlines.items() if duty.startswith("tell_")}
    assert due == {"tell_trading_platform": due_at, "tell_authorisation_platform": due_at}


def test_change_through_one_platform_is_told_to_the_other(registry: Registry) -> None:
    registry.act(duties.change_qualification, BANK, DOCUMENTS, registry.bodies, weekdays)
    registry.act(duties.acknowledge_change, AUTHORISATION)
    registry.act(duties.change_qualification, TRADING, DOCUMENTS[:1], registry.bodies, weekdays)
    assert registry.event_types()[-1] == "org.cityledger.participant.qualification_changed.v1"
    assert registry.world.events[-1][1]["to_tell"] == ["authorisation_platform"]
    assert registry.world.events[-1][1]["calendar_digest"] == weekdays.digest.hex()
    registry.act(duties.acknowledge_change, AUTHORISATION)
    registry.act(duties.acknowledge_change, TRADING)

    assert registry.participant().untold == ()
    for platform in PLATFORMS:
        assert registry.world.deadlines["participant", BANK_CODE, duties.duty_to_tell(platform)].met_at is not None
    with pytest.raises(ConflictError, match="not told"):
        registry.act(duties.acknowledge_change, TRADING)
    with pytest.raises(AccessError):
        registry.act(duties.acknowledge_change, BANK)


def test_change_with_a_document_that_ran_out_is_refused(registry: Registry) -> None:
    with pytest.raises(InputError, match="run out"):
        registry.act(
            duties.change_qualification, BANK, (document(valid_until="2026-01-31"),), registry.bodies, weekdays
        )
    assert registry.participant().untold == ()


def test_passed_recheck_sets_the_next_one(registry: Registry) -> None:
    registry.world.now += timedelta(days=100)
    registry.act(duties.pass_recheck, OPERATOR, "ef" * 32)

    deadline = registry.world.deadlines["participant", BANK_CODE, "recheck"]
    assert (deadline.due_at - registry.world.now).days == 365
    assert deadline.met_at is None


def test_service_party_is_rechecked_twice_a_year() -> None:
    registry = Registry.made()
    registry.admit(roles=("service_party",))

    assert (registry.world.deadlines["participant", BANK_CODE, "recheck"].due_at - registry.world.now).days == 182


def test_failed_recheck_suspends(registry: Registry) -> None:
    with pytest.raises(AccessError):
        registry.act(duties.fail_recheck, BANK, "certificate withdrawn", registry.bodies)
    registry.act(duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)
    assert registry.event_types()[-1] == "org.cityledger.participant.recheck_failed.v1"
    assert OFFERS_DUTY in registry.owed(), "what it has on offer goes before the chain has decided"
    registry.sign()
    registry.complete()

    assert registry.stored().state == "suspended"
    assert registry.world.deadlines["participant", BANK_CODE, "recheck"].met_at is not None
    with pytest.raises(ConflictError, match="Only the regulator"):
        registry.act(duties.fail_recheck, OPERATOR, "again", registry.bodies)


def test_sm2_keys_have_a_history(registry: Registry) -> None:
    registry.act(duties.add_sm2_key, BANK, SM2)
    with pytest.raises(ConflictError):
        registry.act(duties.add_sm2_key, BANK, SM2)
    registry.act(duties.revoke_sm2_key, BANK, SM2)
    [key] = registry.participant().sm2_keys
    assert key.revoked_at is not None
    with pytest.raises(ConflictError, match="no valid"):
        registry.act(duties.revoke_sm2_key, BANK, SM2)
    with pytest.raises(ConflictError, match="is or was"):
        registry.act(duties.add_sm2_key, BANK, SM2)
    for wrong in ("02" + SM2[2:], SM2[:-2] + "00", SM2.upper(), SM2[:-2]):
        with pytest.raises(InputError, match="SM2 public key"):
            registry.act(duties.add_sm2_key, BANK, wrong)


def test_violations_and_ratings_make_score_level_and_limits(registry: Registry) -> None:
    file = registry.participant().credit
    assert (file.score, file.level, file.limits) == (100, "ordinary", ())
    violate(registry)
    registry.act(
        credit.rate,
        OPERATOR,
        period="2026-10",
        compliance=80,
        service_quality=90,
        performance=70,
        basis_sha256="12" * 32,
    )
    file = registry.participant().credit
    assert (file.score, file.level) == (80 - DEDUCTIONS["serious"], "watched")
    assert file.limits == ("closer_supervision",)
    violate(registry, "grave")
    assert registry.participant().credit.limits == ("closer_supervision", "no_new_products", "no_new_orders")
    assert registry.world.events[-1][1] | {"revision": 0} == {
        "participant": BANK_CODE,
        "revision": 0,
        "state": "active",
        "score": 10,
        "level": "limited",
        "limits": ["closer_supervision", "no_new_products", "no_new_orders"],
        "violation": 2,
        "violation_state": "entered",
    }
    violate(registry, "grave")
    assert registry.participant().credit.score == 0


@pytest.mark.parametrize(("lifted", "score"), [(True, 100), (False, 80)])
def test_appeal_is_decided_by_another_and_lifts_or_upholds(registry: Registry, lifted: bool, score: int) -> None:
    violate(registry)
    registry.act(credit.appeal, BANK, 1, "the interface was agreed")
    assert registry.participant().credit.score == 80, "an appeal alone lifts nothing"
    with pytest.raises(AccessError, match="does not decide"):
        registry.act(credit.decide_appeal, OPERATOR, 1, lifted=True, reasons="mine")
    registry.act(credit.decide_appeal, ARBITRATOR, 1, lifted=lifted, reasons="heard both")

    assert registry.participant().credit.score == score
    with pytest.raises(ConflictError):
        registry.act(credit.appeal, BANK, 1, "again")


@pytest.mark.parametrize(("repaired", "score"), [(True, 100), (False, 80)])
def test_repair_is_claimed_with_proof_and_decided(registry: Registry, repaired: bool, score: int) -> None:
    violate(registry)
    registry.act(credit.claim_repair, BANK, 1, "34" * 32)
    registry.act(credit.decide_repair, REGULATOR, 1, repaired=repaired, reasons="looked at it")

    assert registry.participant().credit.score == score
    assert registry.participant().credit.violations[0].state == ("repaired" if repaired else "upheld")


def test_credit_file_refuses_what_is_not_in_it(registry: Registry) -> None:
    with pytest.raises(NotFoundError):
        registry.act(credit.appeal, BANK, 1, "what")
    with pytest.raises(InputError, match="severities"):
        violate(registry, "funny")
    violate(registry)
    with pytest.raises(ConflictError, match="entered"):
        registry.act(credit.decide_repair, REGULATOR, 1, repaired=True, reasons="why not")
    with pytest.raises(InputError, match="0 to 100"):
        registry.act(
            credit.rate,
            OPERATOR,
            period="2026-10",
            compliance=101,
            service_quality=90,
            performance=70,
            basis_sha256="12" * 32,
        )


def test_credit_file_outlives_departure(registry: Registry) -> None:
    violate(registry)
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    registry.complete()
    registry.apply(BANK, keys=(ChainKey(address_of(f"{BANK_CODE} new"), ("business",)),))

    assert registry.participant().credit.score == 80


def test_time_to_tell_runs_from_the_first_change_however_often_it_is_changed_again(registry: Registry) -> None:
    registry.world.now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    registry.act(duties.change_qualification, BANK, DOCUMENTS, registry.bodies, weekdays)
    registry.act(duties.acknowledge_change, TRADING)
    registry.world.now += timedelta(days=2)
    registry.act(duties.change_qualification, BANK, DOCUMENTS[:1], registry.bodies, weekdays)

    due = {duty: one.due_at for (_, _, duty), one in registry.world.deadlines.items() if duty.startswith("tell_")}
    assert due == {
        "tell_authorisation_platform": datetime(2026, 11, 5, 16, tzinfo=UTC),
        "tell_trading_platform": datetime(2026, 11, 9, 16, tzinfo=UTC),
    }


def test_low_credit_brings_the_next_recheck_forward_once(registry: Registry) -> None:
    name = ("participant", BANK_CODE, "recheck")
    ordinary = registry.world.deadlines[name].due_at
    violate(registry)
    assert registry.world.deadlines[name].due_at == ordinary
    violate(registry)
    assert registry.participant().credit.level == "watched"
    watched = registry.world.now + timedelta(days=91)
    assert registry.world.deadlines[name].due_at == watched < ordinary
    registry.world.now += timedelta(days=60)
    violate(registry)
    assert registry.world.deadlines[name].due_at == watched, "another violation puts nothing off"
    registry.act(duties.pass_recheck, OPERATOR, "ab" * 32)
    assert registry.world.deadlines[name].due_at == registry.world.now + timedelta(days=91)


def test_platform_that_is_being_suspended_enters_and_acknowledges_nothing(registry: Registry) -> None:
    registry.act(duties.change_qualification, BANK, DOCUMENTS, registry.bodies, weekdays)
    code = RESERVED_CODES["trading_platform"]
    registry.act(participant_steps.suspend, REGULATOR, "its gate was open", registry.bodies, code=code)

    with pytest.raises(BodyNotAbleError):
        registry.act(duties.acknowledge_change, TRADING)
    with pytest.raises(BodyNotAbleError):
        registry.act(duties.change_qualification, TRADING, DOCUMENTS[:1], registry.bodies, weekdays)
    with pytest.raises(BodyNotAbleError):
        registry.act(
            credit.enter_violation, TRADING, kind="x", severity="minor", basis="rule 7", evidence_sha256="cd" * 32
        )


def recheck(registry: Registry) -> Any:
    return registry.world.deadlines["participant", BANK_CODE, "recheck"]


@pytest.mark.parametrize("is_refused", [True, False])
def test_failed_recheck_that_suspends_nobody_is_owed_anew_and_the_body_takes_on_nothing(
    registry: Registry, is_refused: bool
) -> None:
    registry.act(duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)
    if is_refused:
        registry.sign()
        registry.refuse("ParticipantRegistryWrongNonce")
    else:
        registry.act(participant_steps.withdraw_step, OPERATOR)

    assert (registry.stored().state, registry.participant().open_step) == ("active", None)
    assert recheck(registry).met_at is None
    assert recheck(registry).due_at - registry.world.now == timedelta(days=30)
    assert not is_able(registry)
    registry.act(duties.pass_recheck, OPERATOR, "ef" * 32)
    assert is_able(registry)
    assert registry.participant().failed_recheck is None


def test_reinstated_body_is_to_be_checked_again(registry: Registry) -> None:
    registry.act(duties.fail_recheck, OPERATOR, "certificate withdrawn", registry.bodies)
    registry.sign()
    registry.complete()
    registry.act(participant_steps.reinstate, OPERATOR, "certificate renewed", registry.bodies)
    registry.sign()
    registry.complete()

    assert is_able(registry)
    assert recheck(registry).met_at is None
    assert recheck(registry).due_at - registry.world.now == timedelta(days=365)


def test_suspension_without_a_recheck_that_is_taken_back_leaves_the_body_as_it_was(registry: Registry) -> None:
    due_at = recheck(registry).due_at
    registry.act(participant_steps.suspend, OPERATOR, "a complaint", registry.bodies)
    assert not is_able(registry)
    registry.act(participant_steps.withdraw_step, OPERATOR)

    assert is_able(registry)
    assert recheck(registry).due_at == due_at


def test_body_has_so_many_sm2_keys_at_once_and_so_many_ever(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duties, "SM2_KEYS_MAX", 2)
    monkeypatch.setattr(duties, "SM2_KEYS_EVER_MAX", 3)
    first, *others = (sm2_reference.public_key(number).hex() for number in range(1, 5))
    registry.act(duties.add_sm2_key, BANK, first)
    registry.act(duties.add_sm2_key, BANK, others[0])
    with pytest.raises(ConflictError, match="2 valid"):
        registry.act(duties.add_sm2_key, BANK, others[1])
    registry.act(duties.revoke_sm2_key, BANK, first)
    registry.act(duties.add_sm2_key, BANK, others[1])
    registry.act(duties.revoke_sm2_key, BANK, others[0])
    with pytest.raises(ConflictError, match="3 with those"):
        registry.act(duties.add_sm2_key, BANK, others[2])
