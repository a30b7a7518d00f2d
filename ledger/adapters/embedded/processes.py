"""Child processes of one data folder: start, stop, and find again what a killed run left behind.

Every child gets a session of its own, because Ctrl-C reaches a whole process group and the order of stopping is ours to
choose. Every child carries the mark ``CITYLEDGER_CHILD_OF=<folder>`` in its environment, which its own children inherit.
A killed run is found by that mark and not by pid files: a pid file cannot cover the moment between starting a child and
writing the file, and its number may by now belong to a stranger. Needs ``/proc``: Linux only.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger.errors import EmbeddedError

MARK = "CITYLEDGER_CHILD_OF"
POLL_INTERVAL_S = 0.02
SESSION_TIMEOUT_S = 5.0
LOG_TAIL_BYTES = 2000


class ChildProcess:
    """One program that runs until it is stopped.

    Args:
        name: what messages call it.
        argv: program and arguments; never a secret, arguments can be read by every user of the machine.
        folder: the data folder it belongs to; the mark it can be found by.
        env: its whole environment; secrets that are no files belong here.
        log_path: standard output and standard error are appended to this file.
        stop_signal: the signal that asks it to end in order.
        stop_timeout_s: after this it is killed.
        options: further keyword arguments of ``subprocess.Popen``, such as ``user``.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str],
        log_path: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_timeout_s: float = 30,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.log_path = log_path
        self._argv = list(argv)
        self._env = {**env, MARK: str(folder.resolve())}
        self._stop_signal = stop_signal
        self._stop_timeout_s = stop_timeout_s
        self._options = dict(options or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, or None when it was never started."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code (negative: the signal that ended it), or None while it runs or was never started."""
        return None if self._process is None else self._process.poll()

    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; returns at once.

        Raises:
            EmbeddedError: it runs already, or the program cannot be executed.
        """
        if self.is_alive():
            raise EmbeddedError(f"{self.name} runs already with process id {self.pid}")
        self.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._argv,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **self._options,
                )
            except OSError as error:
                raise EmbeddedError(f"{self.name} cannot be started: {error}") from error

    def stop(self) -> None:
        """Ask it to end and wait, also for the processes that it started; kill its whole session when that takes too long.

        No error when it has ended already.
        """
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(self._stop_timeout_s)
        except subprocess.TimeoutExpired:
            self._kill_session()
        self._wait_for_session()

    def _wait_for_session(self) -> None:
        """What it started ends a moment after it: until then, ports and files may still be held."""
        deadline = time.monotonic() + SESSION_TIMEOUT_S
        while processes_of_session(self._started.pid):
            if time.monotonic() > deadline:
                self._kill_session()
                return
            time.sleep(POLL_INTERVAL_S)

    def _kill_session(self) -> None:
        for pid in processes_of_session(self._started.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._started.wait()

    @property
    def _started(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def log_tail(self) -> str:
        """The last lines of its log, for an error message."""
        return log_tail(self.log_path)


def log_tail(path: Path) -> str:
    """The last lines of a log file, or a note that there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace").strip()
    except OSError:
        return "(no log)"


def processes_marked(folder: Path) -> list[int]:
    """Process ids, this process excepted, whose environment marks them as children of ``folder``, oldest first."""
    mark = f"{MARK}={folder.resolve()}".encode()
    return [pid for pid in _process_ids() if mark in _read(pid, "environ").split(b"\0")]


def processes_working_in(folder: Path, program: str) -> list[int]:
    """Process ids of ``program`` whose working folder is ``folder``, oldest first.

    PostgreSQL writes its process title over its environment, so its mark cannot be read; its working folder can.
    """
    wanted = folder.resolve()
    found = []
    for pid in _process_ids():
        process = Path(f"/proc/{pid}")
        try:
            if process.joinpath("cwd").readlink() == wanted and process.joinpath("exe").readlink().name == program:
                found.append(pid)
        except OSError:  # it ended meanwhile, or it is another user's and so not ours
            continue
    return found


def processes_of_session(session_id: int) -> list[int]:
    """Process ids of a session, the leader first; the session has its number (setsid(2))."""
    return _process_ids(session_id)


def end_processes(pids: Iterable[int], stop_signal: signal.Signals, timeout_s: float) -> None:
    """Send ``stop_signal`` to processes that are not children of this one, wait, and kill what is left.

    Raises:
        EmbeddedError: one of them may not be signalled or survives being killed.
    """
    waiting = list(pids)
    for number, patience_s in ((stop_signal, timeout_s), (signal.SIGKILL, 5.0)):
        for pid in waiting:
            _signal(pid, number)
        deadline = time.monotonic() + patience_s
        while waiting and time.monotonic() < deadline:
            time.sleep(POLL_INTERVAL_S)
            waiting = [pid for pid in waiting if is_running(pid)]
        if not waiting:
            return
    raise EmbeddedError(f"processes {waiting} of an earlier run do not end; end them by hand and start again")


def is_running(pid: int) -> bool:
    """Whether a process exists and is more than a zombie that nobody has waited for.

    In the end of a process its first thread may be a zombie while others still hold its ports and files: it runs until these have ended.
    """
    return _runs(_stat(pid))


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise EmbeddedError(
            f"process {pid} of an earlier run belongs to another user; end it and start again"
        ) from error


def _process_ids(session_id: int | None = None) -> list[int]:
    """Running processes but this one, oldest first; with ``session_id`` only those of that session."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    found = [(pid, _stat(pid)) for pid in numbers if pid != os.getpid()]
    running = [
        (_start_time(fields), pid)
        for pid, fields in found
        if _runs(fields) and session_id in {None, _session_of(fields)}
    ]
    return [pid for _, pid in sorted(running)]


def _runs(fields: Sequence[bytes]) -> bool:
    return bool(fields) and fields[0] != b"X" and (fields[0] != b"Z" or _threads_of(fields) > 1)


def _threads_of(fields: Sequence[bytes]) -> int:
    return int(fields[17]) if len(fields) > 17 else 0  # field 20 of proc(5)


def _start_time(fields: Sequence[bytes]) -> int:
    return int(fields[19]) if len(fields) > 19 else 0  # field 22 of proc(5): start in clock ticks after boot


def _session_of(fields: Sequence[bytes]) -> int:
    return int(fields[3]) if len(fields) > 3 else 0  # field 6 of proc(5)


def _stat(pid: int) -> list[bytes]:
    """Fields of proc(5)'s ``stat`` from the third on, behind a name that may hold anything; none when the process is gone."""
    return _read(pid, "stat").rpartition(b")")[2].split()


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it ended meanwhile, or it is another user's
        return b""
