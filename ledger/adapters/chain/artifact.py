"""The compiled contracts that the package carries, and what can be computed from them without a chain.

``artifacts/<Contract>.json`` is written by ``scripts/export_artifacts.py``. The code holds no metadata, so an address made by CREATE2
follows the code and the constructor's arguments alone.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ledger.errors import InputError, MisuseError
from ledger.log.typed_data import ADDRESS_BYTES, keccak256

WORD_BYTES = 32


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    Args:
        contract_name: name of the contract.
        abi: its ABI, as Solidity's compiler gives it.
        creation_code: code that deploys it, without constructor arguments.
        runtime_code: code on the chain, with zeros where immutables stand.
        immutable_offsets: where each immutable stands in ``runtime_code``, by its name; 32 bytes each.
        source_hash: SHA-256 over the sources that it was compiled from, 32 bytes.
    """

    contract_name: str
    abi: list[dict[str, Any]]
    creation_code: bytes
    runtime_code: bytes
    immutable_offsets: dict[str, tuple[int, ...]]
    source_hash: bytes

    def runtime_code_with(self, **immutables: bytes) -> bytes:
        """The code as it stands on the chain: ``immutables`` are the values, at most 32 bytes, padded on the left.

        Raises:
            MisuseError: an immutable is not named, or the contract has none of that name.
        """
        if set(immutables) != set(self.immutable_offsets):
            raise MisuseError(f"{self.contract_name} has the immutables {sorted(self.immutable_offsets)}")
        code = bytearray(self.runtime_code)
        for name, value in immutables.items():
            for offset in self.immutable_offsets[name]:
                code[offset : offset + WORD_BYTES] = value.rjust(WORD_BYTES, b"\0")
        return bytes(code)

    def is_code_of(self, code: bytes) -> bool:
        """Whether this is the contract's code on a chain, whatever its immutables are."""
        return (
            mask(code, [offset for places in self.immutable_offsets.values() for offset in places]) == self.runtime_code
        )


def load_compiler_settings(contract_name: str) -> dict[str, Any]:
    """How the contract was compiled: ``version``, ``evmVersion``, ``optimizer``, ``metadata``, ``viaIR``.

    Raises:
        InputError: the package carries no such contract.
    """
    return dict(_read(contract_name)["compiler"])


def _read(contract_name: str) -> Any:
    carried = {file.name: file for file in files("ledger.adapters.chain").joinpath("artifacts").iterdir()}
    file = carried.get(f"{contract_name}.json")
    if file is None:
        raise InputError(f"this version carries no contract of the name {contract_name!r}")
    return json.loads(file.read_bytes())


@cache
def load_artifact(contract_name: str) -> Artifact:
    """The artifact of a contract that the package carries.

    Raises:
        InputError: it carries no such contract.
    """
    value = _read(contract_name)
    return Artifact(
        contract_name=contract_name,
        abi=value["abi"],
        creation_code=bytes.fromhex(value["bytecode"][2:]),
        runtime_code=bytes.fromhex(value["deployedBytecode"][2:]),
        immutable_offsets={
            name: tuple(place["start"] for place in places) for name, places in value["immutableReferences"].items()
        },
        source_hash=bytes.fromhex(value["sourceHash"]),
    )


def mask(code: bytes, offsets: Iterable[int]) -> bytes:
    """The code with zeros where immutables stand, as the compiler gives it. An offset beyond the end changes nothing."""
    masked = bytearray(code)
    for offset in offsets:
        end = min(offset + WORD_BYTES, len(masked))
        masked[offset:end] = bytes(max(end - offset, 0))
    return bytes(masked)


def contract_salt(name: str) -> bytes:
    """The CREATE2 salt of the contract of this name, 32 bytes."""
    return keccak256(b"cityledger/v1/" + name.encode())


def create2_address(factory: bytes, salt: bytes, creation_code: bytes) -> bytes:
    """Address of what ``factory`` deploys by CREATE2 (EIP-1014)."""
    return keccak256(b"\xff" + factory + salt + keccak256(creation_code))[-ADDRESS_BYTES:]


def first_create_address(deployer: bytes) -> bytes:
    """Address of what ``deployer`` deploys by its very first transaction: keccak256(rlp([deployer, 0]))."""
    return keccak256(b"\xd6\x94" + deployer + b"\x80")[-ADDRESS_BYTES:]
