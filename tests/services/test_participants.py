"""Participants: admission by reviews and chain, standing, keys; what is refused, and by which name."""

import json
from dataclasses import replace
from typing import Any

import pytest
from support import sm2_reference
from support.participants import (
    APPLICANT,
    AUTHORISATION,
    BANK,
    BANK_CODE,
    FACTS,
    OFFICE_CODE,
    OPERATOR,
    REGULATOR,
    RESERVED_CODES,
    STRANGER,
    Registry,
    actor,
    address_of,
    application,
    document,
    report,
)

from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.participant import ChainKey, Connector
from ledger.domain.participant_life import is_in_good_standing
from ledger.errors import (
    AccessError,
    ConflictError,
    IllegalTransitionError,
    InputError,
    InvalidCodeError,
    NotFoundError,
    PreconditionRequiredError,
    RevisionMismatchError,
)
from ledger.services import participant_steps
from ledger.services.bodies import BodyNotAbleError
from ledger.services.participants import accept_connector, accept_identity, accept_role, approve, reject

CONNECTOR = Connector(generate_national_code(CodeKind.CONNECTOR, BANK_CODE, "3101", "00000001"), "c", "2", "1")
NEW_KEY = address_of(f"{BANK_CODE} new")


@pytest.fixture
def registry() -> Registry:
    return Registry.made()


def test_admission_is_reviewed_reported_signed_and_final(registry: Registry) -> None:
    registry.approve()
    assert registry.stored().state == "approved"
    registry.act(participant_steps.admit, OPERATOR, registry.bodies)
    assert registry.stored().state == "admitting"
    signers = registry.open_act().document["signers"]
    assert [signer["parameter"] for signer in signers] == ["key_signatures", "key_signatures", "operator"]
    assert registry.world.calls == []
    registry.sign()
    [call] = registry.world.calls
    assert (call.contract, call.step) == ("ParticipantRegistry", "participant.admit")
    registry.complete()

    stored, admitted = registry.stored(), registry.participant()
    assert stored.state == "active"
    assert {key.state for key in admitted.keys} == {"valid"}
    assert admitted.open_step is None
    assert is_in_good_standing(admitted, stored.state, int(registry.world.now.timestamp()))
    names = [kind.split(".")[-2] for kind in registry.event_types() if ".participant." in kind]
    assert names[4:] == ["applied", "identity_accepted", "role_accepted", "approved", "step_proposed", "admitted"]
    assert {duty for _, code, duty in registry.world.deadlines if code == BANK_CODE} == {
        "recheck",
        "renew_qualification",
    }


def test_admission_names_the_version_of_its_rules(registry: Registry) -> None:
    registry.approve()

    [approved] = [data for kind, data, _ in registry.world.events if kind.endswith(".participant.approved.v1")]
    assert approved["rules"] == registry.participant().rules == "admission/1"


def test_every_write_is_one_revision_and_one_event_of_the_participant(registry: Registry) -> None:
    registry.admit()
    revisions = [act for kind, code, _, act, _ in registry.world.history if (kind, code) == ("participant", BANK_CODE)]
    events = [data for kind, data, subject in registry.world.events if ".participant." in kind and subject == BANK_CODE]

    assert len(revisions) == len(events) == registry.stored().revision
    assert [data["revision"] for data in events] == list(range(1, len(events) + 1))


