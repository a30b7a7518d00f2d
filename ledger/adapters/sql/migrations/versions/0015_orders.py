"""Orders and agreements: a partition of the business objects for each."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute("CREATE TABLE objects_order PARTITION OF objects FOR VALUES IN ('order')")
    op.execute("CREATE TABLE objects_agreement PARTITION OF objects FOR VALUES IN ('agreement')")
