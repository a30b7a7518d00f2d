"""Whether the database still holds everything that was published: no promise is made over one that was restored too old.

The anchor service refuses to publish such a database, but this process can run without it, and would take new events into leaf
indexes that were given away before. So the database is compared with what this process can see besides it:

- the checkpoint in the tile folder, and the last one in the journal, where these lie on this machine;
- what this process itself has seen in the database since it started.

The order is the argument: the notes are read before the database, so a healthy database is never behind them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Connection

from ledger.adapters.files.journal import read_last_note
from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.checkpoints import StoredCheckpoint
from ledger.errors import IntegrityError, LedgerError, UnavailableError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import TileStore

CHECK_INTERVAL_S: Final = 1.0
"""One query and two small files a second; besides, the database is asked again whenever it was away."""

RETRY_AFTER_S: Final = 30
"""Somebody has to restore a database first."""

BEHIND: Final = "behind_published"
CONTRADICTS: Final = "contradicts_published"

_logger = structlog.get_logger("api")


class DatabaseBehindError(UnavailableError):
    """The database lacks or contradicts what was published; ``state`` is the word for it in ``/readyz``."""

    code = "database_behind"
    title = "Database behind the published log"

    def __init__(self, what: str, state: str) -> None:
        self.state = state
        super().__init__(
            f"{what} It was probably restored from an older state. No event is acknowledged until that is mended; tiles are still"
            " served. Senders: keep your events and send them again later. Operator: bring the newest state of the database back"
            " (with `cityledger fsck` naming what is wrong); this service then goes on by itself.",
            retry_after_s=RETRY_AFTER_S,
        )


class Witness(NamedTuple):
    """A published head that the database must have. ``is_recorded``: its row was committed before the head could be seen here."""

    where: str
    tree_size: int
    root_hash: bytes
    is_recorded: bool


class Seen(NamedTuple):
    """The newest state of the database that was found good."""

    tree_size: int
    checkpoint: StoredCheckpoint | None


Look = tuple[Seen, DatabaseBehindError | None]


@dataclass(frozen=True, slots=True)
class Sources:
    """What the guard looks at.

    Args:
        read: runs a query on a connection of its own.
        tiles: the published log, which may be empty or not be on this machine.
        journal_path: the journal's file, which may not be there either.
    """

    read: Callable[[Callable[[Connection], Look]], Look]
    tiles: TileStore
    journal_path: Path


class HistoryGuard:
    """Looks when it is asked and every ``CHECK_INTERVAL_S``. Lives on one event loop, but for ``seen_size``, ``appended``, ``doubt``."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._seen = Seen(0, None)
        self._appended_size = 0
        self._refusal: DatabaseBehindError | None = None
        self._is_current = False
        self._doubts = 0
        self._unreadable: set[str] = set()
        self._thread = ThreadPoolExecutor(1, "history")
        self._look: asyncio.Task[DatabaseBehindError | None] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def seen_size(self) -> int:
        """The largest head that this process found or made; a later append is never below it."""
        return max(self._seen.tree_size, self._appended_size)

    def appended(self, tree_size: int) -> None:
        """An append of this process was committed; called by its one committer."""
        self._appended_size = max(self._appended_size, tree_size)

    def start(self) -> None:
        """Starts looking by itself; call it on the event loop that serves."""
        self._watch = asyncio.create_task(self._keep_looking())

    def close(self) -> None:
        """Stops."""
        if self._watch is not None:
            self._watch.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def doubt(self) -> None:
        """The database was away or odd: another one may answer from now on, so look before the next event is taken."""
        self._doubts += 1
        self._is_current = False

    async def require_current(self) -> None:
        """Returns when the database holds what was published.

        Raises:
            DatabaseBehindError: it does not.
            UnavailableError: it is away, or the log is not open yet.
        """
        for _ in range(2):  # the first look may have begun before the doubt
            if self._is_current:
                return
            refusal = await self.check()
            if refusal is not None:
                raise refusal

    async def check(self) -> DatabaseBehindError | None:
        """Looks now; callers at the same time share one look. Raises what the database raises."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._check())
        return await asyncio.shield(self._look)

    async def _check(self) -> DatabaseBehindError | None:
        doubts = self._doubts
        try:
            self._seen, refusal = await asyncio.get_running_loop().run_in_executor(self._thread, self._compare)
        except LedgerError:
            self.doubt()
            raise
        if refusal is not None and self._refusal is None:
            _logger.error("database_behind", state=refusal.state, detail=refusal.detail)
        if refusal is None and self._refusal is not None:
            _logger.info("database_current_again", tree_size=self._seen.tree_size)
        self._refusal = refusal
        self._is_current = refusal is None and doubts == self._doubts
        return refusal

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.check()
            except LedgerError:
                pass  # away or not open: requests and /readyz say so themselves, and the next look asks again
            except Exception:
                _logger.exception("history_check_failed")
            await asyncio.sleep(CHECK_INTERVAL_S)

    def _compare(self) -> Look:
        seen_size = self.seen_size
        tiles = self._note("the tile folder", self._sources.tiles.read_checkpoint)
        journal = self._note("the journal", lambda: read_last_note(self._sources.journal_path))

        def query(connection: Connection) -> Look:
            shard = reading.shard(connection)
            head = reading.head(connection)
            if shard is None or head is None:
                raise UnavailableError("The log is not opened in this database yet.")
            try:
                witnesses = [
                    # The row of a checkpoint is committed before the tile folder shows it, and after the journal has it.
                    *_open(tiles, shard.identity, "the tile folder", is_recorded=True),
                    *_open(journal, shard.identity, "the journal", is_recorded=False),
                ]
            except DatabaseBehindError as unfit:
                return self._seen, unfit
            if self._seen.checkpoint is not None:
                own = self._seen.checkpoint
                witnesses.append(Witness("what this server saw before", own.tree_size, own.root_hash, is_recorded=True))
            refusal = _refusal(connection, head, seen_size, witnesses)
            if refusal is not None:
                return self._seen, refusal
            return Seen(head.tree_size, checkpoints.last_checkpoint(connection)), None

        return self._sources.read(query)

    def _note(self, where: str, read: Callable[[], str | None]) -> str | DatabaseBehindError | None:
        """The newest note there; None when there is none, or none that this process may read."""
        try:
            note = read()
        except OSError as error:
            if where not in self._unreadable:
                _logger.warning("published_checkpoint_unreadable", where=where, error=type(error).__name__)
            self._unreadable.add(where)
            return None
        except (IntegrityError, UnicodeDecodeError):
            return DatabaseBehindError(f"The last checkpoint in {where} cannot be read.", CONTRADICTS)
        self._unreadable.discard(where)
        return note


def _open(
    note: str | DatabaseBehindError | None, identity: LogIdentity, where: str, *, is_recorded: bool
) -> list[Witness]:
    if note is None:
        return []
    if isinstance(note, DatabaseBehindError):
        raise note
    try:
        checkpoint: Checkpoint = open_checkpoint(note, identity).checkpoint
    except VerificationError as error:
        raise DatabaseBehindError(
            f"The checkpoint in {where} is not one of the database's log.", CONTRADICTS
        ) from error
    return [Witness(where, checkpoint.tree_size, checkpoint.root_hash, is_recorded)]


def _refusal(
    connection: Connection, head: reading.StoredHead, seen_size: int, witnesses: list[Witness]
) -> DatabaseBehindError | None:
    """What of the published log the database lacks or contradicts; None when nothing."""
    for where, tree_size, root_hash, is_recorded in witnesses:
        if head.tree_size < tree_size:
            return DatabaseBehindError(
                f"The database holds {head.tree_size} entries; a checkpoint over {tree_size} was published"
                f" (known from {where}).",
                BEHIND,
            )
        recorded = checkpoints.checkpoint_at(connection, tree_size)
        roots = {head.root_hash} if head.tree_size == tree_size else set[bytes]()
        roots |= set() if recorded is None else {recorded.root_hash}
        if roots - {root_hash} or (recorded is None and is_recorded):
            return DatabaseBehindError(
                f"The database does not have the checkpoint over {tree_size} entries that was published"
                f" (known from {where}).",
                CONTRADICTS,
            )
    if head.tree_size < seen_size:
        return DatabaseBehindError(
            f"The database holds {head.tree_size} entries; it held {seen_size} before, as this server saw.", BEHIND
        )
    return None
