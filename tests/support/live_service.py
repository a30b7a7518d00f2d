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
COMMAND = [sys.executable, "-P", "-m", "ledger.cli.app"]


@dataclass(frozen=True)
class LiveService:
    folder: Path
    connection: dict[str, Any]

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
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
        return {**kept, "CITYLEDGER_CONNECTION": str(self.connection_path), **changes}

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


@contextmanager
def live_service(folder: Path) -> Iterator[LiveService]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    arguments = [*COMMAND, "up", "--data-dir", str(folder), "--port", "0"]
    log_path = folder.with_name(folder.name + "-up.log")
    with log_path.open("wb") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while not (folder / "connection.json").exists():
            assert process.poll() is None, log_path.read_text()
            assert time.monotonic() < deadline, log_path.read_text()
            time.sleep(0.1)
        yield LiveService(folder, json.loads((folder / "connection.json").read_text()))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
