"""Real servers for tests: one PostgreSQL a test process, one database a test, one chain a test.

Fixtures: ``postgres_server``, ``fresh_database``, ``postgres_url`` (empty), ``migrated_url`` (with the schema), ``anvil``.
The test server does not wait for the disk (fsync off), because every test begins with a new database; what must survive
a crash is tested on servers of their own, with the settings of production.
"""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.postgres import EmbeddedPostgres

UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# small enough for memory; a database lives for one test, so nothing in it is worth a vacuum
SMALL = {"shared_buffers": "64MB", "min_wal_size": "32MB", "max_wal_size": "128MB", "autovacuum": "off"}
FAST = {**UNSAFE, **SMALL}
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 2 * 1024**3
NUMBERS = itertools.count(1)


class DatabaseFactory:
    """Makes databases on one server and drops them again.

    Call it for the URL of an empty database; ``factory(template="name")`` copies one that nobody is connected to.
    """

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._made: list[str] = []

    def __call__(self, template: str = "template0") -> str:
        name = f"test_{next(NUMBERS)}"
        # through the write-ahead log, the default, a copy takes five times the processor time: that spares a checkpoint,
        # which costs nothing on a server that does not wait for the disk
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self._made.append(name)
        return self._server.url_of(name)

    def close(self) -> None:
        while self._made:
            self._execute(f'DROP DATABASE IF EXISTS "{self._made.pop()}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A new folder for what need not outlive the test process, in memory where there is enough.

    A database is some three hundred files: on a disk's file system a copy of them costs the processor seven times as much.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_MIN
    with tempfile.TemporaryDirectory(prefix="cityledger-tests-", dir=MEMORY if in_memory else None) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL server of this test process."""
    with quick_folder() as folder:
        server = EmbeddedPostgres(folder / "postgres", options=FAST)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def fresh_database(postgres_server: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """A function that makes a new database and gives its URL; all are dropped after the test."""
    factory = DatabaseFactory(postgres_server)
    yield factory
    factory.close()


@pytest.fixture
def postgres_url(fresh_database: Callable[..., str]) -> str:
    """URL of a new, empty database."""
    return fresh_database()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgres) -> str:
    """Name of a database with the newest schema, to copy from."""
    from ledger.adapters.sql.migrate import upgrade  # noqa: PLC0415  only who asks for the schema pays for the import

    name = "template_migrated"
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    upgrade(postgres_server.url_of(name))
    return name


@pytest.fixture
def migrated_url(fresh_database: Callable[..., str], migrated_template: str) -> str:
    """URL of a new database with the newest schema."""
    return fresh_database(template=migrated_template)


@pytest.fixture
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAnvil]:
    """A new development chain; ``anvil.rpc_url`` is its JSON-RPC."""
    node = EmbeddedAnvil(tmp_path_factory.mktemp("chain") / "chain", free_port())
    node.start()
    yield node
    node.stop()
