"""The credit file: violations entered, ratings given, appeals and repairs decided. What low credit limits follows by itself."""

from dataclasses import replace

from ledger.domain.credit import (
    CLOSER_SUPERVISION,
    DEDUCTIONS,
    FULL_SCORE,
    VIOLATION_LIFE,
    CreditFile,
    Rating,
    Violation,
)
from ledger.errors import AccessError, InputError
from ledger.services.bodies import require_own_standing
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_records import (
    RECHECK_DUTY,
    Begun,
    begin,
    finish,
    next_recheck,
    now_text,
    require_body_or_operator,
)


def enter_violation(
    uow: UnitOfWork, code: str, *, kind: str, severity: str, basis: str, evidence_sha256: str
) -> StoredObject:
    """Enters a violation; it counts from now on.

    Raises:
        InputError: there is no such severity.
    """
    begun = begin(uow, code, "enter_violation")
    require_own_standing(uow)
    if severity not in DEDUCTIONS:
        raise InputError(f"The severities are {', '.join(DEDUCTIONS)}. Nothing was changed.")
    credit = begun.participant.credit
    violation = Violation(
        len(credit.violations) + 1, kind, severity, basis, evidence_sha256, uow.actor.account_id, now_text(uow)
    )
    return _finish(uow, begun, credit.with_violation(violation), "violation_entered", violation)


def rate(
    uow: UnitOfWork,
    code: str,
    *,
    period: str,
    compliance: int,
    service_quality: int,
    performance: int,
    basis_sha256: str,
) -> StoredObject:
    """Rates the participant for a period.

    Raises:
        InputError: a mark is not 0 to 100.
    """
    begun = begin(uow, code, "rate")
    require_own_standing(uow)
    if not all(0 <= mark <= FULL_SCORE for mark in (compliance, service_quality, performance)):
        raise InputError("A mark is 0 to 100. Nothing was changed.")
    rating = Rating(period, compliance, service_quality, performance, basis_sha256, uow.actor.account_id, now_text(uow))
    credit = begun.participant.credit
    return _finish(uow, begun, replace(credit, ratings=(*credit.ratings, rating)), "rated")


def appeal(uow: UnitOfWork, code: str, number: int, grounds: str) -> StoredObject:
    """The body contests a violation; it counts until that is decided.

    Raises:
        NotFoundError: there is no such violation.
        IllegalTransitionError: it was contested already.
    """
    begun = begin(uow, code, "appeal")
    require_body_or_operator(uow, code)
    violation = begun.participant.credit.violation(number)
    state = VIOLATION_LIFE.next(violation.state, "appeal")
    return _change(uow, begun, replace(violation, state=state, appeal=grounds), "violation_appealed")


def decide_appeal(uow: UnitOfWork, code: str, number: int, *, lifted: bool, reasons: str) -> StoredObject:
    """Decides an appeal: the violation is lifted or upheld.

    Raises:
        AccessError: the actor entered the violation itself.
    """
    begun = begin(uow, code, "decide_appeal")
    violation = begun.participant.credit.violation(number)
    state = VIOLATION_LIFE.next(violation.state, "lift" if lifted else "uphold")
    if violation.account == uow.actor.account_id:
        raise AccessError("Who entered a violation does not decide about the appeal. Nothing was changed.")
    changed = replace(violation, state=state, decision=reasons)
    return _change(uow, begun, changed, "appeal_decided")


def claim_repair(uow: UnitOfWork, code: str, number: int, proof_sha256: str) -> StoredObject:
    """The body hands in proof that it put right what it had done."""
    begun = begin(uow, code, "claim_repair")
    require_body_or_operator(uow, code)
    violation = begun.participant.credit.violation(number)
    state = VIOLATION_LIFE.next(violation.state, "claim_repair")
    changed = replace(violation, state=state, repair_sha256=proof_sha256)
    return _change(uow, begun, changed, "repair_claimed")


def decide_repair(uow: UnitOfWork, code: str, number: int, *, repaired: bool, reasons: str) -> StoredObject:
    """Decides about a repair: the violation counts no more, or stays upheld."""
    begun = begin(uow, code, "decide_repair")
    violation = begun.participant.credit.violation(number)
    state = VIOLATION_LIFE.next(violation.state, "accept_repair" if repaired else "refuse_repair")
    changed = replace(violation, state=state, decision=reasons)
    return _change(uow, begun, changed, "repair_decided")


def _change(uow: UnitOfWork, begun: Begun, violation: Violation, event: str) -> StoredObject:
    return _finish(uow, begun, begun.participant.credit.with_violation(violation), event, violation)


def _finish(
    uow: UnitOfWork, begun: Begun, credit: CreditFile, event: str, violation: Violation | None = None
) -> StoredObject:
    data = {"score": credit.score, "level": credit.level, "limits": list(credit.limits)}
    if violation is not None:
        data |= {"violation": violation.number, "violation_state": violation.state}
    changed = replace(begun.participant, credit=credit)
    stored = finish(uow, begun, changed, event, data)
    if CLOSER_SUPERVISION in credit.limits and CLOSER_SUPERVISION not in begun.participant.credit.limits:
        uow.set_deadline(stored, RECHECK_DUTY, next_recheck(uow, changed), may_move_on=False)
    return stored
