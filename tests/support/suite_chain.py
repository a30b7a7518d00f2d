"""A chain in memory that logs events of the contract suite, and changes its mind whenever a test says so."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from sqlalchemy import Engine, text

from ledger.adapters.chain.abi import AbiEvent, AbiStruct
from ledger.adapters.chain.bindings.delivery_receipts import (
    GapVoided,
    StatementAnswered,
    StatementStatus,
    StreamOpened,
    UsageClaim,
    UsageClaimed,
)
from ledger.adapters.chain.contract_objects import changes_of
from ledger.adapters.chain.errors import RpcRejectedError
from ledger.adapters.chain.gateway import BlockLink
from ledger.adapters.chain.suite_events import Suite, decode_log
from ledger.adapters.sql import contract_events
from ledger.log.typed_data import keccak256

RECEIPTS = keccak256(b"receipts")[:20]
DISPUTES = keccak256(b"disputes")[:20]
SUITE = Suite({RECEIPTS: "DeliveryReceipts", DISPUTES: "Disputes"}, 1)
STREAM = keccak256(b"stream")


def words(value: Any) -> Any:
    """A value of a generated class as eth-abi takes it; written apart from the code that is tested."""
    if isinstance(value, AbiStruct):
        return tuple(words(getattr(value, name)) for name in value.__slots__)
    return [words(item) for item in value] if isinstance(value, tuple) else value


def encode_log(event: AbiEvent) -> tuple[list[bytes], bytes]:
    """Topics and data of an event, as a contract logs it."""
    topics, plain = [event.TOPIC], []
    for name, part, indexed in zip(event.__slots__, event.FIELDS, event.INDEXED, strict=True):
        value = words(getattr(event, name))
        if indexed:
            topics.append(encode([part.kind], [value]))
        else:
            plain.append((part.kind, value))
    return topics, encode([kind for kind, _ in plain], [value for _, value in plain])


def statement_id(index: int) -> bytes:
    return keccak256(b"statement %d" % index)


def opened() -> AbiEvent:
    return StreamOpened(STREAM, keccak256(b"agreement"), keccak256(b"connector"), 0)


def claimed(index: int, units: int = 500) -> AbiEvent:
    claim = UsageClaim(STREAM, index, index * 10, index * 10 + 10, units, 10, 99, keccak256(b"batches"), 202701)
    return UsageClaimed(statement_id(index), STREAM, index, claim, 1_800_000_000)


def answered(index: int, units: int, status: StatementStatus = StatementStatus.ACKNOWLEDGED) -> AbiEvent:
    return StatementAnswered(statement_id(index), status, units, bytes(32))


def voided(first: int, following: int) -> AbiEvent:
    return GapVoided(STREAM, first, following, keccak256(b"reason"))


@dataclass
class SuiteBlock:
    link: BlockLink
    logs: list[dict[str, Any]]


@dataclass
class SuiteChain:
    """``ContractChain`` in memory. ``before_call`` runs before every answer, and may change the chain or raise."""

    blocks: list[SuiteBlock] = field(default_factory=list)
    before_call: Callable[[], None] = lambda: None
    salt: int = 0

    def __post_init__(self) -> None:
        self.mine()  # block 0

    def mine(self, *events: AbiEvent, address: bytes = RECEIPTS) -> SuiteBlock:
        """A new block with these events."""
        number, self.salt = len(self.blocks), self.salt + 1
        block_hash = keccak256(b"block %d %d" % (number, self.salt))
        parent = self.blocks[-1].link.block_hash if self.blocks else bytes(32)
        logs = [self._log(event, address, number, block_hash, index) for index, event in enumerate(events)]
        block = SuiteBlock(BlockLink(number, block_hash, parent, has_logs=bool(logs)), logs)
        self.blocks.append(block)
        return block

    def drop(self, depth: int) -> None:
        """The newest blocks are gone; block 0 stays."""
        del self.blocks[max(1, len(self.blocks) - depth) :]

    def block_number(self) -> int:
        self.before_call()
        return len(self.blocks) - 1

    def block_hash_at(self, number: int) -> bytes | None:
        self.before_call()
        return self.blocks[number].link.block_hash if number < len(self.blocks) else None

    def block_link(self, number: int) -> BlockLink | None:
        self.before_call()
        return self.blocks[number].link if number < len(self.blocks) else None

    def logs_of_block(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[dict[str, Any]]:
        self.before_call()
        for block in self.blocks:
            if block.link.block_hash == block_hash:
                return [log for log in block.logs if bytes.fromhex(log["address"][2:]) in addresses]
        raise RpcRejectedError("unknown block", method="eth_getLogs")

    @staticmethod
    def _log(event: AbiEvent, address: bytes, number: int, block_hash: bytes, index: int) -> dict[str, Any]:
        topics, data = encode_log(event)
        return {
            "address": "0x" + address.hex(),
            "topics": ["0x" + topic.hex() for topic in topics],
            "data": "0x" + data.hex(),
            "blockNumber": hex(number),
            "blockHash": "0x" + block_hash.hex(),
            "transactionHash": "0x" + keccak256(block_hash + bytes([index])).hex(),
            "logIndex": hex(index),
        }


def require_followed(engine: Engine, chain: SuiteChain) -> None:
    """The tables hold what a single reading of the present chain gives, and nothing else."""
    events, objects = {}, {}
    for block in chain.blocks[SUITE.first_block :]:
        for log in block.logs:
            event = decode_log(SUITE, log)
            assert event is not None
            events[event.block_hash, event.log_index] = event.name
            for change in changes_of(event):
                objects.setdefault((change.kind, change.object_id), {}).update(json.loads(json.dumps(change.members)))
    with engine.connect() as connection:
        cursor = contract_events.read_cursor(connection)
        stored = connection.execute(text("SELECT block_hash, log_index, name FROM contract_events")).all()
        states = connection.execute(text("SELECT kind, object_id, state FROM contract_objects")).all()
    assert {(row[0], row[1]): row[2] for row in stored} == events
    assert len(stored) == len(events)
    assert {(row[0], row[1]): row[2] for row in states} == objects
    assert cursor is not None
    assert cursor.number == len(chain.blocks) - 1
    assert cursor.block_hash in {chain.blocks[-1].link.block_hash, None}
