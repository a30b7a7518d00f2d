"""Every external function of every contract, views included, has a gas golden: functions come from the ABI, goldens from the files.

A row is named after its function, alone or with what makes it dear behind an underscore. ``npm run gas:check`` measures the rows.
"""

import json
from collections.abc import Collection

import pytest
from support.repository import ROOT

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.suite_plan import SUITE

GOLDENS = ROOT / "tests" / "contracts" / "goldens"
CONTRACTS = sorted({plan.name for plan in SUITE} | {"Council", "EvidenceLog"})
SIZE = "bytes_of_"
"""How the rows begin that are sizes of code."""


def rows_of(contract: str) -> list[str]:
    """Names of the contract's gas rows. Anchoring, the oldest, stands in a file of its own."""
    files = [GOLDENS / f"{contract}.json"]
    if contract == "EvidenceLog":
        files.append(GOLDENS.with_suffix(".json"))
    rows = [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]
    return [row for row in rows if not row.startswith(SIZE)]


def functions_of(contract: str) -> set[str]:
    return {entry["name"] for entry in load_artifact(contract).abi if entry["type"] == "function"}


def is_of(row: str, function: str) -> bool:
    return row == function or row.startswith(f"{function}_")


def without_golden(functions: Collection[str], rows: Collection[str]) -> set[str]:
    return {function for function in functions if not any(is_of(row, function) for row in rows)}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_has_a_golden(contract: str) -> None:
    functions, rows = functions_of(contract), rows_of(contract)
    assert functions
    assert without_golden(functions, rows) == set()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_golden_is_a_functions(contract: str) -> None:
    functions = functions_of(contract)
    assert [row for row in rows_of(contract) if not any(is_of(row, function) for function in functions)] == []


def test_a_function_that_only_begins_alike_is_another() -> None:
    assert without_golden({"state", "stateAcknowledged"}, {"stateAcknowledged_first"}) == {"state"}
