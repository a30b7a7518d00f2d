"""Writes of the business flow: one strict JSON request, one use case, one transaction, one answer that a repeat gets again.

Every write carries an ``Idempotency-Key``; edits carry the revision that they are based on (``If-Match``) and answer with the new one
(``ETag``). Caller, role and kept answer are checked inside the transaction that writes, so a key that was revoked a moment ago, or a
second copy of the same request, cannot slip in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Generic, TypeVar, cast

import orjson
import psycopg.errors
from fastapi import Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from api.access import Admission, admit
from api.bodies import announced_bytes, read_body
from api.negotiation import media_type_of
from api.strict_requests import only_value
from ledger.adapters.sql import idempotency
from ledger.adapters.sql.idempotency import KeptAnswer
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import (
    IdempotencyKeyMissingError,
    InputError,
    UnavailableError,
    UnsupportedMediaTypeError,
)
from ledger.log.canonical import parse_json

BODY_BYTES_MAX: Final = 1 << 20
"""A business document is text that people write; files stay elsewhere, with their digests here."""

READ_TIMEOUT_S: Final = 30.0
ATTEMPTS: Final = 3
"""Two transactions that wait for each other: PostgreSQL ends one, and it begins anew."""

REPLAY_HEADER: Final = "Idempotent-Replay"

_KEY: Final = re.compile(r"[\x21-\x7e]{1,64}")
_ETAG: Final = re.compile(r'"([1-9][0-9]{0,17})"')

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

HEADERS: Final[list[dict[str, Any]]] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[\x21-\x7e]{1,64}$"},
        "description": "Your name for this write: a repeat with it gets the first answer and changes nothing.",
    }
]
"""For ``openapi_extra`` of a write."""

EDIT_HEADERS: Final[list[dict[str, Any]]] = [
    *HEADERS,
    {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[1-9][0-9]{0,17}"$'},
        "description": "The ETag of the revision that this edit is based on.",
    },
]
"""For ``openapi_extra`` of an edit."""

AT_ONCE_HEADERS: Final[list[dict[str, Any]]] = [
    *HEADERS,
    EDIT_HEADERS[-1]
    | {
        "required": False,
        "description": "The ETag of the revision that this is to be based on; without it, whatever it is.",
    },
]
"""For ``openapi_extra`` of an edit that whoever owns the object could hold off by changing it all the time."""


REQUEST_MODELS: Final[dict[str, type[BaseModel]]] = {}
"""Every request body that ``write`` reads, by name: the framework does not see them, the OpenAPI document needs them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers.

    Args:
        value: the JSON object.
        status: 200, 201 or 202.
        revision: of the object in it, for the ETag; None when there is none.
        headers: others.
    """

    value: Mapping[str, Any]
    status: int = 200
    revision: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def write_extra(model: type[BaseModel], *, edits: bool = False, at_once: bool = False) -> dict[str, Any]:
    """``openapi_extra`` of a route that ``write`` serves; ``at_once``: an edit that need not name the revision."""
    REQUEST_MODELS[model.__name__] = model
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {
        "parameters": AT_ONCE_HEADERS if at_once else EDIT_HEADERS if edits else HEADERS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": reference}}},
    }


def question_extra(model: type[BaseModel]) -> dict[str, Any]:
    """``openapi_extra`` of a route that only asks, by POST."""
    REQUEST_MODELS[model.__name__] = model
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def etag(revision: int) -> str:
    """The ETag of a revision."""
    return f'"{revision}"'


async def write(request: Request, model: type[M], use_case: Callable[[SqlUnitOfWork, M], Answer]) -> Response:
    """Runs a use case for the caller of this request; returns its answer, or the one that an earlier copy of the request got.

    Raises:
        LedgerError: whatever refuses it; then nothing was written.
    """
    sent = await _receive(request, model)
    return await _write(sent, lambda uow: use_case(uow, sent.command))


async def write_after(
    request: Request,
    model: type[M],
    look: Callable[[SqlUnitOfWork], T],
    use_case: Callable[[SqlUnitOfWork, M, T], Answer],
) -> Response:
    """As ``write``, of a use case that first looks for something at length, in a transaction that only reads and holds nobody up.

    Args:
        request: of the caller.
        model: of its body.
        look: gives what was found, or refuses. It is not called for a repeat, which gets its first answer.
        use_case: takes what was found, which may be otherwise by then.

    Raises:
        LedgerError: as ``write``.
    """
    sent = await _receive(request, model)
    container = sent.admission.container

    def looked(connection: Connection) -> tuple[KeptAnswer, None] | tuple[None, T]:
        actor = sent.admission.check(connection).actor
        preparer = container.open_log(connection).preparer
        kept = idempotency.kept_answer(connection, preparer, actor.account_id, sent.key, sent.digest)
        if kept is not None:
            return kept, None
        return None, look(SqlUnitOfWork(connection, preparer, actor, contracts=container.contracts))

    kept, found = await container.read(looked)
    if kept is not None:
        return _response(kept, {REPLAY_HEADER: "true"})
    return await _write(sent, lambda uow: use_case(uow, sent.command, cast("T", found)))


@dataclass(frozen=True, slots=True)
class _Sent(Generic[M]):
    """A write as it was received: by whom, and what."""

    admission: Admission
    command: M
    key: str
    revision: int | None
    digest: bytes


async def _receive(request: Request, model: type[M]) -> _Sent[M]:
    admission = await admit(request)
    container = admission.container
    key, revision = idempotency_key_of(request), _revision(request)
    async with container.budget.reserve(announced_bytes(request, BODY_BYTES_MAX)) as reservation:
        raw = await read_body(request, BODY_BYTES_MAX, reservation, READ_TIMEOUT_S)
    command = parse_command(request, model, raw)
    await admission.use_signature(raw)
    await container.history.require_current()
    target = request.url.path + ("?" + request.url.query if request.url.query else "")
    digest = idempotency.request_digest(request.method, target, only_value(request.headers, "If-Match"), raw)
    return _Sent(admission, command, key, revision, digest)


async def _write(sent: _Sent[M], use_case: Callable[[SqlUnitOfWork], Answer]) -> Response:
    admission, key, digest = sent.admission, sent.key, sent.digest
    container = admission.container

    def transaction(connection: Connection) -> Response:
        actor = admission.check(connection).actor
        preparer = container.open_log(connection).preparer
        kept = idempotency.find_answer(connection, preparer, actor.account_id, key, digest)
        if kept is not None:
            return _response(kept, {REPLAY_HEADER: "true"})
        uow = SqlUnitOfWork(connection, preparer, actor, contracts=container.contracts, revision=sent.revision)
        answer = use_case(uow)
        headers = dict(answer.headers) | ({} if answer.revision is None else {"ETag": etag(answer.revision)})
        kept = KeptAnswer(answer.status, headers, orjson.dumps(answer.value))
        idempotency.keep_answer(connection, preparer, account=actor.account_id, key=key, digest=digest, answer=kept)
        return _response(kept, {})

    for _ in range(ATTEMPTS):
        try:
            return await container.write(transaction)
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
                raise
    raise UnavailableError("Others change the same objects; nothing was written. Retry later.")


def parse_command(request: Request, model: type[M], raw: bytes) -> M:
    """The body as the model, read strictly: one JSON value in UTF-8, no doubled keys, no types that merely look alike.

    Raises:
        InputError: names the members that are wrong and never what they hold.
    """
    if media_type_of(request.headers) != "application/json":
        raise UnsupportedMediaTypeError("Send application/json.")
    if only_value(request.headers, "Content-Encoding") not in (None, "identity"):
        raise UnsupportedMediaTypeError("Send it without a content encoding.")
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise InputError("The request body is not a JSON object. Nothing was written.")
    if b"\\u0000" in raw and has_null_character(value):
        raise InputError("A text holds U+0000, which no text of a document has. Nothing was written.")
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        items = error.errors(include_input=False, include_url=False, include_context=False)
        wrong = sorted({f"{_place(model, item['loc'])}: {item['msg']}" for item in items})
        raise InputError(f"{'; '.join(wrong)[:500]}. Nothing was written.") from None


def has_null_character(value: Any) -> bool:
    """Whether any text or member name holds U+0000: the database keeps none. The parser has bounded the depth."""
    if isinstance(value, dict):
        return any(has_null_character(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(map(has_null_character, value))
    return isinstance(value, str) and "\x00" in value


def _place(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Where a member is, by names of ours only: a name that the sender made up is not repeated."""
    known = _member_names(model)
    return ".".join(str(part) if isinstance(part, int) or part in known else "(member)" for part in location) or "body"


@cache
def _member_names(model: type[BaseModel]) -> frozenset[str]:
    schema = model.model_json_schema()
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for part in parts for name in part.get("properties", {}))


def idempotency_key_of(request: Request) -> str:
    """The caller's name of a write. Raises ``IdempotencyKeyMissingError`` when there is none."""
    key = only_value(request.headers, "Idempotency-Key")
    if key is None or _KEY.fullmatch(key) is None:
        raise IdempotencyKeyMissingError(
            "Send an Idempotency-Key of 1 to 64 visible ASCII characters: your name for this write, the same when you repeat it."
            " Nothing was written."
        )
    return key


def _revision(request: Request) -> int | None:
    value = only_value(request.headers, "If-Match")
    if value is None:
        return None
    match = _ETAG.fullmatch(value)
    if match is None:
        raise InputError('If-Match is one ETag of this object, such as "3". Nothing was written.')
    return int(match[1])


def _response(kept: KeptAnswer, more: dict[str, str]) -> Response:
    return Response(kept.content, kept.status, {**kept.headers, **more}, media_type="application/json")
