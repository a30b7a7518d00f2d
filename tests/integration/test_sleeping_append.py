"""A process that is stopped in the middle of an append must not hold up every other one: the story of its head row."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from support.a_log import PROMISE, ALog, an_event, open_a_log

from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.head_row import end_sleepers
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.errors import UnavailableError
from ledger.services.ports import AppendOutcome

# Takes the head row as the append does and stops itself with a COPY begun, which no timeout of the server ends.
SLEEPER = """
import os, signal, sys
import psycopg
connection = psycopg.connect(sys.argv[1])
connection.execute("SELECT 1 FROM log_head FOR UPDATE")
with connection.cursor() as cursor, cursor.copy("COPY identities FROM STDIN (FORMAT BINARY)") as copy:
    copy.write(b"PGCOPY\\n\\xff\\r\\n\\x00" + bytes(8))
    print("holding", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""


@pytest.fixture
def log(migrated_url: str, tmp_path: Path) -> Iterator[ALog]:
    opened = open_a_log(migrated_url, tmp_path)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def sleeper(log: ALog, migrated_url: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", textwrap.dedent(SLEEPER), migrated_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.communicate()


def test_append_behind_a_sleeper_fails_in_time_and_the_next_one_succeeds(
    log: ALog, sleeper: "subprocess.Popen[str]", migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.adapters.sql.head_row.end_sleepers", lambda engine: end_sleepers(engine, 1))
    engine = create_engine(migrated_url, pool_size=2, lock_wait_s=2)
    store = SqlLogStore(engine)
    batch = [log.preparer.prepare(an_event("a"), "office")]
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        store.append(batch, PROMISE)
    assert time.monotonic() - started < 10
    assert store.append(batch, PROMISE)[0].outcome is AppendOutcome.NEW
    engine.dispose()

    os.kill(sleeper.pid, signal.SIGCONT)
    _, errors = sleeper.communicate(timeout=30)
    assert sleeper.returncode != 0, "the sleeper's own transaction is over"
    assert "terminat" in errors or "closed" in errors
    assert log.count("identities") == 2, "entry 0 and the event"


def test_append_at_work_and_waiting_ones_are_not_taken_for_sleepers(log: ALog) -> None:
    with log.engine.connect() as holder:
        holder.execute(text("SELECT 1 FROM log_head FOR UPDATE"))
        assert end_sleepers(log.engine, 0) == 0, "idle in its transaction: another limit's business"
        holder.execute(text("SELECT 1"))
        holder.rollback()
