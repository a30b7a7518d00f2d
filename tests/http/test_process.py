"""`python -m api` as it is run: several workers, settings from the environment, an orderly stop, a clear refusal to start."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from support.a_log import ALog, open_a_log
from support.a_service import NDJSON

from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.program import EXIT_REFUSED
from ledger.adapters.files.durable import create_file, make_folder
from ledger.adapters.settings import Settings
from ledger.adapters.sql import api_keys

ROOT = Path(__file__).resolve().parents[2]


def settings_of(log: ALog, database_url: str, folder: Path, port: int, workers: int = 1) -> Settings:
    """The settings of a server of this log, whose key files are put into ``folder``."""
    make_folder(folder / "keys")
    keys = {"receipt": log.keys.receipt.private_bytes_raw(), "space": log.keys.space, "identity": log.keys.identity}
    for name, key in keys.items():
        create_file(folder / "keys" / f"{name}.key", key.hex().encode() + b"\n")
    identity = log.preparer.identity
    return Settings(
        data_dir=folder,
        database_url=database_url,
        evidence_log="0x" + identity.evidence_log.hex(),
        council="0x" + "cd" * 20,
        origin=identity.origin,
        port=port,
        api_workers=workers,
        wait_published_s=0,
    )


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    return subprocess.Popen(
        [sys.executable, "-m", "api"], cwd=ROOT, env=bare | environment, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_server_takes_events_and_stops_in_order(migrated_url: str, tmp_path: Path, workers: int) -> None:
    log = open_a_log(migrated_url, tmp_path)
    api_key = "clk_operator_" + os.urandom(32).hex()
    with log.engine.begin() as connection:
        api_keys.ensure_default_keys(connection, log.preparer, {"operator": api_key})
    settings = settings_of(log, migrated_url, tmp_path, free_port(), workers)
    process = start(settings.environment())
    assert process.stderr is not None
    url = f"http://127.0.0.1:{settings.port}"
    try:
        wait_until_alive(url, process)
        for _ in range(4 * workers):
            lines = "\n".join(
                json.dumps({"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:a", "type": "t"})
                for _ in range(3)
            )
            headers = NDJSON | {"X-API-Key": api_key, "Connection": "close"}
            answer = httpx.post(f"{url}/v1/events", content=lines, headers=headers, timeout=20)
            assert {item["state"] for item in answer.json()["results"]} == {"sequenced"}
        shown = httpx.get(f"{url}/metrics").text
        assert f'cityledger_api_events_total{{outcome="new"}} {12.0 * workers}' in shown, (
            "all workers are counted together"
        )
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with process.stderr:
        written = process.stderr.read().decode()
    assert "Traceback" not in written, written
    assert api_key not in written
    assert log.count("entries") == 1 + 12 * workers
    log.engine.dispose()


def test_missing_settings_are_named_and_no_traceback_shown() -> None:
    process = start({})
    _, written = process.communicate(timeout=30)
    assert process.returncode == 4
    assert b"CITYLEDGER_DATABASE_URL" in written
    assert b"Traceback" not in written


@pytest.mark.parametrize("workers", [1, 2])
def test_taken_port_is_no_contradiction_of_stores(migrated_url: str, tmp_path: Path, workers: int) -> None:
    log = open_a_log(migrated_url, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as held:
        settings = settings_of(log, migrated_url, tmp_path, held.getsockname()[1], workers)
        process = start(settings.environment())
        _, written = process.communicate(timeout=60)
    assert process.returncode == 4 != EXIT_REFUSED
    assert b"address already in use" in written.lower()
    log.engine.dispose()


def wait_until_alive(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{url}/livez", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < deadline
        time.sleep(0.1)
