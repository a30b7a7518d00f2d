"""Our own history as the chain must confirm it: the published tiles, asked for roots and consistency paths at any size."""

from sqlalchemy import Engine

from anchor.publishing import tile_reader
from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError, MisuseError
from ledger.log.hashing import EMPTY_ROOT
from ledger.log.proof import consistency_path, root_hash
from ledger.services.ports import TileStore


class ChainConflictError(IntegrityError):
    """The chain holds a head that our history contradicts or does not have. Carries both sides; nothing is overwritten."""

    code = "chain_conflict"
    title = "The chain contradicts the log"


class History:
    """The published log, up to its newest checkpoint."""

    def __init__(self, engine: Engine, tiles: TileStore) -> None:
        self._engine = engine
        self._tiles = tiles

    def published_size(self) -> int:
        """Size of the newest published checkpoint."""
        with database_errors(), self._engine.connect() as connection:
            return reading.watermarks(connection).published

    def root_at(self, tree_size: int, published_size: int) -> bytes:
        """The root over the first ``tree_size`` entries, from the tiles of the tree of ``published_size``."""
        if tree_size > published_size:
            raise MisuseError("a root above the published size is not known")
        return root_hash(tree_size, tile_reader(self._tiles, published_size)) if tree_size else EMPTY_ROOT

    def path(self, tree_size_1: int, tree_size_2: int) -> list[bytes]:
        """The consistency path between two published sizes."""
        return consistency_path(tree_size_1, tree_size_2, tile_reader(self._tiles, tree_size_2))

    def check_chain_head(self, tree_size: int, chain_root: bytes, **facts: str | int) -> None:
        """Raises :class:`ChainConflictError` unless this head, which the chain holds, is in our history."""
        if tree_size == 0:
            return
        published = self.published_size()  # read after the chain was, so that our own newest anchor is never "ahead"
        ours = self.root_at(tree_size, published).hex() if tree_size <= published else None
        if ours == chain_root.hex():
            return
        with database_errors(), self._engine.connect() as connection:
            newest = checkpoints.last_checkpoint(connection)
            same = checkpoints.checkpoint_at(connection, tree_size)
        what = (
            f"a head of size {tree_size}, and we published no more than {published}: it was signed with the anchor key"
            " of this log, but not by this database"
            if ours is None
            else f"the root {chain_root.hex()} at size {tree_size}, where our history has {ours}"
        )
        raise ChainConflictError(
            f"The chain holds {what}. Nothing was overwritten; both heads are kept.",
            finding="foreign_head_on_chain" if ours is None else "chain_root_mismatch",
            chain_tree_size=tree_size,
            chain_root_hash=chain_root.hex(),
            our_root_hash=ours,
            published_tree_size=published,
            published_note=None if newest is None else newest.note,
            note_at_chain_size=None if same is None else same.note,
            **facts,
        )
