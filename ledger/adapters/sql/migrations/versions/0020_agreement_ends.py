"""What follows an agreement's filing and its end: partitions, lists by agreement, and the terms by which agreements end."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = ("control_instruction", "execution_report", "termination_voucher", "destruction", "notice")
LISTED = ("control_instruction", "execution_report")

_ENDS = "CREATE INDEX deadlines_ends ON deadlines (due_at, object_id) WHERE duty IN ('end_by_expiry', 'end_by_rule') AND met_at IS NULL"
_EXPIRY = (
    "INSERT INTO deadlines (kind, object_id, duty, due_at) SELECT kind, object_id, 'end_by_expiry', "
    "(CAST(document->'disclosed'->>'valid_until' AS date) + interval '1 day') AT TIME ZONE 'Asia/Shanghai' "
    "FROM objects WHERE kind = 'agreement' AND state IN ('signed', 'filing', 'filed', 'in_performance', 'ending') ON CONFLICT DO NOTHING"
)
"""Agreements that were concluded before get their end."""


def upgrade() -> None:
    """Create them."""
    for kind in KINDS:
        op.execute(f"CREATE TABLE objects_{kind} PARTITION OF objects FOR VALUES IN ('{kind}')")
    for kind in LISTED:
        op.execute(
            f"CREATE INDEX objects_{kind}_agreement ON objects_{kind} ((document->>'agreement_id'), created_at, object_id)"
        )
    op.execute(_ENDS)
    op.execute(_EXPIRY)
