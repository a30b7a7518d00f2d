"""Where each contract of a deployment will stand: CREATE2 addresses, computed without a chain.

They follow from the factory, the code and the constructors' arguments, so bodies can sign their admission before anything is deployed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode

from ledger.adapters.chain.abi import constructor_types
from ledger.adapters.chain.artifact import contract_salt, create2_address, load_artifact
from ledger.adapters.chain.suite_config import Membership, SuiteConfig
from ledger.adapters.chain.suite_plan import (
    COUNCIL_NAME,
    EVIDENCE_LOG_NAME,
    GUARDIAN_NAME,
    MANAGER_NAME,
    SUITE,
    ConstructorArgument,
    ContractPlan,
)
from ledger.log.hashing import HASH_BYTES
from ledger.log.typed_data import to_checksum_address


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """One contract to deploy: name in the directory, ABI-encoded arguments, call data for the factory, address (20 bytes)."""

    name: str
    arguments: bytes
    factory_data: bytes
    address: bytes


def artifact_name(name: str) -> str:
    """The contract behind a name of the directory: two councils have one."""
    return COUNCIL_NAME if name == GUARDIAN_NAME else name


def plan_contracts(factory: bytes, config: SuiteConfig) -> list[PlannedContract]:
    """Everything that is deployed, in order: the guardian council, the access manager, the suite."""
    addresses = {COUNCIL_NAME: config.council_address, EVIDENCE_LOG_NAME: config.evidence_log}
    planned = [
        _plan(factory, GUARDIAN_NAME, encode_membership(config.guardian)),
        _plan(factory, MANAGER_NAME, encode(["address"], [to_checksum_address(config.council_address)])),
    ]
    addresses |= {contract.name: contract.address for contract in planned}
    for plan in SUITE:
        contract = _plan(factory, plan.name, _encode_arguments(addresses, config, plan))
        addresses[plan.name] = contract.address
        planned.append(contract)
    return planned


def _plan(factory: bytes, name: str, arguments: bytes) -> PlannedContract:
    data = contract_salt(name) + load_artifact(artifact_name(name)).creation_code + arguments
    return PlannedContract(name, arguments, data, create2_address(factory, data[:HASH_BYTES], data[HASH_BYTES:]))


def encode_membership(membership: Membership) -> bytes:
    """The arguments of a council's constructor."""
    bodies = [to_checksum_address(body) for body in membership.bodies]
    return encode(["address[]", "uint256"], [bodies, membership.threshold])


def _encode_arguments(addresses: Mapping[str, bytes], config: SuiteConfig, plan: ContractPlan) -> bytes:
    """The constructor's arguments; their types, structs among them, are those of the contract's ABI."""

    def value_of(argument: ConstructorArgument) -> Any:
        if isinstance(argument, tuple):
            return tuple(map(value_of, argument))
        if argument == "currencies":
            return list(config.currencies)
        if argument in config.settlement:
            return config.settlement[argument]
        return to_checksum_address(addresses[argument])

    return encode(constructor_types(load_artifact(plan.name).abi), value_of(plan.arguments))
