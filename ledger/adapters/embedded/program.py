"""The service's own programs (``python -m api``, ``python -m anchor``) as supervised parts."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from ledger.adapters.embedded.processes import ChildProcess
from ledger.adapters.settings import ENV_PREFIX
from ledger.errors import EmbeddedError

EXIT_REFUSED = 3
"""The program's own stores contradict each other: starting it again cannot help."""

STOP_TIMEOUT_S = 30.0
REFUSAL_WITHIN_BYTES = 65_536


class Program:
    """One program.

    Args:
        module: what ``python -m`` runs.
        folder: the data folder it belongs to.
        settings: its settings as environment variables, which replace all that this process has; arguments are none, they
            could be read by others.
        log_path: its standard output and error.
    """

    def __init__(self, module: str, folder: Path, settings: Mapping[str, str], log_path: Path) -> None:
        passed_on = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
        self.name = module
        self._child = ChildProcess(
            module,
            # -P: a folder of the same name in the working folder is not taken for the program
            [sys.executable, "-P", "-m", module],
            folder=folder,
            env={**passed_on, **settings},
            log_path=log_path,
            stop_signal=signal.SIGTERM,
            stop_timeout_s=STOP_TIMEOUT_S,
        )

    @property
    def pid(self) -> int | None:
        """Its process id, or None when it was not started."""
        return self._child.pid

    def start(self) -> None:
        """Start it; it may answer only later.

        Raises:
            EmbeddedError: it cannot be executed, or it ended last time because its stores contradict each other.
        """
        self.check_not_refused()
        self._child.start()

    def stop(self) -> None:
        """Stop it in order."""
        self._child.stop()

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._child.is_alive()

    def check_not_refused(self) -> None:
        """Raises ``EmbeddedError`` when it has ended because its stores contradict each other."""
        if self._child.exit_code == EXIT_REFUSED:
            raise EmbeddedError(f"{self.name} refuses to go on; it says: {self._refusal() or self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines of its log."""
        return self._child.log_tail()

    def _refusal(self) -> str | None:
        """Why it refused, in its own words for a person, when its log is one of JSON lines."""
        with self._child.log_path.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - REFUSAL_WITHIN_BYTES))
            lines = log.read().splitlines()
        for line in reversed(lines):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict) and value.get("event") == "refused":
                return str(value.get("detail"))
        return None
