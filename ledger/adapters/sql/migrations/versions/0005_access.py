"""Accounts of bodies, what was signed with which sequence number, and how often something is recorded as access evidence."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A subject has one account in force at a time; the withdrawn ones stay as history, so that a leaver who comes back gets a new one.
_TABLES = """
CREATE TABLE accounts (
    account_id text PRIMARY KEY, participant text, issuer text NOT NULL, subject text NOT NULL,
    level text NOT NULL CONSTRAINT known_level CHECK (level IN ('admin', 'handler', 'viewer')), roles text[] NOT NULL,
    sm2_keys text[] NOT NULL, signs_requests boolean NOT NULL,
    state text NOT NULL CONSTRAINT known_state CHECK (state IN ('active', 'withdrawn')),
    created_at timestamptz NOT NULL, withdrawn_at timestamptz, outbox_number bigint NOT NULL,
    CONSTRAINT withdrawn_when CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)));
CREATE UNIQUE INDEX accounts_subject ON accounts (issuer, subject) WHERE state = 'active';
CREATE INDEX accounts_subject_history ON accounts (issuer, subject, created_at);
CREATE INDEX accounts_participant ON accounts (participant, account_id);
CREATE TABLE request_sequences (
    account text NOT NULL, sequence_num text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (account, sequence_num));
CREATE INDEX request_sequences_at ON request_sequences (at);
CREATE TABLE access_marks (
    mark bytea NOT NULL, hour timestamptz NOT NULL, facts jsonb NOT NULL, count bigint NOT NULL, PRIMARY KEY (mark, hour));
CREATE INDEX access_marks_hour ON access_marks (hour);
ALTER TABLE api_keys ADD COLUMN account_id text;
CREATE INDEX api_keys_account ON api_keys (account_id) WHERE account_id IS NOT NULL;
"""


def upgrade() -> None:
    """Create every table."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
