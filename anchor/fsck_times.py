"""Times that Python cannot hold, such as ``infinity``: somebody who edits rows may put one there, and ``fsck`` must still end."""

from datetime import UTC, datetime

from psycopg import DataError
from psycopg.types.datetime import TimestamptzLoader
from sqlalchemy import Connection

from ledger.adapters.sql.engine import driver_connection

OUT_OF_RANGE = datetime.max.replace(tzinfo=UTC)
"""What such a time is read as: no honest row has it, so every comparison shows it."""


class _AnyTime(TimestamptzLoader):
    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        try:
            return super().load(data)
        except DataError:
            return OUT_OF_RANGE


def read_any_time(connection: Connection) -> None:
    """From now on this connection reads a time out of range as ``OUT_OF_RANGE`` and does not fail on it."""
    driver_connection(connection).adapters.register_loader("timestamptz", _AnyTime)
