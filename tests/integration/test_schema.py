"""The tables as SQLAlchemy knows them are the tables that the migrations make."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ledger.adapters.sql.access_tables import accounts
from ledger.adapters.sql.business_tables import objects
from ledger.adapters.sql.catalog_tables import catalog_entries
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.tables import metadata

assert accounts.metadata is objects.metadata is catalog_entries.metadata is metadata, (
    "the tables of accounts, the business flow and the catalog are compared too"
)

# Indexes and unique keys are stated in the migrations alone, and partitions are no tables of their own.
STATED_ONCE = {"add_index", "remove_index", "add_constraint", "remove_constraint"}


def test_migrated_schema_has_the_columns_that_the_tables_describe(migrated_url: str) -> None:
    engine = create_engine(migrated_url, pool_size=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    found = [
        difference
        for difference in differences
        if isinstance(difference, list)
        or (
            difference[0] not in STATED_ONCE
            and not (
                difference[0] == "remove_table"
                and difference[1].name.startswith(("identities_", "entries_", "objects_"))
            )
            and not (difference[0] == "remove_table" and difference[1].name == "alembic_version")
        )
    ]
    assert found == []
