"""Who is calling: by an API key or by a bearer token of an OpenID Connect issuer.

What was found valid is remembered only while the version of the tables of keys and accounts stays what it was. Reads and writes ask
for that version on their own connection; the append checks it inside its transaction. So a revoked key and a withdrawn account are
refused from the moment that is committed.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from starlette.datastructures import Headers

from api.strict_requests import only_value
from ledger.adapters.oidc.tokens import TokenIdentity
from ledger.adapters.sql import api_keys, reading
from ledger.adapters.sql.accounts import account_of_subject, submitters_of
from ledger.adapters.sql.api_keys import StoredKey
from ledger.domain.roles import ADMIN, APPLICANT, HANDLER, READERS_OF_ALL, WATCHED_READERS
from ledger.errors import AccessError, InputError, UnauthenticatedError
from ledger.services.accounts import Account
from ledger.services.business import Actor
from ledger.services.ports import Clock

_HOW = (
    "Send an API key as `Authorization: Bearer clk_...` or as `X-API-Key: clk_...`, or a token of a trusted issuer as"
    " `Authorization: Bearer ...`."
)
_WITHDRAWN: Final = "The account was withdrawn."

API_KEY_PREFIX: Final = "clk_"
CALLERS_REMEMBERED: Final = 10_000

Credential = str | TokenIdentity
"""The text of an API key, or what a verified token says."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, and the version of the tables of keys and accounts by which that was decided.

    Args:
        credential: what was presented.
        actor: as whom it acts.
        keys_version: of the tables.
        key: the API key; None for a token.
        account: the account; None for a key of the operator's making and for an applicant.
        submitters: whose events are its own.
    """

    credential: Credential
    actor: Actor
    keys_version: int
    key: StoredKey | None
    account: Account | None
    submitters: frozenset[str]

    @property
    def reads_all(self) -> bool:
        """Whether it sees every event, or only its own."""
        return bool(self.actor.roles & READERS_OF_ALL)

    @property
    def is_watched(self) -> bool:
        """Whether its reads are themselves recorded."""
        return bool(self.actor.roles & WATCHED_READERS)

    @property
    def sm2_keys(self) -> tuple[bytes, ...]:
        """The keys that may sign its requests."""
        own = () if self.key is None else tuple(key.public_key for key in self.key.signature_keys if key.alg == "sm2")
        return own if self.account is None else (*self.account.sm2_keys, *own)

    @property
    def signs_requests(self) -> bool:
        """Whether its unsigned requests are refused."""
        return self.account is not None and self.account.signs_requests

    def require_key(self) -> StoredKey:
        """The key that says which sources its events may have.

        Raises:
            AccessError: it came with a token, which says nothing of sources.
        """
        if self.key is None:
            raise AccessError("Events are recorded with an API key, which is bound to sources; a bearer token is not.")
        return self.key

    def may_read(self, submitter: str) -> bool:
        """Whether the caller may see an event of this submitter."""
        return self.reads_all or submitter in self.submitters


def credential_text(headers: Headers) -> str:
    """The API key or token of a request, unchecked.

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
    if not api_key or not api_key.startswith(API_KEY_PREFIX):
        raise UnauthenticatedError(_HOW)
    return api_key


class Authenticator:
    """Turns credentials into callers. Safe to call from several threads.

    Args:
        clock: for expiry.
        account_id_of: the id of a subject without an account, by issuer and subject.
    """

    def __init__(self, clock: Clock, account_id_of: Callable[[Connection, str, str], str]) -> None:
        self._clock = clock
        self._account_id_of = account_id_of
        # Version and callers are replaced together, so that a reader never sees callers of another version.
        self._known: tuple[int, dict[bytes, Caller]] = (-1, {})

    def remembered(self, credential: Credential) -> Caller | None:
        """The caller if it is remembered; whoever uses this must check the version again before anything is final.

        Raises:
            UnauthenticatedError: the key has expired meanwhile.
        """
        caller = self._known[1].get(_digest(credential))
        if caller is not None and caller.key is not None:
            api_keys.check_valid(caller.key, self._clock.now())
        return caller

    def check(self, connection: Connection, credential: Credential) -> Caller:
        """The caller by the tables as they are now.

        Raises:
            UnauthenticatedError: unknown, revoked, expired or withdrawn.
        """
        version = reading.keys_version(connection)  # before the key itself, so that a change in between is seen later
        if self._known[0] != version:
            self._known = (version, {})
        caller = self.remembered(credential)
        if caller is not None and caller.keys_version == version:
            return caller
        if isinstance(credential, str):
            caller = self._by_key(connection, credential, version)
        else:
            caller = self._by_token(connection, credential, version)
        known_version, known = self._known
        is_stored = caller.key is not None or caller.account is not None  # applicants could be any number
        if known_version == version and is_stored and len(known) < CALLERS_REMEMBERED:
            known[_digest(credential)] = caller
        return caller

    def _by_key(self, connection: Connection, api_key: str, version: int) -> Caller:
        key = api_keys.authenticate(connection, api_key, self._clock.now())
        participant, level = (None, ADMIN) if key.account is None else (key.account.participant, key.account.level)
        actor = Actor(key.account_id, participant, frozenset({key.role}), level)
        return Caller(api_key, actor, version, key, key.account, frozenset({key.submitter}))

    def _by_token(self, connection: Connection, identity: TokenIdentity, version: int) -> Caller:
        account = account_of_subject(connection, identity.issuer, identity.subject)
        if account is None:
            account_id = self._account_id_of(connection, identity.issuer, identity.subject)
            actor = Actor(account_id, None, frozenset({APPLICANT}), HANDLER)
            return Caller(identity, actor, version, None, None, frozenset())
        if not account.is_active:
            raise UnauthenticatedError(_WITHDRAWN, account=account.account_id)
        actor = Actor(account.account_id, account.participant, frozenset(account.roles), account.level)
        return Caller(identity, actor, version, None, account, submitters_of(connection, account))


def _digest(credential: Credential) -> bytes:
    # Keys are not kept in clear in memory for longer than a request.
    if isinstance(credential, str):
        return hashlib.sha256(credential.encode("utf-8", "surrogatepass")).digest()
    return hashlib.sha256(f"{credential.issuer}\n{credential.subject}".encode()).digest()
