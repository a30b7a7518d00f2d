"""Orders and agreements of a product for a platform: it sees those of nearly every product, so its own index and the product's lead to too many."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_SUBJECTS = {"order": "(document #>> '{content,product_code}')", "agreement": "(document ->> 'product_code')"}
_TERMS = {
    "order": "",
    "agreement": ", (document #>> '{disclosed,valid_from}'), (document #>> '{disclosed,valid_until}')",
}
_PLACES = {3: "platform", 4: "second_platform"}


def upgrade() -> None:
    """Create their indexes."""
    for kind, subject in _SUBJECTS.items():
        for place, name in _PLACES.items():
            keys = f"(parties[{place}]), {subject}, created_at, object_id, state{_TERMS[kind]}"
            op.execute(
                f"CREATE INDEX objects_{kind}_{name}_product ON objects_{kind} ({keys}) WHERE parties[{place}] IS NOT NULL"
            )
