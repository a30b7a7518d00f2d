"""Steps of a participant that the chain decides: proposed here as acts, completed or refused by ``ledger.services.steps``.

A body has one step open at a time, so that each begins from what the one before left. Only the authorities may put
another in its place: a suspension must not wait for a signature that the body withholds.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.domain.acts.participant_registry import (
    Admission,
    Departure,
    KeyAddition,
    KeyGrant,
    KeyRevocation,
    QualificationRenewal,
    Reinstatement,
    RoleChange,
    Suspension,
)
from ledger.domain.admission_rules import ROLES, missing_documents
from ledger.domain.participant import SUSPENDED, ChainKey, Participant, Report
from ledger.domain.roles import AUTHORISATION_PLATFORM, OPERATOR, REGULATOR, TRADING_PLATFORM
from ledger.errors import AccessError, ConflictError, InputError
from ledger.services.act_withdrawal import withdraw_act
from ledger.services.acts import Signer
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_proposals import ALONE, STEP_PROPOSED, barring_step, make_way, place_of, propose_step
from ledger.services.participant_records import (
    Begun,
    Bodies,
    authority,
    begin,
    begin_at_once,
    body_id_of,
    body_with_role,
    finish,
    last_second_of,
    now_text,
    owe_recheck_anew,
    profile_digest_of,
    qualification_digest_of,
    reason_digest_of,
    require_body_or_operator,
    require_no_shorter,
    require_ordinary,
    salt_of,
    signer_of,
)
from ledger.services.participants import check_purposes, check_report

PLATFORMS: Final = (TRADING_PLATFORM, AUTHORISATION_PLATFORM)
OWN_STEPS: Final = ALONE | {"depart"}
"""Steps that the body itself may take back."""


def admit(uow: UnitOfWork, code: str, bodies: Bodies) -> StoredObject:
    """Proposes the admission: every key of the body and the operator sign, then the chain takes the body in.

    Raises:
        ConflictError: no operator could sign, or the report's validity is over.
    """
    begun = begin(uow, code, "admit")
    report = _report_of(begun.participant)
    if last_second_of(report.valid_until) <= uow.now.timestamp():
        raise ConflictError("The report's validity is over; reject the application. Nothing was changed.")
    salt, participant = salt_of(uow, begun.stored), begun.participant
    body_id = body_id_of(salt, code)
    keys = [key for key in participant.keys if key.state == "offered"]
    act = Admission(
        body_id,
        _role_bits(participant.roles),
        profile_digest_of(salt, participant),
        qualification_digest_of(salt, report, participant.documents),
        last_second_of(report.valid_until),
        tuple(KeyGrant(bytes.fromhex(key.address[2:]), _purpose_bits(key.purposes)) for key in keys),
    )
    signers = [
        Signer("key_signatures", code, body_id, _first_purpose(key), (bytes.fromhex(key.address[2:]),)) for key in keys
    ]
    operator = signer_of("operator", body_with_role(uow, bodies, OPERATOR))
    platforms = tuple(body.object_id for role in PLATFORMS for body in bodies.with_role(role))
    parties = tuple(dict.fromkeys((*begun.stored.parties, *platforms)))  # both keep the registry of who takes part
    return propose_step(uow, begun, act, [*signers, operator], parties=parties)


def suspend(uow: UnitOfWork, code: str, reason: str, bodies: Bodies) -> StoredObject:
    """Proposes a suspension, signed by the regulator or the operator. Until it is final the body takes on nothing new already.

    The body cannot hold it off: no revision need be named, and a step that the body signed alone waits for the chain beside it. So does
    a renewal or a change of roles that another authority signed.

    Raises:
        AccessError: the actor is neither.
        ConflictError: the operator would suspend a body with a reserved role, or the chain decides about a step that comes first.
    """
    begun = begin_at_once(uow, code, "suspend")
    return _by_authority(uow, begun, reason, bodies, Suspension)


def reinstate(uow: UnitOfWork, code: str, reason: str, bodies: Bodies) -> StoredObject:
    """Proposes the end of a suspension. What a regulator suspended, the contract lets only a regulator reinstate."""
    begun = begin(uow, code, "reinstate")
    return _by_authority(uow, begun, reason, bodies, Reinstatement)


def depart(uow: UnitOfWork, code: str, reason: str, bodies: Bodies) -> StoredObject:
    """Proposes that the body leaves for ever, signed by itself and by the operator; by the regulator where it has a reserved role.

    Its identity stays; it may apply again as another body of the chain.
    """
    begun = begin(uow, code, "depart")
    require_body_or_operator(uow, code)
    role = OPERATOR if set(begun.participant.roles) <= set(ROLES) else REGULATOR
    countersigner = signer_of("countersigner", body_with_role(uow, bodies, role, other_than=code))
    body_id, nonce, salt = place_of(uow, begun)
    act = Departure(body_id, reason_digest_of(salt, reason), nonce)
    return propose_step(uow, begun, act, [signer_of("body", begun.stored), countersigner], reason=reason)


def renew_qualification(uow: UnitOfWork, code: str, report: Report, bodies: Bodies) -> StoredObject:
    """Proposes a renewed qualification with a new report that holds as long at least, signed by the operator."""
    begun = begin(uow, code, "renew_qualification")
    require_ordinary(begun.participant)
    check_report(uow, report)
    require_no_shorter(begun.participant, last_second_of(report.valid_until))
    operator = signer_of("authority", body_with_role(uow, bodies, OPERATOR))
    body_id, nonce, salt = place_of(uow, begun, by=operator)
    digest = qualification_digest_of(salt, report, begun.participant.documents)
    act = QualificationRenewal(body_id, digest, last_second_of(report.valid_until), nonce)
    return propose_step(uow, begun, act, [operator], report=report)


def change_roles(uow: UnitOfWork, code: str, roles: tuple[str, ...], bodies: Bodies) -> StoredObject:
    """Proposes other ordinary roles, signed by the operator.

    Raises:
        InputError: these are no roles that one applies for.
        ConflictError: documents that the admission rules name for them are missing.
    """
    begun = begin(uow, code, "change_roles")
    require_ordinary(begun.participant)
    if not roles or len(set(roles)) != len(roles) or not set(roles) <= set(ROLES):
        raise InputError(f"The roles are {', '.join(ROLES)}, each once. Nothing was changed.")
    missing = missing_documents(roles, (one.kind for one in begun.participant.documents))
    if missing:
        raise ConflictError(f"Are missing: {'; '.join(missing)}. Nothing was changed.")
    operator = signer_of("authority", body_with_role(uow, bodies, OPERATOR))
    body_id, nonce, _ = place_of(uow, begun, by=operator)
    return propose_step(
        uow, begun, RoleChange(body_id, _role_bits(roles), nonce), [operator], roles=tuple(sorted(roles))
    )


def add_key(uow: UnitOfWork, code: str, address: str, purposes: tuple[str, ...]) -> StoredObject:
    """Proposes a new key, signed by a valid key with all its purposes and by itself.

    Raises:
        InputError: no key has these purposes together.
        ConflictError: the address is or was a key of the body, or no valid key has all the purposes.
    """
    begun = begin(uow, code, "add_key")
    require_body_or_operator(uow, code)
    check_purposes(purposes)
    if address in {key.address for key in begun.participant.keys}:
        raise ConflictError("The address is or was a key of this body. Nothing was changed.")
    body_id, nonce, _ = place_of(uow, begun)
    key = ChainKey(address, tuple(sorted(purposes)))
    act = KeyAddition(body_id, bytes.fromhex(address[2:]), _purpose_bits(purposes), nonce)
    possession = Signer("possession", code, body_id, _first_purpose(key), (act.key,))
    return propose_step(uow, begun, act, [signer_of("body", begun.stored, *key.purposes), possession], key=key)


def revoke_key(uow: UnitOfWork, code: str, address: str, reason: str) -> StoredObject:
    """Proposes the end of a key, signed by a key with all its purposes, itself included.

    Raises:
        ConflictError: the address is no valid key of the body.
    """
    begun = begin(uow, code, "revoke_key")
    require_body_or_operator(uow, code)
    key = next((one for one in begun.participant.valid_keys() if one.address == address), None)
    if key is None:
        raise ConflictError("The address is no valid key of this body. Nothing was changed.")
    body_id, nonce, salt = place_of(uow, begun)
    act = KeyRevocation(body_id, bytes.fromhex(address[2:]), reason_digest_of(salt, reason), nonce)
    return propose_step(uow, begun, act, [signer_of("body", begun.stored, *key.purposes)], key=key, reason=reason)


def withdraw_step(uow: UnitOfWork, code: str) -> StoredObject:
    """Takes back the step that waits for signatures.

    The body itself takes back its own steps, and a suspension that nobody has signed in time: it is held by what is decided, not by
    what is left undecided.

    Raises:
        ConflictError: none is open, or its signatures are all there and the chain decides.
        AccessError: it is not the actor's to take back.
    """
    begun = begin(uow, code, "withdraw_step")
    step = begun.participant.open_step
    if step is None:
        raise ConflictError("No step of this participant is open. Nothing was changed.")
    actor = uow.actor
    is_overdue = step.step == "suspend" and step.due_at is not None and step.due_at < now_text(uow)
    is_own = actor.participant == code and (step.step in OWN_STEPS or is_overdue)
    if not is_own and not actor.roles & {OPERATOR, REGULATOR}:
        raise AccessError("Whoever proposed a step, and the authorities, take it back. Nothing was changed.")
    withdraw_act(uow, step.act_id)
    changed = replace(begun.participant, open_step=None)
    stored = finish(uow, begun, changed, "step_withdrawn", {"step": step.step, "act_id": step.act_id})
    if step.step == "suspend":
        owe_recheck_anew(uow, stored, changed)
    return stored


def suspend_after_recheck(uow: UnitOfWork, code: str, reason: str, bodies: Bodies) -> StoredObject:
    """As ``suspend``, told as a re-check that failed; the body is out of standing for it, whatever becomes of the suspension.

    Where the chain decides about a step that comes first, that alone is written down, and the suspension is proposed afterwards.
    """
    begun = begin_at_once(uow, code, "suspend")
    failed = replace(begun, participant=replace(begun.participant, failed_recheck=now_text(uow)))
    signer = _signer_over(uow, failed, bodies, Suspension)
    barring = barring_step(uow, failed, signer)
    if barring is not None:
        digest = reason_digest_of(salt_of(uow, begun.stored), reason).hex()
        data = {"waits_for": barring.step, "waits_for_act_id": barring.act_id, "reason_digest": digest}
        return finish(uow, failed, failed.participant, "recheck_failed", data)
    return _propose_standing(uow, failed, reason, signer, Suspension, event="recheck_failed")


def _by_authority(
    uow: UnitOfWork, begun: Begun, reason: str, bodies: Bodies, kind: type[Suspension | Reinstatement]
) -> StoredObject:
    return _propose_standing(uow, begun, reason, _signer_over(uow, begun, bodies, kind), kind, event=STEP_PROPOSED)


def _signer_over(uow: UnitOfWork, begun: Begun, bodies: Bodies, kind: type[Suspension | Reinstatement]) -> Signer:
    by = authority(uow, bodies)
    if REGULATOR not in uow.actor.roles:
        require_ordinary(begun.participant)
        if (begun.stored.state, kind) == (SUSPENDED, Suspension):
            raise ConflictError("Only the regulator takes over a suspension. Nothing was changed.")
    return signer_of("authority", by)


def _propose_standing(
    uow: UnitOfWork,
    begun: Begun,
    reason: str,
    signer: Signer,
    kind: type[Suspension | Reinstatement],
    *,
    event: str,
) -> StoredObject:
    begun = make_way(uow, begun, signer)
    body_id, nonce, salt = place_of(uow, begun, by=signer, overtakes=True)
    act = kind(body_id, reason_digest_of(salt, reason), nonce)
    return propose_step(uow, begun, act, [signer], event=event, reason=reason)


def _report_of(participant: Participant) -> Report:
    if participant.report is None:
        raise ConflictError("There is no report. Nothing was changed.")
    return participant.report


def _role_bits(roles: Sequence[str]) -> int:
    return sum(BodyRole[role.upper()] for role in roles)


def _purpose_bits(purposes: Sequence[str]) -> int:
    return sum(KeyPurpose[purpose.upper()] for purpose in purposes)


def _first_purpose(key: ChainKey) -> KeyPurpose:
    return KeyPurpose[key.purposes[0].upper()]
