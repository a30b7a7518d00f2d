"""Brings the schema to the newest revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ledger.adapters.sql.engine import create_engine

# Any fixed number: two starts at once queue here instead of racing through the same migration.
_MIGRATION_LOCK = 0x6369_7479


def upgrade(database_url: str) -> None:
    """Applies all missing migrations in one transaction; does nothing when the schema is current."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = create_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
