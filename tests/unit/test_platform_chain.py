"""How the authorisation platform reads the contracts: by which id, from which place of the answer, and what a silent node means."""

from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode
from support.platform_world import an_agreement, an_application, an_order

from ledger.adapters.chain.abi import abi_function, canonical_type
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.platform.chain import (
    AGREEMENT_STATUS,
    AGREEMENTS,
    ORDER_STATUS,
    ORDERS,
    ContractBooks,
    NoChain,
)
from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.order_digest import order_chain_id
from ledger.domain.platform_comparison import ON_CHAIN

SALT = b"\x09" * 32
ADDRESSES = {AGREEMENTS: b"\x11" * 20, ORDERS: b"\x12" * 20}
CONTRACTS = Path(__file__).parents[2] / "contracts" / "interfaces"


class Node:
    """Answers ``eth_call`` with one record, whose members are given by the names that the ABI has for them."""

    def __init__(self, contract: str, function: str, **members: Any) -> None:
        self.asked: list[dict[str, str]] = []
        self.function = abi_function(load_artifact(contract).abi, function)
        [output] = self.function.outputs
        values = [members.get(part["name"], _nothing(canonical_type(part))) for part in output["components"]]
        assert members.keys() <= {part["name"] for part in output["components"]}
        self.answer = "0x" + encode([canonical_type(output)], [tuple(values)]).hex()

    def call(self, method: str, *parameters: Any) -> str:
        assert method == "eth_call"
        self.asked.append(parameters[0])
        return self.answer


class SilentNode:
    def call(self, method: str, *_: Any) -> str:
        raise ChainUnavailableError(f"the node does not answer {method}")


def _nothing(kind: str) -> Any:
    return bytes(32) if kind == "bytes32" else 0


def books(node: Any) -> ContractBooks:
    found = ContractBooks("http://127.0.0.1:9", ADDRESSES)
    found._rpc = node
    return found


@pytest.mark.parametrize(("number", "status"), list(enumerate(AGREEMENT_STATUS)))
def test_agreement_is_read_by_its_salted_id(number: int, status: str | None) -> None:
    shown = an_agreement(salt=SALT.hex())
    node = Node(AGREEMENTS, "agreementOf", status=number, contractDigest=b"\x33" * 32)
    found = books(node).look(shown)
    assert found is not None and (found.status, found.facts) == (status, {"/contract_hash": "33" * 32})
    [asked] = node.asked
    assert asked["to"] == "0x" + "11" * 20
    assert asked["data"] == "0x" + (node.function.selector + agreement_chain_id(SALT, shown.object_id)).hex()


@pytest.mark.parametrize(("number", "status"), list(enumerate(ORDER_STATUS)))
def test_order_is_read_by_its_salted_id(number: int, status: str | None) -> None:
    shown = an_order(salt=SALT.hex())
    node = Node(ORDERS, "orderOf", status=number)
    found = books(node).look(shown)
    assert found is not None and (found.status, dict(found.facts)) == (status, {})
    assert node.asked[0]["data"].endswith(order_chain_id(SALT, shown.object_id).hex())


@pytest.mark.parametrize(
    ("interface", "enum", "words"),
    [("IDigitalContractRegistry", "AgreementStatus", AGREEMENT_STATUS), ("IOrders", "OrderStatus", ORDER_STATUS)],
)
def test_words_are_those_of_the_contracts_in_their_order(
    interface: str, enum: str, words: tuple[str | None, ...]
) -> None:
    source = (CONTRACTS / f"{interface}.sol").read_text(encoding="utf-8")
    body = source.partition(f"enum {enum} {{")[2].partition("}")[0]
    assert [name.strip().lower() for name in body.split(",")] == ["unknown", *(word for word in words if word)]


def test_every_word_that_is_expected_is_one_of_the_contracts() -> None:
    for kind, words in (("agreement", AGREEMENT_STATUS), ("order", ORDER_STATUS)):
        assert {word for allowed in ON_CHAIN[kind].values() for word in allowed} == set(words)


def test_silent_node_and_other_kinds_say_nothing() -> None:
    assert books(SilentNode()).look(an_order(salt=SALT.hex())) is None
    assert books(SilentNode()).look(an_application()) is None
    assert books(SilentNode()).look(an_order()) is None
    assert NoChain().look(an_order(salt=SALT.hex())) is None
