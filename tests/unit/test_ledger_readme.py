"""The tables of ``ledger/README.md`` against the code they describe."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ledger.cli.app import COMMANDS, app
from ledger.cli.console import ExitCode
from ledger.client.audit import CODES

README = (Path(__file__).parents[2] / "ledger" / "README.md").read_text()


def test_readme_names_every_command() -> None:
    section = README.partition("## Command line")[2].partition("A service is found")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`([a-z]+)", cell)}
    assert named - {"list", "revoke"} == set(COMMANDS)


def test_readme_names_every_exit_code() -> None:
    named = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", README, re.MULTILINE)}
    assert named == {int(code) for code in ExitCode}


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
