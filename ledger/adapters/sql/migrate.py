"""Brings the schema to the newest revision."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ledger.adapters.sql.engine import create_engine

MIGRATIONS: Final = Path(__file__).parent / "migrations"
MIGRATION_LOCK: Final = 0x6369_7479
"""Any fixed number: two starts at once queue here instead of racing through the same migration."""


def upgrade(database_url: str, migrations: Path = MIGRATIONS, lock: int = MIGRATION_LOCK) -> None:
    """Applies all missing migrations in one transaction; does nothing when the schema is current.

    Args:
        database_url: of the database.
        migrations: Alembic's folder of them.
        lock: key of the advisory lock under which they are applied.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    engine = create_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
