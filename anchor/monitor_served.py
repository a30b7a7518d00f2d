"""What a log serves of its tree: entries, hashed here and compared with its leaf tiles, and the tiles above them."""

from collections.abc import Callable, Sequence

from anchor.monitor_alarm import Alarm
from ledger.errors import NotFoundError, VerificationError
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import split_hashes
from ledger.log.tiles import TILE_WIDTH, entry_bundle_path, parse_bundle, tile_path

CHUNK_BUNDLES = 64

Fetch = Callable[[str], bytes]
"""``checkpoint`` or a tile path -> bytes. Raises ``NotFoundError``, or ``UnavailableError`` when the log does not answer."""


class ServedTree:
    """The files of one log; every difference is added to ``alarms``."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.hashed = 0  # entries, since this was made

    def take(self, first: int, stop: int, tree_size: int, alarms: list[Alarm]) -> list[bytes] | None:
        """Hashes the served entries [first, stop) and compares them with the level-0 tiles."""
        leaves: list[bytes] = []
        for start in range(first, stop, TILE_WIDTH):
            width = min(TILE_WIDTH, tree_size - start)
            path, tile = entry_bundle_path(start // TILE_WIDTH, width), tile_path(0, start // TILE_WIDTH, width)
            try:
                hashes = [hash_leaf(entry) for entry in parse_bundle(self._fetch(path), width)]
                served = split_hashes(self._fetch(tile))
            except NotFoundError as error:
                alarms.append(Alarm("tile_missing", error.detail, {"path": path, "tree_size": tree_size}))
                return None
            except VerificationError as error:
                alarms.append(Alarm("tile_malformed", f"{path} or {tile}: {error.detail}", {"path": path}))
                return None
            wrong = [index for index, (own, its) in enumerate(zip(hashes, served, strict=False)) if own != its]
            if wrong or len(served) != width:
                index = start + wrong[0] if wrong else start
                detail = f"The entry at {index} does not have the leaf hash that the log's tile has."
                alarms.append(Alarm("entry_tile_mismatch", detail, {"leaf_index": index, "bundle": path, "tile": tile}))
            leaves += hashes
            self.hashed += len(hashes)
        return leaves

    def compare_tiles(self, tiles: Sequence[tuple[str, bytes]], alarms: list[Alarm]) -> None:
        """Compares hash tiles, (path, derived bytes), with what the log serves."""
        for path, data in tiles:
            try:
                served = self._fetch(path)
            except NotFoundError as error:
                alarms.append(Alarm("tile_missing", error.detail, {"path": path}))
                continue
            if served != data:
                evidence = {"path": path, "served": served.hex(), "derived": data.hex()}
                alarms.append(Alarm("tile_mismatch", f"{path} has not the hashes of its entries.", evidence))
