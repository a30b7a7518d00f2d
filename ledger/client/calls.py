"""Calls of the business API as values: what to send and how to read the answer, made once and run by a sync or an async client.

A write carries its Idempotency-Key from the moment it is made. Running the same call again, by whichever client, in whichever process,
is the same write: the service answers it as it did the first time.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import orjson

from ledger.client.transport import Response
from ledger.errors import MalformedEvidenceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request and the reader of its answer."""

    method: str
    path: str
    read: Callable[[Response], T]
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """A business object as the service shows it.

    Args:
        value: the JSON object.
        revision: what an edit is based on; None when the answer has no ETag.
        is_replay: whether this is the answer to an earlier copy of the same write.
    """

    value: Mapping[str, Any]
    revision: int | None
    is_replay: bool = False

    @property
    def state(self) -> str:
        """Its state."""
        return str(self.value["state"])


@dataclass(frozen=True, slots=True)
class RemotePage:
    """A page of a list; ``next_cursor`` is None at the end."""

    items: list[Mapping[str, Any]]
    next_cursor: str | None


Parameter = str | Sequence[str] | None
"""A query parameter: None leaves it out, several values repeat it."""


def get_object(path: str, **query: Parameter) -> Call[RemoteObject]:
    """Reads one object."""
    return Call("GET", path, _object, _pairs(query))


def get_bytes(path: str, **query: Parameter) -> Call[bytes]:
    """Reads something that is no JSON object, byte for byte."""
    return Call("GET", path, lambda response: response.body, _pairs(query))


def get_page(
    path: str, *, cursor: str | None = None, limit: int | None = None, **filters: Parameter
) -> Call[RemotePage]:
    """Reads a page of a list."""
    pairs = {**filters, "cursor": cursor, "limit": None if limit is None else str(limit)}
    return Call("GET", path, _page, _pairs(pairs))


def post_object(
    path: str,
    content: Mapping[str, Any] | bytes,
    query: tuple[tuple[str, str], ...] = (),
    *,
    media_type: str = "application/json",
) -> Call[RemoteObject]:
    """Asks by POST for something that a repeat does not change; bytes are sent as they are."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Call("POST", path, _object, query, body, {"Content-Type": media_type})


def write_object(
    path: str,
    content: Mapping[str, Any],
    *,
    revision: int | None = None,
    idempotency_key: str | None = None,
    method: str = "POST",
) -> Call[RemoteObject]:
    """Writes one object.

    Args:
        path: of the route.
        content: the request's JSON object.
        revision: the revision that an edit is based on.
        idempotency_key: the caller's own name of this write; a fresh one unless given. Keep it, and a repeat after a crash changes
            nothing.
        method: of the route.
    """
    headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key or str(uuid.uuid4())}
    if revision is not None:
        headers["If-Match"] = f'"{revision}"'
    return Call(method, path, _object, body=orjson.dumps(content), headers=headers)


def segment(name: str) -> str:
    """A name as one segment of a path: codes may hold characters that mean something there."""
    return quote(name, safe="")


def _pairs(query: Mapping[str, Parameter]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        values = () if value is None else (value,) if isinstance(value, str) else value
        found += [(name, one) for one in values]
    return tuple(found)


def _object(response: Response) -> RemoteObject:
    value = response.json()
    if not isinstance(value, dict):
        raise MalformedEvidenceError("the answer is no object")
    tag = response.headers.get("etag", "").strip('"')
    return RemoteObject(value, int(tag) if tag.isdecimal() else None, "idempotent-replay" in response.headers)


def _page(response: Response) -> RemotePage:
    value = response.json()
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise MalformedEvidenceError("the answer is no page of a list")
    return RemotePage(value["items"], value.get("next_cursor"))
