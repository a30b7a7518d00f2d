"""Every column of every table, altered one at a time by somebody who can write to the database: ``fsck`` names it, or says why not.

A column that is not evidence stands in ``NOT_EVIDENCE`` with the reason, so that a new column must be put on one side or the other.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from support.anchor_rig import FakeRig
from support.checked_log import checked_log, codes, tamper, with_every_row
from support.embedded import DatabaseFactory

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql.access_tables import access_marks, request_sequences
from ledger.adapters.sql.business_tables import objects
from ledger.adapters.sql.catalog_tables import catalog_entries
from ledger.adapters.sql.tables import metadata

assert access_marks.metadata is objects.metadata is catalog_entries.metadata is metadata, (
    "their tables are looked at too"
)

# (table, column) -> (which row, what it becomes, what must be among the findings)
FLIP = "set_byte({0}, 0, 255 - get_byte({0}, 0))"
NEXT = "{0} + 1"
OTHER = "{0} || 'x'"
NONE = "NULL"
FOREVER = "'infinity'"
LEAF = "leaf_index = 340"
ROW = "true"
MADE, GONE = "submitter = 'archive'", "submitter = 'office'"
STAYS, LEFT = "subject = 'stays'", "subject = 'leaves'"
LATER, EARLIER = "{0} + interval '1 h'", "{0} - interval '1 h'"
SEQUENCED, PENDING = "number = 2", "leaf_index IS NULL"

SECOND, FIRST, NEWEST = "object_id = 'd-2'", "object_id = 'd-2' AND revision = 1", "object_id = 'd-2' AND revision = 2"

EVIDENCE: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    ("log_shard", "origin"): [(ROW, OTHER, "log_altered")],
    ("log_shard", "chain_id"): [(ROW, NEXT, "log_altered")],
    ("log_shard", "evidence_log"): [(ROW, FLIP, "log_altered"), (ROW, "''", "log_altered")],
    ("log_shard", "checkpoint_key"): [(ROW, FLIP, "log_altered"), (ROW, "''", "log_altered")],
    ("log_shard", "anchor_address"): [(ROW, FLIP, "log_altered"), (ROW, "''", "log_altered")],
    ("log_shard", "receipt_key"): [(ROW, FLIP, "log_altered")],
    ("log_shard", "log_id"): [(ROW, FLIP, "log_altered")],
    ("log_shard", "rule_version"): [(ROW, NEXT, "log_altered")],
    ("log_shard", "opened_at"): [(ROW, LATER, "time_contradicted"), (ROW, EARLIER, "time_contradicted"), (ROW, FOREVER, "time_contradicted")],
    ("log_head", "tree_size"): [(ROW, NEXT, "entry_missing"), (ROW, "1::bigint << 60", "entry_missing"), (ROW, "-1", "entry_beyond_head")],
    ("log_head", "compact_range"): [(ROW, FLIP, "head_altered"), (ROW, "''", "head_altered")],
    ("log_head", "root_hash"): [(ROW, FLIP, "root_mismatch")],
    ("promises", "promise"): [("promise = 2", NEXT, "entry_missing")],
    ("entries", "leaf_index"): [(LEAF, "9000", "entry_beyond_head")],
    ("entries", "identity"): [(LEAF, FLIP, "identity_missing")],
    ("entries", "leaf_hash"): [(LEAF, FLIP, "entry_altered")],
    ("entries", "body_commitment"): [(LEAF, FLIP, "entry_altered"), (LEAF, "''", "entry_altered")],
    ("entries", "envelope_commitment"): [(LEAF, FLIP, "entry_altered")],
    ("entries", "sm3_commitment"): [(LEAF, FLIP, "entry_altered")],
    ("entries", "envelope_salt"): [(LEAF, FLIP, "envelope_altered")],
    ("entries", "envelope"): [(LEAF, FLIP, "envelope_altered"), (LEAF, "''", "envelope_altered")],
    ("entries", "sealed_month"): [(LEAF, NEXT, "seal_broken"), (LEAF, "-1", "seal_broken")],
    ("entries", "sealed_generation"): [(LEAF, NEXT, "seal_broken"), (LEAF, "-1", "seal_broken")],
    ("entries", "sealed_body"): [(LEAF, FLIP, "seal_broken"), (LEAF, "''", "seal_broken"), (LEAF, NONE, "body_missing")],
    ("entries", "received_at"): [(LEAF, "{0} + interval '1 s'", "envelope_altered"), (LEAF, FOREVER, "envelope_altered")],
    ("entries", "promise"): [(LEAF, "77", "entry_missing")],
    ("identities", "identity"): [(LEAF, FLIP, "identity_missing")],
    ("identities", "event_mac"): [(LEAF, FLIP, "identity_wrong")],
    ("identities", "leaf_index"): [(LEAF, NEXT, "identity_wrong")],
    ("identities", "erased"): [(LEAF, "true", "erasure_unlogged")],
    ("outbox_head", "count"): [(ROW, NEXT, "outbox_gap"), (ROW, "{0} - 1", "outbox_gap"), (ROW, "1::bigint << 60", "outbox_gap")],
    ("outbox", "number"): [(SEQUENCED, "900", "outbox_gap"), (PENDING, "900", "outbox_gap")],
    ("outbox", "identity"): [(SEQUENCED, FLIP, "outbox_altered"), (PENDING, FLIP, "seal_broken")],
    ("outbox", "event_mac"): [(SEQUENCED, FLIP, "outbox_altered"), (PENDING, FLIP, "outbox_altered")],
    ("outbox", "sealed_month"): [(SEQUENCED, "202611", "outbox_altered"), (PENDING, NEXT, "seal_broken"), (PENDING, NONE, "outbox_altered")],
    ("outbox", "sealed_generation"): [(SEQUENCED, "0", "outbox_altered"), (PENDING, NEXT, "seal_broken")],
    ("outbox", "sealed_event"): [(SEQUENCED, "'x'", "outbox_altered"), (PENDING, FLIP, "seal_broken"), (PENDING, NONE, "seal_broken")],
    ("outbox", "leaf_index"): [(SEQUENCED, NEXT, "outbox_altered"), (SEQUENCED, NONE, "outbox_altered"), (PENDING, "5", "outbox_altered")],
    ("conflict_marks", "identity"): [(ROW, FLIP, "conflict_unrecorded")],
    ("conflict_marks", "hour"): [(ROW, "{0} + interval '2 h'", "conflict_unrecorded"), (ROW, FOREVER, "conflict_unrecorded")],
    ("checkpoints", "tree_size"): [("tree_size = 301", NEXT, "checkpoint_altered")],
    ("checkpoints", "root_hash"): [("tree_size = 301", FLIP, "checkpoint_altered")],
    ("checkpoints", "note"): [("tree_size = 301", OTHER, "checkpoint_unsigned"), ("tree_size = 301", "''", "checkpoint_unsigned")],
    ("checkpoints", "published_at"): [("tree_size = 301", LATER, "time_contradicted"), ("tree_size = 301", EARLIER, "time_contradicted"), (ROW, FOREVER, "time_contradicted")],
    ("log_status", "published"): [(ROW, NEXT, "marks_wrong")],
    ("log_status", "anchored"): [(ROW, "{0} - 1", "marks_wrong")],
    ("log_status", "final"): [(ROW, "{0} - 1", "marks_wrong")],
    ("log_status", "halted"): [(ROW, "'x'", "halted")],
    ("log_status", "exhibit"): [(ROW, "'{{}}'", "halt_altered")],
    ("anchor_jobs", "tree_size_1"): [("job_id = 1", NEXT, "job_altered")],
    ("anchor_jobs", "tree_size_2"): [("job_id = 1", NEXT, "job_altered")],
    ("anchor_jobs", "root_hash"): [("job_id = 1", FLIP, "job_altered")],
    ("anchor_jobs", "sender"): [("job_id = 1", FLIP, "job_altered")],
    ("anchor_jobs", "nonce"): [("job_id = 1", NEXT, "job_altered")],
    ("anchor_jobs", "raw_transaction"): [("job_id = 1", FLIP, "job_altered"), ("job_id = 1", "''", "job_altered")],
    ("anchor_jobs", "tx_hash"): [("job_id = 1", FLIP, "job_altered")],
    ("anchor_jobs", "state"): [("job_id = 1", "'staged'", "job_altered"), ("job_id = 1", "'abandoned'", "job_altered"), ("job_id = 1", "'x'", "job_altered")],
    ("anchor_jobs", "block_number"): [("job_id = 1", NONE, "job_altered")],
    ("anchor_jobs", "block_hash"): [("job_id = 1", NONE, "job_altered")],
    ("anchor_jobs", "reason"): [("job_id = 1", "'reverted'", "job_altered")],
    ("anchors", "tree_size"): [("tree_size = 301", NEXT, "anchor_missing_on_chain")],
    ("anchors", "root_hash"): [("tree_size = 301", FLIP, "root_mismatch")],
    ("anchors", "tx_hash"): [("tree_size = 301", FLIP, "anchor_altered")],
    ("anchors", "block_number"): [("tree_size = 301", NEXT, "anchor_altered")],
    ("anchors", "block_hash"): [("tree_size = 301", FLIP, "anchor_altered")],
    ("anchors", "state"): [("tree_size = 301", "'mined'", "anchor_altered"), ("tree_size = 301", "'x'", "anchor_altered")],
    ("anchors", "mined_at"): [("tree_size = 301", LATER, "time_contradicted"), ("tree_size = 301", EARLIER, "time_contradicted"), (ROW, FOREVER, "time_contradicted")],
    ("anchors", "final_at"): [("tree_size = 301", NONE, "anchor_altered"), ("tree_size = 301", LATER, "time_contradicted"), ("tree_size = 301", EARLIER, "time_contradicted")],
    ("chain_blocks", "block_hash"): [("number = 1", FLIP, "chain_block_missing")],
    ("chain_blocks", "number"): [("number = 1", "-1", "chain_block_altered")],
    ("chain_blocks", "profile"): [("number = 1", "'consortium'", "chain_block_altered")],
    ("chain_blocks", "header"): [("number = 1", "{0} || '{{\"number\": 5}}'", "chain_block_altered"), ("number = 1", "'[]'", "chain_block_altered")],
    ("chain_blocks", "transactions"): [("number = 1", "'5'", "chain_block_altered")],
    ("chain_blocks", "tx_receipts"): [("number = 1", "'{{}}'", "chain_block_altered")],
    ("api_keys", "key_id"): [(MADE, OTHER, "api_key_unlogged")],
    ("api_keys", "secret_hash"): [(MADE, FLIP, "api_key_altered")],
    ("api_keys", "role"): [(MADE, "'operator'", "api_key_altered")],
    ("api_keys", "submitter"): [(MADE, "'office'", "api_key_altered")],
    ("api_keys", "unrestricted"): [(MADE, "true", "api_key_altered")],
    ("api_keys", "source_prefixes"): [(MADE, "'{{urn:}}'", "api_key_altered")],
    ("api_keys", "signature_keys"): [(MADE, "'{{}}'", "api_key_altered")],
    ("api_keys", "expires_at"): [(MADE, "now()", "api_key_altered"), (MADE, FOREVER, "api_key_altered")],
    ("api_keys", "created_at"): [(MADE, LATER, "time_contradicted"), (MADE, EARLIER, "time_contradicted"), (MADE, FOREVER, "time_contradicted")],
    ("api_keys", "revoked_at"): [(MADE, "now()", "api_key_altered"), (GONE, NONE, "api_key_altered"), (GONE, LATER, "time_contradicted"), (GONE, EARLIER, "time_contradicted")],
    ("api_keys", "outbox_number"): [(MADE, NEXT, "api_key_unlogged")],
    ("api_keys", "account_id"): [(MADE, "'acc-1'", "api_key_altered")],
    ("accounts", "account_id"): [(STAYS, OTHER, "account_unlogged")],
    ("accounts", "participant"): [(STAYS, NONE, "account_altered")],
    ("accounts", "issuer"): [(STAYS, OTHER, "account_altered")],
    ("accounts", "subject"): [(STAYS, OTHER, "account_altered")],
    ("accounts", "level"): [(STAYS, "'admin'", "account_altered")],
    ("accounts", "roles"): [(STAYS, "'{{operator}}'", "account_altered")],
    ("accounts", "sm2_keys"): [(STAYS, "'{{04}}'", "account_altered")],
    ("accounts", "signs_requests"): [(STAYS, "true", "account_altered")],
    ("accounts", "state"): [(STAYS, "'withdrawn', withdrawn_at = now()", "account_altered"), (LEFT, "'active', withdrawn_at = NULL", "account_altered")],
    ("accounts", "created_at"): [(STAYS, LATER, "time_contradicted"), (STAYS, EARLIER, "time_contradicted"), (STAYS, FOREVER, "time_contradicted")],
    ("accounts", "withdrawn_at"): [(LEFT, LATER, "time_contradicted"), (LEFT, EARLIER, "time_contradicted")],
    ("accounts", "outbox_number"): [(STAYS, "{0} + 100", "account_unlogged"), (STAYS, "{0} + 100", "account_missing")],
    ("objects", "kind"): [(SECOND, "'bid'", "object_altered")],
    ("objects", "object_id"): [(SECOND, OTHER, "object_altered"), (SECOND, OTHER, "private_unreadable")],
    ("objects", "revision"): [(SECOND, NEXT, "object_altered"), (SECOND, "1", "object_altered")],
    ("objects", "state"): [(SECOND, OTHER, "object_altered")],
    ("objects", "parties"): [(SECOND, "'{{}}'", "object_altered")],
    ("objects", "document"): [(SECOND, "'{{}}'", "object_altered")],
    ("objects", "sealed_month"): [(SECOND, NEXT, "private_unreadable"), (SECOND, NONE, "private_unreadable")],
    ("objects", "sealed_generation"): [(SECOND, NEXT, "private_unreadable"), (SECOND, NONE, "private_unreadable")],
    ("objects", "sealed_private"): [(SECOND, FLIP, "private_unreadable"), (SECOND, NONE, "private_unreadable")],
    ("objects", "created_at"): [(SECOND, LATER, "object_altered"), (SECOND, FOREVER, "object_altered")],
    ("objects", "changed_at"): [(SECOND, LATER, "object_altered"), (SECOND, FOREVER, "object_altered")],
    ("object_history", "kind"): [(FIRST, OTHER, "object_altered")],
    ("object_history", "object_id"): [(FIRST, OTHER, "object_altered")],
    ("object_history", "revision"): [(FIRST, "7", "object_altered"), (NEWEST, "7", "object_altered"), (FIRST, "0", "object_altered")],
    ("object_history", "state"): [(NEWEST, OTHER, "object_altered")],
    ("object_history", "parties"): [(NEWEST, "'{{}}'", "object_altered")],
    ("object_history", "document"): [(NEWEST, "'{{}}'", "object_altered")],
    ("object_history", "changed_at"): [(NEWEST, LATER, "object_altered"), (FIRST, EARLIER, "object_altered")],
    ("keys_epoch", "version"): [(ROW, "{0} - 1", "api_key_altered"), (ROW, NEXT, "api_key_unlogged")],
    ("stream_index", "tag"): [(LEAF, FLIP, "index_altered")],
    ("stream_index", "leaf_index"): [(LEAF, "9000", "index_altered")],
    ("event_index", "leaf_index"): [(LEAF, "9000", "index_altered")],
    ("event_index", "received_at"): [(LEAF, "{0} - interval '1 s'", "index_altered"), (LEAF, FOREVER, "index_altered")],
    ("event_index", "type"): [(LEAF, OTHER, "index_altered")],
    ("event_index", "submitter"): [(LEAF, OTHER, "index_altered")],
    ("projections", "name"): [(ROW, OTHER, "index_altered")],
    ("projections", "tree_size"): [(ROW, NEXT, "index_altered"), (ROW, "{0} - 1", "index_altered")],
}  # fmt: skip

_ONE_ROW = "a constraint lets it be nothing but 1"
_OWN_CLOCK = "the service's own clock, beside what is signed; nothing is decided by it"
_LEASE = "who leads now: it fences writes and says nothing of the past"
_RECEIPTS = "no entry holds it: the signed receipts do, and `receipt audit` names one leaf with two promises"

_ONCE = "only what is in force now: it refuses repeats, and says nothing of the past"

_READ_MODEL = "what the contract suite logged: the chain is the evidence, and the tables are filled from it again"

_WORK = "work of the business flow: test_fsck_business and test_fsck_quotas alter these; of kept answers and attempts nothing is evidence"
BUSINESS = {"token_quotas", "chain_calls", "chain_call_attempts", "deadlines", "idempotency_keys", "message_attempts"}

_OLDER = "nothing stands beside it; the event of the step names the object and what was done"

NOT_EVIDENCE = (
    {
        (table.name, column.name): _READ_MODEL
        for table in metadata.tables.values()
        if table.name.startswith("contract_")
        for column in table.columns
    }
    | {(table.name, column.name): _ONCE for table in (access_marks, request_sequences) for column in table.columns}
    | {
        (table.name, column.name): _WORK
        for table in metadata.tables.values()
        if table.name in BUSINESS or table.name.startswith("catalog_")
        for column in table.columns
    }
    | {("object_history", name): _OLDER for name in ("act", "account", "participant")}
    | {
        ("log_shard", "shard"): _ONE_ROW,
        ("log_head", "shard"): _ONE_ROW,
        ("promises", "publish_within_s"): _RECEIPTS,
        ("promises", "anchor_within_s"): _RECEIPTS,
        ("outbox_head", "shard"): _ONE_ROW,
        ("outbox", "created_at"): _OWN_CLOCK,
        ("log_status", "shard"): _ONE_ROW,
        ("anchor_jobs", "job_id"): "an order of work",
        ("anchor_jobs", "created_at"): _OWN_CLOCK,
        ("anchor_jobs", "changed_at"): _OWN_CLOCK,
        ("chain_blocks", "stored_at"): _OWN_CLOCK,
        ("calendar_in_force", "shard"): _ONE_ROW,
        ("calendar_in_force", "version"): _ONCE,
        ("calendar_in_force", "digest"): _ONCE,
        ("keys_epoch", "shard"): _ONE_ROW,
        ("leases", "name"): _LEASE,
        ("leases", "holder"): _LEASE,
        ("leases", "token"): _LEASE,
        ("leases", "expires_at"): _LEASE,
    }
)
"""Also in this list: an entry moved from one recorded promise to another (``entries.promise``)."""

CASES = [
    pytest.param(
        (*column, *case),
        id="-".join((*column, case[1])),
        marks=pytest.mark.long if number else (),
    )
    for column, cases in EVIDENCE.items()
    for number, case in enumerate(cases)
]
"""Every check alters every column in one way, the long one in each."""


@pytest.fixture(scope="module")
def rig(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory) -> Iterator[FakeRig]:
    """One log for all cases, with a copy of every table to put it right again."""
    databases = DatabaseFactory(postgres_server)
    rig = checked_log(databases(template=migrated_template), tmp_path_factory.mktemp("columns"))
    with_every_row(rig)
    tamper(rig, "CREATE SCHEMA kept")
    for table in metadata.tables:
        tamper(rig, f"CREATE TABLE kept.{table} AS TABLE {table}")
    assert codes(rig) == set()
    yield rig
    rig.log.engine.dispose()
    databases.close()


@pytest.fixture
def altered(rig: FakeRig) -> Iterator[list[str]]:
    """Put the names of altered tables in: they are put right again."""
    tables: list[str] = []
    yield tables
    for table in tables:
        tamper(rig, f"TRUNCATE {table}")
        tamper(rig, f"INSERT INTO {table} SELECT * FROM kept.{table}")


def test_every_column_of_every_table_is_on_one_side():
    columns = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    assert columns == EVIDENCE.keys() | NOT_EVIDENCE.keys()
    assert not EVIDENCE.keys() & NOT_EVIDENCE.keys()


@pytest.mark.parametrize("case", CASES)
def test_fsck_of_one_altered_column_names_it(rig, altered, case):
    table, column, row, becomes, found = case
    altered.append(table)
    assert tamper(rig, f"UPDATE {table} SET {column} = {becomes.format(column)} WHERE {row}") >= 1
    assert found in codes(rig)


@pytest.mark.parametrize("table", ["log_status", "outbox_head", "keys_epoch", "promises", "anchor_jobs"])
def test_fsck_of_an_emptied_table_ends(rig, altered, table):
    """Rows taken away altogether: only the jobs' hold nothing that the chain and the anchored heads do not."""
    altered.append(table)
    tamper(rig, f"DELETE FROM {table}")
    assert (codes(rig) == set()) == (table == "anchor_jobs")


@pytest.mark.parametrize("column", NOT_EVIDENCE)
def test_fsck_of_a_column_that_is_no_evidence_still_ends(rig, altered, column):
    """Times that no calendar has, above all."""
    table, name = column
    with rig.log.engine.connect() as connection:
        query = text("SELECT data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :t AND column_name = :c")  # fmt: skip
        kind = connection.execute(query, {"t": table, "c": name}).scalar_one()
    if NOT_EVIDENCE[column] in {_ONE_ROW, _READ_MODEL, _WORK}:
        return
    altered.append(table)
    becomes = {
        "timestamp with time zone": FOREVER,
        "text": OTHER,
        "bytea": FLIP,
        "jsonb": "'{{}}'",
        "boolean": "NOT {0}",
    }.get(kind, f"{name} + 50")
    tamper(rig, f"UPDATE {table} SET {name} = {becomes.format(name)}")
    assert codes(rig) == set()
