"""Applications, authorisations, widenings and usage tokens: partitions of their own; the counters of tokens."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = ("application", "authorisation", "authorisation_widening", "usage_token")


def upgrade() -> None:
    """Create them."""
    for kind in KINDS:
        op.execute(f"CREATE TABLE objects_{kind} PARTITION OF objects FOR VALUES IN ('{kind}')")
    op.execute(
        "CREATE TABLE token_quotas (token_id text PRIMARY KEY, authorisation text NOT NULL, quota bigint NOT NULL, "
        "spent bigint NOT NULL DEFAULT 0, valid_from timestamptz NOT NULL, valid_until timestamptz NOT NULL, "
        "is_stopped boolean NOT NULL DEFAULT false, is_ended boolean NOT NULL DEFAULT false, "
        # the last line of defence: whatever a program does, the database holds no oversold quota
        "CHECK (0 <= spent AND spent <= quota))"
    )
    op.execute("CREATE INDEX token_quotas_authorisation ON token_quotas (authorisation) WHERE NOT is_ended")
