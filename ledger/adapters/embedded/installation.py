"""The data folder of ``cityledger up``: one running copy at a time, and what must be the same at the next start."""

import fcntl
import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.adapters.embedded.ports import free_port, is_free
from ledger.adapters.embedded.processes import end_processes, processes_marked
from ledger.adapters.files.durable import create_file, make_folder, replace_file
from ledger.errors import SettingsError

INSTALLATION_FILE = "installation.json"
LOCK_FILE = "lock"
PORT_MAX = 65_535
STOP_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Installation:
    """What was chosen at the first start.

    Args:
        folder: the data folder.
        origin: origin of the log; with the keys it makes the log what it is.
        rpc_port: loopback port of the development chain; the one thing here that may change.
    """

    folder: Path
    origin: str
    rpc_port: int


class LockedFolder:
    """A data folder whose lock this process holds."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def check_in_place(self) -> None:
        """Checks that the folder is still the one that was locked.

        Raises:
            SettingsError: it was removed, moved away or replaced meanwhile.
        """
        try:
            is_ours = os.path.samestat((self.path / LOCK_FILE).stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            is_ours = False
        if not is_ours:
            raise SettingsError(
                f"the data folder {self.path} was removed, moved or replaced while the service ran on it, so everything is being"
                " stopped. What was in it is where it was moved to, or in a backup: put it back whole and start again"
            )


@contextmanager
def locked(folder: Path, marker: str = INSTALLATION_FILE) -> Iterator[LockedFolder]:
    """Hold the data folder, made when missing; what a killed run left running there is stopped first.

    The lock is the kernel's and ends with this process, however it ends.

    Args:
        folder: the data folder.
        marker: name of the file by which a folder of this kind of service is known.

    Raises:
        SettingsError: another copy holds it, it cannot be written, or it holds things of others, which stay untouched.
        EmbeddedError: something left behind cannot be stopped.
    """
    folder = folder.expanduser().absolute()
    descriptor = _open_lock(folder, marker)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"another copy runs on {folder}: stop it, or choose another --data-dir") from None
        # whatever still runs for this folder has lost its supervisor; PostgreSQL is found by its own supervisor
        end_processes(processes_marked(folder), signal.SIGTERM, STOP_TIMEOUT_S)
        yield LockedFolder(folder, descriptor)
    finally:
        os.close(descriptor)


def _open_lock(folder: Path, marker: str) -> int:
    """The lock file's descriptor; the folder is made when it is missing, and nothing is written into one that is not ours."""
    choose = "choose another with --data-dir"
    try:
        make_folder(folder)
        foreign = _first_foreign(folder, marker)
        if foreign is not None:
            raise SettingsError(
                f"the data folder {folder} holds {foreign!r} and no {marker}, so it is not a data folder of this"
                f" service; nothing was written. Name an empty or new folder with --data-dir; of a restored copy put"
                f" {marker} back first"
            )
        return os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except (FileExistsError, NotADirectoryError):
        raise SettingsError(f"the data folder {folder} cannot be made, a file is in its place: {choose}") from None
    except OSError as error:
        raise SettingsError(
            f"the data folder {folder} cannot be used ({error.strerror}: {error.filename}): start as the user whose it is, or"
            f" {choose}"
        ) from error


def _first_foreign(folder: Path, marker: str) -> str | None:
    """Something in the folder that no start of ours put there; None when it is ours or as good as empty."""
    names = sorted(entry.name for entry in folder.iterdir())
    if marker in names:
        return None
    # a first start that was killed leaves its lock or an unfinished file; a file system of its own has lost+found
    unfinished = f".{marker}."
    return next(
        (name for name in names if name not in {LOCK_FILE, "lost+found"} and not name.startswith(unfinished)), None
    )


def load_or_create_installation(folder: Path) -> Installation:
    """What was chosen at the first start of this folder; chosen now when this is it. Call it with the lock held.

    A remembered port that a stranger has taken meanwhile is replaced by a free one.

    Raises:
        SettingsError: the file is damaged.
    """
    path = folder / INSTALLATION_FILE
    if not path.exists():
        # the year is a label: a later year is another log, opened by an act and never by the calendar
        origin = f"{secrets.token_hex(8)}.cityledger.invalid/{datetime.now(UTC).year}"
        create_file(path, _encode(origin, free_port()))
    try:
        value = json.loads(path.read_bytes())
        installation = Installation(folder, str(value["origin"]), _port(value["rpc_port"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise SettingsError(
            f"{path} is damaged (it holds an origin, and an rpc_port from 1 to {PORT_MAX}): restore it from a backup; without"
            " its origin the log is lost"
        ) from None
    if is_free("127.0.0.1", installation.rpc_port):
        return installation
    installation = Installation(folder, installation.origin, free_port())
    replace_file(path, _encode(installation.origin, installation.rpc_port))
    return installation


def _port(value: Any) -> int:
    port = int(value)
    if not 0 < port <= PORT_MAX:
        raise ValueError("no port")
    return port


def _encode(origin: str, rpc_port: int) -> bytes:
    return json.dumps({"origin": origin, "rpc_port": rpc_port, "v": 1}, indent=2).encode() + b"\n"
