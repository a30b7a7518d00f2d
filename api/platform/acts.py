"""Acting in the platform's name: every request writes one act into the books (202), which is then sent until it is answered.

Each carries an ``Idempotency-Key``: a repeat is answered as the first one was; how the act stands by then is asked at its ``Location``.
"""

import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, TypeVar

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.bodies import announced_bytes, read_body
from api.platform.access import ContainerOf, Handler
from api.platform.answers import act_value
from api.platform.container import BODY_BYTES_MAX, PlatformContainer
from api.platform.schemas import (
    ActAnswer,
    FileAgreement,
    FinalReview,
    Grant,
    IssueToken,
    ResumeAuthorisation,
    RevokeToken,
    SuspendAuthorisation,
    WidenAuthorisation,
    WithdrawAuthorisation,
)
from api.strict_requests import STRICT_QUERY
from api.writes import HEADERS, REPLAY_HEADER, idempotency_key_of, parse_command
from ledger.adapters.platform.books import SqlBooks
from ledger.adapters.platform.reading import keep_answer, kept_answer, read_act
from ledger.services import platform_acts, platform_decisions
from ledger.services.platform_acts import NewAct, TokenWish
from ledger.services.platform_ports import Act

router = APIRouter(tags=["acts"], dependencies=[STRICT_QUERY])

READ_TIMEOUT_S: Final = 30.0
REQUEST_MODELS: Final[dict[str, type[BaseModel]]] = {
    model.__name__: model
    for model in (
        FinalReview,
        Grant,
        SuspendAuthorisation,
        ResumeAuthorisation,
        WithdrawAuthorisation,
        WidenAuthorisation,
        IssueToken,
        RevokeToken,
        FileAgreement,
    )
}
ANSWER: Final[dict[int | str, dict[str, Any]]] = {202: {"model": ActAnswer}}

M = TypeVar("M", bound=BaseModel)
UseCase = Callable[[SqlBooks, str, NewAct, M], Act]
"""Books, subject code of this platform, the act, and what was sent."""


def extra(model: type[BaseModel]) -> dict[str, Any]:
    """``openapi_extra`` of a route that writes an act."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {"required": True, "content": {"application/json": {"schema": reference}}}
    return {"parameters": HEADERS, "requestBody": body}


def _acting(path: str, summary: str, model: type[M]) -> Callable[[UseCase[M]], UseCase[M]]:
    """Serves a use case at a path, under its own name and with its own words."""

    def serve(use_case: UseCase[M]) -> UseCase[M]:
        @router.post(
            path,
            name=use_case.__name__,
            summary=summary,
            description=use_case.__doc__,
            status_code=202,
            responses=ANSWER,
            openapi_extra=extra(model),
        )
        async def post(request: Request, container: ContainerOf, account: Handler) -> Response:
            return await _write(request, container, account, model, use_case)

        return use_case

    return serve


@_acting("/v1/final-reviews", "Review an application", FinalReview)
def post_final_review(books: SqlBooks, us: str, new: NewAct, said: FinalReview) -> Act:
    """The final review: approves it, hands it on to the line authority that the first review named, or refuses it."""
    findings = [finding.model_dump() for finding in said.findings]
    return platform_acts.review_application(books, us, new, said.application_id, findings)


@_acting("/v1/authorisations", "Grant a list", Grant)
def post_authorisation(books: SqlBooks, us: str, new: NewAct, said: Grant) -> Act:
    """The authorisation list of an approved application."""
    listed = said.model_dump(exclude={"application_id"})
    return platform_acts.grant(books, us, new, said.application_id, listed)


@_acting("/v1/authorisation-suspensions", "Suspend an authorisation", SuspendAuthorisation)
def post_suspension(books: SqlBooks, us: str, new: NewAct, said: SuspendAuthorisation) -> Act:
    """No token of it is spent until it is resumed."""
    return platform_decisions.suspend(books, us, new, said.authorisation_id, _violation(said))


@_acting("/v1/authorisation-resumptions", "Resume an authorisation", ResumeAuthorisation)
def post_resumption(books: SqlBooks, us: str, new: NewAct, said: ResumeAuthorisation) -> Act:
    """One that is suspended."""
    return platform_decisions.resume(books, us, new, said.authorisation_id, said.reasons)


@_acting("/v1/authorisation-withdrawals", "Withdraw an authorisation for a violation", WithdrawAuthorisation)
def post_withdrawal(books: SqlBooks, us: str, new: NewAct, said: WithdrawAuthorisation) -> Act:
    """For good; every token of it ends."""
    return platform_decisions.withdraw(books, us, new, said.authorisation_id, _violation(said))


@_acting("/v1/authorisation-widenings", "Grant a widening", WidenAuthorisation)
def post_widening(books: SqlBooks, us: str, new: NewAct, said: WidenAuthorisation) -> Act:
    """What its holder asked for at the trading platform, stated here."""
    widening = said.model_dump(include={"number", "items"})
    return platform_decisions.widen(books, us, new, said.authorisation_id, widening, reasons=said.reasons)


@router.post(
    "/v1/usage-tokens",
    summary="Issue a usage token",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(IssueToken),
)
async def post_usage_token(request: Request, container: ContainerOf, account: Handler) -> Response:
    """Stated and signed by this platform's own key; its text is in no answer and is read by its holder at the trading platform."""

    def act(books: SqlBooks, us: str, new: NewAct, said: IssueToken) -> Act:
        stated: Mapping[str, Any] = said.model_dump(exclude={"authorisation_id", "fields"})
        token_id = f"tok-{secrets.token_hex(16)}"
        wish = TokenWish(token_id=token_id, authorisation=said.authorisation_id, fields=tuple(said.fields), **stated)
        return platform_acts.issue_token(books, us, new, wish, container.keys.sign)

    return await _write(request, container, account, IssueToken, act)


