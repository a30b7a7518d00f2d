"""What ``fsck`` says of contract calls, deadlines and the catalog when rows are put in, taken out or made to fit each other wrongly."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from support.anchor_rig import FakeRig, fake_rig
from support.business_rows import with_business_rows
from support.checked_log import fsck, tamper
from support.embedded import DatabaseFactory

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql.catalog_index import changes
from ledger.adapters.sql.catalog_tables import catalog_entries
from ledger.adapters.sql.tables import metadata
from ledger.bundle.catalog_feed import CHANGE_MEMBERS, chain_digest
from ledger.domain.catalog_query import FACETS

TABLES = (
    *("chain_calls", "chain_call_attempts", "deadlines", "objects", "object_history"),
    *("catalog_changes", "catalog_head", "catalog_entries", "catalog_facet_counts"),
)


FLIP = "set_byte({0}, 0, 255 - get_byte({0}, 0))"
NEXT, OTHER, NONE, LATER = "{0} + 1", "{0} || 'x'", "NULL", "{0} + interval '1 h'"
FINAL, REFUSED, SENT, QUEUED = (f"state = '{state}'" for state in ("final", "refused", "submitted", "queued"))
ROW, FIRST, LISTED = "true", "sequence = 1", "state = 'listed'"
BREACHED, OPEN = "breached_at IS NOT NULL", "met_at IS NOT NULL"

# (table, column) -> (which rows, what it becomes)
EVIDENCE: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("chain_calls", "kind"): [(FINAL, OTHER)],
    ("chain_calls", "object_id"): [(FINAL, OTHER), (SENT, OTHER)],
    ("chain_calls", "step"): [(FINAL, "'product.delist_'"), (SENT, OTHER)],
    ("chain_calls", "contract"): [(FINAL, "'Orders'")],
    ("chain_calls", "address"): [(FINAL, FLIP)],
    ("chain_calls", "call_data"): [(FINAL, FLIP), (SENT, FLIP), (REFUSED, FLIP)],
    ("chain_calls", "state"): [(FINAL, "'mined'"), (REFUSED, "'queued', reason = NULL"), (SENT, "'final'"), (SENT, "'queued'"), (SENT, "'mined'")],
    ("chain_calls", "sender"): [(FINAL, FLIP), (FINAL, NONE)],
    ("chain_calls", "nonce"): [(FINAL, NEXT), (SENT, NEXT)],
    ("chain_calls", "raw_transaction"): [(FINAL, FLIP), (FINAL, "''"), (FINAL, NONE)],
    ("chain_calls", "tx_hash"): [(FINAL, FLIP), (SENT, FLIP)],
    ("chain_calls", "block_number"): [(FINAL, NEXT), (FINAL, NONE)],
    ("chain_calls", "block_hash"): [(FINAL, FLIP), (FINAL, NONE)],
    ("chain_calls", "reason"): [(REFUSED, OTHER), (FINAL, "'x'")],
    ("chain_call_attempts", "tx_hash"): [(ROW, FLIP)],
    ("chain_call_attempts", "call_id"): [(ROW, "1")],
    ("chain_call_attempts", "sender"): [(ROW, FLIP)],
    ("chain_call_attempts", "nonce"): [(ROW, NEXT)],
    ("chain_call_attempts", "raw_transaction"): [(ROW, FLIP)],
    ("deadlines", "kind"): [(BREACHED, "'demand'")],
    ("deadlines", "object_id"): [(OPEN, OTHER), (BREACHED, OTHER)],
    ("deadlines", "duty"): [(BREACHED, OTHER)],
    ("deadlines", "due_at"): [(BREACHED, LATER), (BREACHED, "'infinity'")],
    ("deadlines", "breached_at"): [(BREACHED, NONE), (BREACHED, LATER), (OPEN, "now()")],
    ("deadlines", "outbox_number"): [(BREACHED, NEXT), (BREACHED, NONE), (OPEN, "1")],
    ("catalog_changes", "sequence"): [("sequence = 3", "300")],
    ("catalog_changes", "change"): [(FIRST, "'removed'")],
    ("catalog_changes", "product_code"): [(FIRST, OTHER)],
    ("catalog_changes", "version"): [(FIRST, NEXT)],
    ("catalog_changes", "reason"): [(FIRST, "'x'")],
    ("catalog_changes", "recorded_at"): [(FIRST, LATER), (FIRST, "'infinity'")],
    ("catalog_changes", "entry_digest"): [(FIRST, FLIP), (FIRST, NONE)],
    ("catalog_changes", "entry"): [(FIRST, FLIP), (FIRST, NONE), (FIRST, "''")],
    ("catalog_changes", "previous_digest"): [(FIRST, FLIP)],
    ("catalog_changes", "chain_digest"): [(FIRST, FLIP)],
    ("catalog_head", "sequence"): [(ROW, NEXT)],
    ("catalog_head", "chain_digest"): [(ROW, FLIP)],
    ("catalog_entries", "product_code"): [(LISTED, OTHER)],
    ("catalog_entries", "terms"): [(LISTED, "array_to_tsvector('{{x}}')")],
    ("catalog_entries", "entry"): [(LISTED, FLIP), (LISTED, "''")],
    ("catalog_entries", "version"): [(LISTED, NEXT)],
    ("catalog_entries", "unit_price"): [(LISTED, NEXT)],
    ("catalog_entries", "modified"): [(LISTED, LATER)],
    **{
        ("catalog_entries", name): [(LISTED, OTHER)]
        for name in sorted({"state", "title", "currency", *FACETS})
    },
    ("catalog_facet_counts", "facet"): [("facet = 'all'", OTHER)],
    ("catalog_facet_counts", "value"): [("facet = 'topic'", OTHER)],
    ("catalog_facet_counts", "entries"): [("facet = 'all'", NEXT)],
}  # fmt: skip
NOT_EVIDENCE = {
    ("chain_calls", "call_id"): "an order of work",
    ("chain_calls", "created_at"): "the service's own clock, beside what is signed",
    ("chain_calls", "changed_at"): "the service's own clock, beside what is signed",
    ("chain_call_attempts", "set_aside_at"): "the service's own clock, beside what is signed",
    ("deadlines", "met_at"): "nothing stands beside it; the step that met the duty is an event",
    ("catalog_head", "shard"): "a constraint lets it be nothing but 1",
}
CODES = {
    "chain_calls": "call_altered",
    "chain_call_attempts": "call_altered",
    "deadlines": "deadline_altered",
    "catalog_changes": "feed_altered",
    "catalog_head": "feed_altered",
    "catalog_entries": "catalog_altered",
    "catalog_facet_counts": "catalog_altered",
}
CASES = [(*column, *case) for column, cases in EVIDENCE.items() for case in cases]


@pytest.fixture(scope="module")
def rig(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory) -> Iterator[FakeRig]:
    databases = DatabaseFactory(postgres_server)
    rig = fake_rig(databases(template=migrated_template), tmp_path_factory.mktemp("business"))
    with_business_rows(rig)
    rig.run_until_final()
    tamper(rig, "CREATE SCHEMA kept")
    tamper(rig, "ALTER TABLE catalog_changes DISABLE TRIGGER USER")
    for table in TABLES:
        tamper(rig, f"CREATE TABLE kept.{table} AS TABLE {table}")
    assert told(rig) == {}
    yield rig
    rig.log.engine.dispose()
    databases.close()


@pytest.fixture(autouse=True)
def put_right(rig: FakeRig, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    case = getattr(request.node, "callspec", None)
    for table in TABLES if case is None else (case.params["case"][0],):
        tamper(rig, f"TRUNCATE {table}")
        tamper(rig, f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{table}")


def told(rig: FakeRig) -> dict[str, str]:
    """Where -> code, of what is not the log's own."""
    return {finding.facts.get("where", ""): finding.code for finding in fsck(rig)}


