"""The README cannot lie: its commands are run, in order, as a newcomer would, in a checkout of its own.

``tests/e2e/test_fresh_clone.py`` does the same from nothing, with the downloads.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.readme import CHECK, README, REST, START
from support.repository import ROOT, tracked_or_new

from ledger.adapters.embedded.ports import free_port


def test_readme_shows_the_two_commands_first() -> None:
    assert (START, CHECK) == ("./scripts/start.sh", "./scripts/check.sh")


def test_readme_check_command_is_what_ci_runs() -> None:
    # The command itself cannot run inside itself; CI runs it, through this line.
    assert 'scripts/check.sh" "$@"' in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_readme_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of one's own, in a path with a space; what the first command downloads is lent to it."""
    # Also brings the lent folders up to date where they belong; inside the copy there is then nothing to download.
    subprocess.run(["bash", "-ec", ". scripts/bootstrap.sh; bootstrap"], cwd=ROOT, check=True, timeout=280)
    folder = tmp_path / "a check out"
    for path in tracked_or_new(ROOT):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for lent in (".venv", "node_modules"):
        (folder / lent).symlink_to(ROOT / lent)
    return folder


@pytest.fixture
def started(checkout: Path) -> Iterator[tuple[Path, int]]:
    """The README's first command, on a free port, until the service is ready."""
    port = free_port()
    log = checkout / "start.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            f"exec {START} --port {port}",
            shell=True,
            cwd=checkout,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 240
        while not (checkout / "cityledger-data" / "connection.json").exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield checkout, port
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) in (0, 130), log.read_text()
    shutil.rmtree(checkout / "cityledger-data")


def test_readme_commands_do_what_the_text_says(started: tuple[Path, int]) -> None:
    checkout, port = started
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    shown = ""
    for command in REST:
        done = subprocess.run(
            command.replace(":8080", f":{port}"),
            shell=True,
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        shown += done.stdout
    assert shown.count("Verdict: VALID") == 2
    assert "every promise that is due was kept" in shown
    assert "development chain, no consensus" in shown
    assert re.search(r"^final +\d", shown, flags=re.MULTILINE)
    assert (checkout / "cityledger-receipts").is_dir()
    start_log = (checkout / "start.log").read_text()
    for line in ("CityLedger runs.", "keys, addresses", "trust file", "development chain, no consensus"):
        assert line in start_log
