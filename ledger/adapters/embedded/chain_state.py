"""The dumped state of the development chain: which of its blocks 0 is the chain's own.

Every start of anvil makes a block 0 of its own before it loads the dump, and the next dump holds both, in no order. Which of them the
node then shows as block 0 is left to chance, and with it the chain's genesis hash, by which trust files know the chain. Block 1 names
the right one as its parent.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import rlp

from ledger.log.typed_data import keccak256

_BYTES_FIRST: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
)
_NUMBERS: Final = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_BYTES_LAST: Final = ("extraData", "mixHash", "nonce")
_LATER_NUMBERS: Final = ("blobGasUsed", "excessBlobGas")
"""Of later rules: anvil's own block 0 has them whatever the rules are."""


def without_stray_genesis(raw: bytes) -> bytes | None:
    """The state with one block 0; None when it has no other.

    Args:
        raw: a dump.

    Raises:
        ValueError: it is no JSON.
    """
    state = json.loads(raw)
    blocks = state.get("blocks") if isinstance(state, dict) else None
    if not isinstance(blocks, list):
        return None
    first = [block for block in blocks if int(block["header"]["number"], 16) == 0]
    if len(first) < 2:
        return None
    parents = {block["header"]["parentHash"] for block in blocks if int(block["header"]["number"], 16) == 1}
    own = [block for block in first if "0x" + header_hash(block["header"]).hex() in parents]
    # before block 1 nothing hangs on the genesis; the oldest is that of the first start
    kept = own[0] if own else min(first, key=lambda block: int(block["header"]["timestamp"], 16))
    state["blocks"] = [block for block in blocks if block is kept or int(block["header"]["number"], 16) != 0]
    return json.dumps(state, separators=(",", ":")).encode()


def header_hash(header: Mapping[str, Any]) -> bytes:
    """Hash of a block header of the Berlin rules, as anvil's dumps show it; 32 bytes."""
    fields: list[bytes | int] = [bytes.fromhex(header[name][2:]) for name in _BYTES_FIRST]
    fields += [int(header[name], 16) for name in _NUMBERS]
    fields += [bytes.fromhex(header[name][2:]) for name in _BYTES_LAST]
    fields += [int(header[name], 16) for name in _LATER_NUMBERS if name in header]
    return keccak256(rlp.encode(fields))