def test_natural_persons_are_in_the_sealed_part_only(registry: Registry) -> None:
    registry.admit()
    outside = json.dumps(
        [one.document for one in registry.world.objects.values()] + [data for _, data, _ in registry.world.events],
        ensure_ascii=False,
    )

    assert registry.world.private["participant", BANK_CODE]["facts"] == FACTS
    for person in ("Zhang San", "11010519491231002X", "13800000000"):
        assert person not in outside


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"code": "91310000MA0000001A"}, InvalidCodeError, "check character"),
        ({"roles": ()}, InputError, "roles"),
        ({"roles": ("operator",)}, InputError, "council"),
        ({"roles": ("consumer", "consumer")}, InputError, "roles"),
        ({"keys": ()}, InputError, "first keys"),
        ({"keys": (ChainKey(NEW_KEY, ("metering",)),)}, InputError, "first key is one for business"),
        ({"keys": (ChainKey(NEW_KEY, ("business", "finance")),)}, InputError, "finance"),
        ({"keys": (ChainKey(NEW_KEY, ("gold",)),)}, InputError, "purposes"),
        ({"keys": (ChainKey(NEW_KEY, ("business",)),) * 2}, InputError, "each once"),
        ({"sm2_keys": ("04" + "00" * 63,)}, InputError, "SM2"),
        ({"sm2_keys": ("04" + "5a" * 64,)}, InputError, "point of the curve"),
        ({"sm2_keys": (sm2_reference.public_key(7).hex(),) * 2}, InputError, "each once"),
        ({"documents": (document(), document())}, InputError, "twice"),
        ({"documents": (document("diploma"),)}, InputError, "Kinds of documents"),
        ({"documents": (document(valid_until="2026-01-31"),)}, InputError, "run out"),
        ({"documents": (document(valid_until="2026-02-30"),)}, InputError, "no such|YYYY-MM-DD"),
        ({"connector": Connector(CONNECTOR.code, "c", "9", "1")}, InvalidCodeError, "list"),
        (
            {
                "connector": Connector(
                    generate_national_code(CodeKind.CONNECTOR, OFFICE_CODE, "3101", "00000001"), "c", "2", "1"
                )
            },
            InputError,
            "another body",
        ),
    ],
)
def test_application_that_is_not_as_it_must_be_is_refused(
    registry: Registry, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    before = len(registry.world.objects)
    with pytest.raises(error, match=words):
        registry.apply(**change)
    assert len(registry.world.objects) == before


def test_body_applies_for_itself_and_once(registry: Registry) -> None:
    with pytest.raises(AccessError):
        registry.apply(STRANGER)
    registry.apply()
    with pytest.raises(IllegalTransitionError):
        registry.apply()


def test_rejected_body_applies_again_with_what_it_put_right(registry: Registry) -> None:
    registry.apply(documents=(document(),), roles=("service_party",))
    registry.act(accept_identity, OPERATOR, "papers fit")
    with pytest.raises(ConflictError, match="service_party: one of") as refused:
        registry.act(accept_role, OPERATOR, "may serve", registry.bodies)
    assert "security_assessment" in refused.value.detail
    registry.act(reject, OPERATOR, "no security certificate")
    assert registry.stored().state == "rejected"
    assert registry.participant().reviews[-1].step == "role"

    registry.apply(roles=("service_party",))

    assert registry.stored().state == "applied"
    assert registry.participant().reviews == ()


def test_connector_is_reviewed_exactly_where_one_is_declared(registry: Registry) -> None:
    registry.apply(connector=CONNECTOR)
    registry.act(accept_identity, OPERATOR, "papers fit")
    registry.act(accept_role, OPERATOR, "may consume", registry.bodies)
    with pytest.raises(IllegalTransitionError) as refused:
        registry.act(approve, AUTHORISATION, report(), registry.bodies)
    assert refused.value.facts == {"state": "role_reviewed", "allowed": ["accept_connector", "reject"]}
    registry.act(accept_connector, OPERATOR, "answers")
    registry.act(approve, AUTHORISATION, report(), registry.bodies)
    assert registry.stored().state == "approved"

    other = Registry.made()
    other.apply()
    other.act(accept_identity, OPERATOR, "papers fit")
    other.act(accept_role, OPERATOR, "may consume", other.bodies)
    with pytest.raises(IllegalTransitionError):
        other.act(accept_connector, OPERATOR, "answers")


def test_stranger_finds_nothing_and_an_edit_names_its_revision(registry: Registry) -> None:
    registry.apply()
    with pytest.raises(NotFoundError):
        registry.act(accept_identity, STRANGER, "mine now")
    with registry.world.begin(OPERATOR) as uow, pytest.raises(PreconditionRequiredError):
        accept_identity(uow, BANK_CODE, "papers fit")
    with registry.world.begin(OPERATOR, revision=7) as uow, pytest.raises(RevisionMismatchError):
        accept_identity(uow, BANK_CODE, "papers fit")


def test_report_that_is_over_approves_nobody(registry: Registry) -> None:
    registry.apply()
    registry.act(accept_identity, OPERATOR, "papers fit")
    registry.act(accept_role, OPERATOR, "may consume", registry.bodies)
    for change in ({"valid_until": "2026-11-01"}, {"issued_on": "2027-01-01"}):
        with pytest.raises(InputError):
            registry.act(approve, AUTHORISATION, report(**change), registry.bodies)


def test_refused_admission_goes_back_and_says_why(registry: Registry) -> None:
    registry.approve()
    registry.act(participant_steps.admit, OPERATOR, registry.bodies)
    registry.sign()
    registry.refuse("ParticipantRegistryKeyTaken")

    assert registry.stored().state == "approved"
    refused = registry.participant().refused_step
    assert refused is not None
    assert refused.reason == "ParticipantRegistryKeyTaken"
    registry.act(participant_steps.admit, OPERATOR, registry.bodies)
    registry.sign()
    registry.complete()
    assert registry.stored().state == "active"
    assert registry.participant().refused_step is None


def test_admission_nobody_signs_is_taken_back(registry: Registry) -> None:
    registry.approve()
    registry.act(participant_steps.admit, OPERATOR, registry.bodies)
    act_id = registry.open_act().object_id
    with pytest.raises(AccessError):
        registry.act(participant_steps.withdraw_step, APPLICANT)
    registry.act(participant_steps.withdraw_step, OPERATOR)

    assert registry.stored().state == "approved"
    assert registry.world.objects["act", act_id].state == "withdrawn"


def test_suspension_counts_at_once_and_is_a_state_when_final(registry: Registry) -> None:
    registry.admit()
    now = int(registry.world.now.timestamp())
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    assert registry.stored().state == "active"
    assert not is_in_good_standing(registry.participant(), "active", now)
    [signer] = registry.open_act().document["signers"]
    assert signer["participant"] == RESERVED_CODES["regulator"]
    registry.sign()
    registry.complete()
    assert registry.stored().state == "suspended"
    with pytest.raises(IllegalTransitionError):
        registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    registry.act(participant_steps.reinstate, REGULATOR, "put right", registry.bodies)
    registry.sign()
    registry.complete()
    assert registry.stored().state == "active"
    chain = registry.participant().chain
    assert chain is not None
    assert chain.revision == 2


def test_regulator_takes_over_what_the_operator_suspended(registry: Registry) -> None:
    registry.admit()
    registry.act(participant_steps.suspend, OPERATOR, "data were passed on", registry.bodies)
    registry.sign()
    registry.complete()
    with pytest.raises(ConflictError, match="Only the regulator"):
        registry.act(participant_steps.suspend, OPERATOR, "again", registry.bodies)
    with pytest.raises(IllegalTransitionError):
        registry.act(participant_steps.depart, BANK, "before it is worse", registry.bodies)
    registry.act(participant_steps.suspend, REGULATOR, "it is worse", registry.bodies)
    registry.sign()
    registry.complete()
    assert registry.stored().state == "suspended"


def test_body_with_a_reserved_role_leaves_with_the_regulator(registry: Registry) -> None:
    code = RESERVED_CODES["trading_platform"]
    registry.act(participant_steps.depart, OPERATOR, "replaced", registry.bodies, code=code)
    assert [one["participant"] for one in registry.open_act(code).document["signers"]] == [
        code,
        RESERVED_CODES["regulator"],
    ]
    regulator = RESERVED_CODES["regulator"]
    with pytest.raises(ConflictError, match="role regulator"):
        registry.act(participant_steps.depart, OPERATOR, "replaced", registry.bodies, code=regulator)


def test_suspension_does_not_wait_for_a_step_that_the_body_leaves_unsigned(registry: Registry) -> None:
    registry.admit()
    registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    held = registry.open_act().object_id
    with pytest.raises(ConflictError, match="add_key"):
        registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.act(participant_steps.suspend, OPERATOR, "data were passed on", registry.bodies)

    assert registry.world.objects["act", held].state == "withdrawn"
    assert registry.open_act().document["act"] == "ParticipantRegistry.Suspension"
    registry.sign()
    with pytest.raises(ConflictError, match="called"):
        registry.act(participant_steps.withdraw_step, OPERATOR)


@pytest.mark.parametrize("who", [BANK, actor("auditor")])
def test_others_suspend_nobody(registry: Registry, who: Any) -> None:
    registry.admit()
    with pytest.raises(AccessError):
        registry.act(participant_steps.suspend, who, "because", registry.bodies)


def test_operator_changes_no_body_that_the_council_admitted(registry: Registry) -> None:
    code = RESERVED_CODES["trading_platform"]
    for use_case, arguments in (
        (participant_steps.suspend, ("because", registry.bodies)),
        (participant_steps.renew_qualification, (report(), registry.bodies)),
        (participant_steps.change_roles, (("consumer",), registry.bodies)),
    ):
        with pytest.raises(ConflictError, match="council"):
            registry.act(use_case, OPERATOR, *arguments, code=code)
    registry.act(participant_steps.suspend, REGULATOR, "because", registry.bodies, code=code)


def test_keys_are_added_and_revoked_by_the_body_with_history(registry: Registry) -> None:
    registry.admit()
    registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    assert NEW_KEY not in {key.address for key in registry.participant().keys}
    registry.sign()
    registry.complete()
    assert NEW_KEY in {key.address for key in registry.participant().valid_keys("business")}
    registry.act(participant_steps.revoke_key, BANK, NEW_KEY, "lost")
    registry.sign()
    registry.complete()
    key = next(key for key in registry.participant().keys if key.address == NEW_KEY)
    assert (key.state, key.revoked_at is None) == ("revoked", False)
    with pytest.raises(ConflictError, match="is or was"):
        registry.act(participant_steps.add_key, BANK, NEW_KEY, ("business",))
    with pytest.raises(ConflictError, match="no valid key"):
        registry.act(participant_steps.revoke_key, BANK, NEW_KEY, "lost")


def test_key_for_what_no_key_of_the_body_may_is_refused(registry: Registry) -> None:
    registry.admit(keys=application().keys[:1])
    with pytest.raises(ConflictError, match="finance"):
        registry.act(participant_steps.add_key, BANK, NEW_KEY, ("finance",))


def test_renewal_and_roles_change_when_the_chain_holds_them(registry: Registry) -> None:
    registry.admit()
    registry.act(participant_steps.renew_qualification, OPERATOR, report(valid_until="2030-12-31"), registry.bodies)
    registry.sign()
    registry.complete()
    renewed = registry.participant()
    assert renewed.report is not None
    assert renewed.chain is not None
    assert renewed.report.valid_until == "2030-12-31"
    assert registry.world.deadlines["participant", BANK_CODE, "renew_qualification"].due_at.year == 2030
    registry.act(participant_steps.change_roles, OPERATOR, ("provider", "consumer"), registry.bodies)
    assert registry.participant().roles == ("consumer",)
    registry.sign()
    registry.complete()
    assert registry.participant().roles == ("consumer", "provider")


def test_body_that_left_is_out_until_it_applies_again(registry: Registry) -> None:
    registry.admit()
    with pytest.raises(NotFoundError):
        registry.act(participant_steps.depart, STRANGER, "for you", registry.bodies)
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    signers = [(one["parameter"], one["participant"]) for one in registry.open_act().document["signers"]]
    assert signers == [("body", BANK_CODE), ("countersigner", RESERVED_CODES["operator"])]
    registry.sign()
    registry.complete()
    assert registry.stored().state == "left"
    assert registry.participant().valid_keys() == ()
    assert registry.owed() == {"stop_offers"}, "what it had on offer is taken down by the anchor service"
    keys = (ChainKey(NEW_KEY, ("business",)),)

    registry.apply(BANK, keys=keys)

    assert registry.stored().state == "applied"
    assert [key.state for key in registry.participant().keys] == ["ended", "ended", "offered"]


def test_no_operator_means_no_admission(registry: Registry) -> None:
    registry.approve()
    del registry.world.objects["participant", RESERVED_CODES["operator"]]
    with pytest.raises(ConflictError, match="role operator"):
        registry.act(participant_steps.admit, OPERATOR, registry.bodies)


def test_nobody_makes_a_body_alone(registry: Registry) -> None:
    registry.apply(OPERATOR)
    registry.act(accept_identity, OPERATOR, "papers fit")
    registry.act(accept_role, OPERATOR, "may consume", registry.bodies)
    second = replace(OPERATOR, account_id="account-operator-2")
    with pytest.raises(AccessError, match="The authorisation platform approves"):
        registry.act(approve, second, report(), registry.bodies)
    with pytest.raises(NotFoundError):
        registry.act(approve, replace(AUTHORISATION, participant=None), report(), registry.bodies)
    registry.act(approve, AUTHORISATION, report(), registry.bodies)
    assert registry.stored().state == "approved"


def test_where_there_is_no_authorisation_platform_another_account_approves(registry: Registry) -> None:
    del registry.world.objects["participant", RESERVED_CODES["authorisation_platform"]]
    applying, reviewing = (replace(OPERATOR, account_id=f"account-operator-{number}") for number in (2, 3))
    registry.apply(applying)
    registry.act(accept_identity, reviewing, "papers fit")
    registry.act(accept_role, OPERATOR, "may consume", registry.bodies)
    for who in (applying, reviewing, OPERATOR):
        with pytest.raises(AccessError, match="applied or reviewed"):
            registry.act(approve, who, report(), registry.bodies)
    registry.act(approve, replace(OPERATOR, account_id="account-operator-4"), report(), registry.bodies)
    assert registry.stored().state == "approved"


def test_platform_that_is_being_suspended_approves_nobody(registry: Registry) -> None:
    registry.apply()
    registry.act(accept_identity, OPERATOR, "papers fit")
    registry.act(accept_role, OPERATOR, "may consume", registry.bodies)
    code = RESERVED_CODES["authorisation_platform"]
    registry.act(participant_steps.suspend, REGULATOR, "its gate was open", registry.bodies, code=code)
    with pytest.raises(BodyNotAbleError):
        registry.act(approve, AUTHORISATION, report(), registry.bodies)


def test_admission_ends_what_its_applicant_could_see_by_itself(registry: Registry) -> None:
    registry.approve()
    assert APPLICANT.account_id in registry.stored().parties
    registry.act(participant_steps.admit, OPERATOR, registry.bodies)
    registry.sign()
    registry.complete()

    assert set(registry.stored().parties) == {
        BANK_CODE, RESERVED_CODES["trading_platform"], RESERVED_CODES["authorisation_platform"]
    }  # fmt: skip


def test_body_that_left_has_no_account_any_more(registry: Registry) -> None:
    registry.admit()
    registry.world.accounts = {"acc-1": BANK_CODE, "acc-2": OFFICE_CODE, "acc-3": BANK_CODE}
    registry.act(participant_steps.suspend, REGULATOR, "data were passed on", registry.bodies)
    registry.act(participant_steps.withdraw_step, REGULATOR)
    assert len(registry.world.accounts) == 3
    registry.act(participant_steps.depart, BANK, "moving", registry.bodies)
    registry.sign()
    registry.complete()

    assert registry.world.accounts == {"acc-2": OFFICE_CODE}
    withdrawn = [data["account_id"] for kind, data, _ in registry.world.events if kind.endswith("access.withdrawn.v1")]
    assert withdrawn == ["acc-1", "acc-3"]
