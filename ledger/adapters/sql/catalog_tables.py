"""The catalog's tables, as SQLAlchemy Core: a projection of the listed products, and the feed of its changes."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from ledger.adapters.sql.tables import metadata
from ledger.domain.catalog_query import FACETS

_TIME: Final = DateTime(timezone=True)

# A row is short: `terms` and `entry` lie outside of it (TOAST), so that counting and sorting thousands of rows reads few pages.
catalog_entries = Table(
    "catalog_entries",
    metadata,
    Column("product_code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("unit_price", BigInteger, nullable=False),  # NO_PRICE where there is none
    Column("modified", _TIME, nullable=False),
    *(Column(name, Text, nullable=False) for name in FACETS),
    Column("terms", TSVECTOR, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

catalog_facet_counts = Table(
    "catalog_facet_counts",
    metadata,
    Column("facet", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("entries", BigInteger, nullable=False),
)

catalog_head = Table(
    "catalog_head",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("chain_digest", LargeBinary, nullable=False),
    CheckConstraint("shard = 1", name="one_catalog"),
)

# Append-only: a trigger refuses every other statement.
catalog_changes = Table(
    "catalog_changes",
    metadata,
    Column("sequence", BigInteger, primary_key=True),
    Column("change", Text, nullable=False),
    Column("product_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", Text),
    Column("recorded_at", _TIME, nullable=False),
    Column("entry_digest", LargeBinary),
    Column("entry", LargeBinary),
    Column("previous_digest", LargeBinary, nullable=False),
    Column("chain_digest", LargeBinary, nullable=False),
)
