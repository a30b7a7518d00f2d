"""The command as a whole: every command is there, loaded when it runs, and described the same in both places."""

import json
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from ledger.cli.app import COMMANDS, app

RUNNER = CliRunner()
OVERVIEW = """
from typer.testing import CliRunner
from ledger.cli.app import app
assert CliRunner().invoke(app, ['--help']).exit_code == 0
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_command_help_starts_with_the_line_of_the_overview(name):
    command = typer.main.get_command(app).get_command(None, name)
    assert " ".join(command.help.split("\n\n")[0].split()) == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_command_help_is_shown_with_an_example(name):
    shown = RUNNER.invoke(app, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f" {name} " in shown.output.splitlines()[0]
    assert "Example:" in shown.output


def test_overview_lists_every_command():
    shown = RUNNER.invoke(app, ["--help"])
    assert shown.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in shown.output


def test_unknown_command_is_a_usage_error():
    shown = RUNNER.invoke(app, ["nonsense"])
    assert shown.exit_code == 2
    assert "No such command 'nonsense'" in shown.output


@pytest.mark.parametrize(
    "code",
    [OVERVIEW, "import ledger.cli.verify", "import ledger.cli.sign, ledger.cli.sign_fetch"],
    ids=["overview", "verify", "sign"],
)
def test_what_the_base_install_runs_imports_no_server_package(code):
    done = subprocess.run(
        [sys.executable, "-c", code + "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        check=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
    )
    modules = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert not modules & {
        "sqlalchemy",
        "psycopg",
        "web3",
        "eth_account",
        "fastapi",
        "uvicorn",
        "alembic",
        "structlog",
        "api",
        "anchor",
    }


@pytest.mark.parametrize("name", ["api", "anchor"])
def test_program_without_settings_says_which_are_missing(name):
    env = {key: value for key, value in os.environ.items() if not key.startswith("CITYLEDGER_")}
    done = subprocess.run(
        [sys.executable, "-m", "ledger.cli.app", name], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "CITYLEDGER_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/proc/cannot-be-made", "/dev/null/below-a-file"])
def test_up_in_a_folder_that_cannot_be_made_says_so_in_one_line(folder):
    done = subprocess.run(
        [sys.executable, "-m", "ledger.cli.app", "up", "--data-dir", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: the data folder {folder} cannot be ")
