"""A log as an outsider sees it: its published checkpoint and its tiles, believed only as far as they hash to it."""

from collections.abc import Callable

from ledger.errors import MalformedEvidenceError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.hashing import hash_leaf
from ledger.log.history import check_earlier_head
from ledger.log.proof import NodeReader, inclusion_path
from ledger.log.tiles import TILE_WIDTH, TileNodeReader, entry_bundle_path, parse_bundle, tile_path
from ledger.log.typed_data import LogIdentity
from ledger.log.verify import verify_inclusion

ReadTile = Callable[[str], bytes]
"""Gives the bytes of a tile path; raises ``VerificationError`` when the log does not give it: a log owes its tiles."""

TILES_KEPT_MAX = 4_096  # 32 MiB


class PublicLog:
    """One log at its published checkpoint.

    Args:
        identity: the log, from a trust file.
        note: the published checkpoint.
        read_tile: reads its tiles.

    Raises:
        VerificationError: the checkpoint is not signed by the log's two keys.
    """

    def __init__(self, identity: LogIdentity, note: str, read_tile: ReadTile) -> None:
        self.identity = identity
        self.head: Checkpoint = open_checkpoint(note, identity).checkpoint
        self._read_path = read_tile
        self._tiles: dict[str, bytes] = {}
        self._bundle: tuple[int, list[bytes]] | None = None

    def leaf_hash(self, leaf_index: int) -> bytes:
        """The hash of the entry that the log shows at ``leaf_index``, which must be below the head's size.

        The whole bundle is hashed and shown to be part of the head's tree, so a log cannot show one thing and sign another.

        Raises:
            VerificationError: the bundle is malformed, is not given, or does not belong to the head.
        """
        index, position = divmod(leaf_index, TILE_WIDTH)
        if self._bundle is None or self._bundle[0] != index:
            self._bundle = index, self._verified_bundle(index)
        return self._bundle[1][position]

    def check_earlier_head(self, head: Checkpoint) -> None:
        """Checks that ``head`` (of at most the published size) is an earlier state of this log.

        Raises:
            MalformedEvidenceError: the tiles are not given, or are not those of the published checkpoint.
            VerificationError: it is not.
        """
        check_earlier_head(head.tree_size, head.root_hash, self.head.tree_size, self.head.root_hash, self._nodes())

    def _verified_bundle(self, index: int) -> list[bytes]:
        width = min(TILE_WIDTH, self.head.tree_size - index * TILE_WIDTH)
        bundle = entry_bundle_path(index, width)
        data = self._cut(bundle, entry_bundle_path(index), width)
        try:
            entries = parse_bundle(data, width)
        except VerificationError as error:
            raise MalformedEvidenceError(f"{bundle}: {error.detail}") from error
        leaf_hashes = [hash_leaf(entry) for entry in entries]
        first = index * TILE_WIDTH
        # The path's lower hashes come from the entries themselves, its upper ones from the tiles: all are tied to the head.
        path = inclusion_path(first, self.head.tree_size, self._nodes((index, b"".join(leaf_hashes))))
        try:
            verify_inclusion(leaf_hashes[0], first, self.head.tree_size, path, self.head.root_hash)
        except VerificationError as error:
            raise VerificationError(
                f"{bundle}, or a tile above it, is not in the published tree: {error.detail}"
            ) from error
        return leaf_hashes

    def _cut(self, path: str, full_path: str, width: int) -> bytes:
        """The bundle at ``path``, or what its full form begins with: a log may drop partial bundles."""
        try:
            return self._read_path(path)
        except VerificationError:
            if path == full_path:
                raise
        data, end = self._read_path(full_path), 0
        for _ in range(width):
            end += 2 + int.from_bytes(data[end : end + 2], "big")
        if end > len(data):
            raise MalformedEvidenceError(f"{full_path} ends early")
        return data[:end]

    def _nodes(self, own_tile: tuple[int, bytes] | None = None) -> NodeReader:
        def read(level: int, index: int, width: int) -> bytes:
            if own_tile is not None and (level, index) == (0, own_tile[0]):
                return own_tile[1]
            path = tile_path(level, index, width)
            if path not in self._tiles:
                if len(self._tiles) >= TILES_KEPT_MAX:
                    self._tiles.clear()
                try:
                    self._tiles[path] = self._read_path(path)
                except VerificationError:
                    if width == TILE_WIDTH:
                        raise
                    self._tiles[path] = self._read_path(tile_path(level, index))
            return self._tiles[path]

        return TileNodeReader(read, self.head.tree_size)
