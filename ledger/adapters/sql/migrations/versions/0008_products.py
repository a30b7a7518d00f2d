"""Filing numbers of products, demands' inboxes: partitions of their own among the business objects."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute("CREATE TABLE objects_product_filing PARTITION OF objects FOR VALUES IN ('product_filing')")
    op.execute("CREATE TABLE objects_demand_notice PARTITION OF objects FOR VALUES IN ('demand_notice')")
