"""The append: the one commit point of the log.

In one transaction that holds the head row: check identities, take consecutive leaf indexes, COPY rows, extend the compact
range, store the head. A second writer waits on the head row and cannot fork the log; a crash at any instruction leaves either
the old head and none of the rows, or the new head and all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

from ledger.adapters.sql.binary_copy import ENTRY_COPY, IDENTITY_COPY, encode_entries, encode_identities
from ledger.adapters.sql.engine import database_errors, driver_connection
from ledger.adapters.sql.head_row import head_row_in_turn
from ledger.errors import ConflictError, IntegrityError
from ledger.log.merkle import CompactRange
from ledger.services.ports import AppendOutcome, AppendResult, PreparedEvent, Promise, SequencedEvent

PARTITION_ENTRIES = 10_000_000
"""Leaves per partition of ``entries``: with 600-byte events about 12 GB, a unit that can be moved or pruned as a whole."""


class KeysChangedError(ConflictError):
    """API keys changed since the caller was authorised; authorise again and repeat. Nothing was written."""

    code = "keys_changed"
    title = "Keys changed"


class EntryLostError(IntegrityError):
    """The log lacks an entry that was in it: it was restored from an older state. Nothing was written."""

    code = "entry_lost"
    title = "Entry lost"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the identity table says of one identity."""

    event_mac: bytes
    leaf_index: int
    erased: bool


