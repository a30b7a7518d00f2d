"""Answers to reads."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import read_as_caller
from api.writes import etag


def json_response(value: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """An answer of a read."""
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")


async def read_with_etag(request: Request, query: Callable[[Connection, Caller], dict[str, Any]]) -> Response:
    """What a query finds for the caller, with its ``revision`` as ETag, which a write of it names in If-Match.

    Raises:
        As ``read_as_caller``, and what the query raises.
    """
    value = await read_as_caller(request, query)
    return json_response(value, {"ETag": etag(value["revision"])})
