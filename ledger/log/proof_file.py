"""The proof file: one event's evidence, from its opening to the anchored head (FORMATS.md section 7)."""

from typing import Any, Final, NamedTuple

from ledger.log.canonical import encode_jcs
from ledger.log.entry import Entry, entry_from_value
from ledger.log.opening import Opening, opening_from_value
from ledger.log.strict import (
    ethereum_hex,
    parse_canonical,
    read_count,
    read_ethereum20,
    read_ethereum32,
    read_hex32,
    read_hex32_list,
    read_object,
    read_string,
    read_version,
)

_MEMBERS: Final = ("anchor", "checkpoint", "entry", "inclusion_path", "leaf_index", "opening", "v")
_ANCHOR_MEMBERS: Final = (
    "block_hash",
    "block_number",
    "chain_id",
    "consistency_path",
    "contract",
    "log_id",
    "root_hash",
    "tree_size",
    "tx_hash",
)


class AnchorFacts(NamedTuple):
    """Where on the chain a head was anchored, and the path between that head and the proof's checkpoint.

    ``tree_size`` and ``root_hash`` are the anchored head's; ``consistency_path`` leads from the smaller of the two heads to the
    larger, and is empty when they are the same.
    """

    chain_id: int
    contract: bytes
    log_id: bytes
    tree_size: int
    root_hash: bytes
    consistency_path: tuple[bytes, ...]
    tx_hash: bytes
    block_number: int
    block_hash: bytes

    def value(self) -> dict[str, Any]:
        """The facts as an object: Ethereum values with 0x, the log's hashes without."""
        return {
            "block_hash": ethereum_hex(self.block_hash),
            "block_number": self.block_number,
            "chain_id": self.chain_id,
            "consistency_path": [node.hex() for node in self.consistency_path],
            "contract": ethereum_hex(self.contract),
            "log_id": ethereum_hex(self.log_id),
            "root_hash": self.root_hash.hex(),
            "tree_size": self.tree_size,
            "tx_hash": ethereum_hex(self.tx_hash),
        }


class ProofFile(NamedTuple):
    """One proof; ``checkpoint`` is the note's text, ``anchor`` is None until a head that covers the entry is anchored."""

    entry: Entry
    leaf_index: int
    inclusion_path: tuple[bytes, ...]
    checkpoint: str
    opening: Opening
    anchor: AnchorFacts | None

    def value(self) -> dict[str, Any]:
        """The proof as an object; ``encode`` is its JCS."""
        return {
            "anchor": None if self.anchor is None else self.anchor.value(),
            "checkpoint": self.checkpoint,
            "entry": self.entry.value(),
            "inclusion_path": [node.hex() for node in self.inclusion_path],
            "leaf_index": self.leaf_index,
            "opening": self.opening.value(),
            "v": 1,
        }

    def encode(self) -> bytes:
        """The file: JCS, nothing after it."""
        return encode_jcs(self.value())


def parse_proof(raw: bytes) -> ProofFile:
    """The strict inverse of ``ProofFile.encode``; nothing in it is verified.

    Raises:
        VerificationError: malformed or not canonical.
    """
    members = read_object(parse_canonical(raw, "proof"), _MEMBERS, "the proof")
    read_version(members["v"], "the proof")
    anchor = members["anchor"]
    return ProofFile(
        entry_from_value(members["entry"]),
        read_count(members["leaf_index"], "the proof's leaf_index"),
        read_hex32_list(members["inclusion_path"], "a hash of the inclusion path"),
        read_string(members["checkpoint"], "the proof's checkpoint"),
        opening_from_value(members["opening"]),
        None if anchor is None else _read_anchor(anchor),
    )


def _read_anchor(value: Any) -> AnchorFacts:
    members = read_object(value, _ANCHOR_MEMBERS, "the anchor")
    return AnchorFacts(
        chain_id=read_count(members["chain_id"], "the anchor's chain_id"),
        contract=read_ethereum20(members["contract"], "the anchor's contract"),
        log_id=read_ethereum32(members["log_id"], "the anchor's log_id"),
        tree_size=read_count(members["tree_size"], "the anchor's tree_size"),
        root_hash=read_hex32(members["root_hash"], "the anchor's root_hash"),
        consistency_path=read_hex32_list(members["consistency_path"], "a hash of the consistency path"),
        tx_hash=read_ethereum32(members["tx_hash"], "the anchor's tx_hash"),
        block_number=read_count(members["block_number"], "the anchor's block_number"),
        block_hash=read_ethereum32(members["block_hash"], "the anchor's block_hash"),
    )
