"""``fsck``: derives everything that is stored again, from the sealed bodies up, and compares it with everything that is held.

Read-only, on one snapshot of the database, so it runs beside a working service: journal, tile folder and chain are read before the
snapshot is taken, and everything they held then must be in it. Entries are streamed; what is kept in memory grows with the number
of checkpoints only (about 200 bytes each).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine, text

from anchor.fsck_chain import ChainCheck
from anchor.fsck_index import IndexPass
from anchor.fsck_keys import KeyHistory
from anchor.fsck_log import check_log_row, check_opening
from anchor.fsck_rows import (
    check_event,
    check_identities_back,
    check_identities_of,
    check_marks,
    check_note,
    check_outbox,
    check_outbox_of,
)
from anchor.fsck_tree import ExpectedRoots, Finding, Report, TreePass
from anchor.ports import AnchorChain
from ledger.adapters.sql import checkpoints, outbox, reading
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.reading import Shard, StoredEvent, StoredHead
from ledger.errors import LedgerError
from ledger.log.body import parse_body
from ledger.log.checkpoint import open_checkpoint
from ledger.log.hashing import EMPTY_ROOT
from ledger.log.tiles import TILE_WIDTH
from ledger.services.ports import TileStore
from ledger.services.preparation import Preparer, parse_sealed_plaintext

CHUNK_ENTRIES = 8 * TILE_WIDTH

Progress = Callable[[int, int], None]
"""(entries checked, entries in all)"""


class JournalReader(Protocol):
    """The second store, read as a whole."""

    def notes(self) -> list[str]:
        """Every recorded note, oldest first."""
        ...


@dataclass(frozen=True)
class Sources:
    """What is compared.

    ``preparer`` derives identities, tags and marks and opens bodies; its log is that of the key files and settings, never that of
    the database. ``chain`` is None when it is not to be asked; ``receipt_key``, the public half, when its file is not readable.
    """

    engine: Engine
    tiles: TileStore
    journal: JournalReader
    preparer: Preparer
    chain: AnchorChain | None
    receipt_key: bytes | None = None


@dataclass(frozen=True)
class Summary:
    """What was looked at and what was found, by code."""

    entries: int
    checkpoints: int
    anchored_heads: int
    chain: str
    findings: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Nothing was found."""
        return not self.findings


