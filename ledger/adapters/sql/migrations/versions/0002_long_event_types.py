"""Search by type for types of any length: a B-tree takes keys of at most 2,704 bytes, an event's type may have more."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the first characters; a query compares the whole type besides."""
    op.execute("DROP INDEX event_index_type")
    op.execute("CREATE INDEX event_index_type ON event_index (left(type, 200), leaf_index)")
