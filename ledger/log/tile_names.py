"""Names of tiles and entry bundles (c2sp.org/tlog-tiles v0.1.0): addresses and their one spelling as paths."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from ledger.errors import InvalidPathError
from ledger.log.verify import MAX_TREE_SIZE

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
LEVEL_MAX: Final = 63
ENTRIES: Final = "entries"
"""Stands where the level stands in the address of an entry bundle."""

TileLevel = int | Literal["entries"]

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A hash tile (``level`` 0 to 63) or an entry bundle (``level`` ``"entries"``) of a width from 1 to 256 (full).

    Raises:
        InvalidPathError: level, index or width out of range.
    """

    level: TileLevel
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level != ENTRIES and not (isinstance(self.level, int) and 0 <= self.level <= LEVEL_MAX):
            raise InvalidPathError(f"a tile level is from 0 to {LEVEL_MAX}, or entries; got {self.level}")
        if not 0 <= self.index <= MAX_TREE_SIZE // TILE_WIDTH:
            raise InvalidPathError(f"tile index {self.index} is out of range")
        if not 1 <= self.width <= TILE_WIDTH:
            raise InvalidPathError(f"a tile width is from 1 to {TILE_WIDTH}, got {self.width}")

    @property
    def is_full(self) -> bool:
        """Whether it is a full tile, which never changes again."""
        return self.width == TILE_WIDTH

    @property
    def path(self) -> str:
        """Its path under the log's prefix: groups of three digits, all but the last after an x; ``.p/W`` when partial."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        suffix = "" if self.is_full else f".p/{self.width}"
        return f"tile/{self.level}/{'/'.join(reversed(groups))}{suffix}"


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile, such as ``tile/0/x001/234.p/5``.

    Raises:
        InvalidPathError: level, index or width out of range.
    """
    return TileAddress(level, index, width).path


def entry_bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle, such as ``tile/entries/x001/234``.

    Raises:
        InvalidPathError: index or width out of range.
    """
    return TileAddress(ENTRIES, index, width).path


def parse_tile_path(path: str) -> TileAddress:
    """Strict inverse of ``TileAddress.path``: one spelling for each tile.

    Raises:
        InvalidPathError: not such a path, or another spelling of one (leading zeros, ``.p/256``, an empty x-group in front).
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise InvalidPathError(f"not a tile path: {path[:100]!r}")
    level, groups, width = match.groups()
    address = TileAddress(
        ENTRIES if level == ENTRIES else int(level),
        int(groups.replace("/", "").replace("x", "")),
        TILE_WIDTH if width is None else int(width),
    )
    if address.path != path:
        raise InvalidPathError(f"not the canonical tile path {address.path!r}: {path[:100]!r}")
    return address
