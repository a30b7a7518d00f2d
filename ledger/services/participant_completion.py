"""What becomes of a participant when the chain has decided: one completion a step, and one way back for what it refused.

Importing this module registers the steps. They run inside the transaction of the anchor service, which also moves the act.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ledger.domain.acts.participant_registry import Admission, QualificationRenewal
from ledger.domain.chain_counts import is_wrong_nonce
from ledger.domain.participant import OnChain, OpenStep, Participant, RefusedStep, participant_from_json
from ledger.domain.subject_code import is_subject_code
from ledger.errors import MisuseError
from ledger.log.timestamps import parse_time
from ledger.services import steps
from ledger.services.acts import act_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_proposals import STEP_PREFIX
from ledger.services.participant_records import (
    RECHECK_DUTY,
    begin_with,
    finish,
    next_recheck,
    now_text,
    owe_recheck_anew,
)
from ledger.services.stopped_offers import RENEWAL_DUTY, owe_offers_stopped

STOPS: Final = frozenset({"suspend", "depart"})
"""Steps with which everything that the body offers stops: it owes that from then on, and the anchor service does it."""

Change = Callable[[UnitOfWork, Participant, OpenStep, StoredObject], Participant]


@dataclass(frozen=True, slots=True)
class _Finish:
    """How one step ends: the act of the transition table, the event's past tense, what changes in the document."""

    act: str
    event: str
    change: Change


def _admitted(uow: UnitOfWork, participant: Participant, _step: OpenStep, act: StoredObject) -> Participant:
    admission = act_of(act)
    assert isinstance(admission, Admission)
    chain = OnChain("0x" + admission.body_id.hex(), 0, admission.qualified_until, act.document["chain"]["block_number"])
    keys = tuple(
        replace(key, state="valid", valid_from=now_text(uow)) if key.state == "offered" else key
        for key in participant.keys
    )
    return replace(participant, chain=chain, keys=keys)


def _acted(participant: Participant, act: StoredObject) -> Participant:
    """With the count of acts that the chain has after this one, whatever was known before: a body may relay acts by itself."""
    assert participant.chain is not None
    document = act.document
    signer = "0x" + document["signers"][0]["body_id"]  # whose count it names: the authority, or the body itself
    nonce: int = document["message"]["nonce"]
    return replace(participant, chain=participant.chain.with_act(signer, nonce, document["chain"]["block_number"]))


def _standing_changed(_uow: UnitOfWork, participant: Participant, _step: OpenStep, act: StoredObject) -> Participant:
    return _acted(participant, act)


def _reinstated(_uow: UnitOfWork, participant: Participant, _step: OpenStep, act: StoredObject) -> Participant:
    failed = participant.failed_recheck
    is_later = failed is not None and parse_time(failed) > act.created_at  # found while the chain decided
    return replace(_acted(participant, act), failed_recheck=failed if is_later else None)


def _left(uow: UnitOfWork, participant: Participant, _step: OpenStep, act: StoredObject) -> Participant:
    keys = tuple(
        replace(key, state="ended", revoked_at=now_text(uow)) if key.state == "valid" else key
        for key in participant.keys
    )
    return replace(_acted(participant, act), keys=keys)


def _renewed(_uow: UnitOfWork, participant: Participant, step: OpenStep, act: StoredObject) -> Participant:
    renewal, changed = act_of(act), _acted(participant, act)
    assert isinstance(renewal, QualificationRenewal)
    assert changed.chain is not None
    return replace(changed, report=step.report, chain=replace(changed.chain, qualified_until=renewal.qualified_until))


def _roles_changed(_uow: UnitOfWork, participant: Participant, step: OpenStep, act: StoredObject) -> Participant:
    assert step.roles is not None
    return replace(_acted(participant, act), roles=step.roles)


