"""API keys: hashed, scoped by role and source prefixes, expiring, revocable; every change is evidence through the outbox.

The text of a key is ``clk_<key id>_<secret>``; only SHA-256 of the secret is stored (the secret is 32 random bytes, so a slow
hash would add nothing). A change bumps ``keys_epoch``, which the append checks, so a revoked key cannot slip an event in.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.dialects.postgresql import insert

from ledger.adapters.sql import outbox
from ledger.adapters.sql.accounts import bump_epoch, find_account
from ledger.adapters.sql.tables import api_keys
from ledger.domain.roles import OPERATOR, PLATFORM_SERVICE, ROLES
from ledger.errors import ConflictError, InputError, NotFoundError, UnauthenticatedError
from ledger.log.timestamps import format_time
from ledger.services.accounts import Account
from ledger.services.preparation import Preparer

KEY_CREATED_TYPE = "org.cityledger.key.created.v1"
KEY_REVOKED_TYPE = "org.cityledger.key.revoked.v1"

_KEY_TEXT = re.compile(r"clk_([a-z0-9-]{1,40})_([A-Za-z0-9-]{20,100})")
_SUBMITTER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_BAD_KEY = "The API key is unknown, revoked or expired."


@dataclass(frozen=True, slots=True)
class SignatureKey:
    """A key with which a submitter signs its events: ``alg`` is ed25519, secp256k1 or sm2."""

    key_id: str
    alg: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One API key as stored, without its secret."""

    key_id: str
    role: str
    submitter: str
    unrestricted: bool
    source_prefixes: tuple[str, ...]
    signature_keys: tuple[SignatureKey, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    account: Account | None = None
    """The account that the key acts for; None for a key of the operator's making, which stands for itself."""

    @property
    def account_id(self) -> str:
        """The account that it acts for; a name of the key itself when there is none."""
        return f"key:{self.key_id}" if self.account is None else self.account.account_id

    def allows_source(self, source: str) -> bool:
        """Whether this submitter may use the source; the ledger's own prefix is nobody's."""
        if source.startswith(outbox.RESERVED_SOURCE_PREFIX):
            return False
        return self.unrestricted or source.startswith(self.source_prefixes)

    def signature_key(self, key_id: str) -> SignatureKey | None:
        """The registered signature key of that id."""
        return next((key for key in self.signature_keys if key.key_id == key_id), None)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: the only moment at which its text is known."""

    key_id: str
    api_key: str


def generate_key_text() -> tuple[str, str]:
    """A new key id and the key's text."""
    key_id = secrets.token_hex(6)
    return key_id, f"clk_{key_id}_{secrets.token_hex(32)}"


def _secret_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _parse_key_text(api_key: str) -> tuple[str, str]:
    match = _KEY_TEXT.fullmatch(api_key)
    if match is None:
        raise UnauthenticatedError(_BAD_KEY)
    return match[1], match[2]


def create(
    connection: Connection,
    preparer: Preparer,
    *,
    role: str,
    submitter: str,
    source_prefixes: Sequence[str] = (),
    signature_keys: Sequence[SignatureKey] = (),
    expires_at: datetime | None = None,
    unrestricted: bool = False,
    api_key: str | None = None,
    account_id: str | None = None,
) -> NewKey:
    """Stores a key and its evidence event in the caller's transaction.

    Raises ``InputError`` for an unknown role, a malformed submitter, a submitting key without any source prefix, or an account that
    is not in force or lacks the role.
    """
    if role not in ROLES:
        raise InputError(f"Unknown role {role!r}; the roles are {', '.join(ROLES)}.")
    if _SUBMITTER.fullmatch(submitter) is None:
        raise InputError("A submitter code is 1 to 64 lower-case letters, digits and hyphens.")
    if submitter == outbox.OPERATOR and role != OPERATOR:
        raise InputError("The submitter code 'operator' belongs to the operator's own role.")
    if role == PLATFORM_SERVICE and not unrestricted and not any(source_prefixes):
        raise InputError("A key that submits events needs at least one source prefix.")
    if any(not prefix or prefix.startswith(outbox.RESERVED_SOURCE_PREFIX) for prefix in source_prefixes):
        raise InputError(f"A source prefix is not empty and does not begin with {outbox.RESERVED_SOURCE_PREFIX}.")
    if account_id is not None:
        _check_account(connection, account_id, role)
    key_text = api_key or generate_key_text()[1]
    key_id, secret = _parse_key_text(key_text)
    row = {
        "key_id": key_id,
        "secret_hash": _secret_hash(secret),
        "role": role,
        "submitter": submitter,
        "unrestricted": unrestricted,
        "source_prefixes": list(source_prefixes),
        "signature_keys": [_signature_key_json(key) for key in signature_keys],
        "expires_at": expires_at,
        "account_id": account_id,
    }
    number = outbox.add(connection, preparer, KEY_CREATED_TYPE, creation_facts(row))
    made = connection.execute(
        insert(api_keys)
        .values(**row, created_at=preparer.clock.now(), outbox_number=number)
        .on_conflict_do_nothing()
        .returning(api_keys.c.key_id)
    ).scalar()
    if made is None:
        raise ConflictError(f"There is already a key {key_id}.")
    bump_epoch(connection)
    return NewKey(key_id, key_text)


def creation_facts(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """What the log says of a key when it is made: everything that decides what it may do, and the hash of its secret."""
    bound = {} if row["account_id"] is None else {"account_id": row["account_id"]}
    return bound | {
        "key_id": row["key_id"],
        "secret_sha256": row["secret_hash"].hex(),
        "role": row["role"],
        "submitter": row["submitter"],
        "unrestricted": row["unrestricted"],
        "source_prefixes": list(row["source_prefixes"]),
        "signature_keys": row["signature_keys"],
        "expires_at": None if row["expires_at"] is None else format_time(row["expires_at"]),
    }


def revoke(connection: Connection, preparer: Preparer, key_id: str) -> datetime | None:
    """Revokes a key in the caller's transaction. Raises ``NotFoundError``.

    Returns:
        When it had been revoked before, and nothing was changed; None when this call revoked it.
    """
    row = connection.execute(
        text("SELECT revoked_at FROM api_keys WHERE key_id = :key_id FOR UPDATE"), {"key_id": key_id}
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no key {key_id}.")
    revoked_at: datetime | None = row[0]
    if revoked_at is not None:
        return revoked_at
    outbox.add(connection, preparer, KEY_REVOKED_TYPE, {"key_id": key_id})
    connection.execute(
        text("UPDATE api_keys SET revoked_at = :now WHERE key_id = :key_id"),
        {"now": preparer.clock.now(), "key_id": key_id},
    )
    bump_epoch(connection)
    return None


def list_keys(connection: Connection) -> list[StoredKey]:
    """All keys, oldest first."""
    rows = connection.execute(text("SELECT * FROM api_keys ORDER BY created_at, key_id")).mappings()
    return [_stored_key(row) for row in rows]


def find(connection: Connection, key_id: str) -> StoredKey | None:
    """The key of that id."""
    row = (
        connection.execute(text("SELECT * FROM api_keys WHERE key_id = :key_id"), {"key_id": key_id})
        .mappings()
        .one_or_none()
    )
    return None if row is None else _stored_key(row)


def authenticate(connection: Connection, api_key: str, now: datetime) -> StoredKey:
    """The key whose text this is. Raises ``UnauthenticatedError``, the same for every reason."""
    key_id, secret = _parse_key_text(api_key)
    row = (
        connection.execute(text("SELECT * FROM api_keys WHERE key_id = :key_id"), {"key_id": key_id})
        .mappings()
        .one_or_none()
    )
    if row is None or not hmac.compare_digest(row["secret_hash"], _secret_hash(secret)):
        raise UnauthenticatedError(_BAD_KEY)
    account = None if row["account_id"] is None else find_account(connection, row["account_id"])
    key = replace(_stored_key(row), account=account)
    check_valid(key, now)
    return key


def check_valid(key: StoredKey, now: datetime) -> None:
    """Raises ``UnauthenticatedError``, with the account as a fact, when the key is revoked or expired, or its account withdrawn."""
    is_left = key.account is not None and not key.account.is_active
    if is_left or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise UnauthenticatedError(_BAD_KEY, account=key.account_id)


def ensure_default_keys(connection: Connection, preparer: Preparer, keys: Mapping[str, str]) -> None:
    """Stores the embedded default's keys (role -> key text), unrestricted within their role, unless they are there."""
    for role, api_key in keys.items():
        key_id, _ = _parse_key_text(api_key)
        if find(connection, key_id) is None:
            submitter = role.replace("_", "-")
            create(connection, preparer, role=role, submitter=submitter, unrestricted=True, api_key=api_key)


def _check_account(connection: Connection, account_id: str, role: str) -> None:
    account = find_account(connection, account_id)
    if account is None or not account.is_active or role not in account.roles:
        raise InputError(f"There is no account {account_id} in force that has the role {role}.")


def _signature_key_json(key: SignatureKey) -> dict[str, str]:
    return {"key_id": key.key_id, "alg": key.alg, "public_key": key.public_key.hex()}


def _stored_key(row: RowMapping) -> StoredKey:
    return StoredKey(
        key_id=row["key_id"],
        role=row["role"],
        submitter=row["submitter"],
        unrestricted=row["unrestricted"],
        source_prefixes=tuple(row["source_prefixes"]),
        signature_keys=tuple(
            SignatureKey(key["key_id"], key["alg"], bytes.fromhex(key["public_key"])) for key in row["signature_keys"]
        ),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
