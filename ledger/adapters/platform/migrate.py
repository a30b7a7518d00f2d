"""Brings the schema of the authorisation platform's own database to the newest revision; its chain of migrations is its own."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ledger.adapters.sql.engine import create_engine

MIGRATION_LOCK: Final = 0x706C_6174
"""Any fixed number: two starts at once queue here."""


def upgrade(database_url: str) -> None:
    """Applies all missing migrations in one transaction; does nothing when the schema is current."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = create_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
