"""Partial tiles that lie beside wider ones: a crash leaves them, with the same bytes; a forged one is what a reader of that size gets.

The tree pass compares the tiles of the signed size. Every other partial file must agree with them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from anchor.fsck_codes import FindingCode
from anchor.fsck_tree import Finding
from ledger.errors import LedgerError
from ledger.log.tiles import TILE_WIDTH, TileAddress, encode_bundle, level_size, parse_bundle, parse_tile_path
from ledger.services.ports import TileStore


class ListedTiles(TileStore, Protocol):
    """A tile store that says which partial tiles it has files of."""

    def partials(self) -> Iterator[str]:
        """Paths of partial tiles and bundles."""
        ...


def check_partials(tiles: ListedTiles, signed_size: int) -> Iterator[Finding]:
    """Each partial file against the tile of the signed size; what lies ahead of it (a crash before the checkpoint) must extend it."""
    for path in tiles.partials():
        address = parse_tile_path(path)
        code: FindingCode = "bundle_altered" if address.level == "entries" else "tile_altered"
        width = _width_at(address, signed_size)
        if width in (0, address.width):
            continue
        try:
            signed = tiles.read(replace(address, width=width).path)
            # Taken away meanwhile by the service, it is cut from a wider one.
            agrees = _cut(address, tiles.read(path), address.width, width) == _cut(
                address, signed, width, address.width
            )
        except LedgerError:
            agrees = False
        if not agrees:
            yield Finding(code, f"{path} does not agree with the tile of the signed size.", {"where": path})


def _width_at(address: TileAddress, tree_size: int) -> int:
    """How wide the tile at this place is in a tree of this size; 0 where there is none."""
    level = 0 if address.level == "entries" else int(address.level)
    return max(0, min(TILE_WIDTH, level_size(tree_size, level) - address.index * TILE_WIDTH))


def _cut(address: TileAddress, data: bytes, width: int, other: int) -> bytes:
    """The part of a tile of ``width`` that one of width ``other`` has too; a file of the wrong length is left as it is."""
    if address.level == "entries":
        return encode_bundle(parse_bundle(data, width)[:other])
    return data[: 32 * other] if len(data) == 32 * width else data
