"""Control instructions: issued with the filing of an agreement and with its end, fetched by the connectors, and what these report.

Object: ``control_instruction``, one for each connector, named ``<number>/<side>``; its owner is the body of the connector's code, the other
party and the platforms see it too. Locks: the agreement first, then the instructions by their names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ledger.bundle.agreement_papers import INSTRUCTION, instruction_number, paper_digest
from ledger.bundle.instruction_content import instruction_content
from ledger.domain.agreement_status import AGREEMENT_LIFE
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.control_instruction import (
    ACT_OF,
    CARRY_OUT_DUTY,
    CARRY_OUT_WITHIN,
    KIND,
    LIFE,
    REASON_CHARACTERS_MAX,
    RECEIVE_DUTY,
    RECEIVE_WITHIN,
    REPORTS_KEPT,
    SIDES,
    Instructed,
    Purpose,
    Reported,
    instruction_id,
)
from ledger.domain.termination import END_BY_RULE
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.agreement_objects import act_of_agreement, disclosed_of, move_agreement, record_agreement
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids

EVENT: Final = "org.cityledger.control_instruction.{}.v1"


@dataclass(frozen=True, slots=True)
class InstructionReport:
    """What a connector says.

    Args:
        state: received, in force, failed, or ended.
        reason: why it failed, 1 to 2,000 characters; empty otherwise.
    """

    state: Reported
    reason: str = ""

    def __post_init__(self) -> None:
        is_failure = self.state is Reported.FAILED
        is_stated = 1 <= len(self.reason.strip()) <= len(self.reason) <= REASON_CHARACTERS_MAX
        if is_failure and not is_stated:
            raise InputError(f"A failure has a reason of 1 to {REASON_CHARACTERS_MAX} characters. Nothing was changed.")
        if not is_failure and self.reason:
            raise InputError("Only a failure has a reason. Nothing was changed.")


def number_of(agreement: StoredObject, purpose: Purpose) -> str:
    """``ctrlInstructiontId`` of an agreement's instructions for this purpose."""
    return instruction_number(salt_of_ids(agreement), agreement.object_id, str(purpose))


def start_of(agreement: StoredObject) -> datetime:
    """First second of an agreement's validity."""
    return datetime.fromtimestamp(act_of_agreement(agreement).valid_from, UTC)


def issue_instructions(
    uow: UnitOfWork, agreement: StoredObject, purpose: Purpose, effective_at: datetime
) -> tuple[StoredObject, ...]:
    """Makes the instructions of both connectors; the caller records them (``record_issued``) after all its changes."""
    number = number_of(agreement, purpose)
    instructed = Instructed(
        purpose=purpose,
        number=number,
        contract_id=agreement.object_id,
        contract_hash=agreement.document["contract_hash"],
        part=disclosed_of(agreement),
        issued_at=uow.now,
        effective_at=effective_at,
        ends_at=datetime.fromtimestamp(act_of_agreement(agreement).valid_until, UTC),
    )
    made = []
    for side in SIDES:
        content = instruction_content(instructed, side)
        node = parse_national_code(content["connectorId"], CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE)
        document: dict[str, Any] = {
            "number": number,
            "side": side,
            "purpose": str(purpose),
            "agreement_id": agreement.object_id,
            "owner": node.subject,
            "content": content,
            "content_digest": paper_digest(INSTRUCTION, salt_of_ids(agreement), content).hex(),
            "received_at": None,
            "reports": [],
        }
        parties = tuple(dict.fromkeys((node.subject, *agreement.parties)))
        name = instruction_id(number, side)
        stored = uow.create(KIND, name, state=LIFE.initial, parties=parties, document=document, act="issue")
        uow.set_deadline(stored, RECEIVE_DUTY, uow.now + RECEIVE_WITHIN[purpose])
        made.append(stored)
    return tuple(made)


def record_issued(uow: UnitOfWork, issued: Iterable[StoredObject]) -> None:
    """The evidence of the instructions of one number."""
    both = {stored.document["side"]: stored for stored in issued}
    document = both["consumer"].document
    said = {
        "agreement_id": document["agreement_id"],
        "purpose": document["purpose"],
        **{f"{side}_connector": stored.document["content"]["connectorId"] for side, stored in both.items()},
        **{f"{side}_digest": stored.document["content_digest"] for side, stored in both.items()},
    }
    uow.record(EVENT.format("issued"), {"number": document["number"], **said}, subject=document["number"])


def withdraw_unreceived(uow: UnitOfWork, agreement: StoredObject) -> tuple[str, ...]:
    """Takes back the start of an ended agreement from connectors that never received it; returns their sides."""
    withdrawn = []
    for side in SIDES:
        stored = uow.find(KIND, instruction_id(number_of(agreement, Purpose.START), side))
        if stored is not None and stored.state == LIFE.initial:
            taken = uow.change(stored, act="withdraw", state=LIFE.next(stored.state, "withdraw"))
            uow.meet_deadline(taken, RECEIVE_DUTY)  # nobody owes a receipt any more
            withdrawn.append(side)
    return tuple(withdrawn)


