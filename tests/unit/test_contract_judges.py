"""The judges of the contracts can say no: the coverage bar, the list of what Slither finds, the compiler's warnings."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.repository import ROOT

FULL = "SF:contracts/Orders.sol\nDA:1,3\nLF:1\nLH:1\nFNF:1\nFNH:1\nBRDA:1,0,0,2\nBRF:1\nBRH:1\nend_of_record\n"


def script(name: str) -> ModuleType:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_coverage_of_everything_misses_nothing() -> None:
    assert script("contract_coverage").uncovered(FULL) == []


@pytest.mark.parametrize(
    ("covered", "missed"),
    [
        ("DA:1,3\nLF:1\nLH:1", "DA:1,0\nLF:1\nLH:0"),
        ("FNH:1", "FNH:0"),
        ("BRDA:1,0,0,2", "BRDA:1,0,0,-"),
        ("BRH:1", "BRH:0"),
    ],
)
def test_coverage_of_less_is_named(covered: str, missed: str) -> None:
    report = FULL.replace(covered, missed)
    assert report != FULL
    assert any("contracts/Orders.sol" in line for line in script("contract_coverage").uncovered(report))


def test_coverage_names_sources_that_the_report_passes_over() -> None:
    missing = script("contract_coverage").unreported(FULL)
    assert "contracts/RevenueSettlement.sol: not in the report" in missing
    assert not any("contracts/Orders.sol" in line or "mocks" in line for line in missing)


def judge(monkeypatch: pytest.MonkeyPatch, folder: Path, findings: list[dict[str, Any]], lines: list[str]) -> int:
    module = script("slither_findings")
    table = folder / "SLITHER.md"
    table.write_text("| check | file | element | finding | why |\n|---|---|---|---|---|\n" + "\n".join(lines), "utf-8")
    monkeypatch.setattr(module, "JUSTIFICATIONS", table)
    report = folder / "slither.json"
    report.write_text(json.dumps({"success": True, "results": {"detectors": findings}}), encoding="utf-8")
    answer: int = module.main([str(report)])
    return answer


def finding(check: str, *expressions: str, start: int = 100, way: str = "") -> dict[str, Any]:
    """A finding in a function at a place, about expressions in it."""

    def element(name: str, place: int) -> dict[str, Any]:
        return {"name": name, "source_mapping": {"filename_relative": "contracts/Split.sol", "start": place}}

    elements = [element(name, start + place) for place, name in enumerate(("split", *expressions))]
    stack = f"\n\tCalls stack containing the loop:\n\t\t{way}(uint256)\n" if way else ""
    return {"check": check, "impact": "Low", "description": f"something{stack}", "elements": elements}


LATE = "block.timestamp > deadline || isOver"
LINE = (
    "| `timestamp` | `contracts/Split.sol` | `split` | `block.timestamp > deadline \\|\\| isOver` "
    "| A deadline of days, so that seconds change nothing. |"
)


def test_slither_passes_when_each_finding_has_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert judge(monkeypatch, tmp_path, [finding("timestamp", LATE)], [LINE]) == 0


def test_slither_passes_when_what_was_judged_stands_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert judge(monkeypatch, tmp_path, [finding("timestamp", LATE, start=900)], [LINE]) == 0


@pytest.mark.parametrize(
    "new",
    [
        finding("reentrancy-eth", LATE),
        finding("timestamp", "block.timestamp < opening"),
        finding("timestamp", LATE, LATE),
        finding("timestamp", LATE, way="Split.split"),
        finding("timestamp", LATE, start=900),
    ],
    ids=["another check", "another comparison", "twice in one", "another way there", "the same again"],
)
def test_slither_fails_on_another_finding_in_a_judged_element(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, new: dict[str, Any]
) -> None:
    assert judge(monkeypatch, tmp_path, [finding("timestamp", LATE), new], [LINE]) == 1


def test_slither_fails_when_what_was_judged_says_something_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert judge(monkeypatch, tmp_path, [finding("timestamp", LATE, "another comparison")], [LINE]) == 1


def test_slither_knows_a_block_of_assembly_by_its_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = script("slither_findings")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    place = {"filename_relative": "A.sol", "start": 2, "length": 16}
    said = []
    for text in ("{ assembly { a() } }", "{ assembly { b() } }", "{ assembly {\ta() } }"):
        (tmp_path / "A.sol").write_text(text, encoding="utf-8")
        said.append(module.text_of({"name": "", "source_mapping": place}))
    assert said[0] != said[1]
    assert said[0] == said[2]


def test_slither_fails_on_a_line_without_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert judge(monkeypatch, tmp_path, [], [LINE]) == 1


@pytest.mark.parametrize(
    "bad", [LINE.replace("A deadline of days, so that seconds", "It"), LINE.replace("`split` |", "")]
)
def test_slither_fails_on_a_line_without_a_reason_or_a_cell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: str
) -> None:
    with pytest.raises(SystemExit):
        judge(monkeypatch, tmp_path, [finding("timestamp", LATE)], [bad])


def build(file: str, code: str = "2072", text: str = "contract A {}") -> tuple[Any, Any]:
    """A build of ``contracts/A.sol`` and ``tests/contracts/A.t.sol`` of this text, with a warning in a file."""
    names = ("project/contracts/A.sol", "project/tests/contracts/A.t.sol", "npm/@openzeppelin/contracts@5.3.0/B.sol")
    warning = {
        "severity": "warning",
        "errorCode": code,
        "formattedMessage": f"Warning: in {file}\n",
        "sourceLocation": {"file": file},
    }
    return {"sources": {name: {"content": text} for name in names}}, {"errors": [warning]}


SOURCES = {"contracts/A.sol": "contract A {}", "tests/contracts/A.t.sol": "contract A {}"}


@pytest.mark.parametrize("file", ["project/contracts/A.sol", "project/tests/contracts/A.t.sol"])
def test_warning_in_a_source_of_ours_is_named(file: str) -> None:
    assert script("compiler_warnings").faults(SOURCES, [build(file)]) == [f"Warning: in {file}"]


def test_warnings_of_openzeppelin_and_the_size_of_a_test_do_not_count() -> None:
    found = [build("npm/@openzeppelin/contracts@5.3.0/B.sol"), build("project/tests/contracts/A.t.sol", "5574")]
    assert script("compiler_warnings").faults(SOURCES, found) == []


def test_size_of_a_contract_counts() -> None:
    assert script("compiler_warnings").faults(SOURCES, [build("project/contracts/A.sol", "5574")]) != []


def test_source_that_changed_since_it_was_compiled_passes_nothing_and_its_old_warnings_are_past() -> None:
    now = {"contracts/A.sol": "contract A { }"}
    expected = ["contracts/A.sol: not compiled as it stands"]
    assert script("compiler_warnings").faults(now, [build("project/contracts/A.sol")]) == expected
    assert script("compiler_warnings").faults(now, []) == expected
