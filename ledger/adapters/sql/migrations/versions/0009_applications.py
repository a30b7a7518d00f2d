"""Applications that wait behind another one for the same code: a partition of their own. Kept answers by age, to let go of old ones."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute("CREATE TABLE objects_waiting_application PARTITION OF objects FOR VALUES IN ('waiting_application')")
    op.execute("CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at)")
