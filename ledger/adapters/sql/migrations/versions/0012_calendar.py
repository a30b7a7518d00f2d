"""Which calendar of working days was recorded last."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of one row."""
    op.execute(
        "CREATE TABLE calendar_in_force (shard smallint PRIMARY KEY DEFAULT 1 CONSTRAINT one_calendar CHECK (shard = 1), "
        "version bytea NOT NULL, digest text NOT NULL)"
    )
