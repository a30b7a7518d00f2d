"""The job half of ``fsck``: every anchor job says of itself what its signed transaction says.

The transaction's bytes are the evidence: hash, sender, nonce and call follow from them. A job's times are not compared: they are
the service's own words about its work, and nothing is decided by them.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, text

from anchor.fsck_transactions import UNREADABLE, opened
from anchor.fsck_tree import Finding
from anchor.state import OPEN_STATES, JobReason, JobState
from ledger.adapters.chain.evidence_log import decode_anchor
from ledger.log.typed_data import LogIdentity, checkpoint_signing_digest, keccak256, recover_address

_ROWS_AT_ONCE = 1_000

_JOBS = (
    "SELECT j.job_id, j.tree_size_1, j.tree_size_2, j.root_hash, j.sender, j.nonce, j.raw_transaction, j.tx_hash, j.state, "
    "j.block_number, j.block_hash, j.reason, a.state AS anchored_state FROM anchor_jobs j LEFT JOIN anchors a "
    "ON a.tx_hash = j.tx_hash AND a.tree_size = j.tree_size_2 ORDER BY j.job_id"
)


def check_jobs(connection: Connection, identity: LogIdentity) -> Iterator[Finding]:
    """Each job against its own transaction, its state, and the head that it anchored."""
    for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_JOBS)):
        for what in (_transaction_fault(row, identity), _state_fault(row), _anchor_fault(row)):
            if what is not None:
                yield Finding("job_altered", f"Anchor job {row.job_id}: {what}.", {"where": f"anchor job {row.job_id}"})


def _transaction_fault(row: Row[Any], identity: LogIdentity) -> str | None:
    raw = bytes(row.raw_transaction)
    if keccak256(raw) != bytes(row.tx_hash):
        return "its hash is not that of its transaction"
    try:
        sender, nonce, data = opened(raw, identity.chain_id, identity.evidence_log)
        log_id, tree_size_1, tree_size_2, root_hash, signature = decode_anchor(data)
        signer = recover_address(checkpoint_signing_digest(identity, tree_size_2, root_hash), signature)
    except UNREADABLE as error:
        return f"its transaction is no call that anchors a head of this log ({type(error).__name__})"
    if (sender, nonce) != (bytes(row.sender), row.nonce):
        return "sender or nonce are not those of its transaction"
    said = (identity.log_id, row.tree_size_1, row.tree_size_2, bytes(row.root_hash))
    if (log_id, tree_size_1, tree_size_2, root_hash) != said or signer != identity.anchor_address:
        return "its heads are not those that its transaction carries"
    return None


def _state_fault(row: Row[Any]) -> str | None:
    if row.state not in set(JobState):
        return f"its state {row.state!r} is none"
    ended = row.state in (JobState.FAILED, JobState.ABANDONED)
    if ended != (row.reason in set(JobReason)) or (not ended and row.reason is not None):
        return "its reason does not fit its state"
    has_block = row.block_number is not None
    if has_block != (row.block_hash is not None):
        return "it has half a block"
    if (row.state in OPEN_STATES and has_block) or (row.state in (JobState.MINED, JobState.FINAL) and not has_block):
        return f"its block does not fit its state {row.state}"
    return None


def _anchor_fault(row: Row[Any]) -> str | None:
    """A job ends after its head. In which block that is, the head's own row says, which is compared with the chain."""
    if row.state == JobState.FINAL and row.anchored_state != JobState.FINAL:
        return "it is final, and no final head is recorded from its transaction"
    return None
