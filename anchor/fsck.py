"""``fsck``: derives everything that is stored again, from the sealed bodies up, and compares it with everything that is held.

Read-only, on one snapshot of the database, so it runs beside a working service: journal, tile folder and chain are read before the
snapshot is taken, and everything they held then must be in it. Entries are streamed; what is kept in memory grows with the number
of checkpoints only (about 200 bytes each), of places in the catalog's feed and of usage tokens (``fsck_feed``, ``fsck_quotas``).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text

from anchor.fsck_accounts import AccountHistory
from anchor.fsck_calls import CallHistory
from anchor.fsck_catalog import check_catalog
from anchor.fsck_chain import ChainCheck
from anchor.fsck_clock import check_clocks
from anchor.fsck_conflicts import ConflictHistory
from anchor.fsck_deadlines import DeadlineHistory
from anchor.fsck_feed import FeedHistory
from anchor.fsck_halt import check_halt
from anchor.fsck_holders import Holders, JournalReader
from anchor.fsck_index import IndexPass
from anchor.fsck_jobs import check_jobs
from anchor.fsck_keys import KeyHistory
from anchor.fsck_log import check_log_row, check_opening, read_log_row
from anchor.fsck_objects import check_objects
from anchor.fsck_partials import ListedTiles, check_partials
from anchor.fsck_quotas import QuotaHistory
from anchor.fsck_rows import (
    check_event,
    check_identities_back,
    check_identities_of,
    check_marks,
    check_outbox,
    check_outbox_of,
)
from anchor.fsck_times import read_any_time
from anchor.fsck_tree import ExpectedRoots, Finding, Report, TreePass
from anchor.ports import AnchorChain
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import month_of
from ledger.adapters.sql import checkpoints, outbox, reading
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.reading import Shard, StoredEvent, StoredHead
from ledger.log.body import parse_body
from ledger.log.event import Event
from ledger.log.hashing import EMPTY_ROOT
from ledger.log.tiles import TILE_WIDTH
from ledger.services.ports import Clock
from ledger.services.preparation import Preparer, parse_sealed_plaintext

CHUNK_ENTRIES = 8 * TILE_WIDTH

Progress = Callable[[int, int], None]
"""(entries checked, entries in all)"""


@dataclass(frozen=True)
class Sources:
    """What is compared.

    ``preparer`` derives identities, tags and marks and opens bodies; its log is that of the key files and settings, never that of
    the database. ``chain`` is None when it is not to be asked; ``receipt_key``, the public half, when its file is not readable;
    ``profile``, the network's by the settings, when it is not known. ``anchor_within_s`` is the promise by the settings.
    """

    engine: Engine
    tiles: ListedTiles
    journal: JournalReader
    preparer: Preparer
    chain: AnchorChain | None
    receipt_key: bytes | None = None
    profile: str | None = None
    anchor_within_s: float = 600
    clock: Clock = field(default_factory=SystemClock)


@dataclass(frozen=True)
class Summary:
    """What was looked at and what was found, by code. ``is_chain_away``: the chain was to be asked and did not answer all."""

    entries: int
    checkpoints: int
    anchored_heads: int
    chain: str
    findings: dict[str, int]
    is_chain_away: bool = False

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
        self._holders = Holders(sources.journal, self._identity, self._expected, self._report)
        source = outbox.ledger_source(self._identity.origin)
        self._keys = KeyHistory(source, AccountHistory(sources.preparer))
        self._calls, self._deadlines, self._feed = CallHistory(source), DeadlineHistory(source), FeedHistory(source)
        self._quotas = QuotaHistory(source)
        self._conflicts = ConflictHistory(sources.preparer)
        self._lost: Counter[int] = Counter()  # rows by month (YYYYMM) of which the keyring has no keys
        late_before_s = sources.clock.now().timestamp() - sources.anchor_within_s
        log_id, profile = self._identity.log_id, sources.profile
        self._chain = ChainCheck(sources.chain, log_id, profile, self._report, late_before_s=late_before_s)

    def run(self) -> Summary:
        """Checks everything.

        Raises:
            UnavailableError: the database does not answer.
        """
        journal = self._holders.read_journal()
        tile_note = self._sources.tiles.read_checkpoint()
        self._chain.read()
        with database_errors(), self._sources.engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            read_any_time(connection)
            shard, head = read_log_row(connection), reading.head(connection)
            if isinstance(shard, Finding) or head is None:
                missing = Finding("log_missing", "The database holds no head of a log.")
                self._report(shard if isinstance(shard, Finding) else missing)
                return self._summary(0, 0, 0)
            for finding in check_log_row(connection, shard, self._sources.preparer, self._sources.receipt_key):
                self._report(finding)
            self._holders.check(connection, head, journal, tile_note)
            self._chain.check(connection, self._expected, self._holders.published)
            for finding in check_halt(connection, self._identity, self._expected):
                self._report(finding)
            self._expected.freeze()
            entries = self._check_entries(connection, shard, head)
            for finding in (
                *self._check_keyring(),
                *check_identities_back(connection),
                *check_outbox(connection, self._sources.preparer, self._take_own),
                *self._keys.check(connection),
                *self._conflicts.check(connection),
                *check_jobs(connection, self._identity),
                *check_objects(connection, self._sources.preparer),
                *self._calls.check(connection, self._identity.chain_id),
                *self._deadlines.check(connection),
                *self._feed.check(connection),
                *self._quotas.check(connection),
                *check_catalog(connection, self._feed.shown),
                *check_marks(connection),
                *check_clocks(connection, self._sources.clock.now(), self._sources.profile),
            ):
                self._report(finding)
            checkpoints = connection.execute(text("SELECT count(*) FROM checkpoints")).scalar_one()
            anchored = connection.execute(text("SELECT count(*) FROM anchors")).scalar_one()
        return self._summary(entries, checkpoints, anchored)

    def _summary(self, entries: int, checkpoints: int, anchored: int) -> Summary:
        counts, chain = dict(self._counts), self._chain
        return Summary(entries, checkpoints, anchored, chain.said, counts, is_chain_away=chain.is_incomplete)

    def _report(self, finding: Finding) -> None:
        self._counts[finding.code] += 1
        self._say(finding)

    def _take_own(self, event: Event) -> None:
        """An event as it was opened: the ledger's own ones say what other tables must hold."""
        for part in (self._keys, self._conflicts, self._calls, self._deadlines, self._feed, self._quotas):
            part.take(event)

    def _take_unreadable(self, leaf_index: int) -> None:
        self._keys.take_unreadable(leaf_index)
        for part in (self._conflicts, self._calls, self._deadlines, self._feed, self._quotas):
            part.take_unreadable()

    def _take_broken_seal(self, event: StoredEvent) -> None:
        """A row's own month is that of its receipt; another one was written over it."""
        month = None if event.sealed is None else event.sealed.month
        if month == month_of(event.received_at) and not self._sources.preparer.sealer.holds(month):
            self._lost[month] += 1

    def _check_keyring(self) -> Iterator[Finding]:
        """Once for each month, beside ``seal_broken`` of each row: one lost file is not so many altered rows."""
        for month, rows in sorted(self._lost.items()):
            detail = f"The keyring has no keys of {month}, under which {rows} entries are sealed. Put its file back."
            yield Finding("keyring_incomplete", detail, {"where": "keyring", "month": month})

    # --- entries --------------------------------------------------------------------------------------------------

    def _check_entries(self, connection: Connection, shard: Shard, head: StoredHead) -> int:
        checkpoint = checkpoints.last_checkpoint(connection)
        signed = (checkpoint.tree_size, checkpoint.root_hash) if checkpoint is not None else (0, EMPTY_ROOT)
        if signed[0] > head.tree_size:
            detail = f"The newest checkpoint has {signed[0]} entries, the head {head.tree_size}: the head was set back."
            self._report(Finding("database_behind", detail, {"tree_size": head.tree_size}))
        tree = TreePass(self._sources.tiles, *signed, expected=self._expected, report=self._report)
        total = self._entries_to_look_for(connection, head)
        index = IndexPass(connection)
        for start in range(0, total, CHUNK_ENTRIES):
            end = min(total, start + CHUNK_ENTRIES)
            found = {event.leaf_index: event for event in reading.events_between(connection, start, end)}
            sound = self._check_rows(connection, list(found.values()), shard)
            for finding in index.take(start, end, sound):
                self._report(finding)
            for leaf in range(start, end):
                if leaf not in found:
                    self._take_unreadable(leaf)
                    self._report(Finding("entry_missing", f"Leaf {leaf} is not in the database.", {"leaf_index": leaf}))
            for first in range(start, min(end, head.tree_size), TILE_WIDTH):
                stop = min(end, first + TILE_WIDTH, head.tree_size)
                tree.take_bundle(
                    first, [found[leaf].entry.encode() if leaf in found else None for leaf in range(first, stop)]
                )
            self._progress(end, total)
        for finding in (*index.finish(head.tree_size), *check_partials(self._sources.tiles, signed[0])):
            self._report(finding)
        if tree.compact_range.size == head.tree_size and tree.compact_range.encode() != head.compact_range:
            self._report(Finding("head_altered", "The head's compact range is not that of its entries."))
        return total

    def _entries_to_look_for(self, connection: Connection, head: StoredHead) -> int:
        """Every row, and each leaf that somebody signed over; a head row alone may claim any number of leaves."""
        query = text("SELECT count(*), count(*) FILTER (WHERE leaf_index >= :size) FROM entries")
        rows, beyond = connection.execute(query, {"size": head.tree_size}).one()
        total = max(int(rows), min(head.tree_size, self._holders.signed_outside))
        if head.tree_size > total:
            detail = f"Leaves {total} to {head.tree_size - 1}, which the head row counts, are not in the database."
            self._report(Finding("entry_missing", detail, {"leaf_index": total}))
        if beyond:
            detail = f"{beyond} entries lie beyond the head of {head.tree_size}."
            self._report(Finding("entry_beyond_head", detail, {"leaf_index": head.tree_size}))
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
                if finding.code == "seal_broken":
                    self._take_broken_seal(event)
            if all(finding.code != "envelope_altered" for finding in findings):
                sound.append(event)
            if findings or event.sealed is None:
                self._take_unreadable(event.leaf_index)
                continue
            _, body = parse_sealed_plaintext(preparer.sealer.unseal(event.identity, event.sealed))
            opened = parse_body(body)
            macs[event.identity] = preparer.event_mac(opened.canonical)
            self._take_own(opened)
            number = outbox.row_number(opened, self._identity.origin)
            if number is not None:
                own[number] = event
            if event.leaf_index == 0:
                for finding in check_opening(opened, shard, preparer):
                    self._report(finding)
        for finding in (*check_identities_of(connection, events, macs), *check_outbox_of(connection, own)):
            self._report(finding)
        return sound
