"""The API as it runs: the real application in a real server over a real database, with a publisher that really publishes.

The publisher is the anchor service's own code, run in a thread of the test. There is no chain here; what needs one uses
``support.anchor_rig`` beside this.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import httpx
import psycopg
import uvicorn
from sqlalchemy import Connection, Pool, event, text
from sqlalchemy.dialects.postgresql import insert
from support.a_log import PROMISE, ALog, open_a_log

from anchor.lease import LeaderLease, holder_name
from anchor.publishing import Publisher
from anchor.signing import CheckpointSigner
from api.app import create_app
from api.container import ApiKeysOfLog, Container
from api.http_protocol import BoundedHeadProtocol
from api.logins import KeyDay, Logins
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.settings import Settings
from ledger.adapters.sql import api_keys, outbox, search_index
from ledger.adapters.sql.api_keys import SignatureKey
from ledger.adapters.sql.business_tables import calendar_in_force
from ledger.adapters.sql.calendar_records import version_of
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.working_days import LIBRARY_YEARS, CalendarFile
from ledger.domain.roles import ROLES
from ledger.errors import UnavailableError

JSON = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
NDJSON = {"Content-Type": "application/x-ndjson"}


_MARKS = text(
    "SELECT (SELECT max(tree_size) FROM log_head), (SELECT max(tree_size) FROM projections WHERE name = 'search'),"
    " EXISTS (SELECT FROM outbox WHERE leaf_index IS NULL)"
)


class BackgroundPublisher:
    """Publishes within 20 ms what this process wrote, and what another one wrote at the next look; until stopped.

    The anchor service looks every 200 ms. Here several of these live as long as the test process, so one with nothing to do does
    nothing: it is woken by connections to its database that go back to their pool, and then first looks whether there is anything.
    """

    ALL: ClassVar[WeakSet["BackgroundPublisher"]] = WeakSet()
    LOOK_S = 0.5

    def __init__(self, log: ALog, folder: Path) -> None:
        self._log = log
        lease = LeaderLease.acquire(log.engine, holder_name(), 3600)
        assert lease is not None
        keys, identity = log.keys, log.preparer.identity
        self.publisher = Publisher(
            log.engine,
            FileTileStore(folder / "log"),
            FileCheckpointJournal(folder / "journal" / "checkpoints.jsonl"),
            signer=CheckpointSigner(identity, keys.checkpoint.private_bytes_raw(), keys.anchor.secret),
            lease=lease,
            clock=SystemClock(),
        )
        self.publisher.load(None)
        self._paused = threading.Event()
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._idle = threading.Lock()
        self._database = log.engine.url.database
        self._done: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.ALL.add(self)
        self._thread.start()

    def step(self) -> None:
        """One round: outbox, checkpoint, search index."""
        with self._idle:
            self._round()

    def _round(self) -> None:
        outbox.drain(self._log.engine, self._log.preparer, PROMISE, 1_000)
        self.publisher.publish()
        while search_index.index_next(self._log.engine, 5_000):
            pass

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is published while the block runs."""
        self._paused.set()
        with self._idle:
            pass
        try:
            yield
        finally:
            self._paused.clear()

    def stop(self) -> None:
        self.ALL.discard(self)
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    @classmethod
    def wake(cls, connection: psycopg.Connection[Any] | None, *_record: object) -> None:
        """Something may have been written; what the publishers do themselves wakes none of them."""
        publishers = list(cls.ALL)
        if all(publisher._thread is not threading.current_thread() for publisher in publishers):
            database = None if connection is None or connection.closed else connection.info.dbname
            for publisher in publishers:
                if database in {None, publisher._database}:
                    publisher._woken.set()

    def _has_work(self) -> bool:
        """Whether anything came since the last round that ended well: the one question of a look, where a round asks ten."""
        with database_errors(), self._log.engine.connect() as connection:
            size, indexed, is_pending = connection.execute(_MARKS).one()
        return bool(is_pending) or not size == indexed == self._done

    def _run(self) -> None:
        while not self._stopped.wait(0.02):
            self._woken.wait(self.LOOK_S)
            self._woken.clear()
            with self._idle:  # who pauses it and then has this knows that no round begins
                if self._paused.is_set():
                    self._woken.set()
                    continue
                try:
                    if self._has_work():
                        self._round()
                        self._done = self.publisher.published_size
                except UnavailableError:
                    self._woken.set()  # tests take the database away


event.listen(Pool, "checkin", BackgroundPublisher.wake)


