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

from ledger.adapters.embedded.ports import free_port, is_free
from ledger.adapters.embedded.processes import end_processes, processes_marked
from ledger.adapters.files.durable import create_file, make_folder, replace_file
from ledger.errors import SettingsError

INSTALLATION_FILE = "installation.json"
LOCK_FILE = "lock"
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


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Hold the data folder, made when missing; what a killed run left running there is stopped first.

    The lock is the kernel's and ends with this process, however it ends.

    Raises:
        SettingsError: another copy holds it.
        EmbeddedError: something left behind cannot be stopped.
    """
    folder = folder.expanduser().absolute()
    make_folder(folder)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"another copy runs on {folder}: stop it, or choose another --data-dir") from None
        # whatever still runs for this folder has lost its supervisor; PostgreSQL is found by its own supervisor
        end_processes(processes_marked(folder), signal.SIGTERM, STOP_TIMEOUT_S)
        yield folder
    finally:
        os.close(descriptor)


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
        installation = Installation(folder, str(value["origin"]), int(value["rpc_port"]))
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f"{path} is damaged: restore it from a backup; without its origin the log is lost"
        ) from None
    if is_free("127.0.0.1", installation.rpc_port):
        return installation
    installation = Installation(folder, installation.origin, free_port())
    replace_file(path, _encode(installation.origin, installation.rpc_port))
    return installation


def _encode(origin: str, rpc_port: int) -> bytes:
    return json.dumps({"origin": origin, "rpc_port": rpc_port, "v": 1}, indent=2).encode() + b"\n"
