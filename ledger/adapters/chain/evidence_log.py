"""The contract ``EvidenceLog`` as bytes: calls, answers, events and custom errors, by its compiled ABI. No I/O beyond the package.

The ABI comes from ``artifacts/EvidenceLog.json``, which ``scripts/export_artifacts.py`` writes from the compiler's output, so a
changed contract changes this module's behaviour or breaks its tests, and never drifts silently.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from ledger.log.typed_data import keccak256

ANCHOR_OUTCOMES = {
    "HeadAnchored": "anchored",
    "AnchorRepeated": "repeated",
    "AnchorStale": "stale",
    "HeadForked": "forked",
}
"""Event of the contract -> outcome of a call of ``anchor`` (formats.md section 6)."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The head of one log as the contract holds it; size 0 and the empty root before the first anchor.

    ``closed`` and ``equivocated`` are for ever: nothing more can be anchored, two contradicting heads were shown.
    """

    tree_size: int
    root_hash: bytes
    closed: bool = False
    equivocated: bool = False


@dataclass(frozen=True, slots=True)
class ChainEvent:
    """One decoded event of the contract. ``values`` by parameter name; 32-byte values as bytes."""

    name: str
    values: Mapping[str, Any]
    tx_hash: bytes
    block_number: int
    block_hash: bytes
    log_index: int

    @property
    def log_id(self) -> bytes:
        """The log this event is about."""
        return bytes(self.values["logId"])


@cache
def _abi() -> list[dict[str, Any]]:
    artifact = json.loads(files("ledger.adapters.chain").joinpath("artifacts/EvidenceLog.json").read_bytes())
    abi: list[dict[str, Any]] = artifact["abi"]
    return abi


def _type_of(parameter: dict[str, Any]) -> str:
    kind: str = parameter["type"]
    if kind.startswith("tuple"):
        return "(" + ",".join(_type_of(part) for part in parameter["components"]) + ")" + kind[5:]
    return kind


def _signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(_type_of(part) for part in item['inputs'])})"


@cache
def _function(name: str) -> dict[str, Any]:
    return next(item for item in _abi() if item["type"] == "function" and item["name"] == name)


def selector(name: str) -> bytes:
    """The four bytes that begin a call of this function."""
    return keccak256(_signature(_function(name)).encode())[:4]


@cache
def _events_by_topic() -> dict[bytes, dict[str, Any]]:
    return {keccak256(_signature(item).encode()): item for item in _abi() if item["type"] == "event"}


@cache
def _errors_by_selector() -> dict[bytes, dict[str, Any]]:
    return {keccak256(_signature(item).encode())[:4]: item for item in _abi() if item["type"] == "error"}


def event_topic(name: str) -> bytes:
    """The first topic of this event."""
    return next(topic for topic, item in _events_by_topic().items() if item["name"] == name)


def encode_anchor(
    log_id: bytes, tree_size_1: int, head: ChainHead, *, path: Sequence[bytes], signature: bytes
) -> bytes:
    """Call data of ``anchor``: ``path`` proves that ``head`` extends the tree of ``tree_size_1``."""
    types = [_type_of(part) for part in _function("anchor")["inputs"]]
    values = [log_id, tree_size_1, head.tree_size, head.root_hash, list(path), signature]
    return selector("anchor") + encode(types, values)


def decode_anchor(data: bytes) -> tuple[bytes, int, int, bytes, bytes]:
    """Log id, both tree sizes, root hash and anchor signature of a call of ``anchor``.

    Raises:
        ValueError: it is no such call.
    """
    if data[:4] != selector("anchor"):
        raise ValueError("another function is called")
    try:
        values = decode([_type_of(part) for part in _function("anchor")["inputs"]], data[4:])
    except DecodingError as error:
        raise ValueError("the call cannot be decoded") from error
    log_id, tree_size_1, tree_size_2, root_hash, _, signature = values
    return log_id, tree_size_1, tree_size_2, root_hash, signature


def encode_head(log_id: bytes) -> bytes:
    """Call data of the view ``head``."""
    return selector("head") + encode(["bytes32"], [log_id])


def decode_head(answer: bytes) -> ChainHead:
    """The answer of the view ``head``."""
    outputs = _function("head")["outputs"]
    values = decode([_type_of(part) for part in outputs], answer)
    named = {part["name"]: value for part, value in zip(outputs, values, strict=True)}
    return ChainHead(named["treeSize"], named["rootHash"], named["closed"], named["equivocated"])


def decode_event(log: Mapping[str, Any]) -> ChainEvent | None:
    """One entry of ``logs`` as a node gives it; None when it is no event of this contract's ABI."""
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    item = _events_by_topic().get(topics[0]) if topics else None
    if item is None:
        return None
    indexed = [part for part in item["inputs"] if part["indexed"]]
    plain = [part for part in item["inputs"] if not part["indexed"]]
    values: dict[str, Any] = {}
    for part, topic in zip(indexed, topics[1:], strict=True):
        values[part["name"]] = decode([_type_of(part)], topic)[0]
    data = bytes.fromhex(log["data"][2:])
    for part, value in zip(plain, decode([_type_of(part) for part in plain], data), strict=True):
        values[part["name"]] = value
    return ChainEvent(
        item["name"],
        values,
        bytes.fromhex(log["transactionHash"][2:]),
        int(log["blockNumber"], 16),
        bytes.fromhex(log["blockHash"][2:]),
        int(log["logIndex"], 16),
    )


def decode_revert(data: bytes) -> tuple[str | None, dict[str, str]]:
    """Name and printable values of a custom error; ``(None, {})`` for a bare revert or an error that is not ours."""
    item = _errors_by_selector().get(data[:4])
    if item is None:
        return None, {}
    try:
        values = decode([_type_of(part) for part in item["inputs"]], data[4:])
    except DecodingError:
        return item["name"], {}
    shown = ("0x" + value.hex() if isinstance(value, bytes) else str(value) for value in values)
    return item["name"], dict(zip((part["name"] for part in item["inputs"]), shown, strict=True))
