"""The last day for bids of a demand as a deadline: those that were published before get theirs."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One for every demand that takes bids still; a term that is over meanwhile is recorded by the anchor service."""
    op.execute(
        "INSERT INTO deadlines (kind, object_id, duty, due_at) SELECT kind, object_id, 'take_bids', "
        "(CAST(document->'content'->>'deadline' AS date) + interval '1 day') AT TIME ZONE 'Asia/Shanghai' "
        "FROM objects WHERE kind = 'demand' AND state IN ('published', 'matched', 'bidding') ON CONFLICT DO NOTHING"
    )
