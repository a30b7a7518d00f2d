"""Whether the database still holds everything that was published: no promise is made over one that was restored too old.

The anchor service refuses to publish such a database, but this process can run without it, and would take new events into leaf
indexes that were given away before. So the database is compared with what this process can see besides it:

- the checkpoint in the tile folder, and the last one in the journal, where these lie on this machine;
- what this process itself has seen in the database and added to it since it started.

The order is the argument: the notes are read before the database, so a healthy database is never behind them. A look that ends in
any other way than "everything is there" is doubt, and in doubt no event is taken.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection

from api.history_comparison import CONTRADICTS, NOTHING_SEEN, DatabaseBehindError, Leaf, Look, Memory, Note, compare
from ledger.adapters.files.journal import read_last_note
from ledger.errors import IntegrityError, UnavailableError
from ledger.services.ports import TileStore

CHECK_INTERVAL_S: Final = 1.0
"""A few queries by key and three small files a second; besides, the database is asked again whenever it was away."""

UNKNOWN: Final = "unknown"

_logger = structlog.get_logger("api")


class HistoryUnknownError(UnavailableError):
    """The database answers, and cannot be compared: a table, a right or a readable row is missing."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the guard looks at.

    Args:
        read: runs a query on a connection of its own.
        tiles: the published log, which may be empty or not be on this machine.
        journal_path: the journal's file, which may not be there either.
        check_keys: raises ``UnavailableError`` when keys that seal events are gone; asked after the history.
    """

    read: Callable[[Callable[[Connection], Look]], Look]
    tiles: TileStore
    journal_path: Path
    check_keys: Callable[[Connection], None]


class HistoryGuard:
    """Looks when it is asked and every ``CHECK_INTERVAL_S``. Lives on one event loop, but for ``newest_leaf``, ``appended``, ``doubt``."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._seen = NOTHING_SEEN
        self._own: Leaf | None = None
        self._refusal: DatabaseBehindError | None = None
        self._is_current = False
        self._is_failing = False
        self._doubts = 0
        self._unreadable: set[str] = set()
        self._thread = ThreadPoolExecutor(1, "history")
        self._look: asyncio.Task[DatabaseBehindError | None] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def newest_leaf(self) -> Leaf | None:
        """The last entry that this process found or made: a database that lacks it may not be appended to."""
        return Memory(self._seen, self._own).newest_leaf

    def appended(self, leaf_index: int, leaf_hash: bytes) -> None:
        """The last entry of an append of this process that was committed; called by its one committer."""
        self._own = Leaf(leaf_index, leaf_hash)

    def start(self) -> None:
        """Starts looking by itself; call it on the event loop that serves."""
        self._watch = asyncio.create_task(self._keep_looking())

    def close(self) -> None:
        """Stops; a look that is under way ends first and gives its connection back."""
        if self._watch is not None:
            self._watch.cancel()
        self._thread.shutdown(cancel_futures=True)

    def doubt(self) -> None:
        """The database was away or odd: another one may answer from now on, so look before the next event is taken."""
        self._doubts += 1
        self._is_current = False

    async def require_current(self) -> None:
        """Returns when the database holds what was published.

        Raises:
            DatabaseBehindError: it does not.
            UnavailableError: it is away, cannot be compared or was doubted again, keys are gone, or the log is not open yet.
        """
        for _ in range(2):  # the first look may have begun before the doubt
            if self._is_current:
                return
            refusal = await self.check()
            if refusal is not None:
                raise refusal
        if not self._is_current:
            raise UnavailableError("The database fails again and again; nothing was recorded. Retry later.")

    async def check(self) -> DatabaseBehindError | None:
        """Looks now; callers at the same time share one look.

        Raises:
            UnavailableError: as ``require_current``.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._check())
        return await asyncio.shield(self._look)

    async def _check(self) -> DatabaseBehindError | None:
        doubts = self._doubts
        try:
            self._seen, refusal = await asyncio.get_running_loop().run_in_executor(self._thread, self._compare)
        except UnavailableError:
            self.doubt()
            raise
        except Exception as error:
            self.doubt()
            if not self._is_failing:  # once, not every second
                _logger.exception("history_check_failed")
            self._is_failing = True
            raise HistoryUnknownError(
                "The database answers, but it cannot be compared with what was published; nothing was recorded. Senders: keep your"
                " events and send them again later. Operator: the log of this service names the error; run `cityledger fsck`."
            ) from error
        self._is_failing = False
        if refusal is not None and self._refusal is None:
            _logger.error("database_behind", state=refusal.state, detail=refusal.detail)
        if refusal is None and self._refusal is not None:
            _logger.info("database_current_again", tree_size=self._seen.tree_size)
        self._refusal = refusal
        self._is_current = refusal is None and doubts == self._doubts
        return refusal

    async def _keep_looking(self) -> None:
        while True:
            with suppress(UnavailableError):  # requests and /readyz say so themselves, and the next look asks again
                await self.check()
            await asyncio.sleep(CHECK_INTERVAL_S)

    def _compare(self) -> Look:
        memory = Memory(self._seen, self._own)
        tiles = self._note("the tile folder", self._sources.tiles.read_checkpoint)
        journal = self._note("the journal", lambda: read_last_note(self._sources.journal_path))

        def query(connection: Connection) -> Look:
            seen, refusal = compare(connection, tiles, journal, memory)
            if refusal is None:
                self._sources.check_keys(connection)
            return seen, refusal

        return self._sources.read(query)

    def _note(self, where: str, read: Callable[[], str | None]) -> Note:
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
