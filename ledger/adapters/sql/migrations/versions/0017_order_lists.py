"""Indexes of the lists of orders and agreements: in their order for each place among the parties, and for a product; and of what is over.

What a list is narrowed by stands behind the order in the index, so that what does not match is passed over there and not in the rows.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ORDER_PRODUCT = "(document #>> '{content,product_code}')"
_AGREEMENT_PRODUCT = "(document ->> 'product_code')"
_TERM = "(document #>> '{disclosed,valid_from}'), (document #>> '{disclosed,valid_until}')"
_BOUND = "('signed', 'filing', 'filed', 'in_performance', 'ending', 'terminated')"
_PLACES = ("consumer", "provider", "platform", "second_platform")


def upgrade() -> None:
    """Create them."""
    for kind, subject, term in (("order", _ORDER_PRODUCT, ""), ("agreement", _AGREEMENT_PRODUCT, f", {_TERM}")):
        table = f"objects_{kind}"
        for place, name in enumerate(_PLACES, 1):
            other = f", (parties[{3 - place}]), {subject}" if place < 3 else ""
            keys = f"(parties[{place}]), created_at, object_id, state{other}{term}"
            condition = "" if place < 3 else f" WHERE parties[{place}] IS NOT NULL"
            op.execute(f"CREATE INDEX {table}_{name} ON {table} ({keys}){condition}")
        op.execute(f"CREATE INDEX {table}_product ON {table} ({subject}, created_at, object_id, state{term})")
    op.execute(
        "CREATE INDEX objects_agreement_hash ON objects_agreement ((document ->> 'contract_hash') text_pattern_ops)"
    )
    op.execute("CREATE INDEX objects_agreement_name ON objects_agreement (object_id text_pattern_ops)")
    op.execute(
        "CREATE INDEX objects_order_offered ON objects_order (CAST(document #>> '{content,valid_until}' AS bigint), object_id) "
        "WHERE state = 'offered'"
    )
    op.execute(
        "CREATE INDEX objects_order_in_force ON objects_order ((document ->> 'agreement_id'), object_id) "
        "WHERE state = 'in_force'"
    )
    op.execute(
        "CREATE INDEX objects_agreement_over ON objects_agreement ((document #>> '{disclosed,valid_until}'), object_id) "
        f"WHERE document ->> 'orders_closed' IS NULL AND state IN {_BOUND}"
    )
    op.execute(
        "CREATE INDEX objects_agreement_ended ON objects_agreement (object_id) "
        "WHERE document ->> 'orders_closed' IS NULL AND state = 'terminated'"
    )
