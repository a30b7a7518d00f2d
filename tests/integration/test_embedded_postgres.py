"""The embedded PostgreSQL server: what it is, where it listens, and what survives which way of ending it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from ledger.adapters.embedded.postgres import SOCKET_PATH_BYTES_MAX, EmbeddedPostgres
from ledger.adapters.embedded.processes import processes_working_in
from ledger.errors import EmbeddedError

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from ledger.adapters.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(300)
"""


@pytest.fixture
def server():
    # pytest's own folders have long paths, which would hide how a socket inside the folder fares
    with tempfile.TemporaryDirectory(prefix="cl '\" ") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        yield server
        server.stop()


def query(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def write_row(url):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (value integer)")
        connection.execute("INSERT INTO kept VALUES (7)")


def test_server_started_in_odd_path_answers_with_stated_settings(server):
    server.start()
    rows = dict(query(server.url, "SELECT name, setting FROM pg_settings"))
    assert rows["server_version"].startswith("18.")
    assert (rows["fsync"], rows["synchronous_commit"], rows["full_page_writes"]) == ("on", "on", "on")
    assert (rows["server_encoding"], rows["TimeZone"], rows["listen_addresses"]) == ("UTF8", "UTC", "")
    assert rows["data_checksums"] == "on"
    assert server.socket_folder == server.folder / "run"


def test_server_locale_finds_trigrams_in_chinese(server):
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT cardinality(show_trgm('数据空间'))").fetchone()[0] > 0


def test_server_folders_are_private(server):
    server.start()
    for folder in (server.socket_folder, server.folder / "data"):
        assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["x" * SOCKET_PATH_BYTES_MAX, "a,b"], ids=["too_long", "comma"])
def test_server_in_path_unfit_for_a_socket_puts_it_into_a_private_short_folder(tmp_path, name):
    server = EmbeddedPostgres(tmp_path / name / "postgres")
    server.start()
    folder = server.socket_folder
    try:
        assert query(server.url, "SELECT 1") == [(1,)]
        assert len(os.fsencode(folder)) < 60
        assert folder.stat().st_mode & 0o077 == 0
    finally:
        server.stop()
    assert not folder.exists()


def test_server_socket_folder_open_to_others_is_refused(server):
    server.socket_folder.mkdir(parents=True)
    server.socket_folder.chmod(0o755)
    with pytest.raises(EmbeddedError, match="not a private folder"):
        server.start()


def test_server_stopped_and_started_keeps_rows(server):
    server.start()
    write_row(server.url)
    server.stop()
    assert not server.is_alive()
    with pytest.raises(psycopg.OperationalError):
        query(server.url, "SELECT 1")
    server.start()
    assert query(server.url, "SELECT value FROM kept") == [(7,)]


def test_server_started_twice_is_refused(server):
    server.start()
    with pytest.raises(EmbeddedError, match="runs already"):
        server.start()


def test_server_killed_is_seen_and_restarts_with_its_rows(server):
    server.start()
    write_row(server.url)
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not server.is_alive()
    server.start()
    assert query(server.url, "SELECT value FROM kept") == [(7,)]


@pytest.mark.parametrize("postmaster_too", [False, True], ids=["supervisor_killed", "both_killed"])
def test_server_of_a_killed_supervisor_is_replaced(server, postmaster_too):
    folder = server.folder
    killed = subprocess.Popen([sys.executable, "-c", START_AND_SLEEP, str(folder)], stdout=subprocess.PIPE)
    with killed:
        left_behind = int(killed.stdout.readline())
        write_row(server.url)
        killed.kill()
    if postmaster_too:
        os.kill(left_behind, signal.SIGKILL)
    server.start()
    assert server.pid != left_behind
    assert left_behind not in processes_working_in(folder / "data", "postgres")
    assert query(server.url, "SELECT value FROM kept") == [(7,)]


def test_first_start_killed_half_way_leaves_nothing_in_the_way(server):
    half_made = server.folder / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    server.start()
    assert query(server.url, "SELECT 1") == [(1,)]
    assert not half_made.exists()


def test_data_folder_of_another_version_is_refused(server):
    data = server.folder / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 15"):
        server.start()
    assert list(data.iterdir()) == [data / "PG_VERSION"]


def test_foreign_folder_in_place_of_data_is_refused_and_kept(server):
    data = server.folder / "data"
    data.mkdir(parents=True)
    (data / "thesis.txt").write_text("mine")
    with pytest.raises(EmbeddedError, match="no PostgreSQL data folder"):
        server.start()
    assert (data / "thesis.txt").read_text() == "mine"


def test_server_that_cannot_start_says_why(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path / "postgres", options={"shared_buffers": "nonsense"})
    with pytest.raises(EmbeddedError, match="shared_buffers"):
        server.start()
    assert not server.is_alive()


def test_fresh_databases_are_apart(fresh_database):
    first, second = fresh_database(), fresh_database()
    write_row(first)
    assert query(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == [(0,)]
