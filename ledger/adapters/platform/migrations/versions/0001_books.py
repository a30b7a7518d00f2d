"""The authorisation platform's books: copies, its own acts, differences, and how far it has read."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE book (
    one         smallint PRIMARY KEY CHECK (one = 1),
    owner       text NOT NULL
);
CREATE TABLE copies (
    kind        text NOT NULL,
    object_id   text NOT NULL,
    revision    bigint NOT NULL CHECK (revision > 0),
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    PRIMARY KEY (kind, object_id)
);
CREATE TABLE copy_revisions (
    kind        text NOT NULL,
    object_id   text NOT NULL,
    revision    bigint NOT NULL,
    state       text NOT NULL,
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    document    jsonb NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (kind, object_id, revision),
    FOREIGN KEY (kind, object_id) REFERENCES copies
);
CREATE TABLE acts (
    number              bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    act_id              text PRIMARY KEY,
    act                 text NOT NULL,
    kind                text NOT NULL,
    object_id           text NOT NULL,
    request             jsonb NOT NULL,
    sealed_month        integer,
    sealed_generation   bigint,
    sealed_text         bytea,
    state               text NOT NULL CHECK (state IN ('intended', 'acknowledged', 'refused')),
    revision            bigint NOT NULL,
    facts               jsonb NOT NULL,
    problem_code        text,
    problem_detail      text,
    account             text NOT NULL,
    created_at          timestamptz NOT NULL,
    changed_at          timestamptz NOT NULL,
    attempts            integer NOT NULL,
    last_error          text
);
CREATE UNIQUE INDEX acts_once ON acts (kind, object_id, act) WHERE state <> 'refused';
CREATE INDEX acts_waiting ON acts (number) WHERE state = 'intended';
CREATE TABLE differences (
    difference_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL,
    object_id       text NOT NULL,
    cause           text NOT NULL,
    owner           text NOT NULL,
    fields          jsonb NOT NULL,
    here            text,
    there           text,
    first_seen      timestamptz NOT NULL,
    last_seen       timestamptz NOT NULL,
    ended_at        timestamptz
);
CREATE UNIQUE INDEX differences_open ON differences (kind, object_id, cause) WHERE ended_at IS NULL;
CREATE TABLE positions (
    kind                text PRIMARY KEY,
    cursor              text,
    sweep_started_at    timestamptz,
    swept_at            timestamptz,
    succeeded_at        timestamptz,
    failure             text
);
CREATE TABLE kept_answers (
    account         text NOT NULL,
    key             text NOT NULL,
    request_digest  bytea NOT NULL,
    act_id          text NOT NULL REFERENCES acts,
    PRIMARY KEY (account, key)
);
CREATE INDEX copies_last_seen ON copies (kind, last_seen)
"""


def upgrade() -> None:
    """Create them."""
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement)
