"""What a monitor remembers between two looks, and its form on disk."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ledger.errors import InputError, LedgerError, VerificationError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.tiles import compact_range_from_right_edge
from ledger.log.typed_data import LogIdentity


@dataclass(frozen=True)
class MonitorState:
    """What a monitor must remember between two looks; losing it would skip a window silently.

    ``edge`` is the right edge (partial tiles by level) of the tree of ``tree_size``. ``chain_block`` is the last block whose heads
    were checked, with its hash. ``unanchored_since`` is when (Unix seconds) a checkpoint above the chain's head was first seen.
    ``unanswered_since`` is when log or chain first failed to answer a look, None after a look that was answered whole.
    ``again_size`` and ``again_edge`` are how far the second reading of old entries has come, and the right edge there.
    """

    note: str | None = None
    tree_size: int = 0
    edge: dict[int, bytes] = field(default_factory=dict)
    chain_block: int = 0
    chain_block_hash: bytes | None = None
    unanchored_since: float | None = None
    unanswered_since: float | None = None
    again_size: int = 0
    again_edge: dict[int, bytes] = field(default_factory=dict)

    def encode(self) -> str:
        """As JSON, for the state file."""
        value = {
            "v": 1,
            "note": self.note,
            "tree_size": self.tree_size,
            "edge": _encode_edge(self.edge),
            "chain_block": self.chain_block,
            "chain_block_hash": None if self.chain_block_hash is None else self.chain_block_hash.hex(),
            "unanchored_since": self.unanchored_since,
            "unanswered_since": self.unanswered_since,
            "again_size": self.again_size,
            "again_edge": _encode_edge(self.again_edge),
        }
        return json.dumps(value, indent=1) + "\n"


def parse_monitor_state(raw: str) -> MonitorState:
    """Strict inverse of ``MonitorState.encode``. Raises ``InputError``: a damaged state file is never taken for a first run."""
    try:
        value = json.loads(raw)
        if value.pop("v") != 1:
            raise InputError("The monitor's state file is of another version.")
        block_hash = value.pop("chain_block_hash")
        edge = _parse_edge(value.pop("edge"))
        again_edge = _parse_edge(value.pop("again_edge", {}))  # a file from before there was a second reading has none
        state = MonitorState(
            edge=edge,
            again_edge=again_edge,
            chain_block_hash=None if block_hash is None else bytes.fromhex(block_hash),
            **value,
        )
        compact_range_from_right_edge(state.tree_size, state.edge)
        compact_range_from_right_edge(state.again_size, state.again_edge)
    except (ValueError, TypeError, KeyError, AttributeError, LedgerError) as error:
        raise InputError("The monitor's state file is damaged; restore it, it is what makes a fork visible.") from error
    return state


def check_remembers(state: MonitorState, identity: LogIdentity, path: Path) -> None:
    """Checks that the state, read from ``path``, is of this log: compared with another's, it would accuse an honest log.

    Raises:
        InputError: it is of another.
    """
    if state.note is None:
        return
    try:
        open_checkpoint(state.note, identity)
    except VerificationError as error:
        raise InputError(
            f"{path} remembers another log than {identity.origin} of the trust file, or one with other keys. Nothing was compared or"
            " written: give each log a file of its own with --state."
        ) from error


def _encode_edge(edge: dict[int, bytes]) -> dict[str, str]:
    return {str(level): data.hex() for level, data in edge.items()}


def _parse_edge(value: dict[str, str]) -> dict[int, bytes]:
    return {int(level): bytes.fromhex(data) for level, data in value.items()}
