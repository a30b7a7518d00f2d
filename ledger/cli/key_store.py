"""What ``cityledger keys`` does to the database. Needs the extra ``server``."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy

from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import FileKeyring, month_of
from ledger.adapters.files.keys import load_identity_key, load_space_key
from ledger.adapters.sealed_months import check_keyring
from ledger.adapters.settings import load_settings
from ledger.adapters.sql import api_keys, reading
from ledger.adapters.sql.api_keys import NewKey, SignatureKey
from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.cli.children import environment_of
from ledger.client.connection import Connection
from ledger.errors import InputError, UnavailableError
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.timestamps import format_time
from ledger.services.preparation import Preparer

PUBLIC_KEY_BYTES = {"ed25519": (32,), "secp256k1": (33, 65), "sm2": (33, 64, 65)}
"""Lengths of public keys that can be right, by algorithm."""


def parse_signature_key(text: str) -> SignatureKey:
    """``ALG:KEYID:HEX`` of the command line.

    Raises:
        InputError: another form, an unknown algorithm, or a key of another length.
    """
    alg, _, rest = text.partition(":")
    key_id, _, encoded = rest.rpartition(":")
    try:
        public_key = bytes.fromhex(encoded)
    except ValueError:
        public_key = b""
    if alg not in PUBLIC_KEY_BYTES or not key_id or len(public_key) not in PUBLIC_KEY_BYTES[alg]:
        raise InputError(
            f"--signature-key {text} is not ALG:KEYID:HEX with ALG one of {', '.join(PUBLIC_KEY_BYTES)} and its public key in hex"
        )
    return SignatureKey(key_id=key_id, alg=alg, public_key=public_key)


def add_key(
    service: Connection,
    *,
    role: str,
    submitter: str,
    source_prefixes: list[str],
    signature_keys: list[SignatureKey],
    expires_at: datetime | None,
    account_id: str | None = None,
    api_key: str | None = None,
) -> NewKey:
    """Makes a key, of the given text or a new one; its evidence event is written in the same transaction.

    Raises:
        ConflictError: that key is there already.
    """
    with _database(service) as (connection, preparer):
        return api_keys.create(
            connection,
            preparer,
            role=role,
            submitter=submitter,
            source_prefixes=source_prefixes,
            signature_keys=signature_keys,
            expires_at=expires_at,
            account_id=account_id,
            api_key=api_key,
        )


def revoke_key(service: Connection, key_id: str) -> datetime | None:
    """Revokes a key; when it was revoked before, since when, and nothing is changed. Raises ``NotFoundError``."""
    with _database(service) as (connection, preparer):
        return api_keys.revoke(connection, preparer, key_id)


def list_keys(service: Connection) -> list[dict[str, Any]]:
    """All keys without their secrets, oldest first."""
    with _database(service) as (connection, _):
        return [
            {
                "key_id": key.key_id,
                "role": key.role,
                "submitter": key.submitter,
                "unrestricted": key.unrestricted,
                "source_prefixes": list(key.source_prefixes),
                "signature_keys": [f"{registered.alg}:{registered.key_id}" for registered in key.signature_keys],
                "created_at": format_time(key.created_at),
                "expires_at": None if key.expires_at is None else format_time(key.expires_at),
                "revoked_at": None if key.revoked_at is None else format_time(key.revoked_at),
            }
            for key in api_keys.list_keys(connection)
        ]


@contextmanager
def _database(service: Connection) -> Iterator[tuple[sqlalchemy.Connection, Preparer]]:
    """One transaction on the service's database, with what is needed to write evidence."""
    os.environ.update(environment_of(service))
    settings = load_settings()
    space_key, identity_key = load_space_key(settings.keys_dir), load_identity_key(settings.keys_dir)
    engine = create_engine(settings.database_url, pool_size=1)
    try:
        with database_errors(), engine.begin() as connection:
            shard = reading.shard(connection)
            if shard is None:
                raise UnavailableError("the log is not opened in this database yet; start the service once first")
            keyring, clock = FileKeyring(settings.keyring_dir, os.urandom), SystemClock()
            check_keyring(connection, keyring.holds, month_of(clock.now()))
            preparer = Preparer(
                identity=shard.identity,
                rules=load_rules(shard.rule_version),
                tag_keys=TagKeys(space_key),
                identity_key=identity_key,
                sealer=keyring,
                clock=clock,
                randomness=os.urandom,
            )
            yield connection, preparer
    finally:
        engine.dispose()
