"""Transactions of contract calls that were set aside, and indexes for calls by block, breached deadlines and the months of sealed rows."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE chain_call_attempts (
    tx_hash bytea PRIMARY KEY, call_id bigint NOT NULL, sender bytea NOT NULL,
    nonce bigint NOT NULL, raw_transaction bytea NOT NULL, set_aside_at timestamptz NOT NULL);
CREATE INDEX chain_call_attempts_call ON chain_call_attempts (call_id);
CREATE INDEX chain_calls_block ON chain_calls (block_number) WHERE block_number IS NOT NULL;
CREATE INDEX deadlines_breached ON deadlines (met_at) WHERE breached_at IS NOT NULL;
CREATE INDEX objects_sealed_month ON objects (sealed_month);
CREATE INDEX idempotency_keys_sealed_month ON idempotency_keys (sealed_month)
"""


def upgrade() -> None:
    """Create the table and the indexes."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
