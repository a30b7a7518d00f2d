"""Contracts that connectors begin by the interfaces of TC609-6-2025-14, and disputes with their messages: partitions of their own."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KINDS = ("contract_draft", "dispute", "dispute_message")


def upgrade() -> None:
    """Create them."""
    for kind in KINDS:
        op.execute(f"CREATE TABLE objects_{kind} PARTITION OF objects FOR VALUES IN ('{kind}')")
    op.execute(
        "CREATE INDEX objects_dispute_subject ON objects_dispute ((document->>'subject_id'), created_at, object_id)"
    )
    op.execute(
        "CREATE INDEX objects_dispute_message_case ON objects_dispute_message ((document->>'dispute_id'), created_at, object_id)"
    )
