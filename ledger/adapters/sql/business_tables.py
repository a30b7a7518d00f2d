"""The tables of the business flow, as ``tables`` has those of the log; the schema itself is made by the migrations.

``objects`` is partitioned by kind. Personal data are sealed in ``sealed_private`` (formats.md section 9); a document holds none.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ledger.adapters.sql.tables import metadata

_TIME = DateTime(timezone=True)

objects = Table(
    "objects",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("parties", ARRAY(Text), nullable=False),
    Column("document", JSONB, nullable=False),
    Column("sealed_month", Integer),
    Column("sealed_generation", Integer),
    Column("sealed_private", LargeBinary),
    Column("created_at", _TIME, nullable=False),
    Column("changed_at", _TIME, nullable=False),
)

object_history = Table(
    "object_history",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("act", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("participant", Text),
    Column("parties", ARRAY(Text), nullable=False),
    Column("document", JSONB, nullable=False),
    Column("changed_at", _TIME, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("sealed_month", Integer, nullable=False),
    Column("sealed_generation", Integer, nullable=False),
    Column("sealed_answer", LargeBinary, nullable=False),
    Column("created_at", _TIME, nullable=False),
)

chain_calls = Table(
    "chain_calls",
    metadata,
    Column("call_id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("call_data", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("sender", LargeBinary),
    Column("nonce", BigInteger),
    Column("raw_transaction", LargeBinary),
    Column("tx_hash", LargeBinary, unique=True),
    Column("block_number", BigInteger),
    Column("block_hash", LargeBinary),
    Column("reason", Text),
    Column("created_at", _TIME, nullable=False),
    Column("changed_at", _TIME, nullable=False),
)

chain_call_attempts = Table(
    "chain_call_attempts",
    metadata,
    Column("tx_hash", LargeBinary, primary_key=True),
    Column("call_id", BigInteger, nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw_transaction", LargeBinary, nullable=False),
    Column("set_aside_at", _TIME, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("duty", Text, primary_key=True),
    Column("due_at", _TIME, nullable=False),
    Column("met_at", _TIME),
    Column("breached_at", _TIME),
    Column("outbox_number", BigInteger),
)

calendar_in_force = Table(
    "calendar_in_force",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("version", LargeBinary, nullable=False),
    Column("digest", Text, nullable=False),
    CheckConstraint("shard = 1", name="one_calendar"),
)

token_quotas = Table(
    "token_quotas",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("authorisation", Text, nullable=False),
    Column("quota", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("valid_from", _TIME, nullable=False),
    Column("valid_until", _TIME, nullable=False),
    Column("is_stopped", Boolean, nullable=False),
    Column("is_ended", Boolean, nullable=False),
)

message_attempts = Table(
    "message_attempts",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", _TIME, nullable=False),
    Column("reason", Text, nullable=False),
)
