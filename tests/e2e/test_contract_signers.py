"""Who may sign what: the table of ``contracts/SUITE.md``, compared with what the contracts asked while a product lived its whole life.

The table's rows are ``tests/vectors/signers.json``; ``tests/conformance/test_contract_refusals.py`` holds the text against them.
"""

import json
from collections.abc import Iterator, Mapping
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
from ledger.domain.acts.kinds import BodyRole

ROWS = Path(__file__).resolve().parents[1] / "vectors" / "signers.json"
BY_THE_COUNCIL = {("ParticipantRegistry", "admitReserved"), ("ParticipantRegistry", "recoverKey")}
"""New keys show possession, which the registry checks itself: no row."""
NOT_IN_A_LIFE = {
    ("ParticipantRegistry", "addKey"),
    ("ParticipantRegistry", "changeRoles"),
    ("ParticipantRegistry", "depart"),
    ("ParticipantRegistry", "reinstate"),
    ("ParticipantRegistry", "renewQualification"),
    ("ParticipantRegistry", "revokeKey"),
    ("ParticipantRegistry", "suspend"),
    ("ProductRegistry", "setFrozen"),
    ("SettlementRules", "retireRule"),
    ("DigitalContractRegistry", "terminate"),
    ("Orders", "close"),
    ("DeliveryReceipts", "voidGap"),
    ("Disputes", "extendFreeze"),
    ("Disputes", "withdraw"),
    ("DistributionTables", "decideReview"),
    ("DistributionTables", "requestReview"),
    ("DistributionTables", "withdrawObjection"),
    ("Payouts", "cancelAccount"),
}
"""What no product needs while all goes well; the Solidity tests try it all the same."""


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


def questions(rows: Mapping[str, Any]) -> set[str]:
    """What the rows of a function may make it ask the registry, in the words of :class:`SignerBook`."""
    roles_in_order = [str(role.name) for role in BodyRole]
    asked = set()
    for row in rows.values():
        roles = " or ".join(sorted(row["roles"], key=roles_in_order.index)) or "itself"
        asked.add(f"{roles} {row['key']}{' d' if row['defence'] else ''}")
    return asked


def test_signers_that_the_contracts_ask_for_are_those_of_the_table(market: TracedMarket) -> None:
    the_whole_life(market)
    table = {
        (contract, function): questions(rows)
        for contract, functions in json.loads(ROWS.read_text(encoding="utf-8")).items()
        for function, rows in functions.items()
    }
    assert table.keys() | BY_THE_COUNCIL == signed_calls()
    asked = {call: found for call, found in market.book.asked.items() if found}
    assert asked.keys() == table.keys() - NOT_IN_A_LIFE
    assert {call: found - table[call] for call, found in asked.items() if not found <= table[call]} == {}
