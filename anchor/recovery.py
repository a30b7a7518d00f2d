"""Recovery at start: compares every head that is known, then goes on by the normal path, or refuses and names all heads.

| heads | meaning | what is done |
|---|---|---|
| journal ahead of the database's checkpoints | crash between journal and commit | shown by the steps of publishing |
| tile folder's checkpoint behind the journal | crash after the commit | written by the same steps |
| tiles missing below the journal's checkpoint | the folder was lost | written again from the database, root compared |
| database's head behind the journal or the chain, or not an extension | restored from an older state | refused |
| journal behind the database or the tile folder, or lost | restored or replaced second store | refused |
| chain head not in our history | key used elsewhere, or a lost history | refused |
| chain or contract not there | no conflict | started degraded; checked on contact |

There is no second implementation of anything here: what is repaired is repaired by ``Publisher``.
"""

from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from anchor.history import ChainConflictError, History
from anchor.ports import AnchorChain
from anchor.publishing import Publisher
from ledger.adapters.chain.errors import ChainUnavailableError, ContractMissingError
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.adapters.sql import checkpoints, reading
from ledger.adapters.sql.checkpoints import StoredCheckpoint
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.reading import StoredHead
from ledger.errors import IntegrityError, NotFoundError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import CheckpointJournal, TileStore

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class KnownHeads:
    """Every head that can be read at start; a part that was never written is None."""

    database: StoredHead
    checkpoint: StoredCheckpoint | None
    journal: Checkpoint | None
    journal_note: str | None
    tiles: Checkpoint | None
    chain: ChainHead | None

    def facts(self) -> dict[str, str]:
        """All heads in words, for the refusal and for the log."""
        return {
            "database": _shown(self.database.tree_size, self.database.root_hash),
            "published": "none"
            if self.checkpoint is None
            else _shown(self.checkpoint.tree_size, self.checkpoint.root_hash),
            "journal": "none" if self.journal is None else _shown(self.journal.tree_size, self.journal.root_hash),
            "tiles": "none" if self.tiles is None else _shown(self.tiles.tree_size, self.tiles.root_hash),
            "chain": "not reached" if self.chain is None else _shown(self.chain.tree_size, self.chain.root_hash),
        }


def _shown(tree_size: int, root_hash: bytes) -> str:
    return f"size {tree_size}, root {root_hash.hex()}"


class Recovery:
    """Start-up of the leader."""

    def __init__(
        self,
        engine: Engine,
        tiles: TileStore,
        journal: CheckpointJournal,
        *,
        chain: AnchorChain,
        publisher: Publisher,
        history: History,
        identity: LogIdentity,
    ) -> None:
        self._engine = engine
        self._tiles = tiles
        self._journal = journal
        self._chain = chain
        self._publisher = publisher
        self._history = history
        self._identity = identity

    def recover(self) -> KnownHeads:
        """Brings the publisher to the newest recorded checkpoint.

        Raises:
            IntegrityError: the stores contradict each other; the message names all heads, and nothing was changed.
            WrongChainError: another chain answers.
            UnavailableError: the database is away; repeat later.
        """
        heads = self._read_heads()
        self._compare(heads)
        try:
            self._publisher.load(heads.journal_note)
        except NotFoundError:
            assert heads.journal_note is not None
            logger.warning("tiles_rebuilt", reason="tiles are missing", **heads.facts())
            try:
                self._publisher.rebuild_tiles(heads.journal_note)
                self._publisher.load(heads.journal_note)
            except (IntegrityError, NotFoundError) as error:
                raise self._refusal(
                    "tiles are missing and cannot be made again from the database", heads, error
                ) from error
        except IntegrityError as error:
            raise self._refusal("the tiles do not have the root of the journal's checkpoint", heads, error) from error
        try:
            self._publisher.check_extends()
        except IntegrityError as error:
            reason = "the database's head does not extend the last published checkpoint"
            raise self._refusal(reason, heads, error) from error
        self._publisher.show()
        if heads.chain is not None:
            try:
                self._history.check_chain_head(heads.chain.tree_size, heads.chain.root_hash)
            except ChainConflictError as error:
                raise self._refusal("the chain's head is not in this database's history", heads, error) from error
        logger.info("recovered", **heads.facts())
        return heads

    def _read_heads(self) -> KnownHeads:
        with database_errors(), self._engine.connect() as connection:
            shard = reading.shard(connection)
            head = reading.head(connection)
            checkpoint = checkpoints.last_checkpoint(connection)
        if shard is None or head is None:
            raise IntegrityError("The database holds no log yet: run `cityledger up`.", finding="log_not_opened")
        if shard.identity != self._identity:
            raise IntegrityError(
                f"The database holds the log {shard.identity.origin} (0x{shard.identity.log_id.hex()}); settings and keys"
                f" are of {self._identity.origin} (0x{self._identity.log_id.hex()}).",
                finding="another_log",
            )
        journal_note = self._journal.last()
        return KnownHeads(
            head,
            checkpoint,
            self._open(journal_note, "journal"),
            journal_note,
            self._open(self._tiles.read_checkpoint(), "tiles"),
            self._chain_head(),
        )

    def _open(self, note: str | None, where: str) -> Checkpoint | None:
        if note is None:
            return None
        try:
            return open_checkpoint(note, self._identity).checkpoint
        except VerificationError as error:
            raise IntegrityError(
                f"The checkpoint in the {where} is not one of this log: {error.detail}",
                finding=f"{where}_checkpoint_invalid",
                note=note,
            ) from error

    def _chain_head(self) -> ChainHead | None:
        try:
            self._chain.check_chain()
            return self._chain.head(self._identity.log_id)
        except (ChainUnavailableError, ContractMissingError) as error:
            logger.warning("started_degraded", error=error.code, detail=error.detail)
            return None

    def _compare(self, heads: KnownHeads) -> None:
        journal = heads.journal
        journal_size = 0 if journal is None else journal.tree_size
        if heads.database.tree_size < journal_size:
            raise self._refusal("the database is behind the journal of published checkpoints", heads)
        shown: tuple[tuple[str, StoredCheckpoint | Checkpoint | None], ...] = (
            ("database", heads.checkpoint),
            ("tile folder", heads.tiles),
        )
        for name, other in shown:
            if other is None:
                continue
            if other.tree_size > journal_size:
                raise self._refusal(f"the journal is behind the checkpoint in the {name}", heads)
            if journal is not None and other.tree_size == journal_size and other.root_hash != journal.root_hash:
                raise self._refusal(f"journal and {name} hold two roots for one size", heads)
        # After the stores at hand: a journal that was cut is named as such, not taken for a foreign head on the chain.
        if heads.chain is not None and heads.chain.tree_size > journal_size:
            raise self._refusal("the chain holds a head above everything that was published here", heads)

    @staticmethod
    def _refusal(reason: str, heads: KnownHeads, cause: IntegrityError | NotFoundError | None = None) -> IntegrityError:
        named = "; ".join(f"{name}: {shown}" for name, shown in heads.facts().items())
        detail = f" ({cause.detail})" if cause is not None else ""
        facts = {} if cause is None else cause.facts
        return IntegrityError(
            f"Refused to start: {reason}{detail}. Nothing was changed. All heads: {named}.",
            **{"finding": "start_refused", **facts, **heads.facts()},
        )
