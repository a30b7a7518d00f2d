"""The events of the contract suite as typed values: one union of all, decoded by (address, topic). No I/O but the manifest's file.

The classes are those of ``bindings``. A log of an address that is not the suite's is none of our business; a topic that the contract's
interface does not name is kept as :class:`UnknownEvent` so that nothing is lost: it says that the manifest names another contract than
stands there. What base contracts log (``AuthorityUpdated``) has its name.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, decode_error, decode_event
from ledger.errors import SettingsError

_MODULES: Final = {
    "DeliveryReceipts": "delivery_receipts",
    "DigitalContractRegistry": "digital_contract_registry",
    "Directory": "directory",
    "Disputes": "disputes",
    "DistributionTables": "distribution_tables",
    "Orders": "orders",
    "ParticipantRegistry": "participant_registry",
    "Payouts": "payouts",
    "ProductRegistry": "product_registry",
    "RevenueSettlement": "revenue_settlement",
    "SettlementRules": "settlement_rules",
}


class _Bindings(Mapping[str, ModuleType]):
    """Imports a module when it is asked for: all of them are a tenth of the start of a program, and the API calls few contracts."""

    def __getitem__(self, contract: str) -> ModuleType:
        return import_module(f"ledger.adapters.chain.bindings.{_MODULES[contract]}")

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


BINDINGS: Final[Mapping[str, ModuleType]] = _Bindings()
"""Contract -> its generated module."""


@cache
def _events_of(contract: str) -> Mapping[bytes, type[AbiEvent]]:
    return {event.TOPIC: event for event in BINDINGS[contract].EVENTS}


@cache
def _errors() -> Mapping[bytes, type[AbiRevert]]:
    return {error.SELECTOR: error for module in BINDINGS.values() for error in module.ERRORS}


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """What a contract of the suite logged and its interface does not name; as the node gave it."""

    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class SuiteEvent:
    """One event of the suite, and where it stands. Hashes are 32 bytes, the address 20."""

    contract: str
    address: bytes
    block_number: int
    block_hash: bytes
    tx_hash: bytes
    log_index: int
    event: AbiEvent | UnknownEvent

    @property
    def name(self) -> str:
        """The event's name; empty when it is unknown."""
        return "" if isinstance(self.event, UnknownEvent) else type(self.event).__name__


@dataclass(frozen=True, slots=True)
class Suite:
    """The contracts that are followed: address -> name, the first block in which one of them can have logged anything."""

    contracts: Mapping[bytes, str]
    first_block: int

    @property
    def digest(self) -> bytes:
        """SHA-256 that changes when another suite is followed, or the same one by other rules."""
        named = sorted((address.hex(), name) for address, name in self.contracts.items())
        return hashlib.sha256(json.dumps([self.first_block, named]).encode()).digest()


def read_suite(manifest: Path) -> Suite:
    """The suite of a deployment's manifest: its contracts of this package's bindings, old versions included.

    Raises:
        SettingsError: the file is not there or is no manifest.
    """
    try:
        listed = json.loads(manifest.read_bytes())["contracts"]
        ours = [item for item in listed if item["name"] in BINDINGS]
        contracts = {bytes.fromhex(item["address"][2:]): str(item["name"]) for item in ours}
        first_block = min((int(item["block_number"]) for item in ours), default=0)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{manifest} is no manifest of a deployed contract suite.", file=str(manifest)) from error
    if not contracts or any(len(address) != 20 for address in contracts):
        raise SettingsError(f"{manifest} names no contract of the suite, or a wrong address.", file=str(manifest))
    return Suite(contracts, first_block)


def decode_log(suite: Suite, log: Mapping[str, Any]) -> SuiteEvent | None:
    """One entry of ``logs`` as a node gives it; None when it is of no contract of the suite.

    Raises:
        ValueError: a known topic with data that are not its own.
    """
    address = bytes.fromhex(log["address"][2:])
    contract = suite.contracts.get(address)
    if contract is None:
        return None
    topics = tuple(bytes.fromhex(topic[2:]) for topic in log["topics"])
    data = bytes.fromhex(log["data"][2:])
    kind = _events_of(contract).get(topics[0]) if topics else None
    return SuiteEvent(
        contract=contract,
        address=address,
        block_number=int(log["blockNumber"], 16),
        block_hash=bytes.fromhex(log["blockHash"][2:]),
        tx_hash=bytes.fromhex(log["transactionHash"][2:]),
        log_index=int(log["logIndex"], 16),
        event=UnknownEvent(topics, data) if kind is None else decode_event(kind, topics[1:], data),
    )


def decode_revert(data: bytes) -> AbiRevert | None:
    """The custom error in what a call of the suite reverted with; None for any other revert.

    A call passes on the errors of the contracts that it asks, so every contract's errors are known here.
    """
    kind = _errors().get(data[:4])
    return None if kind is None else decode_error(kind, data[4:])
