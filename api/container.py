"""The composition root: everything one worker process holds, built from settings and three keys.

Nothing is built at import time. The log may be opened, and the database may come, after the process has started: until then
requests are answered 503 and ``/readyz`` says what is missing.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from api import metrics
from api.authentication import Authenticator
from api.bodies import BodyBudget
from api.group_commit import GroupCommitter
from api.history_comparison import BEHIND, DatabaseBehindError
from api.history_guard import HistoryGuard, Sources
from api.logins import Logins
from api.rendering import ReceiptSigner
from api.tokens import Tokens
from api.watching import LogView, PublicationWatcher
from ledger.adapters.chain.suite_manifest import SuiteManifestError, read_manifest
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import FileKeyring, month_of
from ledger.adapters.files.owed_records import OwedRecords
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.sealed_months import KeyringIncompleteError, check_keyring
from ledger.adapters.settings import Settings
from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.accounts import account_id_of
from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.adapters.sql.head_row import SLEEP_S_MAX
from ledger.adapters.sql.log_store import EntryLostError, KeysChangedError, SqlLogStore
from ledger.adapters.working_days import CalendarFile
from ledger.errors import IntegrityError, UnavailableError
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import AppendOutcome, AppendResult, Clock, PreparedEvent, Promise, Watermarks
from ledger.services.preparation import Preparer

READ_THREADS: Final = 8
"""Reads at the same time; the rest queue here and not in the database."""

WRITE_THREADS: Final = 4
"""Business writes at the same time; they queue on the outbox anyway."""

IDLE_IN_TRANSACTION_S: Final = 60
"""A worker that is frozen inside a transaction loses its session, and with it what all others wait for (see ``head_row``)."""

BODIES_IN_MEMORY: Final = 8
"""The budget of request bodies, in bodies of the largest size."""

T = TypeVar("T")


class NotReadyError(UnavailableError):
    """The process runs, but the log is not open in the database yet."""

    code = "not_ready"
    title = "Not ready"


class KeyringNotReadyError(NotReadyError):
    """Keys under which the database's rows are sealed are not there; nothing is sealed until they are."""

    code = "keyring_incomplete"
    title = "Keyring incomplete"


@dataclass(frozen=True, slots=True)
class ApiKeysOfLog:
    """The keys that the API holds: it can promise, tag and recognise, and can neither publish nor anchor."""

    receipt_key: Ed25519PrivateKey
    space_key: bytes
    identity_key: bytes

    @property
    def receipt_public_key(self) -> bytes:
        """32 bytes, as the log's first entry names it."""
        return self.receipt_key.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class OpenLog:
    """The log of this database, with what is needed to write to it."""

    shard: reading.Shard
    preparer: Preparer
    signer: ReceiptSigner

    @property
    def identity(self) -> LogIdentity:
        """The log's identity."""
        return self.shard.identity


