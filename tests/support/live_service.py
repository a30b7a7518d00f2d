"""The whole service as an operator starts it: ``cityledger up`` in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_WITHIN_S = 120.0
READY_LINE = "Ctrl-C stops it."
COMMAND = [sys.executable, "-P", "-m", "ledger.cli.app"]


@dataclass(frozen=True)
class LiveService:
    folder: Path
    connection: dict[str, Any]
    process: "UpProcess"

    @property
    def connection_path(self) -> Path:
        return self.folder / "connection.json"

    @property
    def trust_path(self) -> Path:
        return self.folder / "trust.json"

    @property
    def rpc_url(self) -> str:
        return str(self.connection["rpc_url"])

    def environment(self, **changes: str) -> dict[str, str]:
        return {**environment_without_settings(), "CITYLEDGER_CONNECTION": str(self.connection_path), **changes}

    def run(
        self, arguments: Sequence[object], *, cwd: Path, stdin: bytes | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs one command as a user would, in the folder ``cwd``."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env=self.environment(**environment),
            timeout=240,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class UpProcess:
    """One ``cityledger up``; ``settings`` are further environment variables."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._log_path = folder.with_name(folder.name + "-up.log")
        arguments = [*COMMAND, "up", "--data-dir", str(folder), "--port", "0"]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                arguments,
                stdout=log,
                stderr=log,
                env={**environment_without_settings(), **settings},
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """Everything that it has printed."""
        return self._log_path.read_text()

    def wait_until_ready(self) -> LiveService:
        deadline = time.monotonic() + READY_WITHIN_S
        while READY_LINE not in self.said:
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)
        connection = json.loads((self._folder / "connection.json").read_text())
        return LiveService(self._folder, connection, self)

    def wait_until_ended(self) -> int:
        """Its exit code, when it ends by itself."""
        return self._process.wait(READY_WITHIN_S)

    def stop(self) -> int:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._process.wait(60)


def environment_without_settings() -> dict[str, str]:
    """What a user has; only what the compiler said before is found again (``tests/conftest.py``)."""
    kept = {"CITYLEDGER_SOLC_OUTPUTS"}
    return {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_") or name in kept}


@contextmanager
def live_service(folder: Path, **settings: str) -> Iterator[LiveService]:
    process = UpProcess(folder, **settings)
    try:
        yield process.wait_until_ready()
    finally:
        process.stop()
