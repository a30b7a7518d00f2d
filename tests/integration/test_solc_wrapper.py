"""The compiler's wrapper keeps outputs only where it is told to, and only of inputs that are whole."""

import json
import os
import subprocess
from pathlib import Path

import pytest

COMPILER = Path(__file__).resolve().parents[2] / "scripts" / "solc"
INPUT = {
    "language": "Solidity",
    "sources": {
        "A.sol": {"content": "// SPDX-License-Identifier: UNLICENSED\npragma solidity 0.8.37;\ncontract A {}\n"}
    },
    "settings": {"outputSelection": {"A.sol": {"A": ["evm.bytecode.object"]}}},
}


def compile_with(*arguments: str, outputs: Path | None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "CITYLEDGER_SOLC_OUTPUTS"}
    if outputs is not None:
        environment["CITYLEDGER_SOLC_OUTPUTS"] = str(outputs)
    command = [COMPILER, "--standard-json", *arguments]
    done = subprocess.run(command, input=json.dumps(INPUT), capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_output_is_kept_where_told_and_given_again(tmp_path: Path) -> None:
    first = compile_with(outputs=tmp_path)
    assert json.loads(first)["contracts"]["A.sol"]["A"]["evm"]["bytecode"]["object"]
    (kept,) = tmp_path.iterdir()
    assert kept.read_text() == first
    kept.write_text("what stands there")
    assert compile_with(outputs=tmp_path) == "what stands there"
    assert compile_with(outputs=None) == first, "without being told so, nothing kept is given"


@pytest.mark.parametrize("option", ["--base-path", "--include-path"])
def test_output_of_sources_that_are_elsewhere_is_not_kept(tmp_path: Path, option: str) -> None:
    compile_with(option, str(tmp_path), outputs=tmp_path)
    assert list(tmp_path.iterdir()) == []
