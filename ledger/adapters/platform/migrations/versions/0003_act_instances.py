"""Acts that are done to an object more than once: each suspension, each widening."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add which one it is; an act is still done once."""
    op.execute("ALTER TABLE acts ADD COLUMN instance bigint NOT NULL DEFAULT 0")
    op.execute("DROP INDEX acts_once")
    op.execute("CREATE UNIQUE INDEX acts_once ON acts (kind, object_id, act, instance) WHERE state <> 'refused'")
