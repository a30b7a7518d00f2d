"""Alembic environment: runs on the connection that ``ledger.adapters.platform.migrate`` hands over; no ini file."""

from alembic import context

from ledger.adapters.platform.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
