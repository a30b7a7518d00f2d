"""Credentials for the connectors of others among the business objects; the token is in the sealed part."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create their partition."""
    op.execute("CREATE TABLE objects_connector_credential PARTITION OF objects FOR VALUES IN ('connector_credential')")
