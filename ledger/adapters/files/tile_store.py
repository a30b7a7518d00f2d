"""The published log on disk, laid out as C2SP tlog-tiles, so that any static web server or mirror can carry it.

Full tiles never change. Of a right-edge tile only the widest partial is kept; a narrower one is cut from it when asked for,
which gives the same bytes because tiles and entry bundles only grow at their end.
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from ledger.adapters.files.durable import fsync_folder, make_folder, replace_file
from ledger.errors import IntegrityError, LedgerError, NotFoundError
from ledger.log.tiles import (
    TILE_WIDTH,
    TileAddress,
    encode_bundle,
    entry_bundle_path,
    parse_bundle,
    parse_tile_path,
    tile_path,
)

_PUBLIC = 0o644
_HASH_BYTES = 32


def path_of(address: TileAddress) -> str:
    """The path of a hash tile or an entry bundle."""
    if address.level == "entries":
        return entry_bundle_path(address.index, address.width)
    return tile_path(address.level, address.index, address.width)


def _cut(address: TileAddress, wider: bytes, wider_width: int) -> bytes:
    """The first ``address.width`` hashes or entries of a wider tile at the same place."""
    if address.level == "entries":
        return encode_bundle(parse_bundle(wider, wider_width)[: address.width])
    return wider[: address.width * _HASH_BYTES]


class FileTileStore:
    """``TileStore`` over a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """See ``TileStore.read``."""
        address = parse_tile_path(path)
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return self._read_cut(address, path)

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        """See ``TileStore.write``."""
        folders: set[Path] = set()
        for path, data in files:
            address = parse_tile_path(path)
            target = self._folder / path
            if address.width == TILE_WIDTH and self._is_there(target, data, path):
                continue
            make_folder(target.parent, 0o755)
            replace_file(target, data, _PUBLIC, sync_folder=False)
            folders.add(target.parent)
        for folder in folders:
            fsync_folder(folder)
        # Only now, with the wider tiles durable, may the narrower ones go.
        for path, _ in files:
            self._drop_narrower(parse_tile_path(path))

    def read_checkpoint(self) -> str | None:
        """See ``TileStore.read_checkpoint``."""
        try:
            return (self._folder / "checkpoint").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write_checkpoint(self, note: str, confirm: Callable[[], None] | None = None) -> None:
        """See ``TileStore.write_checkpoint``."""
        make_folder(self._folder, 0o755)
        replace_file(self._folder / "checkpoint", note.encode(), _PUBLIC, confirm=confirm)

    def partials(self) -> Iterator[str]:
        """The paths of all partial tiles and bundles that have a file of their own, for ``fsck``: ``read`` serves it as it is."""
        for folder, _, names in os.walk(self._folder / "tile"):
            if not folder.endswith(".p"):
                continue
            for name in sorted(names):
                path = (Path(folder) / name).relative_to(self._folder).as_posix()
                with suppress(LedgerError):  # not a tile's name: nobody can ask for it
                    parse_tile_path(path)
                    yield path

    def _is_there(self, target: Path, data: bytes, path: str) -> bool:
        try:
            existing = target.read_bytes()
        except FileNotFoundError:
            return False
        if existing != data:
            raise IntegrityError(
                f"The full tile {path} is on disk with other bytes; full tiles never change.", tile=path
            )
        return True

    def _read_cut(self, address: TileAddress, path: str) -> bytes:
        """A partial tile cut from the narrowest wider one. Two looks, because the leader may replace a tile meanwhile."""
        for _ in range(2):
            for width in self._widths(address):
                if width < address.width:
                    continue
                wider = self._folder / path_of(TileAddress(address.level, address.index, width))
                try:
                    return _cut(address, wider.read_bytes(), width)
                except FileNotFoundError:
                    continue
        raise NotFoundError(f"The log has no tile {path}.")

    def _partial_folder(self, address: TileAddress) -> Path:
        full = self._folder / path_of(TileAddress(address.level, address.index, TILE_WIDTH))
        return full.with_name(full.name + ".p")

    def _widths(self, address: TileAddress) -> list[int]:
        folder = self._partial_folder(address)
        try:
            widths = sorted(int(entry.name) for entry in folder.iterdir() if entry.name.isdigit())
        except FileNotFoundError:
            widths = []
        return [*widths, TILE_WIDTH]

    def _drop_narrower(self, address: TileAddress) -> None:
        for width in self._widths(address):
            if width < address.width:
                (self._folder / path_of(TileAddress(address.level, address.index, width))).unlink(missing_ok=True)
        if address.width == TILE_WIDTH:
            self._drop_folder(self._partial_folder(address))

    def _drop_folder(self, folder: Path) -> None:
        """Removes the folder of a tile's partials, with what a killed write left in it: nobody reads that."""
        if not folder.is_dir():
            return
        for left in folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)
        try:
            folder.rmdir()
        except OSError as error:
            # A leader that was overtaken may be writing here still. An odd folder harms nobody; stopping to publish would.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