class Fsck:
    """One run."""

    def __init__(self, sources: Sources, report: Report, progress: Progress) -> None:
        self._sources = sources
        self._identity = sources.preparer.identity
        self._counts: Counter[str] = Counter()
        self._say = report
        self._progress = progress
        self._expected = ExpectedRoots()
        self._keys = KeyHistory(outbox.ledger_source(self._identity.origin))
        self._chain = ChainCheck(sources.chain, self._identity.log_id, self._report)

    def run(self) -> Summary:
        """Checks everything.

        Raises:
            UnavailableError: the database does not answer.
        """
        journal = self._read_journal()
        tile_note = self._sources.tiles.read_checkpoint()
        self._chain.read()
        with database_errors(), self._sources.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            shard, head = reading.shard(connection), reading.head(connection)
            if shard is None or head is None:
                self._report(Finding("log_missing", "The database holds no log."))
                return Summary(0, 0, 0, self._chain.said, dict(self._counts))
            for finding in check_log_row(connection, shard, self._sources.preparer, self._sources.receipt_key):
                self._report(finding)
            self._check_holders(connection, head, journal, tile_note)
            entries = self._check_entries(connection, shard, head)
            for finding in (
                *check_identities_back(connection),
                *check_outbox(connection, self._sources.preparer, self._keys),
                *self._keys.check(connection),
                *check_marks(connection),
            ):
                self._report(finding)
            checkpoints = connection.execute(text("SELECT count(*) FROM checkpoints")).scalar_one()
            anchored = connection.execute(text("SELECT count(*) FROM anchors")).scalar_one()
        return Summary(entries, checkpoints, anchored, self._chain.said, dict(self._counts))

    def _report(self, finding: Finding) -> None:
        self._counts[finding.code] += 1
        self._say(finding)

    # --- holders of roots -----------------------------------------------------------------------------------------

    def _read_journal(self) -> list[str]:
        try:
            return self._sources.journal.notes()
        except (LedgerError, OSError, ValueError) as error:
            self._report(Finding("journal_unreadable", f"The journal cannot be read: {error}", {"where": "journal"}))
            return []

    def _check_holders(
        self, connection: Connection, head: StoredHead, journal: list[str], tile_note: str | None
    ) -> None:
        """Collects every root that somebody holds, and compares who holds which sizes."""
        self._expected.add(head.tree_size, head.root_hash, "the head row")
        published = self._check_checkpoints(connection)
        recorded = self._check_notes(journal, "journal")
        shown = self._check_notes([] if tile_note is None else [tile_note], "tile folder")
        newest_recorded = max(recorded, default=0)
        # One behind is what a crash between the two stores leaves, and what a publication on its way shows.
        owed = max(recorded - {newest_recorded}, default=0)
        if max(shown, default=0) < owed:
            detail = f"The tile folder's checkpoint is older than the one of {owed} entries in the journal, or is gone."
            self._report(Finding("tile_behind", detail, {"where": "tile folder", "tree_size": owed}))
        for name, sizes in (("journal", recorded), ("tile folder", shown)):
            ahead = [size for size in sizes if size > head.tree_size]
            if ahead:
                detail = f"The {name} holds a checkpoint of {max(ahead)} entries, the database only {head.tree_size}."
                self._report(Finding(f"{name.split()[0]}_ahead", detail, {"where": name, "tree_size": max(ahead)}))
        # The journal is read once more: what was published meanwhile was recorded before.
        grown = self._read_journal()[len(journal) :]
        recorded_by_now = recorded | self._check_notes(grown, "journal") if published - recorded else recorded
        missing = sorted(published - recorded_by_now)
        if missing:
            detail = f"{len(missing)} published checkpoints are not in the journal, the first of size {missing[0]}."
            self._report(Finding("journal_behind", detail, {"where": "journal", "tree_size": missing[0]}))
        lost = sorted(size for size in recorded - published if size != newest_recorded and size <= head.tree_size)
        if lost:
            detail = f"{len(lost)} checkpoints of the journal are not in the database, the first of size {lost[0]}."
            self._report(Finding("checkpoint_missing", detail, {"where": "database", "tree_size": lost[0]}))
        self._chain.check(connection, self._expected, max(newest_recorded, max(published, default=0)))
        self._expected.freeze()

    def _check_checkpoints(self, connection: Connection) -> set[int]:
        sizes: set[int] = set()
        rows = connection.execute(text("SELECT tree_size, root_hash, note FROM checkpoints ORDER BY 1"))
        for tree_size, root_hash, note in rows:
            sizes.add(tree_size)
            self._expected.add(tree_size, bytes(root_hash), "a published checkpoint")
            where = f"checkpoint {tree_size}"
            for finding in check_note(note, self._identity, where, (tree_size, bytes(root_hash))):
                self._report(finding)
        return sizes

    def _check_notes(self, notes: list[str], where: str) -> set[int]:
        """The sizes held there. Every root is held against the entries, also a second one of the same size."""
        sizes: set[int] = set()
        newest = 0
        for note in notes:
            findings = list(check_note(note, self._identity, where, None))
            for finding in findings:
                self._report(finding)
            if not findings:
                checkpoint = open_checkpoint(note, self._identity).checkpoint
                if checkpoint.tree_size <= newest:
                    detail = f"The {where} holds a checkpoint of {checkpoint.tree_size} entries after one of {newest}."
                    facts = {"where": where, "tree_size": checkpoint.tree_size, "note": note}
                    self._report(Finding("journal_disordered", detail, facts))
                newest = checkpoint.tree_size
                sizes.add(checkpoint.tree_size)
                self._expected.add(checkpoint.tree_size, checkpoint.root_hash, f"the {where}")
        return sizes

    # --- entries --------------------------------------------------------------------------------------------------

    def _check_entries(self, connection: Connection, shard: Shard, head: StoredHead) -> int:
        checkpoint = checkpoints.last_checkpoint(connection)
        signed = (checkpoint.tree_size, checkpoint.root_hash) if checkpoint is not None else (0, EMPTY_ROOT)
        if signed[0] > head.tree_size:
            detail = f"The newest checkpoint has {signed[0]} entries, the head {head.tree_size}: the head was set back."
            self._report(Finding("database_behind", detail, {"tree_size": head.tree_size}))
        tree = TreePass(self._sources.tiles, *signed, expected=self._expected, report=self._report)
        last = connection.execute(text("SELECT max(leaf_index) + 1 FROM entries")).scalar() or 0
        total = max(head.tree_size, last)
        if last > head.tree_size:
            detail = f"{last - head.tree_size} entries lie beyond the head of {head.tree_size}."
            self._report(Finding("entry_beyond_head", detail, {"leaf_index": head.tree_size}))
        index = IndexPass(connection)
        for start in range(0, total, CHUNK_ENTRIES):
            end = min(total, start + CHUNK_ENTRIES)
            found = {event.leaf_index: event for event in reading.events_between(connection, start, end)}
            sound = self._check_rows(connection, list(found.values()), shard)
            for finding in index.take(start, end, sound):
                self._report(finding)
            for leaf in range(start, end):
                if leaf not in found:
                    self._keys.take_unreadable(leaf)
                    self._report(Finding("entry_missing", f"Leaf {leaf} is not in the database.", {"leaf_index": leaf}))
            for first in range(start, min(end, head.tree_size), TILE_WIDTH):
                stop = min(end, first + TILE_WIDTH, head.tree_size)
                tree.take_bundle(
                    first, [found[leaf].entry.encode() if leaf in found else None for leaf in range(first, stop)]
                )
            self._progress(end, total)
        for finding in index.finish(head.tree_size):
            self._report(finding)
        if tree.compact_range.size == head.tree_size and tree.compact_range.encode() != head.compact_range:
            self._report(Finding("head_altered", "The head's compact range is not that of its entries."))
        return total

    def _check_rows(self, connection: Connection, events: list[StoredEvent], shard: Shard) -> list[StoredEvent]:
        """Every row by itself and its identity; returns those whose envelope is the committed one."""
        preparer = self._sources.preparer
        macs: dict[bytes, bytes] = {}
        sound: list[StoredEvent] = []
        own: dict[int, StoredEvent] = {}
        for event in events:
            findings = list(check_event(event, preparer))
            for finding in findings:
                self._report(finding)
            if all(finding.code != "envelope_altered" for finding in findings):
                sound.append(event)
            if findings or event.sealed is None:
                self._keys.take_unreadable(event.leaf_index)
                continue
            _, body = parse_sealed_plaintext(preparer.sealer.unseal(event.identity, event.sealed))
            opened = parse_body(body)
            macs[event.identity] = preparer.event_mac(opened.canonical)
            self._keys.take(opened)
            number = outbox.row_number(opened, self._identity.origin)
            if number is not None:
                own[number] = event
            if event.leaf_index == 0:
                for finding in check_opening(opened, shard, preparer):
                    self._report(finding)
        for finding in (*check_identities_of(connection, events, macs), *check_outbox_of(connection, own)):
            self._report(finding)
        return sound
