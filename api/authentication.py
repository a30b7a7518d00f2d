"""API keys on requests, and what their roles may do.

A key that was found valid is remembered only while the version of the key table stays what it was. Reads ask for that
version on their own connection; the append checks it inside its transaction. So a revoked key is refused from the moment its
revocation is committed.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import Headers

from api.roles import READERS_OF_ALL
from api.strict_requests import only_value
from ledger.adapters.sql import api_keys, reading
from ledger.adapters.sql.api_keys import StoredKey
from ledger.errors import AccessError, InputError, UnauthenticatedError
from ledger.services.business import Actor
from ledger.services.ports import Clock

_HOW = "Send an API key as `Authorization: Bearer clk_...` or as `X-API-Key: clk_...`."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, and the version of the key table by which that was decided."""

    api_key: str
    key: StoredKey
    keys_version: int

    @property
    def reads_all(self) -> bool:
        """Whether this role sees every event, or only what it submitted."""
        return self.key.role in READERS_OF_ALL

    @property
    def actor(self) -> Actor:
        """As whom it acts in the business flow."""
        return Actor(f"key:{self.key.key_id}", None, frozenset({self.key.role}))

    def may_read(self, submitter: str) -> bool:
        """Whether the caller may see an event of this submitter."""
        return self.reads_all or submitter == self.key.submitter


def api_key_of(headers: Headers) -> str:
    """The text of the API key of a request.

    Raises:
        UnauthenticatedError: there is none, or the authorization scheme is another.
        InputError: there are two.
    """
    authorization = only_value(headers, "Authorization")
    api_key = only_value(headers, "X-API-Key")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError(_HOW)
        if api_key not in (None, token):
            raise InputError("Authorization and X-API-Key hold two keys; send one. Nothing was written.")
        return token
    if not api_key:
        raise UnauthenticatedError(_HOW)
    return api_key


def require_role(caller: Caller, roles: frozenset[str]) -> None:
    """Refuses a caller whose role is none of these.

    Raises:
        AccessError: its role may not do this.
    """
    if caller.key.role not in roles:
        raise AccessError(
            f"A key of the role {caller.key.role} may not do this; those of {', '.join(sorted(roles))} may."
        )


class Authenticator:
    """Turns key texts into callers. Safe to call from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Version and keys are replaced together, so that a reader never sees keys of another version.
        self._known: tuple[int, dict[bytes, StoredKey]] = (-1, {})

    def remembered(self, api_key: str) -> Caller | None:
        """The caller if its key is remembered; whoever uses this must check the version again before anything is final.

        Raises:
            UnauthenticatedError: the key has expired meanwhile.
        """
        version, keys = self._known
        key = keys.get(_digest(api_key))
        if key is None:
            return None
        api_keys.check_valid(key, self._clock.now())
        return Caller(api_key, key, version)

    def check(self, connection: Connection, api_key: str) -> Caller:
        """The caller by the key table as it is now.

        Raises:
            UnauthenticatedError: unknown, revoked or expired.
        """
        version = reading.keys_version(connection)  # before the key itself, so that a change in between is seen later
        if self._known[0] != version:
            self._known = (version, {})
        caller = self.remembered(api_key)
        if caller is not None and caller.keys_version == version:
            return caller
        key = api_keys.authenticate(connection, api_key, self._clock.now())
        if self._known[0] == version:
            self._known[1][_digest(api_key)] = key
        return Caller(api_key, key, version)


def _digest(api_key: str) -> bytes:
    # Keys are not kept in clear in memory for longer than a request.
    return hashlib.sha256(api_key.encode("utf-8", "surrogatepass")).digest()
