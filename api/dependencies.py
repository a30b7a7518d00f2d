"""What routers ask for: the container, and the caller of a read."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection

from api.authentication import Caller, api_key_of, require_role
from api.container import Container
from api.roles import MATRIX

T = TypeVar("T")


async def container_of(request: Request) -> Container:
    """The container of this process; not a plain function, because the framework runs those on a thread."""
    return _container(request)


def _container(request: Request) -> Container:
    container = request.app.state.container
    assert isinstance(container, Container)
    return container


ContainerOf = Annotated[Container, Depends(container_of)]


async def read_as_caller(request: Request, query: Callable[[Connection, Caller], T]) -> T:
    """Runs a query for the caller of this request, after checking key and role on the same connection.

    Raises:
        AccessError: no valid key, or a role that may not use this route.
        UnavailableError: the database is away.
    """
    container = _container(request)
    api_key = api_key_of(request.headers)
    roles = MATRIX[request.method, request.scope["route"].path]

    def checked(connection: Connection) -> T:
        caller = container.authenticator.check(connection, api_key)
        require_role(caller, roles)
        return query(connection, caller)

    return await container.read(checked)
