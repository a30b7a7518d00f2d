"""Brings the schema of the authorisation platform's own database to the newest revision; its chain of migrations is its own."""

from pathlib import Path
from typing import Final

from ledger.adapters.sql import migrate

MIGRATION_LOCK: Final = 0x706C_6174


def upgrade(database_url: str) -> None:
    """Applies all missing migrations, as ``ledger.adapters.sql.migrate`` does."""
    migrate.upgrade(database_url, Path(__file__).parent / "migrations", MIGRATION_LOCK)
