"""Publishing: from the database's head to tiles on disk, a signed checkpoint, and the ``published`` watermark.

The order of durable steps is the argument; each comment ``CRASH`` says what a crash right there leaves and who repairs it.
The one commit point is the journal: a head recorded there may have been seen, so it is never contradicted afterwards.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from anchor.lease import LeaderLease
from anchor.signing import CheckpointSigner
from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError, NotFoundError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange
from ledger.log.proof import NodeReader, root_hash
from ledger.log.tiles import (
    TILE_WIDTH,
    TileAddress,
    TileNodeReader,
    advance_right_edge,
    compact_range_from_right_edge,
    edge_tiles,
    encode_bundle,
    entry_bundle_path,
    grow_tiles,
    tile_path,
)
from ledger.services.ports import CheckpointJournal, Clock, TileStore

CHUNK_ENTRIES = 64 * TILE_WIDTH
"""Entries held in memory at once: 16,384 of 232 bytes. A longer backlog is written in chunks under one checkpoint."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """New entries [start, start + len(leaf_hashes)), with the entries of the same bundle that come before ``start``."""

    start: int
    bundle_start: int
    entries: list[bytes]
    leaf_hashes: list[bytes]


def tile_reader(tiles: TileStore, tree_size: int) -> NodeReader:
    """Nodes of the published tree of this size."""

    def read(level: int, index: int, width: int) -> bytes:
        return tiles.read(tile_path(level, index, width))

    return TileNodeReader(read, tree_size)


def read_right_edge(tiles: TileStore, tree_size: int) -> dict[int, bytes]:
    """The partial tiles of a tree of this size. Raises ``NotFoundError`` when one is not there."""
    edge: dict[int, bytes] = {}
    for address in edge_tiles(tree_size):
        assert isinstance(address.level, int)
        edge[address.level] = tiles.read(address.path)
    return edge


def read_chunks(connection: Connection, start: int, end: int) -> Iterator[Chunk]:
    """The entries [start, end) from the database, re-hashed, in chunks that end on a bundle's border where they can.

    Raises:
        IntegrityError: an entry is missing, or its stored leaf hash is not its hash.
    """
    while start < end:
        bundle_start = start - start % TILE_WIDTH
        stop = min(end, bundle_start + CHUNK_ENTRIES)
        rows = reading.public_entries(connection, bundle_start, stop)
        entries = [entry.encode() for _, entry in rows]
        hashes = [hash_leaf(entry) for entry in entries]
        for offset, (stored, _) in enumerate(rows):
            if stored != hashes[offset]:
                raise IntegrityError(
                    f"Entry {bundle_start + offset} does not have the leaf hash stored beside it; it was altered."
                    " Nothing was published.",
                    finding="entry_altered",
                    leaf_index=bundle_start + offset,
                )
        yield Chunk(start, bundle_start, entries, hashes[start - bundle_start :])
        start = stop


def chunk_files(chunk: Chunk, edge: dict[int, bytes]) -> tuple[list[tuple[str, bytes]], dict[int, bytes]]:
    """The files that this chunk adds to or changes in the tile store, and the right edge after it."""
    files: list[tuple[str, bytes]] = []
    for offset in range(0, len(chunk.entries), TILE_WIDTH):
        bundle = chunk.entries[offset : offset + TILE_WIDTH]
        path = entry_bundle_path((chunk.bundle_start + offset) // TILE_WIDTH, len(bundle))
        files.append((path, encode_bundle(bundle)))
    grown: list[tuple[TileAddress, bytes]] = grow_tiles(chunk.start, edge, chunk.leaf_hashes)
    files += [(address.path, data) for address, data in grown]
    return files, advance_right_edge(edge, grown)


class Publisher:
    """Publishes one log. Used by one thread of the leader; ``resume`` comes first.

    Args:
        engine: the database.
        tiles: the published log.
        journal: the second store, on other media.
        signer: the log's two keys.
        lease: shows in every transaction that this process is still the leader.
        clock: stamps checkpoints.
    """

    def __init__(
        self,
        engine: Engine,
        tiles: TileStore,
        journal: CheckpointJournal,
        *,
        signer: CheckpointSigner,
        lease: LeaderLease,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._tiles = tiles
        self._journal = journal
        self._signer = signer
        self._lease = lease
        self._clock = clock
        self._tree_size = 0
        self._edge: dict[int, bytes] = {}
        self._note: str | None = None
        self._journal_is_known = True  # False after a record call whose outcome is not known
        self._is_shown = True  # False between the journal and the last step that shows the checkpoint
        self._lock = threading.Lock()

    @property
    def published_size(self) -> int:
        """Size of the newest published checkpoint; 0 before the first."""
        return self._tree_size

    def load(self, note: str | None) -> None:
        """Takes the checkpoint that the journal holds (None: none yet) as what is published; writes nothing.

        Raises:
            IntegrityError: the tiles do not have the checkpoint's root.
            NotFoundError: tiles are missing.
        """
        if note is None:
            self._tree_size, self._edge, self._note = 0, {}, None
            return
        checkpoint = open_checkpoint(note, self._signer.identity).checkpoint
        edge = read_right_edge(self._tiles, checkpoint.tree_size)
        got = compact_range_from_right_edge(checkpoint.tree_size, edge).root_hash()
        _check_root(got, checkpoint.root_hash, "tiles")
        self._tree_size, self._edge, self._note = checkpoint.tree_size, edge, note

    def check_extends(self) -> None:
        """Raises :class:`IntegrityError` unless the database's head extends what is published. Writes nothing."""
        with database_errors(), self._engine.connect() as connection:
            head = reading.head(connection)
            if head is None:
                return
            compact = compact_range_from_right_edge(self._tree_size, self._edge)
            for chunk in read_chunks(connection, self._tree_size, head.tree_size):
                compact.extend(chunk.leaf_hashes)
        _check_root(compact.root_hash(), head.root_hash, "database")

    def show(self) -> None:
        """Makes the loaded checkpoint visible: what a crash after the journal left undone, by the same steps."""
        if self._note is not None:
            checkpoint = open_checkpoint(self._note, self._signer.identity).checkpoint
            self._show(checkpoint.tree_size, checkpoint.root_hash, self._note)
        self._is_shown = True

    def rebuild_tiles(self, note: str) -> None:
        """Writes all tiles again from the database, up to a checkpoint, and checks them against its root.

        Raises:
            IntegrityError: the database's entries do not have this root, or a full tile on disk has other bytes.
        """
        checkpoint = open_checkpoint(note, self._signer.identity).checkpoint
        with database_errors(), self._engine.connect() as connection:
            compact = CompactRange()
            for chunk in read_chunks(connection, 0, checkpoint.tree_size):
                compact.extend(chunk.leaf_hashes)
            _check_root(compact.root_hash(), checkpoint.root_hash, "database")
            edge: dict[int, bytes] = {}
            for chunk in read_chunks(connection, 0, checkpoint.tree_size):
                files, edge = chunk_files(chunk, edge)
                self._tiles.write(files)

    def publish(self) -> bool:
        """Publishes the database's head; returns False when it is published already.

        Raises:
            IntegrityError: entries, head, tiles or journal contradict each other. Nothing was shown; the caller halts.
            LeaseLostError: another process leads. Nothing was shown.
            UnavailableError: the database is away; repeat later.
        """
        with self._lock, database_errors():
            self._finish_last()
            with self._engine.connect() as connection:
                head = reading.head(connection)
                if head is None:
                    return False
                if head.tree_size == self._tree_size:
                    self._check_head(compact_range_from_right_edge(self._tree_size, self._edge), head)
                    return False
                if head.tree_size < self._tree_size:
                    raise IntegrityError(
                        f"The database's head ({head.tree_size}) is behind the published checkpoint"
                        f" ({self._tree_size}): it was restored from an older state. Nothing was changed.",
                        finding="database_behind",
                        database_tree_size=head.tree_size,
                        published_note=self._note,
                    )
            with self._engine.connect() as connection:
                self._lease.check(connection)
            with self._engine.connect() as connection:
                edge = self._write_tiles(connection, head)
            _check_root(self._root_on_disk(head.tree_size), head.root_hash, "tiles")
            # CRASH here: tiles ahead of any checkpoint. Nobody was promised anything; they are written again, same bytes.
            note = self._signer.sign(head.tree_size, head.root_hash)
            # Held, so that the journal's last note is ours; asked for again inside the journal's lock: a leader whose session was
            # ended while it slept would else put a note under a successor that has recovered already, which would halt over it.
            with self._engine.connect() as connection, self._lease.lost_before_contradicted():
                self._lease.check(connection)
                self._journal_is_known = False
                self._journal.record(self._note, note, lambda: self._lease.check(connection))
            # CRASH here: the journal is ahead. recovery.py finds this note and calls `load` and `show`.
            self._journal_is_known, self._is_shown = True, False
            self._tree_size, self._edge, self._note = head.tree_size, edge, note
            self.show()
            return True

    def _finish_last(self) -> None:
        """After a failure that the process outlived: asks the journal what it holds, and shows what was not shown."""
        if not self._journal_is_known:
            note = self._journal.last()
            if note != self._note:
                self.load(note)
                self._is_shown = False
            self._journal_is_known = True
        if not self._is_shown:
            self.show()

    def _show(self, tree_size: int, root: bytes, note: str) -> None:
        """What makes a recorded checkpoint visible; every step may be repeated."""
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            checkpoints.record_checkpoint(connection, tree_size, root, note, self._clock.now())
        # CRASH here: the API shows the checkpoint, the tile folder the one before. `show` repeats both.
        with database_errors(), self._engine.connect() as connection:
            self._lease.check(connection)
            # Held, and asked for again right before the rename, so that a successor's newer one is never written over.
            self._tiles.write_checkpoint(note, lambda: self._lease.check(connection))

    def _write_tiles(self, connection: Connection, head: reading.StoredHead) -> dict[int, bytes]:
        """Checks the new entries against the head, then writes their tiles; gives the new right edge.

        The check comes first because a full tile, once written, never changes.
        """
        compact = compact_range_from_right_edge(self._tree_size, self._edge)
        first: Chunk | None = None
        for chunk in read_chunks(connection, self._tree_size, head.tree_size):
            compact.extend(chunk.leaf_hashes)
            first = chunk if chunk.start == self._tree_size else first
        self._check_head(compact, head)
        assert first is not None
        files, edge = chunk_files(first, self._edge)
        self._tiles.write(files)
        for chunk in read_chunks(connection, first.start + len(first.leaf_hashes), head.tree_size):
            files, edge = chunk_files(chunk, edge)
            self._tiles.write(files)
        return edge

    @staticmethod
    def _check_head(compact: CompactRange, head: reading.StoredHead) -> None:
        _check_root(compact.root_hash(), head.root_hash, "database")
        if compact.encode() != head.compact_range:
            raise IntegrityError("The head's compact range is not that of its entries.", finding="head_altered")

    def _root_on_disk(self, tree_size: int) -> bytes:
        try:
            return root_hash(tree_size, tile_reader(self._tiles, tree_size))
        except NotFoundError as error:
            raise IntegrityError("A tile just written cannot be read back.", finding="tile_missing") from error


def _check_root(got: bytes, expected: bytes, where: str) -> None:
    if got != expected:
        raise IntegrityError(
            f"The root recomputed from the {where} is {got.hex()}, expected {expected.hex()}. Nothing was published.",
            finding=f"{where}_root_mismatch",
            got=got.hex(),
            expected=expected.hex(),
        )