@dataclass
class Service:
    """A running API with its log; ``client`` has no key."""

    log: ALog
    container: Container
    url: str
    publisher: BackgroundPublisher
    keys: dict[str, str]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def auth(self, role: str = "platform_service") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def post(
        self, content: Any, headers: dict[str, str], *, role: str = "platform_service", **kwargs: Any
    ) -> httpx.Response:
        """POST /v1/events."""
        return self.client.post("/v1/events", content=content, headers=self.auth(role) | headers, **kwargs)

    def get(self, path: str, *, role: str = "platform_service", **kwargs: Any) -> httpx.Response:
        return self.client.get(path, headers=self.auth(role), **kwargs)

    def new_key(
        self,
        submitter: str,
        prefixes: tuple[str, ...],
        *,
        role: str = "platform_service",
        signature_keys: tuple[SignatureKey, ...] = (),
        was_used: bool = True,
        **kwargs: Any,
    ) -> api_keys.NewKey:
        """A scoped key; unless it ``was_used``, its first use is an event."""
        with self.log.engine.begin() as connection:
            made = api_keys.create(
                connection,
                self.log.preparer,
                role=role,
                submitter=submitter,
                source_prefixes=prefixes,
                signature_keys=signature_keys,
                **kwargs,
            )
        if was_used:
            remember_uses(self.container.logins, [made.api_key])
        return made

    def revoke(self, key_id: str) -> None:
        with self.log.engine.begin() as connection:
            api_keys.revoke(connection, self.log.preparer, key_id)

    def settled(self) -> dict[str, int]:
        """Row counts once the outbox is empty and everything is published and indexed.

        Evidence of access does not count: a refusal leaves some, and writes nothing of what was refused.
        """
        self.publisher.step()
        self.publisher.step()
        counts, access = self.log.counts(), self.log.count("event_index WHERE type LIKE 'org.cityledger.access.%'")
        return {table: rows - access * (table in {"entries", "identities", "outbox"}) for table, rows in counts.items()}

    def tree_size(self) -> int:
        with self.log.engine.connect() as connection:
            return int(connection.execute(text("SELECT tree_size FROM log_head")).scalar_one())


@contextmanager
def running_service(database_url: str, folder: Path, **overrides: Any) -> Iterator[Service]:
    """A service over a new log in a migrated database; ``overrides`` are settings."""
    log = open_a_log(database_url, folder)
    with serving_log(log, database_url, folder, **overrides) as (url, container, keys):
        publisher = BackgroundPublisher(log, folder)
        service = Service(log, container, url, publisher, keys)
        try:
            yield service
        finally:
            service.client.close()
            publisher.stop()
    log.engine.dispose()


@contextmanager
def serving_log(
    log: ALog, database_url: str, folder: Path, **overrides: Any
) -> Iterator[tuple[str, Container, dict[str, str]]]:
    """A server over an open log: its URL, its container, and a key for every role."""
    identity = log.preparer.identity
    settings = Settings(
        data_dir=folder,
        database_url=database_url,
        evidence_log="0x" + identity.evidence_log.hex(),
        council="0x" + "cd" * 20,
        origin=identity.origin,
        keyring_dir=folder / "keyring",
        tiles_dir=folder / "log",
        **({"rpc_url": "http://127.0.0.1:9", "wait_published_s": 5} | overrides),
    )
    publish_years(settings.calendar_path)
    keys = {role: f"clk_{role.replace('_', '-')}_{os.urandom(32).hex()}" for role in ROLES}
    with log.engine.begin() as connection:
        api_keys.ensure_default_keys(connection, log.preparer, keys)
        remember_calendar(connection, settings.calendar_path)
    container = Container(settings, ApiKeysOfLog(log.keys.receipt, log.keys.space, log.keys.identity))
    remember_uses(container.logins, keys.values())
    with _serving(container) as url:
        yield url, container, keys


def remember_uses(logins: Logins, keys: Iterable[str]) -> None:
    """The first use of a key in a day is an event, at whatever moment: with this it was one before, today and tomorrow."""
    today = datetime.now(UTC).date()
    for key_id in (key.split("_")[1] for key in keys):
        for day in (today, today + timedelta(days=1)):
            logins.remember(f"key:{key_id}", KeyDay(key_id, day))


def remember_calendar(connection: Connection, path: Path) -> None:
    """The first calendar with a file is an event, at whatever moment: with this it was one before."""
    facts = CalendarFile(path).current().facts()
    row = {"shard": 1, "version": version_of(facts), "digest": facts["digest"]}
    connection.execute(insert(calendar_in_force).values(row).on_conflict_do_update(index_elements=["shard"], set_=row))


def publish_years(path: Path) -> None:
    """A calendar that goes on to the end of next year, whenever the tests run; only New Year's Day is closed in what it adds."""
    known = max(LIBRARY_YEARS)
    years = range(known + 1, max(known, datetime.now(UTC).year) + 2)
    path.write_text(
        json.dumps(
            {
                "years": [
                    {
                        "year": year,
                        "holidays": [f"{year}-01-01"],
                        "working_weekends": [],
                        "source": "of the tests",
                        "digest": "00" * 32,
                    }
                    for year in years
                ]
            }
        ),
        encoding="utf-8",
    )


@contextmanager
def _serving(container: Container) -> Iterator[str]:
    app = create_app(container)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=BoundedHeadProtocol,
                ws="none",
                loop="uvloop",
                lifespan="on",
                access_log=False,
                log_config=None,
            )
        )
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)
