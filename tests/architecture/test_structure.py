"""The shape of the repository: sizes, one file a purpose, what may stand at the top."""

import ast
import re
from pathlib import Path

import pytest
from support.repository import FOLDERS, ROOT, tracked, tracked_or_new

TOP_LEVEL = {
    *FOLDERS,
    *("hardhat.config.js", "pyproject.toml", "README.md"),
    # what tools force
    *("package.json", "package-lock.json", ".npmrc", ".gitignore", ".ci", "foundry.toml"),
}
MODULE_LINES_MAX = 300
TEST_LINES_MAX = 450
CONTRACT_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
README_LINES_MAX = {"README.md": 150}
# A longer file is one argument that must be read whole, and says so in its first lines.
WHOLE = "read whole"


def says_whole(path: Path) -> bool:
    return any(WHOLE in line for line in path.read_text(encoding="utf-8").splitlines()[:15])


def test_top_level_holds_only_the_fixed_entries() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in tracked(ROOT)}
    assert found <= TOP_LEVEL, found - TOP_LEVEL


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [
        ("ledger/*.py", MODULE_LINES_MAX),
        ("api/*.py", MODULE_LINES_MAX),
        ("anchor/*.py", MODULE_LINES_MAX),
        ("scripts/*.py", MODULE_LINES_MAX),
        ("tests/*.py", TEST_LINES_MAX),
        ("contracts/*.sol", CONTRACT_LINES_MAX),
        ("tests/*.sol", TEST_LINES_MAX),
    ],
)
def test_files_stay_small_or_say_why_not(pattern: str, limit: int) -> None:
    paths = tracked_or_new(ROOT, pattern)
    assert paths, f"no files match {pattern}"
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    too_long = {name: length for name, length in lengths.items() if length > limit and not says_whole(ROOT / name)}
    assert too_long == {}


def test_functions_stay_short() -> None:
    too_long = {}
    for path in tracked_or_new(ROOT, "ledger/*.py", "api/*.py", "anchor/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    too_long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert too_long == {}


def test_readmes_exist_and_stay_readable() -> None:
    folders = ["", "contracts/", "ledger/", "api/", "anchor/", "tests/"]
    lengths = {}
    for folder in folders:
        path = ROOT / f"{folder}README.md"
        assert path.is_file(), f"{folder}README.md is missing"
        lengths[f"{folder}README.md"] = len(path.read_text(encoding="utf-8").splitlines())
    assert {name: length for name, length in lengths.items() if length > README_LINES_MAX.get(name, 100)} == {}


def test_no_file_names_a_machine_or_a_registry_host() -> None:
    # Spelled in pieces, so that this file does not contain what it looks for.
    pieces = [("/wo", "rk/"), ("/ro", "ot/"), (r"registry\.npm", r"js\.org"), (r"files\.python", r"hosted\.org")]
    forbidden = re.compile("|".join("".join(piece) for piece in pieces))
    found = {}
    for path in tracked_or_new(ROOT):
        if path.suffix in {".gz", ".png", ".pdf"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := forbidden.search(line):
                found[f"{path.relative_to(ROOT)}:{number}"] = match[0]
    assert found == {}


def test_tests_hold_no_init_files() -> None:
    assert tracked_or_new(ROOT, "tests/**/__init__.py", "tests/__init__.py") == []
