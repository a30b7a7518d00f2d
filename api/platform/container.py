"""What the authorisation platform's process holds, built from settings and keys; nothing is built at import time."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection

from api.bodies import BodyBudget
from api.platform.worker import Worker
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.platform.books import SqlBooks, SqlBooksOpener, claim_book
from ledger.adapters.platform.chain import ContractBooks, NoChain
from ledger.adapters.platform.keys import PlatformKeys
from ledger.adapters.platform.settings import PlatformSettings
from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.errors import SettingsError
from ledger.services.platform_ports import ChainBooks
from ledger.services.ports import Clock

BODY_BYTES_MAX: Final = 1 << 20
THREADS: Final = 4
IDLE_IN_TRANSACTION_S: Final = 60
LOCK_WAIT_S: Final = 20

T = TypeVar("T")


class PlatformContainer:
    """The parts of one process. ``start`` and ``close`` run on the event loop.

    Args:
        settings: of this platform.
        keys: its own.
        clock: wall clock.
    """

    def __init__(self, settings: PlatformSettings, keys: PlatformKeys, *, clock: Clock | None = None) -> None:
        self.settings, self.keys = settings, keys
        self.clock: Clock = clock or SystemClock()
        self.tolerance = timedelta(seconds=settings.tolerance_s)
        self.budget = BodyBudget(8 * BODY_BYTES_MAX)
        self.engine = create_engine(
            settings.database_url,
            pool_size=THREADS + 2,
            idle_in_transaction_s=IDLE_IN_TRANSACTION_S,
            lock_wait_s=LOCK_WAIT_S,
        )
        self._sealer = FileKeyring(settings.data_dir / "keyring", os.urandom)
        self._threads = ThreadPoolExecutor(THREADS, "books")
        opener = SqlBooksOpener(self.engine, self._sealer, self.clock)
        self.worker = Worker(settings, keys.peer_key, self.engine, opener, build_chain(settings))

    def claim(self) -> None:
        """Makes the database this body's.

        Raises:
            IntegrityError: it holds another body's books.
            UnavailableError: it is away.
        """
        with database_errors(), self.engine.begin() as connection:
            claim_book(connection, self.settings.subject_code)

    def start(self) -> None:
        """Starts following."""
        self.worker.start()

    def close(self) -> None:
        """Stops following and lets go of threads and connections."""
        self.worker.stop()
        self._threads.shutdown()
        self.engine.dispose()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query off the event loop. Raises ``UnavailableError`` when the database is away."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, query)

    async def write(self, work: Callable[[SqlBooks], T]) -> T:
        """Runs work on the books in a transaction of its own; it is committed when this returns, and then what waits is sent.

        Raises:
            UnavailableError: the database is away; whether the transaction was committed is then unknown, and repeating is safe.
        """
        done = await asyncio.get_running_loop().run_in_executor(self._threads, self._write, work)
        self.worker.wake()
        return done

    def _read(self, query: Callable[[Connection], T]) -> T:
        with database_errors(), self.engine.connect() as connection:
            return query(connection)

    def _write(self, work: Callable[[SqlBooks], T]) -> T:
        with database_errors(), self.engine.begin() as connection:
            return work(SqlBooks(connection, self._sealer, self.clock))


def build_chain(settings: PlatformSettings) -> ChainBooks:
    """The contracts that the settings name.

    Raises:
        SettingsError: a node is named and no manifest, or the other way round.
        SuiteManifestError: the manifest cannot be read.
    """
    if (settings.rpc_url is None) != (settings.contracts_manifest is None):
        raise SettingsError("CITYLEDGER_PLATFORM_RPC_URL and CITYLEDGER_PLATFORM_CONTRACTS_MANIFEST go together")
    if settings.rpc_url is None or settings.contracts_manifest is None:
        return NoChain()
    return ContractBooks.from_manifest(settings.rpc_url, settings.contracts_manifest)
