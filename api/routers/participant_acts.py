"""Acts on a participant: one route an act, each a use case of ``ledger.services``.

All are edits, based on a revision (``If-Match``), which what stops a body need not name.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from api.container import Container
from api.dependencies import ContainerOf
from api.participant_views import standing_view
from api.schemas.participant_answers import StandingAnswer
from api.schemas.participants import (
    CODE,
    AppealViolation,
    ChangeQualification,
    ChangeRoles,
    ClaimRepair,
    DecideAppeal,
    DecideRepair,
    EnterViolation,
    Nothing,
    OfferedKey,
    PassRecheck,
    QualificationReport,
    RateParticipant,
    RevokeKey,
    Sm2KeyOnly,
    WithReasons,
    documents_of,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.participants import SqlBodies
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.adapters.working_days import OfficialCalendar
from ledger.services import participant_credit as credit
from ledger.services import participant_duties as duties
from ledger.services import participant_steps as steps
from ledger.services import participants
from ledger.services.business import StoredObject

router = APIRouter(tags=["participants"])

Code = Annotated[str, Path(pattern=CODE, description="Unified social credit code.")]


class Around(SqlBodies):
    """What an act may need beside the participant: the other bodies, and the calendar as it is now."""

    def __init__(self, connection: Connection, calendar: OfficialCalendar) -> None:
        super().__init__(connection)
        self.calendar = calendar


Run = Callable[[SqlUnitOfWork, str, Any, Around], StoredObject]


@dataclass(frozen=True, slots=True)
class Act:
    """One route: its summary, what is sent, the use case."""

    summary: str
    model: type[BaseModel]
    run: Run


ACTS: Final[dict[str, Act]] = {
    "accept-identity": Act(
        "First review: real-name facts hold",
        WithReasons,
        lambda u, c, m, _: participants.accept_identity(u, c, m.reasons),
    ),
    "accept-role": Act(
        "Second review: it may have its roles",
        WithReasons,
        lambda u, c, m, b: participants.accept_role(u, c, m.reasons, b),
    ),
    "accept-connector": Act(
        "Third review, where a connector is declared",
        WithReasons,
        lambda u, c, m, _: participants.accept_connector(u, c, m.reasons),
    ),
    "reject": Act("End the application", WithReasons, lambda u, c, m, _: participants.reject(u, c, m.reasons)),
    "approve": Act(
        "Put the qualification report on file",
        QualificationReport,
        lambda u, c, m, b: participants.approve(u, c, m.report(), b),
    ),
    "admit": Act("Propose the admission on the chain", Nothing, lambda u, c, _, b: steps.admit(u, c, b)),
    "suspend": Act("Propose a suspension", WithReasons, lambda u, c, m, b: steps.suspend(u, c, m.reasons, b)),
    "reinstate": Act(
        "Propose the end of a suspension", WithReasons, lambda u, c, m, b: steps.reinstate(u, c, m.reasons, b)
    ),
    "pass-recheck": Act(
        "Record a re-check that was passed",
        PassRecheck,
        lambda u, c, m, _: duties.pass_recheck(u, c, m.evidence_sha256),
    ),
    "fail-recheck": Act(
        "Record a re-check that failed: proposes a suspension",
        WithReasons,
        lambda u, c, m, b: duties.fail_recheck(u, c, m.reasons, b),
    ),
    "renew-qualification": Act(
        "Propose a renewed qualification",
        QualificationReport,
        lambda u, c, m, b: steps.renew_qualification(u, c, m.report(), b),
    ),
    "change-roles": Act(
        "Propose other ordinary roles", ChangeRoles, lambda u, c, m, b: steps.change_roles(u, c, tuple(m.roles), b)
    ),
    "change-qualification": Act(
        "Put other qualification documents on file",
        ChangeQualification,
        lambda u, c, m, b: duties.change_qualification(u, c, documents_of(m.documents), b, b.calendar),
    ),
    "acknowledge-change": Act(
        "A platform knows of a change of qualification", Nothing, lambda u, c, _, _b: duties.acknowledge_change(u, c)
    ),
    "add-key": Act(
        "Propose a new chain key",
        OfferedKey,
        lambda u, c, m, _: steps.add_key(u, c, m.address.lower(), tuple(m.purposes)),
    ),
    "revoke-key": Act(
        "Propose the end of a chain key",
        RevokeKey,
        lambda u, c, m, _: steps.revoke_key(u, c, m.address.lower(), m.reasons),
    ),
    "add-sm2-key": Act("Add an SM2 key", Sm2KeyOnly, lambda u, c, m, _: duties.add_sm2_key(u, c, m.public_key)),
    "revoke-sm2-key": Act("End an SM2 key", Sm2KeyOnly, lambda u, c, m, _: duties.revoke_sm2_key(u, c, m.public_key)),
    "depart": Act("Propose that the body leaves", WithReasons, lambda u, c, m, b: steps.depart(u, c, m.reasons, b)),
    "withdraw-step": Act(
        "Take back the step that waits for signatures", Nothing, lambda u, c, _, _b: steps.withdraw_step(u, c)
    ),
    "enter-violation": Act(
        "Enter a violation", EnterViolation, lambda u, c, m, _: credit.enter_violation(u, c, **m.model_dump())
    ),
    "rate": Act("Rate for a period", RateParticipant, lambda u, c, m, _: credit.rate(u, c, **m.model_dump())),
    "appeal": Act(
        "Contest a violation", AppealViolation, lambda u, c, m, _: credit.appeal(u, c, m.violation, m.grounds)
    ),
    "decide-appeal": Act(
        "Decide an appeal",
        DecideAppeal,
        lambda u, c, m, _: credit.decide_appeal(u, c, m.violation, lifted=m.lifted, reasons=m.reasons),
    ),
    "claim-repair": Act(
        "Show that a violation was put right",
        ClaimRepair,
        lambda u, c, m, _: credit.claim_repair(u, c, m.violation, m.proof_sha256),
    ),
    "decide-repair": Act(
        "Decide about a repair",
        DecideRepair,
        lambda u, c, m, _: credit.decide_repair(u, c, m.violation, repaired=m.repaired, reasons=m.reasons),
    ),
}
"""The last part of the route -> what it does."""

AT_ONCE: Final = frozenset({"suspend", "fail-recheck"})
"""Acts that need not name the revision (``participant_records.begin_at_once``)."""


def _endpoint(act: Act) -> Callable[[Request, Container, str], Coroutine[Any, Any, Response]]:
    async def endpoint(request: Request, container: ContainerOf, code: Code) -> Response:
        def use_case(uow: SqlUnitOfWork, command: BaseModel) -> Answer:
            stored = act.run(uow, code, command, Around(uow.connection, container.calendar.current()))
            return Answer(standing_view(uow.connection, stored, uow.now), revision=stored.revision)

        return await write(request, act.model, use_case)

    endpoint.__doc__ = f"{act.summary}. Answers where the participant then is."
    return endpoint


for _name, _act in ACTS.items():
    router.add_api_route(
        f"/v1/participants/{{code}}/{_name}",
        _endpoint(_act),
        methods=["POST"],
        name=f"participant_{_name.replace('-', '_')}",
        summary=_act.summary,
        responses={200: {"model": StandingAnswer}},
        dependencies=[STRICT_QUERY],
        openapi_extra=write_extra(_act.model, edits=True, at_once=_name in AT_ONCE),
    )
