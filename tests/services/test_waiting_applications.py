"""Whoever applies first has no right to a code: other applications wait behind it until somebody has shown to be the body."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from support.call_world import CallWorld
from support.participants import (
    APPLICANT,
    BANK,
    BANK_CODE,
    OFFICE_CODE,
    OPERATOR,
    RESERVED_CODES,
    SALT,
    STRANGER,
    Registry,
    application,
)

from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.participant import ChainKey
from ledger.domain.subject_code import generate_subject_code
from ledger.domain.waiting_application import KIND
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, NotFoundError
from ledger.services import participant_steps, waiting_applications
from ledger.services.business import Actor, StoredObject
from ledger.services.participant_credit import enter_violation
from ledger.services.participants import accept_identity, apply, reject
from ledger.services.waiting_applications import WAITING_MAX

OTHERS_FACTS = {"legal_person": {"name": "Wang Wu"}, "contact": {}}
OTHER_SALT = bytes(range(1, 33))
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def another(number: int = 1) -> Actor:
    return replace(APPLICANT, account_id=f"acc-other-{number}")


def apply_too(registry: Registry, who: Actor, roles: tuple[str, ...] = ("provider",)) -> StoredObject:
    with registry.world.begin(who) as uow:
        return apply(uow, application(roles=roles, facts=OTHERS_FACTS), OTHER_SALT)


@pytest.fixture
def registry() -> Registry:
    """A code for which somebody has applied who is not its body."""
    made = Registry.made()
    made.apply()
    return made


def test_application_behind_another_waits_and_nobody_sees_the_other_one(registry: Registry) -> None:
    waiting = apply_too(registry, another())

    assert (waiting.kind, waiting.state, waiting.parties) == (KIND, "waiting", (another().account_id,))
    assert registry.participant().roles == ("consumer",)
    assert registry.participant().waiting == (waiting.object_id,)
    with registry.world.begin(another()) as uow, pytest.raises(NotFoundError):
        uow.get("participant", BANK_CODE)
    with registry.world.begin(APPLICANT) as uow, pytest.raises(NotFoundError):
        uow.get(KIND, waiting.object_id)
    kind, data, subject = registry.world.events[-1]
    assert (kind, subject) == ("org.cityledger.participant.application_set_waiting.v1", BANK_CODE)
    assert "Wang Wu" not in str(data) + str(waiting.document)


def test_rejection_takes_up_the_one_that_waits_longest(registry: Registry) -> None:
    first, second = (apply_too(registry, another(number)) for number in (1, 2))
    registry.act(reject, OPERATOR, "the licence is another body's")

    assert registry.stored().state == "applied"
    assert registry.stored().parties == (another(1).account_id, BANK_CODE)
    taken = registry.participant()
    assert (taken.roles, taken.reviews, taken.waiting) == (("provider",), (), (second.object_id,))
    with registry.world.begin(APPLICANT) as uow, pytest.raises(NotFoundError):
        uow.get("participant", BANK_CODE)
    assert registry.world.private["participant", BANK_CODE] == {"salt": OTHER_SALT.hex(), "facts": OTHERS_FACTS}
    assert registry.world.objects[KIND, first.object_id].state == "taken_up"
    assert registry.world.private[KIND, first.object_id] == {}
    assert registry.event_types()[-2:] == [f"org.cityledger.participant.{one}.v1" for one in ("rejected", "applied")]
    registry.act(accept_identity, OPERATOR, "papers fit")
    assert registry.stored().state == "identity_reviewed"


def test_proven_identity_ends_the_other_applications_and_forgets_their_facts(registry: Registry) -> None:
    waiting = apply_too(registry, another())
    registry.act(accept_identity, OPERATOR, "papers fit")

    assert registry.participant().waiting == ()
    assert registry.world.objects[KIND, waiting.object_id].state == "dropped"
    assert registry.world.private[KIND, waiting.object_id] == {}
    told = registry.world.events[-1][1]
    digest = waiting.document["application"]["facts_digest"]
    assert (told["applications_dropped"], told["facts_digests_dropped"]) == (1, [digest])
    with pytest.raises(ConflictError, match="already a participant"):
        apply_too(registry, another())


def test_one_account_applies_once_and_only_so_many_wait(registry: Registry) -> None:
    with pytest.raises(IllegalTransitionError):
        apply_too(registry, APPLICANT)
    names = {apply_too(registry, another(number)).object_id for number in range(WAITING_MAX)}
    assert len(names) == WAITING_MAX
    with pytest.raises(ConflictError, match="waits already"):
        apply_too(registry, another(0))
    with pytest.raises(ConflictError, match="Too many"):
        apply_too(registry, another(99))
    with pytest.raises(AccessError):
        apply_too(registry, STRANGER)


def test_rejected_code_is_anybodys_to_apply_for(registry: Registry) -> None:
    registry.act(reject, OPERATOR, "the licence is another body's")
    apply_too(registry, another())

    assert registry.stored().parties == (another().account_id, BANK_CODE)
    assert registry.participant().roles == ("provider",)


def test_code_of_a_former_member_is_no_strangers_to_apply_for() -> None:
    registry = Registry.made()
    registry.admit()
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    registry.complete()
    with pytest.raises(ConflictError, match="already a participant"):
        apply_too(registry, another())
    with registry.world.begin(OPERATOR) as uow:
        apply(uow, application(keys=(ChainKey("0x" + "0a" * 20, ("business",)),)), SALT)
    registry.act(reject, OPERATOR, "papers are missing")
    with pytest.raises(ConflictError, match="already a participant"):
        apply_too(registry, another())
    assert RESERVED_CODES["operator"] not in registry.stored().parties


def test_application_of_a_former_member_is_none_to_wait_behind_and_keeps_its_record_when_another_is_taken_up() -> None:
    registry = Registry.made()
    registry.admit()
    violation = {"kind": "scope_exceeded", "severity": "serious", "basis": "rule 7", "evidence_sha256": "cd" * 32}
    registry.act(enter_violation, OPERATOR, **violation)
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    registry.complete()
    before = registry.participant()
    registry.apply(OPERATOR, keys=(ChainKey("0x" + "0a" * 20, ("business",)),))
    with pytest.raises(ConflictError, match="already a participant"):
        apply_too(registry, another())
    second = replace(OPERATOR, account_id="account-second-operator")
    with registry.world.begin(second) as uow:
        apply(uow, application(keys=(ChainKey("0x" + "0b" * 20, ("business",)),)), OTHER_SALT)
    registry.act(reject, OPERATOR, "papers are missing")

    taken = registry.participant()
    assert taken.applied_by == second.account_id
    assert taken.credit == before.credit
    assert taken.keys[:-1] == before.keys
    assert taken.keys[-1].address == "0x" + "0b" * 20


def test_one_account_has_so_many_applications_under_way_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_applications, "APPLICATIONS_MAX", 2)
    registry = Registry.made()
    registry.apply(another(1))
    mine = apply_too(registry, APPLICANT)
    codes = [OFFICE_CODE, generate_subject_code("310000", "MA0000008")]

    def apply_for(who: Actor, code: str) -> StoredObject:
        with registry.world.begin(who) as uow:
            return apply(uow, application(code), SALT)

    apply_for(APPLICANT, codes[0])
    with pytest.raises(ConflictError, match="2 applications of this account"):
        apply_for(APPLICANT, codes[1])
    apply_for(another(1), codes[1])
    registry.act(reject, OPERATOR, "papers are missing", code=codes[0])
    assert registry.world.objects[KIND, mine.object_id].state == "waiting"
    apply_for(APPLICANT, codes[0])
    with pytest.raises(ConflictError, match="2 applications of this account"):
        apply_for(APPLICANT, generate_subject_code("310000", "MA0000009"))
    apply_for(OPERATOR, generate_subject_code("310000", "MA0000009"))


def test_two_applications_of_one_account_at_once_are_counted_one_after_the_other(
    world: CallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_applications, "APPLICATIONS_MAX", 1)
    refused: list[ConflictError] = []

    def apply_for(code: str, connection: Connection) -> None:
        apply(SqlUnitOfWork(connection, world.log.preparer, APPLICANT, contracts={}), application(code), SALT)

    def apply_meanwhile() -> None:
        try:
            with world.log.engine.begin() as connection:
                apply_for(OFFICE_CODE, connection)
        except ConflictError as error:
            refused.append(error)

    second = threading.Thread(target=apply_meanwhile)
    with world.log.engine.begin() as connection:
        apply_for(BANK_CODE, connection)
        second.start()
        while second.is_alive() and not world.rows(WAITING):
            pass
    second.join()

    assert ["1 applications of this account" in str(error) for error in refused] == [True]
    assert world.rows("SELECT object_id FROM objects WHERE kind = 'participant'") == [(BANK_CODE,)]