class Container:
    """One worker's parts. ``start`` and ``close`` run on the event loop."""

    def __init__(self, settings: Settings, keys: ApiKeysOfLog, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.engine = create_engine(
            settings.database_url,
            pool_size=READ_THREADS + WRITE_THREADS + 4,
            idle_in_transaction_s=IDLE_IN_TRANSACTION_S,
            lock_wait_s=SLEEP_S_MAX,
        )
        self.tile_store = FileTileStore(settings.tiles_dir)
        self.tag_keys = TagKeys(keys.space_key)
        self.sealer = FileKeyring(settings.keyring_dir, os.urandom)
        self.authenticator = Authenticator(self.clock, self._account_id_of)
        self.tokens = Tokens(settings, self.clock)
        self.owed = OwedRecords(settings.owed_dir)
        self.logins = Logins(self.owed)
        self.calendar = CalendarFile(settings.calendar_path)
        self.budget = BodyBudget(BODIES_IN_MEMORY * settings.body_bytes_max)
        self.watcher = PublicationWatcher(self._read_view)
        self.history = HistoryGuard(Sources(self._read, self.tile_store, settings.journal_path, self._check_keyring))
        self.committer = GroupCommitter(
            self._append,
            Promise(ceil(settings.promise_publish_s), ceil(settings.promise_anchor_s)),
            events_max=settings.group_commit_events_max,
            outstanding_max=settings.outstanding_events_max,
        )
        self._keys = keys
        self._store = SqlLogStore(self.engine)
        self._reads = ThreadPoolExecutor(READ_THREADS, "reads")
        self._writes = ThreadPoolExecutor(WRITE_THREADS, "writes")
        self._log: OpenLog | None = None

    def start(self) -> None:
        """Starts the committer and the guard; call it on the event loop that serves."""
        self.committer.start()
        self.history.start()

    def close(self) -> None:
        """Commits what is queued, then lets go of threads and connections."""
        self.committer.close()
        self.tokens.close()
        self.watcher.close()
        self.history.close()
        self._writes.shutdown()
        self._reads.shutdown()
        self.engine.dispose()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Runs a query on a connection of its own, off the event loop.

        Raises:
            UnavailableError: the database is away.
        """
        return await asyncio.get_running_loop().run_in_executor(self._reads, self._read, query)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs work in a transaction of its own, off the event loop; it is committed when this returns.

        Raises:
            UnavailableError: the database is away; whether the transaction was committed is then unknown, and repeating is safe.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writes, self._write, work)

    @cached_property
    def contracts(self) -> Mapping[str, bytes]:
        """Name -> address of the contract suite that this service works with; empty when it has none."""
        path = self.settings.contracts_manifest
        if path is None:
            return {}
        try:
            return {contract.name: contract.address for contract in read_manifest(path).contracts}
        except SuiteManifestError as error:
            raise UnavailableError("The contract suite's manifest cannot be read; nothing was recorded.") from error

    async def run(self, work: Callable[[], T]) -> T:
        """Runs blocking work (files) off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._reads, work)

    async def log(self) -> OpenLog:
        """The open log.

        Raises:
            NotReadyError: it is not open yet.
            IntegrityError: the database holds another log than this process has settings and keys for.
            UnavailableError: the database is away.
        """
        if self._log is None:
            return await self.read(self.open_log)
        return self._log

    def open_log(self, connection: Connection) -> OpenLog:
        """As ``log``, on a connection that is there."""
        if self._log is None:
            self._log = self._load_log(connection)
        return self._log

    def read_view(self, connection: Connection) -> LogView:
        """How far the log is."""
        checkpoint = checkpoints.last_checkpoint(connection)
        marks = reading.watermarks(connection)
        size = 0 if checkpoint is None else checkpoint.tree_size
        # The marks may be newer than the checkpoint; what is stated about an event must fit the checkpoint beside it.
        marks = Watermarks(marks.sequenced, size, min(marks.anchored, size), min(marks.final, size))
        return LogView(marks, None if checkpoint is None else checkpoint.note, size)

    def _read(self, query: Callable[[Connection], T]) -> T:
        with database_errors(), self.engine.connect() as connection:
            return query(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        if not self.sealer.is_kept():
            self.history.doubt()
            raise UnavailableError("The keyring folder changed; nothing was recorded. Retry later.")
        try:
            with database_errors(), self.engine.begin() as connection:
                return work(connection)
        except UnavailableError:
            self.history.doubt()
            raise

    def _account_id_of(self, connection: Connection, issuer: str, subject: str) -> str:
        return account_id_of(self.open_log(connection).preparer, issuer, subject)

    def _read_view(self) -> LogView:
        return self._read(self.read_view)

    def _append(
        self, batch: Sequence[PreparedEvent], promise: Promise, *, expect_keys_version: int | None = None
    ) -> list[AppendResult]:
        started = time.perf_counter()
        if not self.sealer.is_kept():
            self.history.doubt()  # whose next look says what is missing
            raise UnavailableError("The keyring folder changed; nothing was recorded. Retry later.")
        try:
            results = self._store.append(
                batch, promise, expect_keys_version=expect_keys_version, expect_leaf=self.history.newest_leaf
            )
        except KeysChangedError:
            raise
        except EntryLostError as error:  # exchanged between two looks
            self.history.doubt()
            raise DatabaseBehindError(error.detail, BEHIND) from error
        except Exception:
            self.history.doubt()
            raise
        made = [result.event for result in results if result.outcome is AppendOutcome.NEW]
        if made:
            self.history.appended(made[-1].leaf_index, made[-1].leaf_hash)
        metrics.GROUP_SECONDS.observe(time.perf_counter() - started)
        metrics.GROUP_EVENTS.observe(len(batch))
        return results

    def _check_keyring(self, connection: Connection) -> None:
        month = month_of(self.clock.now())
        if self.sealer.sealing_month == month:
            if not self.sealer.is_kept():
                raise KeyringNotReadyError(
                    f"The keyring folder has lost, or has others than, the keys of {month} that this server seals with. No event is"
                    " taken until they are back. Senders: keep your events and send them again later. Operator: put the keyring"
                    " folder back; this service then goes on by itself."
                )
            return
        try:  # this month's keys are not in use here yet: the rows say whether there must be some
            check_keyring(connection, self.sealer.holds, month)
        except KeyringIncompleteError as error:
            raise KeyringNotReadyError(error.detail) from error

    def _load_log(self, connection: Connection) -> OpenLog:
        shard = reading.shard(connection)
        if shard is None:
            raise NotReadyError("The log is not opened in this database yet.")
        settings = self.settings
        expected = (settings.origin, settings.chain_id, settings.evidence_log.removeprefix("0x").lower())
        identity = shard.identity
        if (identity.origin, identity.chain_id, identity.evidence_log.hex()) != expected:
            raise IntegrityError("The database holds another log than the settings name.")
        if shard.receipt_key != self._keys.receipt_public_key:
            raise IntegrityError("The receipt key in the keys folder is not the one that this log's first entry names.")
        self._check_keyring(connection)
        preparer = Preparer(
            identity=identity,
            rules=load_rules(shard.rule_version),
            tag_keys=self.tag_keys,
            identity_key=self._keys.identity_key,
            sealer=self.sealer,
            clock=self.clock,
            randomness=os.urandom,
        )
        return OpenLog(shard, preparer, ReceiptSigner(identity.origin, self._keys.receipt_key.sign))
