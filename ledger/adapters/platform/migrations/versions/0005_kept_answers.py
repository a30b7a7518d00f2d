"""The answers of acts, as they were given first."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; what was answered before is answered by the act as it stands."""
    op.execute("ALTER TABLE kept_answers ADD COLUMN answer bytea")
