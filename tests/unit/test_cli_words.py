"""What a command says when something is not there: what it is, and what to do about it."""

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.http_double import Answer, http_double
from typer.testing import CliRunner, Result

from ledger.cli import ingest, up
from ledger.cli.app import app
from ledger.client.ingest import Tally
from ledger.client.transport import RetryPolicy, Transport
from ledger.errors import InputError, LedgerError, RefusedByServiceError, UnavailableError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_up_on_a_taken_port_makes_no_folder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        done = run("up", "--data-dir", tmp_path / "new", "--port", held.getsockname()[1])
    assert (done.exit_code, "is taken by another program" in done.output) == (4, True)
    assert list(tmp_path.iterdir()) == []


def test_up_names_a_command_that_works_in_another_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "bin" / "cityledger"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr("sys.argv", [str(program)])
    up._show(tmp_path, "http://127.0.0.1:8080", "http://127.0.0.1:8545", "a.example/2026")
    assert f"Try: {program} ingest FILE" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["monitor", "--once"], ["receipt", "audit", "receipts"]], ids=" ".join)
def test_missing_trust_file_is_said_without_a_connection_file_that_is_not_in_use(command: list[str]) -> None:
    done = run(*command, "--api-url", "http://127.0.0.1:9")
    assert (done.exit_code, "--trust FILE" in done.output) == (4, True)
    assert "connection" not in done.output
    named = run(*command, "--api-url", "http://127.0.0.1:9", "--trust", "nowhere")
    assert named.exit_code == 2
    assert named.output.startswith("error: the trust file nowhere cannot be read")


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (RefusedByServiceError("no", status=401), "use a key"),
        (RefusedByServiceError("no", status=403), "--role"),
        (InputError("damaged"), "mend the file"),
        (UnavailableError("away"), "run the same command again"),
    ],
)
def test_ingest_says_what_would_help(failure: LedgerError, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    class Ended:
        tally = Tally()
        is_stopped = False

    ended: Any = Ended()
    ingest._finish(ended, failure, None, ingest.WaitFor.PUBLISHED)
    assert told in capsys.readouterr().err


def test_retries_are_announced_once() -> None:
    said: list[str] = []
    with http_double(Answer(503), Answer(503), Answer(200)) as double:
        policy = RetryPolicy(30, sleep=lambda _: None, on_first_failure=said.append)
        with closing(Transport(double.url, retry=policy)) as transport:
            transport.request("GET", "/x")
    assert len(said) == 1
    assert said[0].endswith("trying for 30 s")


def test_monitor_passes_on_which_log_and_how_long_it_waits(tmp_path: Path) -> None:
    """Whether it does shows in the exit code: a log that the trust file does not name is an argument, one that is away is not."""
    trust = Path(__file__).parents[1] / "vectors" / "formats" / "trust.json"
    common = ["--once", "--api-url", "http://127.0.0.1:9", "--trust", trust, "--state", tmp_path / "state.json"]
    named = ["--origin", "0123456789abcdef.cityledger.invalid/2026"]

    def monitor(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-m", "ledger.cli.app", "monitor", *map(str, [*common, *arguments])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout

    assert monitor("--origin", "another.invalid/2026") == (2, "")
    assert monitor(*named, "--interval", "1")[0] == 4
    code, shown = monitor(*named, "--stale-after", "0")
    assert (code, "\nunavailable: No look was answered" in shown) == (1, True), shown
