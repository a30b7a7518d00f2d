"""What comparing with the chain finds by an index, page by page: the object here of a name there, and what belongs to a body there."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# ``convert_to`` is not immutable because of encodings that can be replaced; UTF-8 cannot. As ``product_objects.chain_id_of``.
_CHAIN_ID = """
CREATE FUNCTION product_chain_id(salt text, code text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT '0x' || encode(sha256(convert_to('cityledger/v1/product' || chr(10), 'UTF8') || decode(salt, 'hex')
        || convert_to(code, 'UTF8')), 'hex') $$
"""


def upgrade() -> None:
    """Create them."""
    op.execute(_CHAIN_ID)
    op.execute(
        "CREATE INDEX objects_product_chain_id ON objects_product (product_chain_id(document->>'salt', object_id))"
    )
    op.execute("CREATE INDEX objects_participant_body ON objects_participant ((document->'chain'->>'body_id'))")
    op.execute("CREATE INDEX contract_objects_owner ON contract_objects (address, kind, split_part(object_id, '/', 1))")