def one(rig: FakeRig, query: str) -> str:
    with rig.log.engine.connect() as connection:
        return str(connection.execute(text(query)).scalar_one())


def test_every_column_of_these_tables_is_on_one_side() -> None:
    columns = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    assert catalog_entries.metadata is metadata
    assert {column for column in columns if column[0] in CODES} == EVIDENCE.keys() | NOT_EVIDENCE.keys()
    assert not EVIDENCE.keys() & NOT_EVIDENCE.keys()


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}-{case[1]}-{case[2]}-{case[3]}" for case in CASES])
def test_altered_column_is_named(rig: FakeRig, case: tuple[str, str, str, str]) -> None:
    table, column, rows, becomes = case
    key = f"WHERE ctid = (SELECT min(ctid) FROM {table} WHERE {rows})"
    assert tamper(rig, f"UPDATE {table} SET {column} = {becomes.format(column)} {key}") == 1
    expected = "time_contradicted" if (column, becomes) == ("breached_at", LATER) else CODES[table]
    assert expected in told(rig).values()


def test_feed_that_is_rewritten_with_right_digests_is_not_the_one_of_the_log(rig: FakeRig) -> None:
    """Who can write to the database can make a feed that is whole; the log's events name another."""
    with rig.log.engine.connect() as connection:
        rows = changes(connection, 0, 1_000).rows
    previous = rows[0]["previous_digest"]
    for found in rows:
        row = found | {"previous_digest": previous} | ({"reason": "other"} if found["sequence"] == 1 else {})
        previous = chain_digest({name: row[name] for name in CHANGE_MEMBERS}).hex()
        tamper(
            rig,
            "UPDATE catalog_changes SET reason = :reason, previous_digest = decode(:before, 'hex'), "
            "chain_digest = decode(:digest, 'hex') WHERE sequence = :sequence",
            reason=row["reason"], before=row["previous_digest"], digest=previous, sequence=row["sequence"],
        )  # fmt: skip
    tamper(rig, "UPDATE catalog_head SET chain_digest = decode(:digest, 'hex')", digest=previous)

    assert told(rig) == {f"feed {row['sequence']}": "feed_altered" for row in rows}


