"""Reports of performance: kept as evidence, told of when something went wrong, counted where the agreement ends by it.

Object: ``execution_report``, made once and never changed; its texts are sealed. A report is named by the agreement, its reporter and what it
says, so the same one sent again is the same object.
"""

from hashlib import sha256
from typing import Any, Final

from ledger.bundle.agreement_papers import REPORT, paper_digest
from ledger.domain.agreement_status import AGREEMENT_LIFE, Ground
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.execution_report import KIND, TOLD, ExecutionReport, Outcome
from ledger.domain.records import to_json
from ledger.errors import AccessError, ConflictError, InputError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import parse_time
from ledger.services.agreement_endings import BREACHES, end_alone
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.agreement_objects import disclosed_of, move_agreement
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.notices import notify

EVENT: Final = "org.cityledger.execution_report.made.v1"
_SEALED: Final = ("result", "details")


def report_execution(uow: UnitOfWork, agreement_id: str, report: ExecutionReport) -> StoredObject:
    """A report of one of the agreement's execution nodes; also a late one, about a time before the end.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        AccessError: none of its nodes is the actor's.
        ConflictError: it was never filed, so nothing is performed.
        InputError: the report is of a time to come, or before the agreement was there.
    """
    agreement = uow.get(AGREEMENT, agreement_id)
    reporter = participant_of(uow.actor)
    if reporter not in _owners(agreement):
        raise AccessError("A body with an execution node of the agreement reports. Nothing was changed.")
    name = report_name(agreement_id, reporter, report)
    known = uow.peek(KIND, name)
    if known is not None:
        return known
    if agreement.document["filed"] is None:
        raise ConflictError("The agreement was not filed, so there is no performance to report. Nothing was changed.")
    if not agreement.created_at <= parse_time(report.reported_at) <= uow.now:
        raise InputError("reported_at is a time from the agreement's making until now. Nothing was changed.")
    made = _make(uow, agreement, name, reporter, report)
    if report.outcome in TOLD:
        others = [code for code in agreement.parties if code != reporter]
        notify(uow, made, "performance_deviates", others, outcome=report.outcome, agreement_id=agreement_id)
    changed = _counted(uow, agreement) if report.outcome == Outcome.BREACH else agreement
    document = made.document
    said = {name: document[name] for name in ("agreement_id", "reporter", "outcome", "strategy_id", "report_digest")}
    uow.record(EVENT, {"report_id": made.object_id, **said}, subject=agreement_id)
    if _has_broken_down(changed):
        end_alone(uow, changed, Ground.RULE, BREACHES)
    return made


def report_name(agreement_id: str, reporter: str, report: ExecutionReport) -> str:
    """How a report is named: 40 hex digits."""
    said = {"agreement_id": agreement_id, "reporter": reporter, **to_json(report)}
    return sha256(b"cityledger/v1/execution-report-name\n" + encode_jcs(said)).hexdigest()[:40]


def _owners(agreement: StoredObject) -> set[str]:
    nodes = [party["node_id"] for party in agreement.document["disclosed"]["parties"]]
    return {parse_national_code(node, CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE).subject for node in nodes}


def _make(uow: UnitOfWork, agreement: StoredObject, name: str, reporter: str, report: ExecutionReport) -> StoredObject:
    said: dict[str, Any] = to_json(report)
    document = {
        "agreement_id": agreement.object_id,
        "reporter": reporter,
        **{member: value for member, value in said.items() if member not in _SEALED},
        "report_digest": paper_digest(REPORT, salt_of_ids(agreement), said).hex(),
    }
    parties = tuple(dict.fromkeys((reporter, *agreement.parties)))
    made = uow.create(KIND, name, state="made", parties=parties, document=document, act="make")
    uow.put_private(made, {member: said[member] for member in _SEALED})
    return made


def _counted(uow: UnitOfWork, agreement: StoredObject) -> StoredObject:
    """The agreement with one more breach, while it is performed."""
    if "report_breach" not in AGREEMENT_LIFE.allowed(agreement.state):
        return agreement
    count = agreement.document.get("breach_reports", 0) + 1
    return move_agreement(uow, agreement, "report_breach", {"breach_reports": count})


def _has_broken_down(agreement: StoredObject) -> bool:
    limit = disclosed_of(agreement).end_limit("breach_reports")
    is_live = "end_by_rule" in AGREEMENT_LIFE.allowed(agreement.state)
    return is_live and limit is not None and agreement.document.get("breach_reports", 0) >= limit
