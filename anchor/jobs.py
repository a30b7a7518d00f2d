"""Moves of anchor jobs: one place that asks ``anchor.state`` whether a move is legal and writes it under the lease."""

import structlog
from sqlalchemy import Connection

from anchor.lease import LeaderLease
from anchor.state import JobReason, JobState, check_job_transition
from ledger.adapters.sql import anchoring
from ledger.adapters.sql.anchoring import AnchorJob
from ledger.services.ports import Clock

logger = structlog.get_logger(__name__)


class JobMover:
    """Writes job states; the caller owns the transaction."""

    def __init__(self, lease: LeaderLease, clock: Clock, *, final_is_reversible: bool) -> None:
        self._lease = lease
        self._clock = clock
        self._final_is_reversible = final_is_reversible

    def move(
        self,
        connection: Connection,
        job: AnchorJob,
        target: JobState,
        *,
        block: tuple[int, bytes] | None = None,
        reason: JobReason | None = None,
    ) -> None:
        """Moves a job. ``block`` is (number, hash) of the block that holds its transaction; kept when not given.

        Raises:
            MisuseError: the move is not legal.
            LeaseLostError: another process leads.
        """
        check_job_transition(JobState(job.state), target, reason=reason, final_is_reversible=self._final_is_reversible)
        self._lease.check(connection)
        number, block_hash = block or (job.block_number, job.block_hash)
        anchoring.set_job_state(
            connection,
            job.job_id,
            target,
            self._clock.now(),
            block_number=number,
            block_hash=block_hash,
            reason=reason,
        )
        logger.info(
            "anchor_job_moved",
            job_id=job.job_id,
            tree_size=job.tree_size_2,
            tx_hash="0x" + job.tx_hash.hex(),
            before=job.state,
            after=str(target),
            reason=reason,
        )
