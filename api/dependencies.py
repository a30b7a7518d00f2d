"""What routers ask for: the container, and the caller of a read."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection

from api.access import Admission, admit
from api.authentication import Caller
from api.container import Container
from ledger.adapters.sql.access_evidence import record_read
from ledger.errors import LedgerError

T = TypeVar("T")


async def container_of(request: Request) -> Container:
    """The container of this process; not a plain function, because the framework runs those on a thread."""
    container = request.app.state.container
    assert isinstance(container, Container)
    return container


ContainerOf = Annotated[Container, Depends(container_of)]


async def read_as_caller(request: Request, query: Callable[[Connection, Caller], T], body: bytes = b"") -> T:
    """Runs a query for the caller of this request, after checking credential, role and level on the same connection.

    ``body`` is what was sent with a question that is asked by POST, as a request's signature covers it.
    A read by a regulator or auditor is recorded in the transaction that reads: what cannot be recorded is not answered.

    Raises:
        AccessError: no valid credential, or a role or level that may not use this route.
        UnavailableError: the database is away.
    """
    admission = await admit(request)
    await admission.use_signature(body)
    if admission.caller.is_watched:
        return await _watched_read(admission, query)

    def checked(connection: Connection) -> tuple[T] | None:
        caller = admission.check(connection)
        return None if caller.is_watched else (query(connection, caller),)

    found = await admission.container.read(checked)
    # None: its roles changed between two looks. Then it begins anew as what it is now.
    return await _watched_read(admission, query) if found is None else found[0]


async def _watched_read(admission: Admission, query: Callable[[Connection, Caller], T]) -> T:
    container, request = admission.container, admission.request
    await container.history.require_current()

    def recorded(connection: Connection) -> T | LedgerError:
        caller = admission.check(connection)
        outcome: T | LedgerError
        try:
            outcome = query(connection, caller)
        except LedgerError as error:  # that there is nothing is an answer too
            outcome = error
        record_read(
            connection,
            container.open_log(connection).preparer,
            account=caller.actor.account_id,
            roles=caller.actor.roles,
            route=admission.route[1],
            path=request.url.path,
            query=request.url.query,
            refusal=outcome.code if isinstance(outcome, LedgerError) else None,
        )
        return outcome

    outcome = await container.write(recorded)
    if isinstance(outcome, LedgerError):
        raise outcome
    return outcome