class SqlLogStore:
    """``LogAppender`` over PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self,
        batch: Sequence[PreparedEvent],
        promise: Promise,
        *,
        expect_keys_version: int | None = None,
        expect_leaf: tuple[int, bytes] | None = None,
    ) -> list[AppendResult]:
        """See ``LogAppender.append``.

        Raises:
            KeysChangedError: keys are not those of ``expect_keys_version`` any more.
            EntryLostError: the log does not hold the entry ``expect_leaf`` (leaf index, leaf hash).
        """
        with database_errors(), head_row_in_turn(self._engine), self._engine.begin() as connection:
            return append_in(
                connection, batch, promise, expect_keys_version=expect_keys_version, expect_leaf=expect_leaf
            )


def append_in(
    connection: Connection,
    batch: Sequence[PreparedEvent],
    promise: Promise,
    *,
    expect_keys_version: int | None = None,
    expect_leaf: tuple[int, bytes] | None = None,
) -> list[AppendResult]:
    """The append inside the caller's transaction, which must commit for anything to have happened.

    Takes the head row's lock; callers that lock other rows too take the head row first.
    """
    raw = driver_connection(connection)
    compact = _lock_head(raw)
    if expect_leaf is not None:
        _check_leaf(raw, compact.size, *expect_leaf)
    if expect_keys_version is not None:
        _check_keys_version(raw, expect_keys_version)
    promise_id = _promise_id(raw, promise)
    known = _known_identities(raw, [event.identity for event in batch])
    tree_size = compact.size
    new: list[PreparedEvent] = []
    placed: list[tuple[AppendOutcome, int]] = []  # outcome and leaf index, per event of the batch
    for event in batch:
        earlier = known.get(event.identity)
        if earlier is None:
            known[event.identity] = _Known(event.event_mac, tree_size + len(new), erased=False)
            placed.append((AppendOutcome.NEW, tree_size + len(new)))
            new.append(event)
        elif earlier.erased:
            placed.append((AppendOutcome.ERASED, earlier.leaf_index))
        elif earlier.event_mac == event.event_mac:
            placed.append((AppendOutcome.REPEATED, earlier.leaf_index))
        else:
            placed.append((AppendOutcome.CONFLICT, earlier.leaf_index))
    if new:
        ensure_partitions(raw, tree_size, tree_size + len(new))
        _copy_rows(raw, new, tree_size, promise_id)
        compact.extend([event.leaf_hash for event in new])
        _store_head(raw, compact)
    first = _first_facts(raw, {index for _, index in placed if index < tree_size})
    for offset, event in enumerate(new):
        first[tree_size + offset] = SequencedEvent(tree_size + offset, event.leaf_hash, event.received_at, promise)
    return [AppendResult(outcome, first[index]) for outcome, index in placed]


def _lock_head(raw: "psycopg.Connection[Any]") -> CompactRange:
    # The setting, for this transaction, rides along: without it a plan made while `identities` was small could go on reading
    # the whole table for every event.
    row = raw.execute(
        "SELECT tree_size, compact_range, set_config('enable_seqscan', 'off', true) FROM log_head WHERE shard = 1 FOR UPDATE",
        prepare=True,
    ).fetchone()
    if row is None:
        raise IntegrityError("The log is not opened in this database.")
    return CompactRange.decode(row[0], row[1])


def _check_leaf(raw: "psycopg.Connection[Any]", tree_size: int, leaf_index: int, leaf_hash: bytes) -> None:
    query = "SELECT leaf_hash FROM entries WHERE leaf_index = %s"
    row = raw.execute(query, (leaf_index,), binary=True, prepare=True).fetchone()
    if tree_size <= leaf_index or row is None or row[0] != leaf_hash:
        raise EntryLostError(
            f"The database, whose head has {tree_size} entries, does not hold the entry {leaf_index} that was in it before;"
            " nothing was written.",
            leaf_index=leaf_index,
        )


def _check_keys_version(raw: "psycopg.Connection[Any]", expected: int) -> None:
    row = raw.execute("SELECT version FROM keys_epoch WHERE shard = 1 FOR SHARE", prepare=True).fetchone()
    if row is None or row[0] != expected:
        raise KeysChangedError("API keys changed while this request was under way; nothing was written.")


def _promise_id(raw: "psycopg.Connection[Any]", promise: Promise) -> int:
    facts = (promise.publish_within_s, promise.anchor_within_s)
    query = "SELECT promise FROM promises WHERE publish_within_s = %s AND anchor_within_s = %s"
    row = raw.execute(query, facts, prepare=True).fetchone()
    if row is None:  # safe against a second writer: the head row is held
        row = raw.execute(
            "INSERT INTO promises SELECT coalesce(max(promise), 0) + 1, %s, %s FROM promises RETURNING promise", facts
        ).fetchone()
    if row is None:
        raise IntegrityError("The promise could not be recorded.")
    return int(row[0])


def _known_identities(raw: "psycopg.Connection[Any]", identities: list[bytes]) -> dict[bytes, _Known]:
    # A lateral join asks only the partition that can hold the identity; `= ANY` would ask all of them for every one.
    rows = raw.execute(
        "SELECT known.* FROM unnest(%b::bytea[]) AS asked (identity) CROSS JOIN LATERAL ("
        "SELECT identity, event_mac, leaf_index, erased FROM identities WHERE identity = asked.identity LIMIT 1) AS known",
        (identities,),
        binary=True,
        prepare=True,
    )
    return {row[0]: _Known(row[1], row[2], row[3]) for row in rows}


def _first_facts(raw: "psycopg.Connection[Any]", indexes: set[int]) -> dict[int, SequencedEvent]:
    if not indexes:
        return {}
    rows = raw.execute(
        "SELECT leaf_index, leaf_hash, received_at, publish_within_s, anchor_within_s "
        "FROM entries JOIN promises USING (promise) WHERE leaf_index = ANY(%b)",
        (sorted(indexes),),
        binary=True,
    )
    facts = {row[0]: SequencedEvent(row[0], row[1], row[2], Promise(row[3], row[4])) for row in rows}
    missing = indexes - facts.keys()
    if missing:
        raise IntegrityError(
            "Recorded identities point to entries that are not there; run fsck.", leaf_indexes=sorted(missing)[:10]
        )
    return facts


def _copy_rows(raw: "psycopg.Connection[Any]", new: Sequence[PreparedEvent], tree_size: int, promise_id: int) -> None:
    # Encoded before COPY begins: a process that is stopped inside a COPY keeps its locks (see ``head_row``).
    entries, identities = encode_entries(new, tree_size, promise_id), encode_identities(new, tree_size)
    with raw.cursor() as cursor:
        with cursor.copy(ENTRY_COPY) as copy:
            copy.write(entries)
        with cursor.copy(IDENTITY_COPY) as copy:
            copy.write(identities)


def _store_head(raw: "psycopg.Connection[Any]", compact: CompactRange) -> None:
    raw.execute(
        "UPDATE log_head SET tree_size = %s, compact_range = %b, root_hash = %b WHERE shard = 1",
        (compact.size, compact.encode(), compact.root_hash()),
        prepare=True,
    )


def ensure_partitions(raw: "psycopg.Connection[Any]", start: int, end: int) -> None:
    """Makes the partitions of ``entries`` that hold leaves [start, end); cheap unless a boundary lies in the range."""
    for number in range(start // PARTITION_ENTRIES, (end - 1) // PARTITION_ENTRIES + 1):
        first = number * PARTITION_ENTRIES
        if start > first:
            continue  # the leaf before `start` lies in this partition, so it exists
        raw.execute(
            f"CREATE TABLE IF NOT EXISTS entries_{number:05d} PARTITION OF entries "
            f"FOR VALUES FROM ({first}) TO ({first + PARTITION_ENTRIES})"
        )
