"""Business objects, their history, idempotency keys, contract calls and deadlines."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Objects are partitioned by kind: each kind has a table and indexes of its own underneath, and one way in.
_TABLES = """
CREATE TABLE objects (
    kind text NOT NULL, object_id text NOT NULL, revision bigint NOT NULL, state text NOT NULL, parties text[] NOT NULL,
    document jsonb NOT NULL, sealed_month integer, sealed_generation integer, sealed_private bytea,
    created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL, PRIMARY KEY (kind, object_id)) PARTITION BY LIST (kind);
CREATE INDEX objects_parties ON objects USING gin (parties);
CREATE INDEX objects_created ON objects (kind, created_at, object_id);
CREATE INDEX objects_state ON objects (kind, state, created_at, object_id);
CREATE TABLE objects_act PARTITION OF objects FOR VALUES IN ('act');
CREATE TABLE objects_participant PARTITION OF objects FOR VALUES IN ('participant');
CREATE TABLE objects_product PARTITION OF objects FOR VALUES IN ('product');
CREATE TABLE objects_product_version PARTITION OF objects FOR VALUES IN ('product_version');
CREATE TABLE objects_demand PARTITION OF objects FOR VALUES IN ('demand');
CREATE TABLE objects_bid PARTITION OF objects FOR VALUES IN ('bid');
CREATE TABLE object_history (
    kind text NOT NULL, object_id text NOT NULL, revision bigint NOT NULL, act text NOT NULL, state text NOT NULL,
    account text NOT NULL, participant text, parties text[] NOT NULL, document jsonb NOT NULL, changed_at timestamptz NOT NULL,
    PRIMARY KEY (kind, object_id, revision));
CREATE TABLE idempotency_keys (
    account text NOT NULL, key text NOT NULL, request_digest bytea NOT NULL, status smallint NOT NULL, headers jsonb NOT NULL,
    sealed_month integer NOT NULL, sealed_generation integer NOT NULL, sealed_answer bytea NOT NULL,
    created_at timestamptz NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE chain_calls (
    call_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, object_id text NOT NULL, step text NOT NULL,
    contract text NOT NULL, address bytea NOT NULL, call_data bytea NOT NULL, state text NOT NULL, sender bytea, nonce bigint,
    raw_transaction bytea, tx_hash bytea UNIQUE, block_number bigint, block_hash bytea, reason text,
    created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL);
CREATE INDEX chain_calls_open ON chain_calls (call_id) WHERE state IN ('queued', 'staged', 'submitted', 'mined');
CREATE INDEX chain_calls_object ON chain_calls (kind, object_id, call_id);
CREATE TABLE deadlines (
    kind text NOT NULL, object_id text NOT NULL, duty text NOT NULL, due_at timestamptz NOT NULL, met_at timestamptz,
    breached_at timestamptz, outbox_number bigint, PRIMARY KEY (kind, object_id, duty));
CREATE INDEX deadlines_open ON deadlines (due_at) WHERE met_at IS NULL AND breached_at IS NULL
"""


def upgrade() -> None:
    """Create every table."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
