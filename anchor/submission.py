"""Submission: one published checkpoint becomes one signed transaction, which is stored and then broadcast.

The transaction is signed here and its bytes and hash are durable before they leave the process, so after any failure the same
bytes can be sent again and the chain can be asked about them. At most one job is open. Nothing here decides what became of a
transaction: that is ``confirmation``, which asks the chain.
"""

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from anchor.history import History
from anchor.jobs import JobMover
from anchor.lease import LeaderLease
from anchor.ports import AnchorChain
from anchor.signing import TransactionSigner
from anchor.state import OPEN_STATES, JobState
from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    KnownTransactionError,
    RpcRejectedError,
)
from ledger.adapters.chain.evidence_log import ChainHead, encode_anchor
from ledger.adapters.sql import anchoring, checkpoints
from ledger.adapters.sql.anchoring import AnchorJob
from ledger.adapters.sql.engine import database_errors
from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import Clock

logger = structlog.get_logger(__name__)

GROWTH_MAX = 2**32
"""Largest growth of one anchor (formats.md section 6)."""

GAS_LIMIT = 400_000
"""Of one anchor. The worst measured one uses below 100,000; a fixed limit needs no estimate that could fail."""


class LogClosedError(LedgerError):
    """The council closed this log: nothing more can be anchored in it."""

    code = "log_closed"
    title = "Log closed"


class Submitter:
    """Makes and broadcasts anchor jobs. Used by one thread of the leader."""

    def __init__(
        self,
        engine: Engine,
        chain: AnchorChain,
        *,
        history: History,
        identity: LogIdentity,
        signer: TransactionSigner,
        lease: LeaderLease,
        jobs: JobMover,
        clock: Clock,
        anchor_interval_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._chain = chain
        self._history = history
        self._identity = identity
        self._signer = signer
        self._lease = lease
        self._jobs = jobs
        self._clock = clock
        self._interval_s = anchor_interval_s
        self._monotonic = monotonic
        self._last_submission: float | None = None

    def submit_due(self) -> AnchorJob | None:
        """Submits the newest published checkpoint when one is due and no job is open; the new job, or None.

        Raises:
            ChainConflictError: the chain's head is not in our history.
            LogClosedError: the council closed the log.
            RevertedError: the contract would refuse; no nonce was spent.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        now = self._monotonic()
        if self._last_submission is not None and now - self._last_submission < self._interval_s:
            return None
        with database_errors(), self._engine.connect() as connection:
            if anchoring.jobs_in(connection, *OPEN_STATES) or anchoring.halted(connection) is not None:
                return None
            newest = checkpoints.last_checkpoint(connection)
        if newest is None:
            return None
        head = self._chain.head(self._identity.log_id)
        if newest.tree_size <= head.tree_size:
            return None
        self._history.check_chain_head(head.tree_size, head.root_hash)
        target, data = self._build_call(head)
        self._chain.simulate(self._signer.address, data)  # a call that would revert must not spend a nonce
        job = self._stage(head, target, data)
        self._last_submission = now
        self.broadcast(job)
        return job

    def broadcast(self, job: AnchorJob) -> None:
        """Sends a job's stored bytes, for the first time or again. A refusal or a lost reply decides nothing."""
        try:
            self._chain.broadcast(job.raw_transaction)
        except KnownTransactionError:
            pass  # the node has exactly these bytes: as good as taken
        except (ChainUnavailableError, RpcRejectedError) as error:
            # Lost, nonce too low, underpriced, no funds, anything: the bytes may be there or mined. confirmation asks.
            logger.warning("anchor_broadcast_unclear", job_id=job.job_id, error=error.code, detail=error.detail)
            return
        if job.state == JobState.STAGED:
            with database_errors(), self._engine.begin() as connection:
                self._jobs.move(connection, job, JobState.SUBMITTED)
        # CRASH before this commit: the job is still staged although a node has it; confirmation finds it there.

    def _build_call(self, head: ChainHead) -> tuple[ChainHead, bytes]:
        """The head to anchor and the call that does it."""
        if head.closed:
            raise LogClosedError("The council closed this log on the chain; its events stay published.")
        if head.equivocated:
            logger.error("log_equivocated", log_id="0x" + self._identity.log_id.hex())
        with database_errors(), self._engine.connect() as connection:
            checkpoint = checkpoints.last_checkpoint_up_to(connection, head.tree_size + GROWTH_MAX)
        assert checkpoint is not None
        verified = open_checkpoint(checkpoint.note, self._identity)
        path = self._history.path(head.tree_size, checkpoint.tree_size)
        target = ChainHead(checkpoint.tree_size, checkpoint.root_hash)
        signature = verified.anchor_signature
        return target, encode_anchor(self._identity.log_id, head.tree_size, target, path=path, signature=signature)

    def _stage(self, head: ChainHead, target: ChainHead, data: bytes) -> AnchorJob:
        """Signs the transaction and makes it durable."""
        nonce = self._chain.transaction_count(self._signer.address)
        gas, gas_price = GAS_LIMIT, self._chain.gas_price()
        raw, tx_hash = self._signer.sign(data, nonce=nonce, gas=gas, gas_price=gas_price)
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            while anchoring.job_by_hash(connection, tx_hash) is not None:
                # A chain that was rolled back takes the same nonce again: a new job is a new transaction.
                gas += 1
                raw, tx_hash = self._signer.sign(data, nonce=nonce, gas=gas, gas_price=gas_price)
            return anchoring.create_job(
                connection,
                tree_size_1=head.tree_size,
                tree_size_2=target.tree_size,
                root_hash=target.root_hash,
                sender=self._signer.address,
                nonce=nonce,
                raw_transaction=raw,
                tx_hash=tx_hash,
                at=self._clock.now(),
            )
        # CRASH after this commit: the job is staged, its bytes may or may not have been sent; confirmation sends them again.
