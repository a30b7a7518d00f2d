"""The authorisation platform in one folder: what ``cityledger platform run`` starts, and what it writes for others.

Order of a start, each step safe to repeat: 1. what the folder is for (first start only) and its keys; 2. a PostgreSQL of its own;
3. the program, which brings the schema to its newest revision; 4. when it answers: ``connection.json``, mode 0600.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.embedded.program import Program
from ledger.adapters.embedded.supervisor import Supervisor
from ledger.adapters.files.durable import create_file, replace_file
from ledger.adapters.platform.keys import has_peer_key, keep_peer_key, load_api_keys, make_missing_keys
from ledger.adapters.platform.settings import PlatformSettings, load_platform_settings
from ledger.adapters.proxies import open_directly
from ledger.errors import EmbeddedError, SettingsError

PLATFORM_FILE: Final = "platform.json"
CONNECTION_FILE: Final = "connection.json"
MODULE: Final = "api.platform"
READY_TIMEOUT_S: Final = 90.0
POLL_INTERVAL_S: Final = 0.1
POSTGRES_OPTIONS: Final = {"shared_buffers": "64MB", "max_connections": "40"}
"""Beside the trading platform's server on one machine: its books are small."""


@dataclass(frozen=True, slots=True)
class PlatformWish:
    """How a platform is to run.

    Args:
        subject_code: of its body; None for the one that the folder is of.
        peer_url: API of the trading platform.
        peer_key: API key there; None for the one that is kept.
        host: address of its own API.
        port: of its own API.
        options: further settings by name.
    """

    subject_code: str | None
    peer_url: str
    peer_key: str | None
    host: str
    port: int
    options: dict[str, Any]


class EmbeddedPlatform:
    """The parts of one data folder, which the caller has locked.

    Args:
        folder: the data folder.
        wish: how it is to run.
        report: takes one line of progress for a person.
    """

    def __init__(self, folder: Path, wish: PlatformWish, report: Callable[[str], None]) -> None:
        self._folder, self._wish, self._report = folder, wish, report
        self._supervisor = Supervisor(report)
        self._program: Program | None = None
        self.url = f"http://{wish.host}:{wish.port}"

    def start(self, check_stopped: Callable[[], None]) -> dict[str, Any]:
        """Starts everything; returns the content of ``connection.json`` when it is ready.

        Args:
            check_stopped: called between the steps; raises when the person wants to stop.

        Raises:
            LedgerError: a part cannot be started; call ``stop`` for those that were.
        """
        code = claim_folder(self._folder, self._wish.subject_code)
        if self._wish.peer_key is not None:
            keep_peer_key(self._folder, self._wish.peer_key)
        elif not has_peer_key(self._folder):
            raise SettingsError(
                "the API key at the trading platform is missing: name its file with --peer-key-file, or set CITYLEDGER_API_KEY"
            )
        self._report("PostgreSQL ...")
        database = EmbeddedPostgres(
            self._folder / "postgres", log_path=self._folder / "logs" / "postgres.log", options=POSTGRES_OPTIONS
        )
        self._supervisor.start("postgres", database)
        check_stopped()
        settings = self._settings(code, database.url)
        token_key = make_missing_keys(self._folder, settings.key_password_file, code)
        self._start_program(settings, check_stopped)
        value = {
            "platform_url": self.url,
            "database_url": database.url,
            "subject_code": code,
            "token_key": token_key.hex(),
            "api_keys": load_api_keys(self._folder),
        }
        replace_file(self._folder / CONNECTION_FILE, json.dumps(value, indent=2).encode() + b"\n", 0o600)
        return value

    def check(self) -> None:
        """Restarts what ended by itself; call it often.

        Raises:
            EmbeddedError: a part ends again and again, or refuses to go on.
        """
        if self._program is not None:
            self._program.check_not_refused()
        self._supervisor.check()

    def stop(self) -> None:
        """Stops everything that runs, the program first."""
        self._supervisor.stop()

    def _settings(self, code: str, database_url: str) -> PlatformSettings:
        return load_platform_settings(
            data_dir=self._folder,
            database_url=database_url,
            subject_code=code,
            peer_url=self._wish.peer_url,
            host=self._wish.host,
            port=self._wish.port,
            **self._wish.options,
        )

    def _start_program(self, settings: PlatformSettings, check_stopped: Callable[[], None]) -> None:
        self._report("authorisation platform ...")
        program = Program(MODULE, self._folder, settings.environment(), self._folder / "logs" / "platform.log")
        self._program = program
        self._supervisor.start(MODULE, program)
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._is_ready():
            check_stopped()
            self.check()
            if time.monotonic() > deadline:
                raise EmbeddedError(f"the platform is not ready within {READY_TIMEOUT_S:.0f} s: {program.log_tail()}")
            time.sleep(POLL_INTERVAL_S)

    def _is_ready(self) -> bool:
        try:
            with open_directly(f"{self.url}/readyz", 5) as answer:
                return bool(answer.status == 200)
        except OSError:  # HTTP errors are OSErrors too
            return False


def claim_folder(folder: Path, subject_code: str | None) -> str:
    """Whose folder it is, from its first start on.

    Raises:
        SettingsError: it is another body's, or it is new and no body is named.
    """
    path = folder / PLATFORM_FILE
    if not path.exists():
        if subject_code is None:
            raise SettingsError("name the body that runs this platform at its first start: --body CODE")
        create_file(path, json.dumps({"subject_code": subject_code, "v": 1}).encode() + b"\n")
    try:
        found = str(json.loads(path.read_bytes())["subject_code"])
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} is damaged (it names a subject_code): restore it from a backup") from None
    if subject_code not in (None, found):
        raise SettingsError(f"the data folder {folder} is the platform of {found}: choose another with --data-dir")
    return found
