"""The tables of accounts and access, as ``tables`` has those of the log; the schema itself is made by the migrations."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ledger.adapters.sql.tables import metadata

_TIME = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("participant", Text),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("sm2_keys", ARRAY(Text), nullable=False),
    Column("signs_requests", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("withdrawn_at", _TIME),
    Column("outbox_number", BigInteger, nullable=False),
)

request_sequences = Table(
    "request_sequences",
    metadata,
    Column("account", Text, primary_key=True),
    Column("sequence_num", Text, primary_key=True),
    Column("at", _TIME, nullable=False),
)

access_marks = Table(
    "access_marks",
    metadata,
    Column("mark", LargeBinary, primary_key=True),
    Column("hour", _TIME, primary_key=True),
    Column("facts", JSONB, nullable=False),
    Column("count", BigInteger, nullable=False),
)