def report_instruction(uow: UnitOfWork, number: str, side: str, report: InstructionReport) -> StoredObject:
    """The connector's body says what became of its instruction.

    When both have their start in force, the agreement is in performance. A stop that was carried out ends the start of the same side.

    Raises:
        NotFoundError: there is no such instruction that the actor may see.
        AccessError: it is another body's connector.
        IllegalTransitionError: its state does not allow this report: it was not received yet, or is over.
        ConflictError: a stop is ended and never in force; a start is ended when its agreement is over only.
    """
    name = instruction_id(number, side)
    seen = uow.peek(KIND, name)
    if seen is None or not uow.actor.may_see(seen.parties):
        raise NotFoundError("There is no such control instruction.")
    agreement = uow.find(AGREEMENT, seen.document["agreement_id"])
    assert agreement is not None, "the agreement of an instruction is there"
    pair = _locked(uow, agreement, number)
    stored = pair[side]
    if stored.document["owner"] != participant_of(uow.actor):
        raise AccessError("The body whose connector this is says this. Nothing was changed.")
    LIFE.next(stored.state, ACT_OF[report.state])
    purpose = Purpose(stored.document["purpose"])
    _require_fitting(uow, agreement, purpose, report.state)
    reported = _reported(uow, stored, report)
    _set_duties(uow, reported, purpose, report.state)
    ends = _end_start(uow, agreement, side) if (purpose, report.state) == (Purpose.STOP, Reported.ENDED) else None
    performing = _performing(uow, agreement, pair | {side: reported}, purpose)
    said = {"side": side, "state": str(report.state), "agreement_id": agreement.object_id, "ends": ends}
    digest = reported.document["reports"][-1]["digest"]
    uow.record(EVENT.format("reported"), {"number": number, "report_digest": digest, **said}, subject=number)
    if performing is not None:
        record_agreement(uow, performing, "in_performance", number=number)
    return reported


def _locked(uow: UnitOfWork, agreement: StoredObject, number: str) -> dict[str, StoredObject]:
    """Both instructions of this number; with a stop those of the start are locked too, by their names."""
    numbers = {number, number_of(agreement, Purpose.START)}
    names = sorted(instruction_id(one, side) for one in numbers for side in SIDES)
    found = {name: uow.find(KIND, name) for name in names}
    pair = {side: found[instruction_id(number, side)] for side in SIDES}
    return {side: stored for side, stored in pair.items() if stored is not None}


def _require_fitting(uow: UnitOfWork, agreement: StoredObject, purpose: Purpose, state: Reported) -> None:
    if purpose is Purpose.STOP and state is Reported.IN_FORCE:
        raise ConflictError("A stop is reported as ended once no call is answered any more. Nothing was changed.")
    is_over = agreement.state == "terminated" or disclosed_of(agreement).is_over(uow.now)
    if purpose is Purpose.START and state is Reported.ENDED and not is_over:
        raise ConflictError("The agreement is not over; what does not work is reported as failed. Nothing was changed.")


def _reported(uow: UnitOfWork, stored: StoredObject, report: InstructionReport) -> StoredObject:
    said: dict[str, Any] = {"state": str(report.state), "reason": report.reason or None, "at": format_time(uow.now)}
    salt = bytes.fromhex(stored.document["content_digest"])  # known to those who have the instruction
    said["digest"] = paper_digest(INSTRUCTION, salt, said).hex()
    changes = {**stored.document, "reports": [*stored.document["reports"], said][-REPORTS_KEPT:]}
    if report.state is Reported.RECEIVED:
        changes["received_at"] = said["at"]
    act = ACT_OF[report.state]
    return uow.change(stored, act=act, state=LIFE.next(stored.state, act), document=changes)


def _set_duties(uow: UnitOfWork, stored: StoredObject, purpose: Purpose, state: Reported) -> None:
    due_at = max(uow.now, parse_time(stored.document["content"]["activationTime"])) + CARRY_OUT_WITHIN[purpose]
    if state is Reported.RECEIVED:
        uow.meet_deadline(stored, RECEIVE_DUTY)
        uow.set_deadline(stored, CARRY_OUT_DUTY, due_at)
    elif state is Reported.FAILED:  # it is to be carried out still, and no failure puts that off
        uow.set_deadline(stored, CARRY_OUT_DUTY, due_at, may_move_on=False)
    else:
        uow.meet_deadline(stored, CARRY_OUT_DUTY)


def _end_start(uow: UnitOfWork, agreement: StoredObject, side: str) -> str | None:
    """Ends the start of this side with its stop; returns its number."""
    start = uow.find(KIND, instruction_id(number_of(agreement, Purpose.START), side))
    if start is None or "end" not in LIFE.allowed(start.state):
        return None
    ended = uow.change(start, act="end", state=LIFE.next(start.state, "end"))
    uow.meet_deadline(ended, CARRY_OUT_DUTY)
    return str(start.document["number"])


def _performing(
    uow: UnitOfWork, agreement: StoredObject, pair: dict[str, StoredObject], purpose: Purpose
) -> StoredObject | None:
    """The agreement, once both connectors have its start in force; None where that changes nothing."""
    is_ready = purpose is Purpose.START and all(stored.state == "in_force" for stored in pair.values())
    if not is_ready or "instruct" not in AGREEMENT_LIFE.allowed(agreement.state):
        return None
    performing = move_agreement(uow, agreement, "instruct", {})
    uow.meet_deadline(performing, END_BY_RULE)
    return performing
