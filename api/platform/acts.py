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


def extra(model: type[BaseModel]) -> dict[str, Any]:
    """``openapi_extra`` of a route that writes an act."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {"required": True, "content": {"application/json": {"schema": reference}}}
    return {"parameters": HEADERS, "requestBody": body}


@router.post(
    "/v1/final-reviews",
    summary="Review an application",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(FinalReview),
)
async def post_final_review(request: Request, container: ContainerOf, account: Handler) -> Response:
    """The final review: approves it, hands it on to the line authority that the first review named, or refuses it."""

    def act(books: SqlBooks, us: str, new: NewAct, said: FinalReview) -> Act:
        findings = [finding.model_dump() for finding in said.findings]
        return platform_acts.review_application(books, us, new, said.application_id, findings)

    return await _write(request, container, account, FinalReview, act)


@router.post(
    "/v1/authorisations", summary="Grant a list", status_code=202, responses=ANSWER, openapi_extra=extra(Grant)
)
async def post_authorisation(request: Request, container: ContainerOf, account: Handler) -> Response:
    """The authorisation list of an approved application."""

    def act(books: SqlBooks, us: str, new: NewAct, said: Grant) -> Act:
        listed = said.model_dump(exclude={"application_id"})
        return platform_acts.grant(books, us, new, said.application_id, listed)

    return await _write(request, container, account, Grant, act)


@router.post(
    "/v1/authorisation-suspensions",
    summary="Suspend an authorisation",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(SuspendAuthorisation),
)
async def post_suspension(request: Request, container: ContainerOf, account: Handler) -> Response:
    """No token of it is spent until it is resumed."""

    def act(books: SqlBooks, us: str, new: NewAct, said: SuspendAuthorisation) -> Act:
        return platform_decisions.suspend(books, us, new, said.authorisation_id, _violation(said))

    return await _write(request, container, account, SuspendAuthorisation, act)


@router.post(
    "/v1/authorisation-resumptions",
    summary="Resume an authorisation",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(ResumeAuthorisation),
)
async def post_resumption(request: Request, container: ContainerOf, account: Handler) -> Response:
    """One that is suspended."""

    def act(books: SqlBooks, us: str, new: NewAct, said: ResumeAuthorisation) -> Act:
        return platform_decisions.resume(books, us, new, said.authorisation_id, said.reasons)

    return await _write(request, container, account, ResumeAuthorisation, act)


@router.post(
    "/v1/authorisation-withdrawals",
    summary="Withdraw an authorisation for a violation",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(WithdrawAuthorisation),
)
async def post_withdrawal(request: Request, container: ContainerOf, account: Handler) -> Response:
    """For good; every token of it ends."""

    def act(books: SqlBooks, us: str, new: NewAct, said: WithdrawAuthorisation) -> Act:
        return platform_decisions.withdraw(books, us, new, said.authorisation_id, _violation(said))

    return await _write(request, container, account, WithdrawAuthorisation, act)


@router.post(
    "/v1/authorisation-widenings",
    summary="Grant a widening",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(WidenAuthorisation),
)
async def post_widening(request: Request, container: ContainerOf, account: Handler) -> Response:
    """What its holder asked for at the trading platform, stated here."""

    def act(books: SqlBooks, us: str, new: NewAct, said: WidenAuthorisation) -> Act:
        widening = said.model_dump(include={"number", "items"})
        return platform_decisions.widen(books, us, new, said.authorisation_id, widening, reasons=said.reasons)

    return await _write(request, container, account, WidenAuthorisation, act)


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


@router.post(
    "/v1/usage-token-revocations",
    summary="Revoke a usage token",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(RevokeToken),
)
async def post_revocation(request: Request, container: ContainerOf, account: Handler) -> Response:
    """Ends a token that this platform issued."""

    def act(books: SqlBooks, us: str, new: NewAct, said: RevokeToken) -> Act:
        return platform_acts.revoke_token(books, us, new, said.token_id, said.reasons)

    return await _write(request, container, account, RevokeToken, act)


@router.post(
    "/v1/filings",
    summary="File an agreement here",
    status_code=202,
    responses=ANSWER,
    openapi_extra=extra(FileAgreement),
)
async def post_filing(request: Request, container: ContainerOf, account: Handler) -> Response:
    """On this platform's side, after its own arithmetic; one that is not filed at the trading platform yet is filed there too."""

    def act(books: SqlBooks, us: str, new: NewAct, said: FileAgreement) -> Act:
        return platform_acts.file_agreement(books, us, new, said.agreement_id)

    return await _write(request, container, account, FileAgreement, act)


def _violation(said: SuspendAuthorisation) -> dict[str, str]:
    return said.model_dump(exclude={"authorisation_id"})


async def _write(
    request: Request,
    container: PlatformContainer,
    account: str,
    model: type[M],
    use_case: Callable[[SqlBooks, str, NewAct, M], Act],
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
