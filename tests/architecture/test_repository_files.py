"""What the README has a newcomer make in the checkout is none of the repository's files."""

import subprocess
from pathlib import Path

import pytest
from support.repository import ROOT, tracked, tracked_or_new


@pytest.fixture
def tried_out(tmp_path: Path) -> Path:
    """A repository with one tracked file, one new module, and what trying things leaves behind."""
    for name in ("README.md", "ledger/new.py", "events.csv", "my data/installation.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "README.md"], cwd=tmp_path, check=True)
    return tmp_path


def test_tracked_things_made_beside_them_are_left_out(tried_out: Path) -> None:
    assert tracked(tried_out) == [tried_out / "README.md"]
    assert tracked_or_new(tried_out) == [tried_out / "README.md", tried_out / "ledger/new.py"]


@pytest.mark.parametrize(
    "name",
    [
        "events.ndjson",
        "cityledger-receipts/receipts-1.jsonl",
        "permit-1.proof.json",
        "redacted.proof.json",
        "cityledger-monitor.json",
        "cityledger-data/connection.json",
    ],
)
def test_gitignore_names_what_the_readme_has_made(name: str) -> None:
    assert subprocess.run(["git", "check-ignore", "-q", "--", name], cwd=ROOT, check=False).returncode == 0