def test_feed_that_is_cut_off_with_its_head_is_missed(rig: FakeRig) -> None:
    last = one(rig, "SELECT max(sequence) FROM catalog_changes")
    tamper(rig, "DELETE FROM catalog_changes WHERE sequence = :last", last=int(last))
    tamper(
        rig,
        "UPDATE catalog_head SET (sequence, chain_digest) = "
        "(SELECT sequence, chain_digest FROM catalog_changes ORDER BY sequence DESC LIMIT 1)",
    )

    assert told(rig)[f"feed {last}"] == "feed_altered"


def test_product_that_is_taken_out_of_the_catalog_or_put_into_it_is_named(rig: FakeRig) -> None:
    code = one(rig, "SELECT min(product_code) FROM catalog_entries")
    other = one(
        rig,
        "SELECT min(object_id) FROM objects WHERE kind = 'product' AND object_id NOT IN (SELECT product_code FROM catalog_entries)",
    )
    tamper(rig, "UPDATE catalog_entries SET product_code = :other WHERE product_code = :code", other=other, code=code)

    assert told(rig) == {f"catalog {code}": "catalog_altered", f"catalog {other}": "catalog_altered"}


def test_product_on_sale_past_the_service_is_named(rig: FakeRig) -> None:
    """Object and history agree with each other, and the catalog with its feed: only both together show it."""
    [code] = [one(rig, "SELECT product_code FROM catalog_entries WHERE state = 'suspended'")]
    for table in ("objects", "object_history"):
        tamper(
            rig,
            f"UPDATE {table} t SET document = jsonb_set(t.document, '{{on_sale,1}}', '\"listed\"') "
            "WHERE t.kind = 'product' AND t.object_id = :code AND t.revision = "
            "(SELECT revision FROM objects WHERE kind = 'product' AND object_id = :code)",
            code=code,
        )

    assert told(rig) == {f"catalog {code}": "catalog_altered"}


def test_call_that_is_taken_away_or_made_up_is_named(rig: FakeRig) -> None:
    number, act = (
        one(rig, "SELECT max(call_id) FROM chain_calls"),
        one(rig, "SELECT object_id FROM chain_calls WHERE call_id = (SELECT max(call_id) FROM chain_calls)"),
    )
    tamper(rig, "UPDATE chain_calls SET object_id = 'nobody' WHERE call_id = :number", number=int(number))

    assert told(rig) == {f"contract call {number}": "call_altered", f"act {act}": "call_altered"}


def test_call_that_was_refused_in_the_log_and_is_said_to_be_final_is_named(rig: FakeRig) -> None:
    """Row, act and history are made to agree; the log has the refusal."""
    number = one(rig, "SELECT call_id FROM chain_calls WHERE state = 'refused'")
    reason = "ProductRegistryFrozen {}"
    tamper(rig, "UPDATE chain_calls SET reason = :reason WHERE state = 'refused'", reason=reason)
    for table in ("objects", "object_history"):
        tamper(
            rig,
            f"UPDATE {table} SET document = jsonb_set(document, '{{refused_because}}', to_jsonb(CAST(:reason AS text))) "
            "WHERE kind = 'act' AND state = 'refused'",
            reason=reason,
        )

    assert told(rig) == {f"contract call {number}": "call_altered"}


def test_breach_that_is_taken_away_is_named(rig: FakeRig) -> None:
    where = "deadline act " + one(rig, "SELECT object_id FROM deadlines WHERE breached_at IS NOT NULL") + " sign"
    tamper(rig, "DELETE FROM deadlines WHERE breached_at IS NOT NULL")
    assert told(rig) == {where: "deadline_altered"}


def test_breach_that_is_undone_is_named(rig: FakeRig) -> None:
    where = "deadline act " + one(rig, "SELECT object_id FROM deadlines WHERE breached_at IS NOT NULL") + " sign"
    tamper(rig, "UPDATE deadlines SET breached_at = NULL, outbox_number = NULL WHERE breached_at IS NOT NULL")
    assert told(rig) == {where: "deadline_altered"}
