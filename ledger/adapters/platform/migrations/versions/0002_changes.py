"""How far changes were read, beside how far the sweep is; open differences by when they were looked at."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    op.execute("ALTER TABLE positions ADD COLUMN changed_until timestamptz")
    op.execute("CREATE INDEX differences_looked_at ON differences (kind, last_seen) WHERE ended_at IS NULL")
