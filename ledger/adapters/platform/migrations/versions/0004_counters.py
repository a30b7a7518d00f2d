"""The most that was ever shown as spent of a usage token."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what was shown before is in the newest copy."""
    op.execute("ALTER TABLE copies ADD COLUMN spent bigint")
    op.execute(
        "UPDATE copies SET spent = CAST(r.document #>> '{counter,spent}' AS bigint) FROM copy_revisions r "
        "WHERE copies.kind = 'usage_token' AND r.kind = copies.kind AND r.object_id = copies.object_id "
        "AND r.revision = copies.revision AND jsonb_typeof(r.document #> '{counter,spent}') = 'number'"
    )
