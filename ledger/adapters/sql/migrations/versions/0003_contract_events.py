"""The contract suite's events and the read model that follows from them, undone by block."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE contract_cursor (
    shard smallint PRIMARY KEY CONSTRAINT one_cursor CHECK (shard = 1), suite bytea NOT NULL, first_block bigint NOT NULL,
    number bigint NOT NULL, block_hash bytea, final_number bigint NOT NULL, undone_blocks bigint NOT NULL,
    followed_at timestamptz NOT NULL);
CREATE TABLE contract_blocks (
    block_hash bytea PRIMARY KEY, number bigint NOT NULL UNIQUE, parent_hash bytea NOT NULL);
CREATE TABLE contract_events (
    block_hash bytea NOT NULL REFERENCES contract_blocks ON DELETE CASCADE, log_index integer NOT NULL,
    block_number bigint NOT NULL, tx_hash bytea NOT NULL, contract text NOT NULL, address bytea NOT NULL,
    name text NOT NULL, members jsonb NOT NULL, PRIMARY KEY (block_hash, log_index));
CREATE INDEX contract_events_name ON contract_events (name, block_number, log_index);
CREATE TABLE contract_changes (
    address bytea NOT NULL, kind text NOT NULL, object_id text NOT NULL, block_number bigint NOT NULL,
    log_index integer NOT NULL, place smallint NOT NULL, block_hash bytea NOT NULL, members jsonb NOT NULL,
    PRIMARY KEY (address, kind, object_id, block_number, log_index, place),
    FOREIGN KEY (block_hash, log_index) REFERENCES contract_events ON DELETE CASCADE);
CREATE INDEX contract_changes_event ON contract_changes (block_hash, log_index);
CREATE TABLE contract_objects (
    address bytea NOT NULL, kind text NOT NULL, object_id text NOT NULL, block_number bigint NOT NULL,
    state jsonb NOT NULL, PRIMARY KEY (address, kind, object_id));
CREATE INDEX contract_objects_kind ON contract_objects (kind, object_id);
"""


def upgrade() -> None:
    """Create every table."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
