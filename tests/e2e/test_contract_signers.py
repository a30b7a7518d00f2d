"""Who may sign what: the table of ``contracts/SUITE.md``, compared with what the contracts asked while a product lived its whole life."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.test_contract_life import test_a_mixed_data_product_lives_from_admission_to_payment as the_whole_life
from support.suite import deploy_whole_suite
from support.suite_signers import TracedMarket

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.suite_plan import SUITE
from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.ports import free_port

TEXT = Path(__file__).resolve().parents[2] / "contracts" / "SUITE.md"


@pytest.fixture
def market(tmp_path: Path) -> Iterator[TracedMarket]:
    node = EmbeddedAnvil(tmp_path / "chain", free_port())
    node.start()
    yield TracedMarket(node.rpc_url, deploy_whole_suite(node.rpc_url, tmp_path))
    node.stop()


def takes_signature(parameter: Any) -> bool:
    kind = str(parameter.get("internalType", ""))
    return kind.startswith("struct PartySignature") or any(map(takes_signature, parameter.get("components", ())))


def signed_calls() -> set[tuple[str, str]]:
    return {
        (plan.name, item["name"])
        for plan in SUITE
        for item in load_artifact(plan.name).abi
        if item["type"] == "function" and item["stateMutability"] == "nonpayable"
        if any(map(takes_signature, item["inputs"]))
    }


def text_rows() -> dict[tuple[str, str], tuple[set[str], str]]:
    """(contract, function) -> what the text says is asked for in the life of a product, and what else."""
    found = re.search(
        r"<!-- asked signers -->\n(.*?)<!-- /asked signers -->", TEXT.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found
    rows = {}
    for line in found[1].splitlines()[2:]:
        contract, function, asked, other = (cell.strip() for cell in line.strip("|").split("|"))
        assert (contract, function) not in rows
        rows[contract, function] = (set(asked.split("; ")) - {"-"}, other)
    return rows


def test_signers_that_the_contracts_ask_for_are_those_of_the_text(market: TracedMarket) -> None:
    the_whole_life(market)
    rows = text_rows()
    assert set(rows) == signed_calls()
    said = {call: asked for call, (asked, _) in rows.items() if asked}
    assert {call: asked for call, asked in market.book.asked.items() if asked} == said
    assert all(other not in {"", "-"} for asked, other in rows.values() if not asked)
