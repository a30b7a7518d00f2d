"""Alembic environment: runs on the connection that ``ledger.adapters.sql.migrate`` hands over; no ini file."""

from alembic import context

from ledger.adapters.sql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
