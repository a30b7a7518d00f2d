"""Confirmation: what became of our transactions. The chain is asked; nothing is concluded from a reply that did not come.

A job is settled by its receipt, by the sender's mined nonce and by whether the node has the transaction at all. What is
anchored is not read from jobs but from the contract's own events (``following``), because anyone may anchor a head.
"""

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from anchor.history import ChainConflictError
from anchor.jobs import JobMover
from anchor.ports import AnchorChain
from anchor.state import OPEN_STATES, JobReason, JobState
from anchor.submission import Submitter
from ledger.adapters.chain.evidence_log import ANCHOR_OUTCOMES, ChainEvent
from ledger.adapters.chain.gateway import TxReceipt
from ledger.adapters.sql import anchoring
from ledger.adapters.sql.anchoring import AnchorJob
from ledger.adapters.sql.engine import database_errors
from ledger.log.typed_data import LogIdentity

logger = structlog.get_logger(__name__)

RESEND_S = 5.0
"""A transaction that the node does not have, or has had unmined for this long, is sent again: the same bytes."""

NONCE_USED_SIGHTINGS = 3
"""How often in a row the nonce must be seen used, without a receipt of ours, before the job is given up: a node that answers
from two views of the chain may show the new nonce before the receipt."""


class Confirmer:
    """Settles the open job. Used by one thread of the leader."""

    def __init__(
        self,
        engine: Engine,
        chain: AnchorChain,
        *,
        identity: LogIdentity,
        submitter: Submitter,
        jobs: JobMover,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._chain = chain
        self._identity = identity
        self._submitter = submitter
        self._jobs = jobs
        self._monotonic = monotonic
        self._sightings: dict[int, int] = {}
        self._sent_at: dict[int, float] = {}

    def settle_open_job(self) -> AnchorJob | None:
        """Asks the chain about the open job and moves it as far as the answers go; the job still open, or None.

        Raises:
            ChainConflictError: the contract holds another root at the size of our head.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        with database_errors(), self._engine.connect() as connection:
            open_jobs = anchoring.jobs_in(connection, *OPEN_STATES)
        for job in open_jobs:
            receipt = self._chain.tx_receipt(job.tx_hash)
            if receipt is not None:
                self._settle_mined(job, receipt)
            elif self._chain.transaction_count(job.sender) > job.nonce:
                self._settle_used_nonce(job)
            else:
                self._settle_waiting(job)
        with database_errors(), self._engine.connect() as connection:
            still_open = anchoring.jobs_in(connection, *OPEN_STATES)
        return still_open[0] if still_open else None

    def _settle_mined(self, job: AnchorJob, receipt: TxReceipt) -> None:
        event = _outcome_event(receipt, self._identity.log_id)
        outcome = None if event is None else ANCHOR_OUTCOMES[event.name]
        if not receipt.succeeded:
            state, reason = JobState.FAILED, JobReason.REVERTED
        elif outcome is None:
            state, reason = JobState.FAILED, JobReason.NO_EVENT
        elif outcome == "anchored":
            self._move(job, JobState.MINED, block=(receipt.block_number, receipt.block_hash))
            return
        else:
            state = JobState.FAILED if outcome == "forked" else JobState.ABANDONED
            reason = JobReason(outcome)
        self._move(job, state, block=(receipt.block_number, receipt.block_hash), reason=reason)
        if reason is JobReason.FORKED and event is not None:
            raise ChainConflictError(
                f"The contract holds another root at size {job.tree_size_2}; the log is marked as equivocated.",
                finding="fork_on_chain",
                chain_tree_size=job.tree_size_2,
                chain_root_hash=bytes(event.values["rootHash"]).hex(),
                our_root_hash=job.root_hash.hex(),
                tx_hash="0x" + job.tx_hash.hex(),
            )

    def _settle_used_nonce(self, job: AnchorJob) -> None:
        """Our nonce is used and our receipt was not there: mined a moment ago, or used by another transaction."""
        receipt = self._chain.tx_receipt(job.tx_hash)
        if receipt is not None:
            self._settle_mined(job, receipt)
            return
        seen = self._sightings[job.job_id] = self._sightings.get(job.job_id, 0) + 1
        if seen >= NONCE_USED_SIGHTINGS:
            self._move(job, JobState.ABANDONED, reason=JobReason.NONCE_USED)

    def _settle_waiting(self, job: AnchorJob) -> None:
        self._sightings.pop(job.job_id, None)
        known = self._chain.knows_transaction(job.tx_hash)
        now = self._monotonic()
        sent_at = self._sent_at.setdefault(job.job_id, now if known else now - RESEND_S)
        if now - sent_at >= RESEND_S:
            self._sent_at[job.job_id] = now
            logger.info("anchor_sent_again", job_id=job.job_id, known=known, tx_hash="0x" + job.tx_hash.hex())
            self._submitter.broadcast(job)
        elif known and job.state == JobState.STAGED:
            self._move(job, JobState.SUBMITTED)  # the reply was lost, the transaction was not

    def _move(
        self,
        job: AnchorJob,
        state: JobState,
        *,
        block: tuple[int, bytes] | None = None,
        reason: JobReason | None = None,
    ) -> None:
        with database_errors(), self._engine.begin() as connection:
            self._jobs.move(connection, job, state, block=block, reason=reason)
        self._sightings.pop(job.job_id, None)
        if state is not JobState.SUBMITTED:
            self._sent_at.pop(job.job_id, None)


def _outcome_event(receipt: TxReceipt, log_id: bytes) -> ChainEvent | None:
    ours = [event for event in receipt.events if event.name in ANCHOR_OUTCOMES and event.log_id == log_id]
    return ours[0] if len(ours) == 1 else None
