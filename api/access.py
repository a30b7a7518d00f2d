"""The one way in: every route that is not public goes through ``admit``, which says who is calling and whether that may be.

The order is fixed: credential, its first use (``logins``), role and level by the matrix, request signature. What is decided from memory is
decided again by ``Admission.check`` in the transaction that does the work.
"""

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final

from fastapi import Request
from sqlalchemy import Connection
from starlette.types import Scope

from api.authentication import API_KEY_PREFIX, Caller, Credential, credential_text
from api.container import Container
from api.logins import record_login
from api.metrics import ROUTE_LABEL
from api.roles import ACCOUNT_MANAGEMENT, MATRIX, READING_POSTS
from api.strict_requests import only_value
from ledger.adapters.oidc.tokens import TokenIdentity, TokenTimeError
from ledger.adapters.sql import request_sequences
from ledger.adapters.sql.access_evidence import Attempt, hour_of
from ledger.adapters.sql.accounts import account_of_subject
from ledger.domain.roles import level_allows
from ledger.domain.signed_requests import HEADERS, RequestSignature, parse_request_signature
from ledger.errors import (
    AccessError,
    InvalidRequestSignatureError,
    LedgerError,
    RequestReplayedError,
)
from ledger.services.signed_requests import check_request_signature

CALLER: Final = "cityledger.caller"
"""Key in an ASGI scope: the caller of the request, once it is known."""

_SIGNATURE_HEADERS: Final = frozenset(name.lower().encode() for name in HEADERS)


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that was let in.

    Args:
        request: itself.
        container: of this process.
        route: (method, path template), as the matrix has it.
        credential: what was presented; a token is verified.
        caller: by memory or by the database of a moment ago.
        signature: of the request, unchecked until ``use_signature``; None when it is not signed.
    """

    request: Request
    container: Container
    route: tuple[str, str]
    credential: Credential
    caller: Caller
    signature: RequestSignature | None

    def check(self, connection: Connection) -> Caller:
        """The caller by the tables as they are in this transaction.

        Raises:
            AccessError: revoked, expired, withdrawn, or not allowed here any more.
        """
        caller = self.container.authenticator.check(connection, self.credential)
        self.request.scope[CALLER] = caller
        require_access(caller, *self.route)
        return caller

    async def use_signature(self, body: bytes) -> None:
        """Checks the request's signature over its body, and uses its sequence number up; does nothing for an unsigned request.

        That is committed before the request's own work: a copy of a request that failed must not succeed later.

        Raises:
            InvalidRequestSignatureError: it does not verify, or its time is off.
            RequestReplayedError: its sequence number was used before.
        """
        signature = self.signature
        if signature is None:
            return
        container = self.container
        now, window_s = container.clock.now(), container.settings.request_window_s
        check_request_signature(
            signature,
            keys=self.caller.sm2_keys,
            origin=(await container.log()).identity.origin,
            method=self.request.method,
            target=_target(self.request.scope),
            body=body,
            now_ms=int(now.timestamp() * 1000),
            window_ms=int(window_s * 1000),
        )
        account, forget_before = self.caller.actor.account_id, now - timedelta(seconds=2 * window_s)

        def use(connection: Connection) -> bool:
            return request_sequences.use(connection, account, signature.sequence_num, now, forget_before)

        if not await container.write(use):
            raise RequestReplayedError(
                "A request with this sequenceNum was taken before. Nothing was written; sign a new request with a new one."
            )


def require_access(caller: Caller, method: str, route: str) -> None:
    """Holds role and account level against the matrix.

    Raises:
        AccessError: its roles, or its level, may not do this.
    """
    allowed, actor = MATRIX[method, route], caller.actor
    if not actor.roles & allowed:
        raise AccessError(
            f"The role {', '.join(sorted(actor.roles))} may not do this; those of {', '.join(sorted(allowed))} may."
        )
    is_management = (method, route) in ACCOUNT_MANAGEMENT
    is_read = (method, route) in READING_POSTS
    if not level_allows(actor.level, method, is_account_management=is_management, is_read=is_read):
        raise AccessError(
            f"An account of the level {actor.level} may not do this: a viewer reads, a handler also writes, an admin also"
            " manages accounts."
        )


async def admit(request: Request, route: tuple[str, str] | None = None) -> Admission:
    """Who is calling, and whether that may be; ``route`` where the framework's routing was not asked.

    Raises:
        UnauthenticatedError: no valid credential, or an unsigned request of an account that signs.
        AccessError: role or level do not allow it.
        UnavailableError: a database or an issuer that is needed is away.
    """
    container = request.app.state.container
    assert isinstance(container, Container)
    method, path = route or (request.method, request.scope["route"].path)
    method = "GET" if method == "HEAD" else method
    credential = await _credential(container, request)
    caller = container.authenticator.remembered(credential)
    if caller is None or not _is_allowed(caller, method, path):  # what is remembered may be old
        caller = await container.read(lambda connection: container.authenticator.check(connection, credential))
    request.scope[CALLER] = caller
    await record_login(container, caller, credential, network_of(request.scope))
    require_access(caller, method, path)
    signature = _signature(request)
    if signature is None and caller.signs_requests:
        raise InvalidRequestSignatureError(
            f"Requests of this account are signed: send {', '.join(HEADERS)} (NDI-TR-2025-03). Nothing was written."
        )
    return Admission(request, container, (method, path), credential, caller, signature)


async def note_refusal(scope: Scope, error: LedgerError) -> None:
    """Counts a refused attempt, whoever made it. The refusal stands, whether it can be recorded or not."""
    if not isinstance(error, AccessError | RequestReplayedError):
        return
    caller: Caller | None = scope.get(CALLER)
    account: str | None = error.facts.get("account") or (None if caller is None else caller.actor.account_id)
    container = scope["app"].state.container
    assert isinstance(container, Container)
    if account is None and isinstance(error, TokenTimeError):
        account = await _account_of(container, error.identity)
    route = scope.get(ROUTE_LABEL) or scope["route"].path
    attempt = Attempt(account, scope["method"], route, error.code, hour_of(container.clock.now().astimezone(UTC)))
    await scope["app"].state.records.refusals.note(attempt, network_of(scope))


async def _account_of(container: Container, identity: TokenIdentity) -> str | None:
    """Whose token it was; None when it was nobody's, or that cannot be told now."""
    try:
        stored = await container.read(lambda found: account_of_subject(found, identity.issuer, identity.subject))
    except LedgerError:
        return None
    return None if stored is None else stored.account_id


async def _credential(container: Container, request: Request) -> Credential:
    text = credential_text(request.headers)
    return text if text.startswith(API_KEY_PREFIX) else await container.tokens.identify(text)


def _is_allowed(caller: Caller, method: str, path: str) -> bool:
    try:
        require_access(caller, method, path)
    except AccessError:
        return False
    return True


def _signature(request: Request) -> RequestSignature | None:
    if not any(name in _SIGNATURE_HEADERS for name, _ in request.scope["headers"]):
        return None
    return parse_request_signature({name: only_value(request.headers, name) for name in HEADERS})


def _target(scope: Scope) -> str:
    """Path and query as they were sent."""
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return (path + (b"?" + query if query else b"")).decode("ascii")


def network_of(scope: Scope) -> str | None:
    """The address from which a request came: of the client, where a proxy on this machine says it (``X-Forwarded-For``)."""
    client = scope.get("client")
    return None if client is None else str(client[0])
