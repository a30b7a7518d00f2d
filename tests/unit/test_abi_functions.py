"""Functions as an ABI describes them: call data and answers without generated classes."""

import pytest
from eth_abi.abi import encode

from ledger.adapters.chain.abi import abi_function, canonical_type
from ledger.log.typed_data import keccak256, to_checksum_address

POINT = {"name": "point", "type": "tuple", "components": [{"type": "address"}, {"type": "bytes3[]"}]}
ABI = [
    {"type": "function", "name": "one", "inputs": [{"type": "uint8"}], "outputs": [{"type": "address[]"}]},
    {"type": "function", "name": "two", "inputs": [POINT], "outputs": [POINT, {"type": "bool"}]},
    {"type": "function", "name": "twice", "inputs": [], "outputs": []},
    {"type": "function", "name": "twice", "inputs": [{"type": "bool"}], "outputs": []},
    {"type": "event", "name": "three", "inputs": []},
]
WHERE = to_checksum_address(bytes(range(170, 190)))


def test_abi_function_spells_structs_out_in_the_selector() -> None:
    function = abi_function(ABI, "two")
    assert canonical_type({**POINT, "type": "tuple[2][]"}) == "(address,bytes3[])[2][]"
    assert function.selector == keccak256(b"two((address,bytes3[]))")[:4]
    assert function.encode([(WHERE, [b"CNY"])])[4:] == encode(["(address,bytes3[])"], [(WHERE, [b"CNY"])])


def test_abi_function_answers_with_checksummed_addresses() -> None:
    lower = "0x" + bytes(range(170, 190)).hex()
    assert lower != WHERE
    assert abi_function(ABI, "one").decode(encode(["address[]"], [[lower]])) == [WHERE]
    answer = encode(["(address,bytes3[])", "bool"], [(lower, [b"CNY"]), True])
    assert abi_function(ABI, "two").decode(answer) == [(WHERE, [b"CNY"]), True]


@pytest.mark.parametrize(("name", "count"), [("twice", 2), ("three", 0), ("none", 0)])
def test_abi_function_that_is_not_one_is_refused(name: str, count: int) -> None:
    with pytest.raises(ValueError, match=f"has {count} functions of the name {name}"):
        abi_function(ABI, name)


def test_abi_function_values_and_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit its type"):
        abi_function(ABI, "one").encode([256])
    with pytest.raises(ValueError, match="not what the ABI says"):
        abi_function(ABI, "one").decode(b"\1")
