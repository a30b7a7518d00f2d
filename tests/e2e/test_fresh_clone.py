"""The README as one sequence on a bare machine: clone, start, its other commands, Ctrl-C, start again; check.sh but for its run.

Nothing is lent: an empty home, and a search path with the system's programs but without Node, PostgreSQL or a chain. Long, and needs
the package registries, as any first start does. ``tests/architecture/test_readme.py`` runs the same commands with what is installed.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.readme import CHECK, README, READY_LINE, REST, START
from support.repository import ROOT

from ledger.adapters.embedded.ports import free_port

pytestmark = pytest.mark.long

START_TIMEOUT_S = 600
SYSTEM = (Path("/usr/bin"), Path("/bin"))
BROUGHT_ALONG = re.compile(
    r"(node|nodejs|npm|npx|corepack|psql|postgres|initdb|pg_.*|anvil|forge|solc.*|uv|pip.*|python.*)"
)
"""What the first command must bring by itself. Python is put back below."""
FOLDER = "a data folder"


def bare_path(folder: Path) -> str:
    """A folder with the system's programs, but for those that start.sh brings; of Python one, and no other name of it."""
    folder.mkdir()
    for program in sorted(found for system in SYSTEM for found in system.iterdir()):
        target = folder / program.name
        if not BROUGHT_ALONG.fullmatch(program.name) and not target.exists():
            target.symlink_to(program)
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexec "{Path(sys._base_executable).resolve()}" "$@"\n')
    python.chmod(0o755)
    return str(folder)


class Newcomer:
    """A person with a clone and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "a clone"
        self.port = free_port()
        self._log = folder / "start.log"
        home = folder / "home"
        home.mkdir()
        # A machine behind a proxy knows one more authority; that is the machine's, not what a person installs.
        trusted = {name: os.environ[name] for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS") if name in os.environ}
        self.environment = {"HOME": str(home), "PATH": bare_path(folder / "bin"), **trusted}
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self.clone)], check=True, timeout=120)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """One line of the README, with the folder and the port that were chosen."""
        chosen = command.replace(":8080", f":{self.port}").replace("cityledger-data/", f"'{FOLDER}'/")
        connection = {"CITYLEDGER_CONNECTION": f"{FOLDER}/connection.json"}  # as the README says
        return subprocess.run(
            chosen,
            shell=True,
            cwd=self.clone,
            env=self.environment | connection,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def start(self) -> "subprocess.Popen[bytes]":
        """The first command, until it says that it runs."""
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                f"exec {START} --data-dir '{FOLDER}' --port {self.port}",
                shell=True,
                cwd=self.clone,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while READY_LINE not in self.said:
            if process.poll() is not None or time.monotonic() > deadline:
                process.terminate()
                pytest.fail(self.said)
            time.sleep(0.1)
        return process

    def press_ctrl_c(self, process: "subprocess.Popen[bytes]") -> int:
        """As the terminal does it: to the whole group in front."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        return process.wait(90)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def running(self) -> list[str]:
        """The command lines of processes that work with this clone."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it has ended meanwhile
            if str(self.clone) in words:
                found.append(words)
        return found


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    """Stops what a failed test left running."""
    person = Newcomer(tmp_path)
    begun = []
    start = person.start

    def noted() -> "subprocess.Popen[bytes]":
        begun.append(start())
        return begun[-1]

    person.start = noted  # type: ignore[method-assign]
    yield person
    for process in begun:
        person.press_ctrl_c(process)


@pytest.mark.timeout(1_500)
def test_readme_works_from_a_fresh_clone_on_a_bare_machine(newcomer: Newcomer) -> None:
    assert newcomer.run("command -v node || command -v npm || command -v postgres").stdout == ""
    process = newcomer.start()
    log = re.search(r"log +(\S+)  \(http", newcomer.said)
    assert log is not None, newcomer.said

    shown = ""
    for command in REST:
        done = newcomer.run(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        shown += done.stdout
    assert shown.count("Verdict: VALID") == 2
    assert re.search(r"^new +1$", shown, flags=re.MULTILINE)
    assert newcomer.press_ctrl_c(process) == 0, newcomer.said
    assert newcomer.running() == []

    again = newcomer.start()
    assert log[0] in newcomer.said, "the same log goes on"
    assert "compiling" not in newcomer.said
    assert "installing" not in newcomer.said
    ingest, audit = (next(command for command in REST if word in command) for word in (" ingest ", "receipt audit"))
    assert re.search(r"^repeated +1$", newcomer.run(ingest).stdout, flags=re.MULTILINE)
    verify = next(command for command in REST if " verify " in command)
    for command, words in (
        (verify, "Verdict: VALID"),
        (audit, "every promise that is due was kept"),
        ("fsck", "clean"),
    ):
        done = newcomer.run(".venv/bin/cityledger fsck" if command == "fsck" else command)
        assert (done.returncode, words in done.stdout) == (0, True), done.stdout + done.stderr
    assert newcomer.press_ctrl_c(again) == 0, newcomer.said
    assert newcomer.running() == []


def test_readme_check_command_is_there_and_takes_what_the_texts_say(newcomer: Newcomer) -> None:
    """It cannot be run inside itself."""
    refused = newcomer.run(f"{CHECK} --nothing")
    assert (refused.returncode, refused.stderr) == (2, "usage: scripts/check.sh [--long]\n")
    assert not (newcomer.clone / ".venv").exists(), "it looks at its arguments before it makes anything"
    assert newcomer.run(f"bash -n {CHECK}").returncode == 0
    assert "Nothing else is installed by hand" in README
