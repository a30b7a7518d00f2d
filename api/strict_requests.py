"""Requests that could be read in two ways are refused, never guessed: a header or a query parameter twice, or an unknown one."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, get_args, get_origin

from fastapi import Depends, Request
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, QueryParams

from ledger.errors import InputError

_SHOWN_NAME: Final = re.compile(r"[A-Za-z_-]{1,32}")
"""What of an unknown name is said back: a word; no key, no number and nothing long is repeated."""


def only_value(headers: Headers, name: str) -> str | None:
    """The value of a header that may come once; None when it is not there.

    Raises:
        InputError: it comes twice, with whatever values: which one the sender meant cannot be known.
    """
    values = headers.getlist(name)
    if len(values) > 1:
        raise InputError(f"The header {name} comes {len(values)} times; send it once. Nothing was written.")
    return values[0] if values else None


def check_query(query: QueryParams, once: frozenset[str], many: frozenset[str] = frozenset()) -> None:
    """Refuses parameters that are in neither set, and those of ``once`` that come twice.

    Raises:
        InputError: names the parameter.
    """
    seen: set[str] = set()
    for name, _ in query.multi_items():
        if name not in once and name not in many:
            shown = name if _SHOWN_NAME.fullmatch(name) else "with another name"
            known = ", ".join(sorted(once | many)) or "none"
            raise InputError(f"There is no query parameter {shown} here; there are: {known}.")
        if name in seen and name in once:
            raise InputError(f"The query parameter {name} comes twice; send it once.")
        seen.add(name)


async def strict_query(request: Request) -> None:
    """Dependency of a route: only the query parameters that it declares, each once unless it is declared as a list.

    Raises:
        InputError: names the parameter.
    """
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)
    once, many = set[str](), set[str]()
    for field in _query_fields(route.dependant):
        (many if _is_list(field.field_info.annotation) else once).add(field.alias)
    check_query(request.query_params, frozenset(once), frozenset(many))


def _query_fields(dependant: Dependant) -> Iterator[ModelField]:
    """What the route and its dependencies declare."""
    yield from dependant.query_params
    for one in dependant.dependencies:
        yield from _query_fields(one)


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_origin(annotation) is list


STRICT_QUERY: Final = Depends(strict_query)
