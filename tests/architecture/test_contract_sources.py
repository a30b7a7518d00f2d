"""Contract tests judge the code that is deployed: they take it from its artifact, and are compiled otherwise themselves."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFINED = re.compile(r"^(?:abstract )?contract (\w+)", re.MULTILINE)
MADE = re.compile(r"\bnew (\w+)\s*[({]|\btype\(\s*(\w+)\s*\)\s*\.\s*(?:creation|runtime)Code\b")


def made_of_ours(text: str, ours: frozenset[str]) -> set[str]:
    """Contracts of ``contracts/`` that a test compiles for itself."""
    return {name for names in MADE.findall(text) for name in names if name in ours}


def test_tests_deploy_what_is_in_contracts_from_artifacts() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "contracts").rglob("*.sol"))
    ours = frozenset(name for text in sources for name in DEFINED.findall(text)) | {"AccessManager"}
    assert {"Payouts", "StubBook", "RFC9162Harness"} <= ours
    tests = (ROOT / "tests" / "contracts").rglob("*.sol")
    found = {path.name: made_of_ours(path.read_text(encoding="utf-8"), ours) for path in tests}
    assert len(found) > 80
    assert {name: made for name, made in found.items() if made} == {}
    assert made_of_ours("a = new Payouts(b); new Target(); new int64[](2)", ours) == {"Payouts"}
    assert made_of_ours("type(Orders).creationCode; type( Payouts ).runtimeCode", ours) == {"Orders", "Payouts"}
    assert made_of_ours("type(Target).creationCode; type(Orders).interfaceId", ours) == set()
