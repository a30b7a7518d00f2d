"""Indexes by which the offers of a body that may offer nothing are found, however many there are of others."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        "CREATE INDEX objects_product_version_offers ON objects_product_version ((parties[1]), object_id) WHERE state = 'listed'"
    )
    op.execute(
        "CREATE INDEX deadlines_stops ON deadlines (due_at, object_id) WHERE duty = 'stop_offers' AND met_at IS NULL"
    )
    op.execute(
        "CREATE INDEX deadlines_renewals ON deadlines (due_at, object_id) WHERE duty = 'renew_qualification' AND met_at IS NULL"
    )
