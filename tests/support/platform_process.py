"""The authorisation platform as an operator starts it, ``cityledger platform run``, beside a service that follows nothing of it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from support.live_service import COMMAND, environment_without_settings

from ledger.adapters.embedded.processes import processes_marked

READY_LINE = "Ctrl-C stops it."
WITHIN_S = 120.0


@dataclass
class PlatformProcess:
    """One folder with its platform; it may be killed and started again."""

    folder: Path
    peer_url: str
    body: str
    peer_key: str
    options: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    connection: dict[str, Any] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log_path(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-run.log")

    def launch(self) -> None:
        """Starts it and does not wait."""
        arguments = ["platform", "run", "--data-dir", str(self.folder), "--peer", self.peer_url, "--body", self.body]
        environment = environment_without_settings() | {"CITYLEDGER_API_KEY": self.peer_key} | self.settings
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments, "--port", "0", *self.options],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def start(self) -> "PlatformProcess":
        """Starts it and waits until it is ready."""
        self.launch()
        assert self.process is not None
        deadline = time.monotonic() + WITHIN_S
        while READY_LINE not in self.log_path.read_text():
            assert self.process.poll() is None, self.log_path.read_text()
            assert time.monotonic() < deadline, self.log_path.read_text()
            time.sleep(0.05)
        self.connection = json.loads((self.folder / "connection.json").read_text())
        return self

    def kill(self) -> None:
        """``kill -9`` of everything that runs for the folder; PostgreSQL is found again by the next start."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        for pid in processes_marked(self.folder):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def ask(self, method: str, path: str, body: Any = None, role: str = "handler", **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.connection['api_keys'][role]}"}
        if method == "POST":
            given["Idempotency-Key"] = os.urandom(8).hex()
        url = self.connection["platform_url"] + path
        return httpx.request(method, url, headers=given | headers, json=body, timeout=20)

    def read(self, path: str) -> Any:
        answer = self.ask("GET", path, role="reader")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, path: str, body: Any) -> dict[str, Any]:
        """Asks for an act and waits for its answer."""
        asked = self.ask("POST", path, body)
        assert asked.status_code == 202, asked.text
        return self.answered(asked.json()["act_id"])

    def answered(self, act_id: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def is_answered() -> bool:
            found.update(self.read(f"/v1/acts/{act_id}"))
            return bool(found["state"] != "intended")

        self.wait(is_answered, lambda: found)
        return found

    def wait(self, is_so: Callable[[], bool], shown: Callable[[], Any] = lambda: None) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not is_so():
            assert time.monotonic() < deadline, shown()
            time.sleep(0.05)

    def wait_for_copy(self, kind: str, object_id: str, state: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def is_there() -> bool:
            answer = self.ask("GET", f"/v1/copies/{kind}/{object_id}", role="reader")
            found.update(answer.json())
            return bool(found.get("state") == state)

        self.wait(is_there, lambda: found)
        return found

    def differences(self, phase: str = "open") -> list[dict[str, Any]]:
        return list(self.read(f"/v1/differences?phase={phase}")["items"])

    def wait_for_differences(self, expected: set[tuple[str, str, str]], phase: str = "open") -> list[dict[str, Any]]:
        """Until exactly these are listed: object, cause, owner."""

        def listed() -> set[tuple[str, str, str]]:
            return {(one["object_id"], one["cause"], one["owner"]) for one in self.differences(phase)}

        self.wait(lambda: listed() == expected, listed)
        return self.differences(phase)


@contextmanager
def running_platform(
    folder: Path, peer_url: str, body: str, peer_key: str, **settings: str
) -> Iterator[PlatformProcess]:
    quick = {"CITYLEDGER_PLATFORM_FOLLOW_INTERVAL_S": "0.1", "CITYLEDGER_PLATFORM_TOLERANCE_S": "0"}
    platform = PlatformProcess(folder, peer_url, body, peer_key, settings=quick | settings)
    try:
        yield platform.start()
    finally:
        platform.stop()
    assert processes_marked(folder) == []
