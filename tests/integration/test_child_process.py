"""A child process of the data folder: a stop that returned leaves nothing running that it had started."""

import os
import signal
import sys
import time

import pytest

from ledger.adapters.embedded import processes
from ledger.adapters.embedded.processes import ChildProcess, processes_marked, processes_of_session

# The child ends at once when it is asked to, before the process that it started does.
PARENT = """
import signal, subprocess, sys, time
started = subprocess.Popen([sys.executable, "-c", {grandchild!r}], stdout=subprocess.PIPE)
started.stdout.readline()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
time.sleep(300)
"""
LINGERING = """
import os, time
parent = os.getppid()
print("ready", flush=True)
while os.getppid() == parent:
    time.sleep(0.01)
time.sleep(0.5)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(300)
"""


def started(tmp_path, program, **options) -> ChildProcess:
    child = ChildProcess(
        "child",
        [sys.executable, "-c", program],
        folder=tmp_path,
        env={"PATH": os.environ["PATH"]},
        log_path=tmp_path / "child.log",
        **options,
    )
    child.start()
    deadline = time.monotonic() + 60
    while child.log_tail() != "ready":
        assert time.monotonic() < deadline, child.log_tail()
        time.sleep(0.02)
    return child


def test_child_that_stops_is_waited_for_with_what_it_started(tmp_path):
    child = started(tmp_path, PARENT.format(grandchild=LINGERING))
    assert len(processes_of_session(child.pid)) == 2
    child.stop()
    assert processes_of_session(child.pid) == processes_marked(tmp_path) == []
    assert child.exit_code == 0


def test_child_whose_own_child_does_not_end_takes_it_along(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "SESSION_TIMEOUT_S", 0.2)
    child = started(tmp_path, PARENT.format(grandchild=STUBBORN))
    child.stop()
    deadline = time.monotonic() + 30
    while processes_marked(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert child.exit_code == 0


@pytest.mark.parametrize("times", [1, 2])
def test_child_that_does_not_end_is_killed(tmp_path, times):
    child = started(tmp_path, STUBBORN, stop_timeout_s=0.2)
    for _ in range(times):
        child.stop()
    assert child.exit_code == -signal.SIGKILL
    assert processes_of_session(child.pid) == []
