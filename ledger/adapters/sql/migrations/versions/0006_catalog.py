"""The catalog: a projection of the listed products with its search index, and the append-only feed of its changes."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE catalog_entries (
        product_code text COLLATE "C" PRIMARY KEY, version integer NOT NULL, state text NOT NULL,
        title text COLLATE "C" NOT NULL, currency text COLLATE "C" NOT NULL, unit_price bigint NOT NULL,
        modified timestamptz NOT NULL, topic text NOT NULL, scene text NOT NULL, delivery_form text NOT NULL,
        source text NOT NULL, frequency text NOT NULL, security_level text NOT NULL, quality text NOT NULL,
        price_kind text NOT NULL, public_data text NOT NULL, provider_code text NOT NULL,
        terms tsvector NOT NULL, entry bytea NOT NULL) WITH (toast_tuple_target = 128)
    """,
    # Terms are read often and compress badly; titles and codes stay in the row.
    """
    ALTER TABLE catalog_entries ALTER COLUMN terms SET STORAGE EXTERNAL, ALTER COLUMN title SET STORAGE MAIN,
        ALTER COLUMN product_code SET STORAGE MAIN, ALTER COLUMN provider_code SET STORAGE MAIN
    """,
    "CREATE INDEX catalog_entries_newest ON catalog_entries (modified, product_code) WHERE state = 'listed'",
    "CREATE INDEX catalog_entries_price ON catalog_entries (currency, unit_price, product_code) WHERE state = 'listed'",
    "CREATE INDEX catalog_entries_title ON catalog_entries (title, product_code) WHERE state = 'listed'",
    # No pending list: a search must not pay for the last listings.
    """
    CREATE INDEX catalog_entries_terms ON catalog_entries USING gin (terms) WITH (fastupdate = off)
        WHERE state = 'listed'
    """,
    """
    CREATE TABLE catalog_facet_counts (
        facet text NOT NULL, value text COLLATE "C" NOT NULL, entries bigint NOT NULL, PRIMARY KEY (facet, value))
        WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE catalog_head (
        shard smallint PRIMARY KEY CONSTRAINT one_catalog CHECK (shard = 1), sequence bigint NOT NULL,
        chain_digest bytea NOT NULL)
    """,
    "INSERT INTO catalog_head VALUES (1, 0, decode(repeat('00', 32), 'hex'))",
    """
    CREATE TABLE catalog_changes (
        sequence bigint PRIMARY KEY, change text NOT NULL, product_code text NOT NULL, version integer NOT NULL,
        reason text, recorded_at timestamptz NOT NULL, entry_digest bytea, entry bytea,
        previous_digest bytea NOT NULL, chain_digest bytea NOT NULL)
    """,
    "CREATE INDEX catalog_changes_product ON catalog_changes (product_code, sequence)",
    """
    CREATE FUNCTION refuse_change_of_catalog_feed() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN RAISE EXCEPTION 'the catalog feed is append-only'; END$$
    """,
    "CREATE TABLE objects_metadata_check PARTITION OF objects FOR VALUES IN ('metadata_check')",
    """
    CREATE INDEX objects_metadata_check_product
        ON objects_metadata_check ((document->>'product_code'), created_at, object_id)
    """,
    """
    CREATE TRIGGER catalog_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON catalog_changes
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_catalog_feed()
    """,
)


def upgrade() -> None:
    """Create every table."""
    for statement in _STATEMENTS:
        op.execute(statement)
