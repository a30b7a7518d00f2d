"""Opens the log in a database: its row, its empty head and entry 0, in one transaction."""

from typing import Any

from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql import outbox, reading
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.log_store import append_in
from ledger.errors import IntegrityError
from ledger.log.merkle import CompactRange
from ledger.log.typed_data import to_checksum_address
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

OPENED_TYPE = "org.cityledger.log.opened.v1"


def opened_data(preparer: Preparer, receipt_key: bytes) -> dict[str, Any]:
    """The data of entry 0 (formats.md section 4): origin, keys, rule digest, tag-key digests, predecessor."""
    identity = preparer.identity
    return {
        "origin": identity.origin,
        "log_id": "0x" + identity.log_id.hex(),
        "chain_id": identity.chain_id,
        "evidence_log": to_checksum_address(identity.evidence_log),
        "verifier_key": identity.verifier_key,
        "anchor_address": to_checksum_address(identity.anchor_address),
        "receipt_key": receipt_key.hex(),
        "rule_version": preparer.rules.version,
        "rule_digest": preparer.rules.digest.hex(),
        "tag_key_digests": preparer.tag_keys.digests(),
        "predecessor": None,
    }


def open_shard(engine: Engine, preparer: Preparer, receipt_key: bytes, promise: Promise) -> None:
    """Opens the log, or does nothing when the same log is already open here.

    A crash leaves no log or the whole log with its first entry. Raises ``IntegrityError`` when the database holds another log:
    a database never changes its log, and a lost one is not replaced by an empty one under the same name.
    """
    with database_errors(), engine.begin() as connection:
        connection.execute(text("LOCK TABLE log_shard IN SHARE ROW EXCLUSIVE MODE"))
        existing = reading.shard(connection)
        if existing is None:
            _open(connection, preparer, receipt_key, promise)
            return
        if existing.identity != preparer.identity or existing.receipt_key != receipt_key:
            raise IntegrityError(
                f"The database holds the log {existing.identity.origin} (0x{existing.identity.log_id.hex()}), not "
                f"{preparer.identity.origin} (0x{preparer.identity.log_id.hex()}). Are the database and the keys from the same "
                "data folder?"
            )


def _open(connection: Connection, preparer: Preparer, receipt_key: bytes, promise: Promise) -> None:
    identity = preparer.identity
    empty = CompactRange.decode(0, b"")
    connection.execute(
        text(
            "INSERT INTO log_shard VALUES (1, :origin, :chain_id, :evidence_log, :checkpoint_key, :anchor_address, "
            ":receipt_key, :log_id, :rule_version, :opened_at)"
        ),
        {
            "origin": identity.origin,
            "chain_id": identity.chain_id,
            "evidence_log": identity.evidence_log,
            "checkpoint_key": identity.checkpoint_key,
            "anchor_address": identity.anchor_address,
            "receipt_key": receipt_key,
            "log_id": identity.log_id,
            "rule_version": preparer.rules.version,
            "opened_at": preparer.clock.now(),
        },
    )
    connection.execute(
        text("INSERT INTO log_head VALUES (1, 0, :compact_range, :root_hash)"),
        {"compact_range": empty.encode(), "root_hash": empty.root_hash()},
    )
    event = outbox.build_ledger_event(preparer, OPENED_TYPE, "opened", opened_data(preparer, receipt_key))
    append_in(connection, [preparer.prepare(event, outbox.OPERATOR)], promise)
