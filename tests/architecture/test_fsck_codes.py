"""The codes of ``fsck``: each that the code can say has a row in anchor's documents and a test that expects it, and no others do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from support.repository import ROOT, tracked_or_new

from anchor.fsck_codes import FindingCode

CODES = set(get_args(FindingCode))
SAYING = {"Finding": 0, "_finding": 1, "_say": 0}
"""What makes a finding, and which of its arguments is the code."""


def strings_in(node: ast.AST) -> set[str]:
    return {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in tracked_or_new(ROOT, "anchor/fsck*.py"):
        if path.name != "fsck_codes.py":
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def said_in(module: ast.Module) -> Iterator[str]:
    """Every code that is written where a finding is made; one that a variable holds is annotated, which mypy checks."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SAYING and len(node.args) > SAYING[name]:
                code = node.args[SAYING[name]]
                assert isinstance(code, ast.Constant | ast.Name), f"a code is made up in line {code.lineno}"
                if isinstance(code, ast.Constant):
                    yield str(code.value)
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "FindingCode" and node.value:
            yield from strings_in(node.value) & CODES


def test_codes_are_those_that_the_modules_say() -> None:
    said = {code for _, module in modules() for code in said_in(module)}
    assert said == CODES


def test_codes_have_each_one_row_in_the_document_that_the_readme_names() -> None:
    assert "](FINDINGS.md)" in (ROOT / "anchor" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([a-z_]+)` \|", (ROOT / "anchor" / "FINDINGS.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == list(get_args(FindingCode))


def test_codes_are_each_expected_by_a_test() -> None:
    expected: set[str] = set()
    for path in tracked_or_new(ROOT, "tests/*.py"):
        text = path.read_text(encoding="utf-8")
        if path != Path(__file__) and "fsck" in text:
            expected |= strings_in(ast.parse(text))
    assert CODES - expected == set()
