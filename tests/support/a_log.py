"""A log of one's own for tests: real keys, a real keyring, an opened database."""

import os
from dataclasses import dataclass
from pathlib import Path

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.adapters.sql.opening import open_shard
from ledger.log.event import Event, event_from_value
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity, keccak256
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

PROMISE = Promise(publish_within_s=60, anchor_within_s=600)


@dataclass(frozen=True)
class LogKeys:
    """Private keys of a test log."""

    checkpoint: Ed25519PrivateKey
    anchor: PrivateKey
    receipt: Ed25519PrivateKey
    space: bytes
    identity: bytes

    @classmethod
    def generate(cls) -> "LogKeys":
        return cls(
            Ed25519PrivateKey.generate(), PrivateKey(), Ed25519PrivateKey.generate(), os.urandom(32), os.urandom(32)
        )

    @property
    def anchor_address(self) -> bytes:
        return keccak256(self.anchor.public_key.format(compressed=False)[1:])[-20:]


@dataclass(frozen=True)
class ALog:
    """An opened log."""

    engine: Engine
    keys: LogKeys
    preparer: Preparer
    store: SqlLogStore
    folder: Path

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def counts(self) -> dict[str, int]:
        """Rows of every table that an append can touch."""
        tables = ("entries", "identities", "outbox", "promises", "conflict_marks", "api_keys")
        return {table: self.count(table) for table in tables}


def open_a_log(
    database_url: str, folder: Path, *, evidence_log: bytes = b"\xab" * 20, keys: LogKeys | None = None
) -> ALog:
    """Opens a log with an origin of its own in a migrated database."""
    keys = keys or LogKeys.generate()
    identity = LogIdentity(
        chain_id=31337,
        evidence_log=evidence_log,
        origin=f"{os.urandom(8).hex()}.cityledger.invalid/2026",
        checkpoint_key=keys.checkpoint.public_key().public_bytes_raw(),
        anchor_address=keys.anchor_address,
    )
    preparer = Preparer(
        identity=identity,
        rules=load_rules(),
        tag_keys=TagKeys(keys.space),
        identity_key=keys.identity,
        sealer=FileKeyring(folder / "keyring", os.urandom),
        clock=SystemClock(),
        randomness=os.urandom,
    )
    engine = create_engine(database_url, pool_size=8)
    open_shard(engine, preparer, keys.receipt.public_key().public_bytes_raw(), PROMISE)
    return ALog(engine, keys, preparer, SqlLogStore(engine), folder)


def an_event(event_id: str, source: str = "urn:test:office", **members: object) -> Event:
    """A small event."""
    value: dict[str, object] = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": "org.test.thing.v1",
        "data": {"n": event_id},
    }
    return event_from_value(value | members)
