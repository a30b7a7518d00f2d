"""Failures at durable steps, injected from outside: at commits, at file system calls, at the chain's port.

Every step that passes has a name, taken from the code that makes it (the function around a commit, the kind of file, the method
of the chain), so a step that is added to the program shows up under a new name by itself. One step can be made to fail: before it
was applied or right after, by the end of the process (:class:`Crash`) or by the error that the real thing would raise.
"""

import errno
import os
import re
import stat
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from ledger.adapters.chain.errors import ChainUnavailableError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("anchor", "api", "ledger")
TORN_BYTES = 10
"""How much of a file is missing when the machine died before its fsync."""


class Crash(BaseException):
    """The process died here. No handler of the program may see it, hence no ``Exception``."""


@dataclass(frozen=True)
class Fault:
    """Which step fails, how. ``occurrence`` counts from 1 over the steps of that name."""

    step: str
    occurrence: int
    applied: bool
    crash: bool


class Faults:
    """Names every durable step as it happens and lets one of them fail."""

    def __init__(self) -> None:
        self.trace: list[str] = []
        self.struck: str | None = None
        self._fault: Fault | None = None
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        self._fault, self.struck = fault, None

    def disarm(self) -> None:
        self._fault = None

    def strikes(self, step: str) -> Fault | None:
        """Records the step; the fault, if it is this one that fails."""
        with self._lock:
            self.trace.append(step)
            fault = self._fault
            if fault is None or fault.step != step or self.trace.count(step) != fault.occurrence:
                return None
            self._fault = None  # one failure; what comes after works again
            self.struck = step
            return fault

    def run(self, step: str, act: Callable[[], Any], error: Callable[[], Exception]) -> Any:
        """One step: ``act``, or the failure that was asked for."""
        fault = self.strikes(step)
        if fault is None:
            return act()
        if fault.applied:
            act()
        raise Crash(step) if fault.crash else error()


# --- commits ------------------------------------------------------------------------------------------------------


def _program_function() -> str | None:
    """The innermost function of the program on the stack, as ``module.Class.function``."""
    frame = sys._getframe(2)  # above the one that asks
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        folder = path.relative_to(ROOT).parts[0] if path.is_relative_to(ROOT) else None
        if folder in PROGRAM and path.name != "engine.py":
            return ".".join([*path.relative_to(ROOT).with_suffix("").parts, frame.f_code.co_qualname])
        if folder == "tests":
            return None  # the test's own transaction
        frame = frame.f_back
    return None


def watch_commits(engine: Engine, faults: Faults) -> None:
    """Makes every commit on ``engine`` a step ``commit <function>``.

    A failed commit is a connection that breaks: before the server got the word, or after it committed and before it said so.
    """
    real = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        function = _program_function()
        fault = None if function is None else faults.strikes(f"commit {function}")
        if fault is None:
            real(connection)
            return
        if fault.applied:
            real(connection)
        connection.driver_connection.close()
        if fault.crash:
            raise Crash(fault.step)
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    engine.dialect.do_commit = do_commit


# --- writes -------------------------------------------------------------------------------------------------------


_WRITE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")


def watch_writes(engine: Engine, faults: Faults) -> None:
    """Makes every statement on ``engine`` that writes rows a step ``<function>: <verb> <table>``.

    A failed statement is a connection that breaks, so it fails by itself, and what comes after it.
    """
    struck: dict[int, Fault] = {}

    def fail(connection: Any, fault: Fault) -> None:
        if fault.crash:
            raise Crash(fault.step)
        connection.connection.driver_connection.close()

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        found = _WRITE.match(statement)
        function = None if found is None else _program_function()
        if found is None or function is None:
            return
        fault = faults.strikes(f"{function}: {found[1].split()[0]} {found[2]}")
        if fault is None:
            return
        if fault.applied:
            struck[id(cursor)] = fault
        else:
            fail(connection, fault)

    def after(connection: Any, cursor: Any, *_: Any) -> None:
        fault = struck.pop(id(cursor), None)
        if fault is not None:
            fail(connection, fault)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


# --- files --------------------------------------------------------------------------------------------------------


KINDS = {
    "log/tile/entries/": "entry bundle",
    "log/tile/": "tile",
    "log/": "checkpoint",
    "journal/": "journal",
    "chain/": "state dump",
    "keyring/": "keyring month",
}
"""What lies where below the folder of a log; the first prefix that fits."""


class FileSteps:
    """Makes the system calls that change files under ``folder`` steps named ``<call> <kind of file>``."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for call in ("replace", "link", "unlink", "rmdir", "mkdir"):
            monkeypatch.setattr(os, call, self._by_path(call, getattr(os, call)))
        for call in ("fsync", "write", "pwrite", "ftruncate"):
            monkeypatch.setattr(os, call, self._by_descriptor(call, getattr(os, call)))

    def _by_path(self, call: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(first: Any, *rest: Any, **options: Any) -> Any:
            path = Path(os.fspath(rest[0] if call in ("replace", "link") else first))
            kind = self._kind(path)
            if kind is None:
                return real(first, *rest, **options)
            return self._faults.run(f"{call} {kind}", lambda: real(first, *rest, **options), _io_error)

        return stepped

    def _by_descriptor(self, call: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(descriptor: int, *rest: Any) -> Any:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            kind = self._kind(path)
            if kind is None:
                return real(descriptor, *rest)
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            fault = self._faults.strikes(f"{call} {kind}" if is_file else f"{call} folder of {kind}")
            if fault is None:
                return real(descriptor, *rest)
            if fault.applied:
                real(descriptor, *rest)
            elif call in ("write", "pwrite"):
                data, *offset = rest
                real(descriptor, bytes(data)[: len(data) // 2], *offset)
            elif call == "fsync" and is_file and fault.crash:
                os.truncate(path, max(0, os.fstat(descriptor).st_size - TORN_BYTES))
            raise Crash(fault.step) if fault.crash else _io_error()

        return stepped

    def _kind(self, path: Path) -> str | None:
        if not path.is_relative_to(self._folder):
            return None
        shown = path.relative_to(self._folder).as_posix() + "/"
        return next((kind for prefix, kind in KINDS.items() if shown.startswith(prefix)), None)


def _io_error() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# --- chain --------------------------------------------------------------------------------------------------------


class FaultyChain:
    """A chain each of whose methods is a step ``chain <method>``; other attributes are the chain's own."""

    def __init__(self, chain: Any, faults: Faults) -> None:
        self._chain = chain
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._chain, name)
        if not callable(value):
            return value

        def stepped(*arguments: Any) -> Any:
            return self._faults.run(
                f"chain {name}", lambda: value(*arguments), lambda: ChainUnavailableError(f"{name}: no answer")
            )

        return stepped
