"""Which processes still run, and so still hold their ports and files."""

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.embedded.processes import end_processes, is_running

EXIT_OF_ONE_THREAD = {"x86_64": 60, "aarch64": 93}
"""Number of the system call by machine; Python has no name for it."""

FIRST_THREAD_ENDS = """
import ctypes, sys, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print("goes on", flush=True)
ctypes.CDLL(None).syscall(int(sys.argv[1]), 0)
"""


@pytest.fixture
def half_ended() -> Iterator[int]:
    """A process whose first thread has ended while another goes on, as for some milliseconds in the end of each program of many threads."""
    arguments = [sys.executable, "-c", FIRST_THREAD_ENDS, str(EXIT_OF_ONE_THREAD[platform.machine()])]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while state_of(process.pid) != "Z":
            assert process.poll() is None
        yield process.pid
        process.kill()


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


def test_process_of_which_a_thread_goes_on_runs(half_ended: int) -> None:
    assert is_running(half_ended)


def test_process_is_ended_when_its_last_thread_is(half_ended: int) -> None:
    end_processes([half_ended], signal.SIGTERM, 5.0)
    assert not is_running(half_ended)


def test_process_that_nobody_waited_for_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.DEVNULL) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_running(process.pid)
