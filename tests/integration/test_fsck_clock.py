"""Times that nobody signed, moved by somebody with the database's password: ``fsck`` holds each against what stands beside it.

The log is seconds old, so an hour is far outside of what any clock explains; a few minutes are not.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from support.anchor_rig import FakeRig
from support.checked_log import checked_log, codes, fsck, tamper, with_every_row
from support.embedded import DatabaseFactory

from anchor.fsck import Fsck, Sources
from ledger.adapters.clock import SystemClock
from ledger.adapters.embedded.postgres import EmbeddedPostgres

TABLES = ("log_shard", "checkpoints", "anchors", "chain_blocks", "api_keys")
CONSENSUS = "UPDATE chain_blocks SET profile = 'consortium'"


@pytest.fixture(scope="module")
def whole(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory) -> Iterator[FakeRig]:
    """One log for all cases, with a copy of the tables to put it right again."""
    databases = DatabaseFactory(postgres_server)
    rig = checked_log(databases(template=migrated_template), tmp_path_factory.mktemp("clock"))
    with_every_row(rig)
    tamper(rig, "CREATE SCHEMA kept")
    for table in TABLES:
        tamper(rig, f"CREATE TABLE kept.{table} AS TABLE {table}")
    yield rig
    rig.log.engine.dispose()
    databases.close()


@pytest.fixture
def rig(whole: FakeRig) -> Iterator[FakeRig]:
    yield whole
    for table in TABLES:
        tamper(whole, f"TRUNCATE {table}")
        tamper(whole, f"INSERT INTO {table} SELECT * FROM kept.{table}")


def found(rig: FakeRig, profile: str = "development") -> list[tuple[str, str, int | None]]:
    return [(f.code, f.facts["where"], f.facts.get("tree_size")) for f in fsck(rig, profile=profile)]


def shift(rig: FakeRig, table: str, columns: str, hours: str, row: str = "true") -> None:
    values = ", ".join(f"{column} = {column} + interval '{hours}'" for column in columns.split())
    assert tamper(rig, f"UPDATE {table} SET {values} WHERE {row}") >= 1


def test_times_of_an_untouched_log_contradict_nothing(rig):
    assert codes(rig) == set()
    tamper(rig, CONSENSUS)
    assert found(rig, "consortium") == []


@pytest.mark.parametrize("hours", ["1 h", "-1 h"])
@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("log_shard", "opened_at", "true"),
        ("api_keys", "created_at", "submitter = 'archive'"),
        ("api_keys", "revoked_at", "submitter = 'office'"),
    ],
)
def test_fsck_of_a_moved_time_with_an_event_of_its_own_names_the_row(rig, table, column, row, hours):
    shift(rig, table, column, hours, row)
    ((code, where, _),) = found(rig)
    assert code == "time_contradicted"
    assert where.startswith("log_shard" if table == "log_shard" else "API key ")


@pytest.mark.parametrize("hours", ["1 h", "-1 h"])
@pytest.mark.parametrize("size", [301, 400])
@pytest.mark.parametrize(
    ("table", "column"), [("checkpoints", "published_at"), ("anchors", "mined_at"), ("anchors", "final_at")]
)
def test_fsck_of_a_moved_time_of_publishing_or_anchoring_names_one_row_of_that_size(rig, table, column, size, hours):
    shift(rig, table, column, hours, f"tree_size = {size}")
    ((code, where, tree_size),) = found(rig)
    assert (code, tree_size) == ("time_contradicted", size)
    assert where == table or (column, hours) == ("mined_at", "-1 h")  # then its checkpoint seems published after it


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("log_shard", "opened_at"),
        ("checkpoints", "published_at"),
        ("anchors", "mined_at"),
        ("anchors", "final_at"),
        ("api_keys", "created_at"),
    ],
)
@pytest.mark.parametrize("never", ["infinity", "-infinity"])
def test_fsck_of_a_time_that_no_calendar_has_names_it(rig, table, column, never):
    tamper(rig, f"UPDATE {table} SET {column} = '{never}'")
    assert codes(rig) == {"time_contradicted"}


def test_fsck_of_a_key_revoked_before_it_seems_to_have_been_says_both_times(rig):
    shift(rig, "api_keys", "revoked_at", "-90 days", "submitter = 'office'")
    (finding,) = fsck(rig)
    with rig.log.engine.connect() as connection:
        said = connection.execute(text("SELECT revoked_at FROM api_keys WHERE submitter = 'office'")).scalar_one()
    assert f"revoked at {said:%Y-%m-%dT%H:%M:%S}" in finding.detail
    assert f"is of {said + timedelta(days=90):%Y-%m-%dT}" in finding.detail


def test_fsck_of_all_times_moved_back_finds_each_checkpoint_before_its_entries(rig):
    shift(rig, "checkpoints", "published_at", "-1 h")
    shift(rig, "anchors", "mined_at final_at", "-1 h")
    assert {(code, where) for code, where, _ in found(rig)} == {("time_contradicted", "checkpoints")}
    assert len(found(rig)) == rig.log.count("checkpoints")


def test_fsck_of_all_times_moved_on_finds_them_in_the_future(rig):
    shift(rig, "checkpoints", "published_at", "1 h")
    shift(rig, "anchors", "mined_at final_at", "1 h")
    assert {where for _, where, _ in found(rig)} == {"checkpoints", "anchors"}


class Later(SystemClock):
    def now(self):
        return super().now() + timedelta(days=1)


@pytest.mark.parametrize(("profile", "seen"), [("consortium", {"time_contradicted"}), ("development", set())])
def test_fsck_of_all_times_moved_on_together_is_found_by_the_blocks_of_a_network_with_consensus(rig, profile, seen):
    """On a development chain nothing but these clocks says when it was: the limit that the README states."""
    tamper(rig, "UPDATE chain_blocks SET profile = :profile", profile=profile)
    shift(rig, "checkpoints", "published_at", "1 h")
    shift(rig, "anchors", "mined_at final_at", "1 h")
    findings = []
    sources = Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, rig.chain, None, profile)
    Fsck(replace(sources, clock=Later(), anchor_within_s=10**9), findings.append, lambda done, total: None).run()
    assert {finding.code for finding in findings} == seen


def test_fsck_of_a_head_seen_on_the_chain_before_its_block_was_made_names_it(rig):
    tamper(rig, CONSENSUS)
    shift(rig, "checkpoints", "published_at", "-4 min")  # so that nothing but the block shows it
    shift(rig, "anchors", "mined_at final_at", "-8 min")
    assert {where for _, where, _ in found(rig, "consortium")} == {"anchors"}


@pytest.mark.parametrize("stamp", ["{}", "[]", '{"timestamp": "0xzz"}', '{"timestamp": 5}', '{"timestamp": "0xffffffffffffffffff"}'])  # fmt: skip
def test_fsck_of_a_block_without_a_time_ends(rig, stamp):
    tamper(rig, CONSENSUS)
    tamper(rig, "UPDATE chain_blocks SET header = CAST(:stamp AS jsonb)", stamp=stamp)
    assert {code for code, _, _ in found(rig, "consortium")} == {"chain_block_altered"}


def test_fsck_of_times_that_two_clocks_explain_is_clean(rig):
    shift(rig, "log_shard", "opened_at", "30 s")
    shift(rig, "api_keys", "created_at", "-30 s")
    shift(rig, "checkpoints", "published_at", "-4 min")
    shift(rig, "anchors", "final_at", "4 min")
    assert codes(rig) == set()