def _key_added(uow: UnitOfWork, participant: Participant, step: OpenStep, act: StoredObject) -> Participant:
    assert step.key is not None
    return _acted(participant, act).with_key(replace(step.key, state="valid", valid_from=now_text(uow)))


def _key_revoked(uow: UnitOfWork, participant: Participant, step: OpenStep, act: StoredObject) -> Participant:
    assert step.key is not None
    return _acted(participant, act).with_key(replace(step.key, state="revoked", revoked_at=now_text(uow)))


FINISHES: Final[Mapping[str, _Finish]] = {
    "admit": _Finish("confirm_admission", "admitted", _admitted),
    "suspend": _Finish("confirm_suspension", "suspended", _standing_changed),
    "reinstate": _Finish("confirm_reinstatement", "reinstated", _reinstated),
    "depart": _Finish("confirm_departure", "left", _left),
    "renew_qualification": _Finish("confirm_renewal", "qualification_renewed", _renewed),
    "change_roles": _Finish("confirm_roles", "roles_changed", _roles_changed),
    "add_key": _Finish("confirm_key", "key_added", _key_added),
    "revoke_key": _Finish("confirm_key", "key_revoked", _key_revoked),
}
"""Step -> how it ends when the chain holds its call for good."""


def _completed(uow: UnitOfWork, subject: StoredObject, act: StoredObject) -> None:
    step = _open_step(subject, act)
    end = FINISHES[step.step]
    begun = begin_with(subject, end.act)
    changed = replace(end.change(uow, begun.participant, step, act).without_step(act.object_id), refused_step=None)
    chain = changed.chain
    assert chain is not None
    data = {"act_id": act.object_id, "body_id": chain.body_id, "body_revision": chain.revision}
    parties = None
    if step.step == "admit":  # who applied for it has its accounts from now on, as everybody else
        parties = tuple(party for party in subject.parties if is_subject_code(party))
    stored = finish(uow, begun, changed, end.event, data, parties=parties)
    if step.step in STOPS:
        owe_offers_stopped(uow, stored)
    if step.step == "renew_qualification":
        uow.meet_deadline(stored, RENEWAL_DUTY)  # also a late one: the next is a duty of its own
    if step.step in ("admit", "renew_qualification"):
        uow.set_deadline(stored, RENEWAL_DUTY, datetime.fromtimestamp(chain.qualified_until, UTC))
    if step.step == "admit":
        uow.set_deadline(stored, RECHECK_DUTY, next_recheck(uow, changed))
    if step.step == "reinstate":  # a failed re-check was the last one; one that is still owed stays so
        uow.set_deadline(stored, RECHECK_DUTY, next_recheck(uow, changed), may_move_on=False)
    if step.step == "depart":
        uow.meet_deadline(stored, RENEWAL_DUTY)
        uow.meet_deadline(stored, RECHECK_DUTY)
        uow.withdraw_accounts(stored.object_id)


def _refused(uow: UnitOfWork, subject: StoredObject, act: StoredObject, reason: str) -> None:
    step = _open_step(subject, act)
    begun = begin_with(subject, "refuse_admission" if step.step == "admit" else "refuse_step")
    refused = RefusedStep(step.step, act.object_id, reason, now_text(uow), is_wrong_nonce(reason))
    changed = replace(begun.participant.without_step(act.object_id), refused_step=refused)
    data = {"step": step.step, "act_id": act.object_id, "reason": reason, "is_outdated": refused.is_outdated}
    stored = finish(uow, begun, changed, "step_refused", data)
    if step.step == "suspend":
        owe_recheck_anew(uow, stored, changed)


def _open_step(subject: StoredObject, act: StoredObject) -> OpenStep:
    step = participant_from_json(subject.document).step_of(act.object_id)
    if step is None:
        raise MisuseError(f"act {act.object_id} is no open step of participant {subject.object_id}")
    return step


for _name in FINISHES:
    steps.register_step(STEP_PREFIX + _name, steps.Step(_completed, _refused))
