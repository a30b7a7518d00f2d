"""Who may take the leader's lease before it lapses: the follower of a process of this very machine that is gone, and nobody else."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from anchor import lease as module
from anchor.lease import LeaderLease, holder_name
from ledger.adapters.sql.engine import create_engine

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 600


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = create_engine(migrated_url, pool_size=2)
    yield engine
    engine.dispose()


def other_process(*wrapper: str) -> tuple[subprocess.Popen[str], str]:
    """A process that waits, and the name under which it would hold the lease."""
    program = "import sys; from anchor.lease import holder_name; print(holder_name(), flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [*wrapper, sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def can_be_taken(engine: Engine, held_by: str) -> bool:
    assert LeaderLease.acquire(engine, held_by, LONG_S) is not None
    return LeaderLease.acquire(engine, holder_name(), LONG_S) is not None


def test_holder_names_of_one_process_are_told_apart():
    first, second = holder_name(), holder_name()
    assert first != second
    assert first.startswith(f"{socket.gethostname()}:{os.getpid()}:")
    assert first.rsplit(":", 1)[0] == second.rsplit(":", 1)[0]


def test_lease_of_a_killed_process_of_this_machine_is_taken_at_once(engine):
    process, holder = other_process()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert can_be_taken(engine, holder)


def test_lease_of_a_living_process_of_this_machine_is_waited_for(engine):
    process, holder = other_process()
    try:
        assert not can_be_taken(engine, holder)
    finally:
        end(process)


def another_boot(holder: str) -> str:
    return re.sub(r":[0-9a-f]{16}:", f":{'0' * 16}:", holder)


def another_process_id(holder: str) -> str:
    return re.sub(r":(\d+):", ":4194305:", holder)  # one more than Linux gives


@pytest.mark.parametrize(
    ("renamed", "taken"),
    [
        (another_process_id, True),
        (lambda holder: another_boot(another_process_id(holder)), False),
        (lambda holder: another_process_id(holder).replace(socket.gethostname(), "elsewhere", 1), True),
        (lambda _: f"{socket.gethostname()}:4194305", False),
        (lambda _: f"{socket.gethostname()}:4194305:abcd1234", False),
        (lambda _: "", False),
    ],
    ids=["dead here", "same name elsewhere", "host renamed", "name of before", "older name", "no name"],
)
def test_lease_is_taken_early_only_where_the_holders_process_ids_are_ours(
    engine: Engine, renamed: Callable[[str], str], taken: bool
):
    """Two containers may share a host name, and each has a process 1: whose ids they are is told by boot and namespace."""
    name = renamed(holder_name())
    assert name != holder_name()
    assert can_be_taken(engine, name) == taken


def test_lease_of_a_process_whose_id_was_given_to_another_is_taken_at_once(engine):
    """In a container that starts again the new service has the number of the one that was killed."""
    mine = holder_name().split(":")
    mine[3] = str(int(mine[3]) - 1)  # same id, begun earlier
    assert can_be_taken(engine, ":".join(mine))


def test_lease_where_processes_cannot_be_told_apart_is_never_taken_early(engine, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "PROC", tmp_path)
    holder = another_process_id(holder_name())
    assert not can_be_taken(engine, holder)


def test_lease_of_a_process_in_another_namespace_is_waited_for(engine):
    """Its process ids are not ours, so one that is not here says nothing."""
    namespace = ("unshare", "--user", "--map-root-user", "--pid", "--kill-child", "--mount-proc")
    tried = subprocess.run([*namespace, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"needs the right to make a process namespace: {tried.stderr.decode().strip()}")
    process, holder = other_process(*namespace)
    try:
        assert holder.split(":")[:2] == [socket.gethostname(), "1"]
        assert holder.split(":")[2] != holder_name().split(":")[2]
        assert not can_be_taken(engine, another_process_id(holder))
    finally:
        end(process)
