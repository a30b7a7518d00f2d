"""Applications that wait behind another one for the same code: a partition of their own among the business objects."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.execute("CREATE TABLE objects_waiting_application PARTITION OF objects FOR VALUES IN ('waiting_application')")
