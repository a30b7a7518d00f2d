"""What a database of this log must hold: everything that was published, and everything that this process saw in it or added to it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection

from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.checkpoints import StoredCheckpoint
from ledger.errors import IntegrityError, UnavailableError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.typed_data import LogIdentity

RETRY_AFTER_S: Final = 30
"""Somebody has to restore a database first."""

BEHIND: Final = "behind_published"
CONTRADICTS: Final = "contradicts_published"


class DatabaseBehindError(UnavailableError):
    """The database lacks or contradicts what was published; ``state`` is the word for it in ``/readyz``."""

    code = "database_behind"
    title = "Database behind the published log"

    def __init__(self, what: str, state: str) -> None:
        self.state = state
        super().__init__(
            f"{what} It was probably restored from an older state. No event is acknowledged until that is mended; tiles are still"
            " served. Senders: keep your events and send them again later. Operator: bring the newest state of the database back"
            " (with `cityledger fsck` naming what is wrong); this service then goes on by itself.",
            retry_after_s=RETRY_AFTER_S,
        )


class Leaf(NamedTuple):
    """An entry that was in the database. No other entry has its hash, so a log that holds it holds all before it too."""

    leaf_index: int
    leaf_hash: bytes


class Seen(NamedTuple):
    """The newest state of the database that was found good; ``newest`` is the last entry of its head."""

    tree_size: int
    root_hash: bytes
    newest: Leaf | None
    checkpoint: StoredCheckpoint | None


NOTHING_SEEN: Final = Seen(0, b"", None, None)


class Memory(NamedTuple):
    """What this process remembers of the database: its last look, and the newest entry of its own, published or not."""

    seen: Seen = NOTHING_SEEN
    own: Leaf | None = None

    @property
    def tree_size(self) -> int:
        """The largest head that was found or made."""
        return max(self.seen.tree_size, 0 if self.own is None else self.own.leaf_index + 1)

    @property
    def newest_leaf(self) -> Leaf | None:
        """The last entry that was found or made; None before the first look."""
        return max((leaf for leaf in (self.seen.newest, self.own) if leaf is not None), default=None)


Note = str | DatabaseBehindError | None
"""A published checkpoint as it was found: None when there is none, an error when what is there is none."""

Look = tuple[Seen, DatabaseBehindError | None]


class _Witness(NamedTuple):
    """A published head that the database must have. ``is_recorded``: its row was committed before the head could be seen here."""

    where: str
    tree_size: int
    root_hash: bytes
    is_recorded: bool


def compare(connection: Connection, tiles: Note, journal: Note, memory: Memory) -> Look:
    """The state to remember from now on, and what the database lacks or contradicts; then the state is the one before.

    The notes and the memory must be older than this call, so a healthy database is never behind them.

    Raises:
        UnavailableError: the log is not open yet.
    """
    shard = reading.shard(connection)
    head = reading.head(connection)
    if shard is None or head is None:
        raise UnavailableError("The log is not opened in this database yet.")
    try:
        witnesses = [
            # The row of a checkpoint is committed before the tile folder shows it, and after the journal has it.
            *_open(tiles, shard.identity, "the tile folder", is_recorded=True),
            *_open(journal, shard.identity, "the journal", is_recorded=False),
        ]
    except DatabaseBehindError as unfit:
        return memory.seen, unfit
    if memory.seen.checkpoint is not None:
        own = memory.seen.checkpoint
        witnesses.append(_Witness("what this server saw before", own.tree_size, own.root_hash, is_recorded=True))
    for witness in witnesses:
        refusal = _lacks(connection, head, witness)
        if refusal is not None:
            return memory.seen, refusal
    refusal = _forgets(connection, head, memory)
    if refusal is not None:
        return memory.seen, refusal
    last = _leaf_hash(connection, head.tree_size - 1)
    newest = None if last is None else Leaf(head.tree_size - 1, last)
    return Seen(head.tree_size, head.root_hash, newest, checkpoints.last_checkpoint(connection)), None


def _open(note: Note, identity: LogIdentity, where: str, *, is_recorded: bool) -> Iterator[_Witness]:
    if note is None:
        return
    if isinstance(note, DatabaseBehindError):
        raise note
    try:
        checkpoint: Checkpoint = open_checkpoint(note, identity).checkpoint
    except VerificationError as error:
        raise DatabaseBehindError(
            f"The checkpoint in {where} is not one of the database's log.", CONTRADICTS
        ) from error
    yield _Witness(where, checkpoint.tree_size, checkpoint.root_hash, is_recorded)


def _lacks(connection: Connection, head: reading.StoredHead, witness: _Witness) -> DatabaseBehindError | None:
    """Whether a published head is missing."""
    where, tree_size, root_hash, is_recorded = witness
    if head.tree_size < tree_size:
        return DatabaseBehindError(
            f"The database holds {head.tree_size} entries; a checkpoint over {tree_size} was published"
            f" (known from {where}).",
            BEHIND,
        )
    recorded = checkpoints.checkpoint_at(connection, tree_size)
    roots = {head.root_hash} if head.tree_size == tree_size else set[bytes]()
    roots |= set() if recorded is None else {recorded.root_hash}
    if roots - {root_hash} or (recorded is None and is_recorded):
        return DatabaseBehindError(
            f"The database does not have the checkpoint over {tree_size} entries that was published"
            f" (known from {where}).",
            CONTRADICTS,
        )
    return None


def _forgets(connection: Connection, head: reading.StoredHead, memory: Memory) -> DatabaseBehindError | None:
    """Whether something is missing that was here, published or not: a database that lost it may have grown again since."""
    seen = memory.seen
    if head.tree_size < memory.tree_size:
        return DatabaseBehindError(
            f"The database holds {head.tree_size} entries; it held {memory.tree_size} before, as this server saw.",
            BEHIND,
        )
    if seen.tree_size and head.tree_size == seen.tree_size and head.root_hash != seen.root_hash:
        return DatabaseBehindError(
            f"The database holds {head.tree_size} entries, and not those that this server saw before.", CONTRADICTS
        )
    for leaf in (seen.newest, memory.own):
        if leaf is not None and _leaf_hash(connection, leaf.leaf_index) != leaf.leaf_hash:
            return DatabaseBehindError(
                f"The database does not have the entry {leaf.leaf_index} that it held before, as this server saw.",
                CONTRADICTS,
            )
    return None


def _leaf_hash(connection: Connection, leaf_index: int) -> bytes | None:
    try:
        return reading.leaf_hashes(connection, leaf_index, leaf_index + 1)[0]
    except IntegrityError:
        return None
