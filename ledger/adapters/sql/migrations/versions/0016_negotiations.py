"""Negotiations and their messages among the business objects, and when a message that waits is tried next."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE objects_negotiation PARTITION OF objects FOR VALUES IN ('negotiation');
CREATE TABLE objects_negotiation_message PARTITION OF objects FOR VALUES IN ('negotiation_message');
CREATE INDEX objects_negotiation_message_waiting ON objects_negotiation_message (created_at, object_id)
    WHERE state = 'waiting';
CREATE TABLE message_attempts (
    message_id  text PRIMARY KEY,
    attempts    integer NOT NULL CHECK (attempts > 0),
    next_at     timestamptz NOT NULL,
    reason      text NOT NULL
)
"""


def upgrade() -> None:
    """Create them."""
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement)
