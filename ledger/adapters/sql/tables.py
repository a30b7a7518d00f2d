"""The tables, as SQLAlchemy Core. The schema itself is made by the migrations; a test compares the two.

Hashes and commitments are ``bytea`` of 32 bytes. Event content is never here in clear (formats.md section 9): bodies and body
salts are sealed; envelopes, envelope salts and commitments are kept for ever. One log (shard) lives in one database.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
_TIME = DateTime(timezone=True)
_EVENT = ["contract_events.block_hash", "contract_events.log_index"]

log_shard = Table(
    "log_shard",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("evidence_log", LargeBinary, nullable=False),
    Column("checkpoint_key", LargeBinary, nullable=False),
    Column("anchor_address", LargeBinary, nullable=False),
    Column("receipt_key", LargeBinary, nullable=False),
    Column("log_id", LargeBinary, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("opened_at", _TIME, nullable=False),
    CheckConstraint("shard = 1", name="one_log"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("tree_size", BigInteger, nullable=False),
    Column("compact_range", LargeBinary, nullable=False),
    Column("root_hash", LargeBinary, nullable=False),
    CheckConstraint("shard = 1", name="one_head"),
)

promises = Table(
    "promises",
    metadata,
    Column("promise", SmallInteger, primary_key=True),
    Column("publish_within_s", Integer, nullable=False),
    Column("anchor_within_s", Integer, nullable=False),
)

# Range-partitioned by leaf_index, PARTITION_ENTRIES leaves each; log_store.ensure_partitions makes the next one ahead of need.
entries = Table(
    "entries",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("body_commitment", LargeBinary, nullable=False),
    Column("envelope_commitment", LargeBinary, nullable=False),
    Column("sm3_commitment", LargeBinary, nullable=False),
    Column("envelope_salt", LargeBinary, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("sealed_month", Integer, nullable=False),
    Column("sealed_generation", Integer, nullable=False),
    Column("sealed_body", LargeBinary),  # null after erasure
    Column("received_at", _TIME, nullable=False),
    Column("promise", SmallInteger, nullable=False),
)

# Hash-partitioned by identity: unique keys of tables partitioned by anything else could not enforce it.
identities = Table(
    "identities",
    metadata,
    Column("identity", LargeBinary, primary_key=True),
    Column("event_mac", LargeBinary, nullable=False),
    Column("leaf_index", BigInteger, nullable=False),
    Column("erased", Boolean, nullable=False),
)

outbox_head = Table(
    "outbox_head",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    CheckConstraint("shard = 1", name="one_outbox"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("event_mac", LargeBinary, nullable=False),
    Column("sealed_month", Integer),
    Column("sealed_generation", Integer),
    Column("sealed_event", LargeBinary),  # null once sequenced: the entry holds it from then on
    Column("created_at", _TIME, nullable=False),
    Column("leaf_index", BigInteger),  # null while pending
)

conflict_marks = Table(
    "conflict_marks",
    metadata,
    Column("identity", LargeBinary, primary_key=True),
    Column("hour", _TIME, primary_key=True),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("tree_size", BigInteger, primary_key=True),
    Column("root_hash", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("published_at", _TIME, nullable=False),
)

log_status = Table(
    "log_status",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("published", BigInteger, nullable=False),
    Column("anchored", BigInteger, nullable=False),
    Column("final", BigInteger, nullable=False),
    Column("halted", Text),
    Column("exhibit", JSONB),
    CheckConstraint("shard = 1", name="one_status"),
)

anchor_jobs = Table(
    "anchor_jobs",
    metadata,
    Column("job_id", BigInteger, primary_key=True, autoincrement=True),
    Column("tree_size_1", BigInteger, nullable=False),
    Column("tree_size_2", BigInteger, nullable=False),
    Column("root_hash", LargeBinary, nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("raw_transaction", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("changed_at", _TIME, nullable=False),
    Column("block_number", BigInteger),
    Column("block_hash", LargeBinary),
    Column("reason", Text),
)

anchors = Table(
    "anchors",
    metadata,
    Column("tree_size", BigInteger, primary_key=True),
    Column("root_hash", LargeBinary, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("mined_at", _TIME, nullable=False),
    Column("final_at", _TIME),
)

chain_blocks = Table(
    "chain_blocks",
    metadata,
    Column("block_hash", LargeBinary, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("profile", Text, nullable=False),
    Column("header", JSONB, nullable=False),
    Column("transactions", JSONB, nullable=False),
    Column("tx_receipts", JSONB, nullable=False),
    Column("stored_at", _TIME, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("submitter", Text, nullable=False),
    Column("unrestricted", Boolean, nullable=False),
    Column("source_prefixes", ARRAY(Text), nullable=False),
    Column("signature_keys", JSONB, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("expires_at", _TIME),
    Column("revoked_at", _TIME),
    Column("outbox_number", BigInteger, nullable=False),
    Column("account_id", Text),
)

keys_epoch = Table(
    "keys_epoch",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("shard = 1", name="one_epoch"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", _TIME, nullable=False),
)

# The search index: derived from envelopes, rebuilt at any time, behind the log by the position in `projections`.
stream_index = Table(
    "stream_index",
    metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("leaf_index", BigInteger, primary_key=True),
)

event_index = Table(
    "event_index",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True),
    Column("received_at", _TIME, nullable=False),
    Column("type", Text, nullable=False),
    Column("submitter", Text, nullable=False),
)

projections = Table(
    "projections",
    metadata,
    Column("name", Text, primary_key=True),
    Column("tree_size", BigInteger, nullable=False),
)

# The contract suite: what its contracts logged, once per (block_hash, log_index), and the read model that follows from it.
contract_cursor = Table(
    "contract_cursor",
    metadata,
    Column("shard", SmallInteger, primary_key=True),
    Column("suite", LargeBinary, nullable=False),
    Column("first_block", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("block_hash", LargeBinary),  # null before the first block
    Column("final_number", BigInteger, nullable=False),
    Column("undone_blocks", BigInteger, nullable=False),
    Column("followed_at", _TIME, nullable=False),
    CheckConstraint("shard = 1", name="one_cursor"),
)

contract_blocks = Table(
    "contract_blocks",
    metadata,
    Column("block_hash", LargeBinary, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("parent_hash", LargeBinary, nullable=False),
)

contract_events = Table(
    "contract_events",
    metadata,
    Column("block_hash", LargeBinary, ForeignKey("contract_blocks.block_hash", ondelete="CASCADE"), primary_key=True),
    Column("log_index", Integer, primary_key=True),
    Column("block_number", BigInteger, nullable=False),
    Column("tx_hash", LargeBinary, nullable=False),
    Column("contract", Text, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("members", JSONB, nullable=False),
)

contract_changes = Table(
    "contract_changes",
    metadata,
    Column("address", LargeBinary, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("block_number", BigInteger, primary_key=True),
    Column("log_index", Integer, primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("block_hash", LargeBinary, nullable=False),
    Column("members", JSONB, nullable=False),
    ForeignKeyConstraint(["block_hash", "log_index"], _EVENT, ondelete="CASCADE"),
)

contract_objects = Table(
    "contract_objects",
    metadata,
    Column("address", LargeBinary, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("block_number", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)
