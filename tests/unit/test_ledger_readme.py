"""The tables of ``ledger/README.md`` against the code they describe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anchor import __main__ as anchor_main
from anchor import fsck_main, monitor_main
from api import __main__ as api_main
from ledger.adapters.embedded.program import EXIT_REFUSED
from ledger.cli.app import COMMANDS, app
from ledger.cli.console import ExitCode
from ledger.client.audit import CODES

CHECKS = (fsck_main, monitor_main)
README = (Path(__file__).parents[2] / "ledger" / "README.md").read_text()


def test_readme_names_every_command() -> None:
    section = README.partition("## Command line")[2].partition("A service is found")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`([a-z]+)", cell)}
    assert named - {"list", "revoke"} == set(COMMANDS)


def test_readme_names_every_exit_code() -> None:
    named = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", README, re.MULTILINE)}
    assert named == {int(code) for code in ExitCode}


def test_programs_mean_the_same_by_their_exit_codes() -> None:
    unavailable = {api_main.EXIT_UNAVAILABLE, anchor_main.EXIT_UNAVAILABLE, *(each.EXIT_UNAVAILABLE for each in CHECKS)}
    assert unavailable == {ExitCode.UNAVAILABLE}
    assert (fsck_main.EXIT_FINDINGS, monitor_main.EXIT_ALARM) == (ExitCode.REFUSED, ExitCode.REFUSED)
    assert {anchor_main.EXIT_ARGUMENTS, monitor_main.EXIT_ARGUMENTS} == {ExitCode.USAGE}
    assert anchor_main.EXIT_INTERRUPTED == ExitCode.INTERRUPTED
    assert anchor_main.EXIT_REFUSED == EXIT_REFUSED == ExitCode.NOT_TRUSTED, "the one code with two meanings"
    meaning = next(line for line in README.splitlines() if line.startswith(f"| {EXIT_REFUSED} |"))
    assert re.findall(r"`(\w+)`", meaning) == ["verify", "anchor"]


@pytest.mark.parametrize("arguments", [["api"], ["anchor"], ["anchor", "fsck"]], ids=" ".join)
def test_missing_settings_have_the_code_of_the_table(arguments: list[str]) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    done = subprocess.run([sys.executable, "-m", *arguments], env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, "CITYLEDGER_ORIGIN" in done.stderr) == (ExitCode.UNAVAILABLE, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["status", "--connection", "nowhere.json"], ExitCode.USAGE),
        (["status", "--api-url", "ftp://a.example"], ExitCode.USAGE),
        (["status"], ExitCode.UNAVAILABLE),
        (["verify", "nowhere.json"], ExitCode.USAGE),
        (["ingest", "nowhere.ndjson"], ExitCode.UNAVAILABLE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_missing_has_the_code_of_the_table(
    arguments: list[str], code: ExitCode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CITYLEDGER_CONNECTION", raising=False)
    assert CliRunner().invoke(app, arguments).exit_code == code


@pytest.mark.parametrize("name", COMMANDS)
def test_help_states_no_other_exit_codes_than_the_table(name: str) -> None:
    told = " ".join(CliRunner().invoke(app, [name, "--help"]).output.split())
    codes = {int(code) for code in re.findall(r"(?:code:|,) ([0-9]+) ", told.partition("Exit ")[2])}
    own = {ExitCode.NOT_TRUSTED, ExitCode.EQUIVOCATED} if name == "verify" else set()
    assert codes <= {ExitCode.OK, ExitCode.REFUSED, ExitCode.USAGE, ExitCode.UNAVAILABLE, ExitCode.INTERRUPTED} | own


def test_readme_names_every_finding_of_the_audit() -> None:
    section = README.partition("`receipt audit` names what it finds:")[2].partition("## Non-goals")[0]
    named = set(re.findall(r"`([a-z_]+)`", section))
    assert named == set(CODES)


@pytest.mark.parametrize(
    "arguments",
    [[name] for name in COMMANDS] + [["receipt", "audit"], ["keys", "add"], ["keys", "list"], ["keys", "revoke"]],
)
def test_help_of_every_command_has_an_example(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0
    assert re.search(r"Example: (CITYLEDGER_.* )?cityledger", " ".join(done.output.split()))
