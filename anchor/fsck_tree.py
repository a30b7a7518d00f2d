"""The tree half of ``fsck``: entries -> leaf hashes -> tiles of every level -> every root that anybody holds.

When a stored entry and a published tile disagree, the signed checkpoint decides which of them was altered: the tile's leaf is
right if it is included in the signed root. The pass goes on with the right one, so one altered row gives one finding.
"""

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from anchor.fsck_codes import FindingCode
from anchor.publishing import tile_reader
from ledger.errors import LedgerError, NotFoundError, VerificationError
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange, split_hashes
from ledger.log.proof import inclusion_path
from ledger.log.tiles import (
    TILE_WIDTH,
    advance_right_edge,
    entry_bundle_path,
    grow_tiles,
    parse_bundle,
    tile_path,
)
from ledger.log.verify import verify_inclusion
from ledger.services.ports import TileStore


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``code`` is stable; ``facts`` are JSON values and never event content."""

    code: FindingCode
    detail: str
    facts: dict[str, Any] = field(default_factory=dict)


Report = Callable[[Finding], None]


class ExpectedRoots:
    """Every root that somebody holds, by tree size: checkpoints, journal, tile folder, anchors, chain, head."""

    def __init__(self) -> None:
        self._roots: dict[int, dict[bytes, list[str]]] = {}
        self._sizes: list[int] = []

    def add(self, tree_size: int, root_hash: bytes, holder: str) -> None:
        """``holder`` says in a few words who holds it."""
        self._roots.setdefault(tree_size, {}).setdefault(root_hash, [])
        holders = self._roots[tree_size][root_hash]
        if holder not in holders:
            holders.append(holder)

    def freeze(self) -> None:
        """Call once, after the last ``add``."""
        self._sizes = sorted(self._roots)

    def sizes_between(self, start: int, end: int) -> Sequence[int]:
        """The sizes in (start, end]."""
        return self._sizes[bisect.bisect_right(self._sizes, start) : bisect.bisect_right(self._sizes, end)]

    def check(self, tree_size: int, root_hash: bytes, report: Report) -> None:
        """Reports every holder of another root of this size."""
        for expected, holders in self._roots[tree_size].items():
            if expected != root_hash:
                report(
                    Finding(
                        "root_mismatch",
                        f"The root over {tree_size} entries is {root_hash.hex()}; {', '.join(holders)} hold"
                        f" {expected.hex()}.",
                        {"tree_size": tree_size, "where": holders[0], "got": root_hash.hex(), "held": expected.hex()},
                    )
                )

    def largest(self) -> int:
        """The largest size that somebody holds a root of."""
        return self._sizes[-1] if self._sizes else 0


class TreePass:
    """Takes the entries in order, bundle by bundle, and compares tiles and roots.

    Args:
        tiles: the published log.
        signed_size: size of the newest signed checkpoint; above it there are no tiles.
        signed_root: its root hash.
        expected: the roots to compare, frozen.
        report: takes findings.
    """

    def __init__(
        self, tiles: TileStore, signed_size: int, signed_root: bytes, *, expected: ExpectedRoots, report: Report
    ) -> None:
        self._tiles = tiles
        self._signed_size = signed_size
        self._signed_root = signed_root
        self._expected = expected
        self._report = report
        self._compact = CompactRange()
        self._edge: dict[int, bytes] = {}

    @property
    def compact_range(self) -> CompactRange:
        """The peaks over what was taken so far."""
        return self._compact

    def take_bundle(self, first: int, entries: Sequence[bytes | None]) -> None:
        """Up to 256 entries from ``first`` on, a multiple of 256; None is an entry that the database does not have."""
        leaves = self._decide(first, entries)
        if leaves is None:
            return
        position = first
        for size in [*self._expected.sizes_between(first, first + len(leaves) - 1), first + len(leaves)]:
            self._compact.extend(leaves[position - first : size - first])
            position = size
            if self._expected.sizes_between(size - 1, size):
                self._expected.check(size, self._compact.root_hash(), self._report)
        self._compare_tiles(first, leaves)

    def _published_width(self, first: int, count: int) -> int:
        """How many of the entries from ``first`` on are published."""
        return max(0, min(count, self._signed_size - first))

    def _decide(self, first: int, entries: Sequence[bytes | None]) -> list[bytes] | None:
        """The leaf hashes that the log was signed over; reports which side was altered where they differ."""
        own = [None if entry is None else hash_leaf(entry) for entry in entries]
        width = self._published_width(first, len(entries))
        published = self._read_leaves(first, width)
        self._compare_bundle(first, entries[:width], published)
        leaves: list[bytes] = []
        for offset, mine in enumerate(own):
            theirs = published[offset] if published is not None and offset < width else None
            index = first + offset
            if mine is not None and (theirs is None or mine == theirs):
                leaves.append(mine)
            elif theirs is not None and self._is_signed(index, theirs):
                if mine is not None:
                    self._say("entry_altered", index, "the entry in the database is not the one that was signed")
                leaves.append(theirs)
            elif mine is not None:
                self._say("tile_altered", index, "the leaf in the published tile is not the one that was signed")
                leaves.append(mine)
            else:
                return None  # missing on both sides: reported as missing, nothing above can be derived
        return leaves

    def _say(self, code: FindingCode, leaf_index: int, what: str) -> None:
        self._report(Finding(code, f"Leaf {leaf_index}: {what}.", {"leaf_index": leaf_index}))

    def _is_signed(self, leaf_index: int, leaf_hash: bytes) -> bool:
        try:
            path = inclusion_path(leaf_index, self._signed_size, tile_reader(self._tiles, self._signed_size))
            verify_inclusion(leaf_hash, leaf_index, self._signed_size, path, self._signed_root)
        except (NotFoundError, VerificationError):
            return False
        return True

    def _read_leaves(self, first: int, width: int) -> list[bytes] | None:
        data = self._read(tile_path(0, first // TILE_WIDTH, width)) if width else None
        if data is None or len(data) != 32 * width:
            return None
        return split_hashes(data)

    def _compare_bundle(self, first: int, entries: Sequence[bytes | None], leaves: Sequence[bytes] | None) -> None:
        if not entries:
            return
        path = entry_bundle_path(first // TILE_WIDTH, len(entries))
        data = self._read(path)
        if data is None:
            return
        try:
            bundle = parse_bundle(data, len(entries))
        except VerificationError as error:
            self._report(Finding("bundle_altered", f"{path} is no entry bundle: {error.detail}.", {"where": path}))
            return
        for offset, (published, stored) in enumerate(zip(bundle, entries, strict=True)):
            if published != stored and (leaves is None or hash_leaf(published) != leaves[offset]):
                self._say("bundle_altered", first + offset, f"the entry in {path} has not the leaf hash of its tile")

    def _compare_tiles(self, first: int, leaves: Sequence[bytes]) -> None:
        """Hash tiles above level 0 that this bundle completes; the partial ones at the signed size."""
        width = self._published_width(first, len(leaves))
        if width == 0:
            return
        grown = grow_tiles(first, self._edge, leaves[:width])
        self._edge = advance_right_edge(self._edge, grown)
        at_signed_size = first + width == self._signed_size
        for address, data in grown:
            if address.level != 0 and (address.is_full or at_signed_size):
                self._compare_tile(address.path, data)
        if at_signed_size:
            for level, data in self._edge.items():
                if level:
                    index = self._signed_size >> (8 * (level + 1))
                    self._compare_tile(tile_path(level, index, len(data) // 32), data)

    def _compare_tile(self, path: str, data: bytes) -> None:
        stored = self._read(path)
        if stored is not None and stored != data:
            self._report(Finding("tile_altered", f"{path} has not the hashes of its entries.", {"where": path}))

    def _read(self, path: str) -> bytes | None:
        try:
            return self._tiles.read(path)
        except NotFoundError:
            self._report(Finding("tile_missing", f"{path} is not in the published log.", {"where": path}))
        except LedgerError as error:
            self._report(Finding("tile_altered", f"{path} cannot be read: {error.detail}", {"where": path}))
        return None
