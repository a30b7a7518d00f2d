"""The agreements in force of a product, for the flows of the data map."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create their index."""
    op.execute(
        "CREATE INDEX objects_agreement_flows ON objects_agreement ((document->>'product_code'), created_at, object_id) "
        "WHERE state IN ('signed', 'filing', 'filed', 'in_performance', 'ending')"
    )