@_acting("/v1/usage-token-revocations", "Revoke a usage token", RevokeToken)
def post_revocation(books: SqlBooks, us: str, new: NewAct, said: RevokeToken) -> Act:
    """Ends a token that this platform issued."""
    return platform_acts.revoke_token(books, us, new, said.token_id, said.reasons)


@_acting("/v1/filings", "File an agreement here", FileAgreement)
def post_filing(books: SqlBooks, us: str, new: NewAct, said: FileAgreement) -> Act:
    """On this platform's side, after its own arithmetic; one that is not filed at the trading platform yet is filed there too."""
    return platform_acts.file_agreement(books, us, new, said.agreement_id)


def _violation(said: SuspendAuthorisation) -> dict[str, str]:
    return said.model_dump(exclude={"authorisation_id"})


async def _write(
    request: Request,
    container: PlatformContainer,
    account: str,
    model: type[M],
    use_case: UseCase[M],
) -> Response:
    key = idempotency_key_of(request)
    async with container.budget.reserve(announced_bytes(request, BODY_BYTES_MAX)) as reservation:
        raw = await read_body(request, BODY_BYTES_MAX, reservation, READ_TIMEOUT_S)
    said = parse_command(request, model, raw)
    digest = sha256(request.url.path.encode() + b"\n" + raw).digest()

    def work(books: SqlBooks) -> tuple[str, bytes, bool]:
        kept = kept_answer(books.connection, account, key, digest)
        if kept is not None:
            act_id, answer = kept
            return act_id, answer or orjson.dumps(act_value(read_act(books.connection, act_id))), True
        new = NewAct(f"act-{secrets.token_hex(16)}", account)
        act = use_case(books, container.settings.subject_code, new, said)
        answer = orjson.dumps(act_value(act))
        keep_answer(books.connection, (account, key), digest, act.act_id, answer)
        return act.act_id, answer, False

    act_id, answer, is_replay = await container.write(work)
    headers = {"Location": f"/v1/acts/{act_id}", **({REPLAY_HEADER: "true"} if is_replay else {})}
    return Response(answer, 202, headers, media_type="application/json")
