"""Indexes of lists in the order of the last change, which the other platform follows: for everybody's, and for each place among the parties."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_FOLLOWED = ("application", "authorisation", "usage_token", "order", "agreement")
_OF_PLACES = ("order", "agreement")
_PLACES = ("consumer", "provider", "platform", "second_platform")


def upgrade() -> None:
    """Create them."""
    for kind in _FOLLOWED:
        op.execute(f"CREATE INDEX objects_{kind}_changed ON objects_{kind} (changed_at, object_id)")
    for kind in _OF_PLACES:
        for place, name in enumerate(_PLACES, 1):
            keys = f"(parties[{place}]), changed_at, object_id"
            condition = "" if place < 3 else f" WHERE parties[{place}] IS NOT NULL"
            op.execute(f"CREATE INDEX objects_{kind}_{name}_changed ON objects_{kind} ({keys}){condition}")
