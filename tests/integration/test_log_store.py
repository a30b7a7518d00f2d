"""The append against a real PostgreSQL: strict identity, one head, no fork, no gap."""

import itertools
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from support.a_log import PROMISE, ALog, an_event, open_a_log

from ledger.adapters.sql import api_keys, outbox, reading, search_index
from ledger.adapters.sql.log_store import KeysChangedError
from ledger.adapters.sql.opening import open_shard
from ledger.errors import InputError, IntegrityError, SealBrokenError, UnauthenticatedError
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange
from ledger.services.ports import AppendOutcome, EventState, Promise
from ledger.services.preparation import parse_sealed_plaintext

RUNS = itertools.count()


@pytest.fixture
def log(migrated_url: str, tmp_path: Path) -> Iterator[ALog]:
    opened = open_a_log(migrated_url, tmp_path)
    yield opened
    opened.engine.dispose()


def append(log: ALog, *ids: str, **members: object) -> list[tuple[AppendOutcome, int]]:
    prepared = [log.preparer.prepare(an_event(event_id, **members), "office") for event_id in ids]
    return [(result.outcome, result.event.leaf_index) for result in log.store.append(prepared, PROMISE)]


def assert_head_matches_entries(log: ALog) -> None:
    """The head is the RFC 9162 root over the stored public entries, and identities and entries agree."""
    with log.engine.connect() as connection:
        head = reading.head(connection)
        assert head is not None
        compact = CompactRange.decode(0, b"")
        for leaf_hash, entry in reading.public_entries(connection, 0, head.tree_size):
            assert leaf_hash == hash_leaf(entry.encode())
            compact.append(leaf_hash)
        assert compact.root_hash() == head.root_hash
        assert compact.encode() == head.compact_range
        orphans = connection.execute(
            text(
                "SELECT count(*) FROM identities i FULL JOIN entries e ON e.identity = i.identity "
                "AND e.leaf_index = i.leaf_index WHERE e.leaf_index IS NULL OR i.leaf_index IS NULL"
            )
        ).scalar_one()
        assert orphans == 0
    assert log.count("entries") == head.tree_size


def test_open_shard_again_changes_nothing(log: ALog) -> None:
    open_shard(log.engine, log.preparer, log.keys.receipt.public_key().public_bytes_raw(), PROMISE)
    assert log.count("entries") == 1
    assert_head_matches_entries(log)


def test_open_shard_with_other_keys_is_refused_by_name(log: ALog) -> None:
    with pytest.raises(IntegrityError, match=r"The database holds the log .*cityledger\.invalid/2026"):
        open_shard(log.engine, log.preparer, b"\x01" * 32, PROMISE)


def test_entry_zero_is_the_opening_event(log: ALog) -> None:
    with log.engine.connect() as connection:
        stored = reading.event_at(connection, 0)
    assert stored is not None
    assert stored.sealed is not None
    _, body = parse_sealed_plaintext(log.preparer.sealer.unseal(stored.identity, stored.sealed))
    assert b'"type":"org.cityledger.log.opened.v1"' in body
    assert b'"predecessor":null' in body
    assert log.preparer.identity.verifier_key.encode() in body


def test_append_gives_consecutive_indexes_in_batch_order(log: ALog) -> None:
    assert append(log, "a", "b", "c") == [(AppendOutcome.NEW, 1), (AppendOutcome.NEW, 2), (AppendOutcome.NEW, 3)]
    assert_head_matches_entries(log)


def test_append_of_the_same_event_answers_with_the_first_facts(log: ALog) -> None:
    first = log.store.append([log.preparer.prepare(an_event("a"), "office")], PROMISE)[0]
    again = log.store.append([log.preparer.prepare(an_event("a"), "office")], Promise(5, 50))[0]
    assert again.outcome is AppendOutcome.REPEATED
    assert again.event == first.event
    assert log.count("entries") == 2


def test_append_of_other_bytes_under_one_identity_is_a_conflict(log: ALog) -> None:
    append(log, "a")
    before = log.counts()
    assert append(log, "a", data={"n": "changed"}) == [(AppendOutcome.CONFLICT, 1)]
    assert log.counts() == before
    assert_head_matches_entries(log)


def test_append_treats_duplicates_inside_a_batch_as_across_batches(log: ALog) -> None:
    batch = [
        log.preparer.prepare(an_event("a"), "office"),
        log.preparer.prepare(an_event("a"), "office"),
        log.preparer.prepare(an_event("a", data=1), "office"),
    ]
    results = log.store.append(batch, PROMISE)
    assert [result.outcome for result in results] == [
        AppendOutcome.NEW,
        AppendOutcome.REPEATED,
        AppendOutcome.CONFLICT,
    ]
    assert results[1].event == results[0].event
    assert_head_matches_entries(log)


def test_append_of_the_same_events_at_the_same_instant_lands_each_once(log: ALog) -> None:
    ids = [str(number) for number in range(200)]
    barrier = threading.Barrier(4)

    def send(_: int) -> list[tuple[AppendOutcome, int]]:
        prepared = [log.preparer.prepare(an_event(event_id), "office") for event_id in ids]
        barrier.wait()
        return [(result.outcome, result.event.leaf_index) for result in log.store.append(prepared, PROMISE)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    outcomes = [outcome for answer in answers for outcome, _ in answer]
    assert outcomes.count(AppendOutcome.NEW) == 200
    assert outcomes.count(AppendOutcome.REPEATED) == 600
    assert all([index for _, index in answer] == [index for _, index in answers[0]] for answer in answers)
    assert_head_matches_entries(log)


def test_append_after_erasure_answers_erased(log: ALog) -> None:
    append(log, "a")
    with log.engine.begin() as connection:
        connection.execute(text("UPDATE identities SET erased = true WHERE leaf_index = 1"))
    assert append(log, "a") == [(AppendOutcome.ERASED, 1)]
    assert append(log, "a", data=0) == [(AppendOutcome.ERASED, 1)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), max_size=6), max_size=6))
def test_append_equals_a_dictionary_model(log: ALog, batches: list[list[tuple[int, int]]]) -> None:
    run = next(RUNS)  # its own source, so that every run of an example starts from unknown identities
    with log.engine.connect() as connection:
        size = reading.watermarks(connection).sequenced
    model: dict[int, tuple[int, int]] = {}
    for batch in batches:
        expected = []
        for key, version in batch:
            if key not in model:
                model[key] = (version, size)
                expected.append((AppendOutcome.NEW, size))
                size += 1
            elif model[key][0] == version:
                expected.append((AppendOutcome.REPEATED, model[key][1]))
            else:
                expected.append((AppendOutcome.CONFLICT, model[key][1]))
        prepared = [
            log.preparer.prepare(an_event(f"{key}", source=f"urn:{run}", data=version), "office")
            for key, version in batch
        ]
        results = log.store.append(prepared, PROMISE) if prepared else []
        assert [(result.outcome, result.event.leaf_index) for result in results] == expected
    assert_head_matches_entries(log)


def test_append_under_changed_keys_writes_nothing(log: ALog) -> None:
    with log.engine.begin() as connection:
        version = reading.keys_version(connection)
        api_keys.create(
            connection, log.preparer, role="platform_service", submitter="office", source_prefixes=["urn:test:"]
        )
    before = log.counts()
    with pytest.raises(KeysChangedError):
        log.store.append([log.preparer.prepare(an_event("a"), "office")], PROMISE, expect_keys_version=version)
    assert log.counts() == before


def test_outbox_event_reaches_the_log_once_by_the_same_append(log: ALog) -> None:
    with log.engine.begin() as connection:
        number = outbox.add(connection, log.preparer, "org.test.done.v1", {"x": 1})
        assert outbox.pending_count(connection) == 1
    assert number == 1
    assert outbox.drain(log.engine, log.preparer, PROMISE, 100) == 1
    assert outbox.drain(log.engine, log.preparer, PROMISE, 100) == 0
    with log.engine.connect() as connection:
        row = connection.execute(text("SELECT leaf_index, sealed_event FROM outbox")).one()
    assert row == (1, None)
    assert_head_matches_entries(log)


def test_outbox_event_of_a_rolled_back_transaction_leaves_no_gap(log: ALog) -> None:
    with log.engine.connect() as connection:
        assert outbox.add(connection, log.preparer, "org.test.done.v1", {"x": 1}) == 1
        connection.rollback()
    with log.engine.begin() as connection:
        assert outbox.add(connection, log.preparer, "org.test.done.v1", {"x": 2}) == 1


def test_outbox_row_that_was_altered_is_refused(log: ALog) -> None:
    with log.engine.begin() as connection:
        outbox.add(connection, log.preparer, "org.test.done.v1", {"x": 1})
        flipped = "set_byte(sealed_event, 20, get_byte(sealed_event, 20) # 1)"
        connection.execute(text(f"UPDATE outbox SET sealed_event = {flipped}"))
    with pytest.raises(SealBrokenError):
        outbox.drain(log.engine, log.preparer, PROMISE, 100)
    assert log.count("entries") == 1


def test_conflicts_are_recorded_once_per_identity_and_hour(log: ALog) -> None:
    append(log, "a")
    changed = an_event("a", data="other")
    assert outbox.record_conflicts(log.engine, log.preparer, "office", [(changed, 1)]) == 1
    assert outbox.record_conflicts(log.engine, log.preparer, "office", [(changed, 1)]) == 0
    assert log.count("outbox") == 1


def test_conflicts_of_one_request_are_recorded_together(log: ALog) -> None:
    append(log, *(f"e{number}" for number in range(300)))
    changed = [(an_event(f"e{number}", data="other"), number + 1) for number in range(300)]
    again = (an_event("e0", data="third"), 1)
    assert outbox.record_conflicts(log.engine, log.preparer, "office", changed[:1]) == 1
    assert outbox.record_conflicts(log.engine, log.preparer, "office", [*changed, again]) == 299
    assert log.count("outbox") == 300
    assert outbox.drain(log.engine, log.preparer, PROMISE, 1_000) == 300
    assert_head_matches_entries(log)


def test_api_key_life_is_evidence_and_ends_with_revocation(log: ALog) -> None:
    with log.engine.begin() as connection:
        new = api_keys.create(
            connection, log.preparer, role="platform_service", submitter="office", source_prefixes=["urn:test:"]
        )
    now = log.preparer.clock.now()
    with log.engine.begin() as connection:
        key = api_keys.authenticate(connection, new.api_key, now)
        assert key.allows_source("urn:test:office")
        assert not key.allows_source("urn:other:office")
        assert new.api_key not in repr(key)
        api_keys.revoke(connection, log.preparer, new.key_id)
        api_keys.revoke(connection, log.preparer, new.key_id)
    with log.engine.connect() as connection, pytest.raises(UnauthenticatedError):
        api_keys.authenticate(connection, new.api_key, now)
    assert log.count("outbox") == 2


def test_api_key_after_its_expiry_is_refused(log: ALog) -> None:
    now = log.preparer.clock.now()
    with log.engine.begin() as connection:
        new = api_keys.create(
            connection, log.preparer, role="auditor", submitter="audit", expires_at=now + timedelta(seconds=60)
        )
        assert api_keys.authenticate(connection, new.api_key, now).role == "auditor"
        with pytest.raises(UnauthenticatedError):
            api_keys.authenticate(connection, new.api_key, now + timedelta(seconds=60))


@pytest.mark.parametrize("text_", ["", "clk_", "clk_x_y", "Bearer x", "clk_abc_" + "0" * 64, "\x00"])
def test_api_key_of_any_other_text_is_refused(log: ALog, text_: str) -> None:
    with log.engine.connect() as connection, pytest.raises(UnauthenticatedError):
        api_keys.authenticate(connection, text_, log.preparer.clock.now())


def test_api_key_for_the_ledgers_own_sources_is_refused(log: ALog) -> None:
    with log.engine.begin() as connection, pytest.raises(InputError, match="urn:cityledger:"):
        api_keys.create(
            connection, log.preparer, role="platform_service", submitter="x", source_prefixes=["urn:cityledger:log"]
        )
    assert log.count("outbox") == 0


def test_unrestricted_key_cannot_use_the_ledgers_own_sources(log: ALog) -> None:
    with log.engine.begin() as connection:
        api_keys.ensure_default_keys(connection, log.preparer, {"platform_service": api_keys.generate_key_text()[1]})
        (key,) = api_keys.list_keys(connection)
    assert key.allows_source("anything")
    assert not key.allows_source("urn:cityledger:log:x")


def test_search_follows_behind_and_says_how_far_it_is(log: ALog) -> None:
    append(log, "a", "b", type="org.test.one.v1", subject="case-1")
    append(log, "c", type="org.test.two.v1", subject="case-1")
    tag = bytes.fromhex(log.preparer.tag_keys.tag("case", "case-1"))
    with log.engine.connect() as connection:
        assert reading.search(connection, reading.SearchQuery(tag=tag)).complete_to == 0
    assert search_index.index_next(log.engine, 3) == 3
    assert search_index.index_next(log.engine, 100) == 1
    assert search_index.index_next(log.engine, 100) == 0
    with log.engine.connect() as connection:
        page = reading.search(connection, reading.SearchQuery(tag=tag, limit=2))
        assert [event.leaf_index for event in page.events] == [1, 2]
        rest = reading.search(connection, reading.SearchQuery(tag=tag, limit=2, after_leaf_index=page.next_after))
        assert [event.leaf_index for event in rest.events] == [3]
        assert rest.next_after is None
        assert rest.complete_to == 4
        by_type = reading.search(connection, reading.SearchQuery(type="org.test.two.v1", submitter="office"))
        assert [event.leaf_index for event in by_type.events] == [3]
    search_index.rebuild(log.engine)
    assert search_index.index_next(log.engine, 100) == 4


def test_search_finds_types_of_any_length(log: ALog) -> None:
    long = f"org.test.{os.urandom(6_000).hex()}.v1"  # random, so that nothing compresses it
    append(log, "a", type=long)
    append(log, "b", type=long[:-1] + "2")
    append(log, "c", type="org.test.short.v1")
    assert search_index.index_next(log.engine, 100) == 4
    with log.engine.connect() as connection:
        found = reading.search(connection, reading.SearchQuery(type=long))
        assert [event.leaf_index for event in found.events] == [1]
        connection.execute(text("SET enable_seqscan = off"))
        statement = (
            "EXPLAIN SELECT 1 FROM event_index WHERE type = 'a' AND left(type, 200) = left(CAST('a' AS text), 200)"
        )
        assert "event_index_type" in "".join(connection.execute(text(statement)).scalars())


def test_event_states_follow_from_the_watermarks(log: ALog) -> None:
    append(log, "a", "b", "c")
    with log.engine.begin() as connection:
        connection.execute(text("UPDATE log_status SET published = 3, anchored = 2, final = 1"))
        marks = reading.watermarks(connection)
    states = [marks.state_of(index) for index in range(4)]
    assert states == [EventState.FINAL, EventState.ANCHORED, EventState.PUBLISHED, EventState.SEQUENCED]


def test_entries_cross_a_partition_boundary(log: ALog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.adapters.sql.log_store.PARTITION_ENTRIES", 4)
    with log.engine.begin() as connection:  # the first partition was made for the production width: make it narrow
        connection.execute(text("ALTER TABLE entries DETACH PARTITION entries_00000"))
        connection.execute(text("ALTER TABLE entries ATTACH PARTITION entries_00000 FOR VALUES FROM (0) TO (4)"))
    for batch in (["a"], ["b", "c"], ["d", "e", "f", "g", "h", "i"], ["j"], ["k"], ["l"]):
        append(log, *batch)
    assert_head_matches_entries(log)


def test_packed_rows_are_stored_as_the_generic_encoder_stores_them(log: ALog) -> None:
    prepared = [log.preparer.prepare(an_event(event_id), "office") for event_id in ("x", "y")]
    log.store.append(prepared, PROMISE)
    with log.engine.connect() as connection:
        rows = reading.events_between(connection, 1, 3)
        marks = connection.execute(text("SELECT * FROM identities WHERE leaf_index > 0 ORDER BY leaf_index")).all()
    for leaf_index, (event, row, mark) in enumerate(zip(prepared, rows, marks, strict=True), 1):
        assert row == reading.StoredEvent(
            leaf_index=leaf_index,
            identity=event.identity,
            leaf_hash=event.leaf_hash,
            body_commitment=event.body_commitment,
            envelope_commitment=event.envelope_commitment,
            sm3_commitment=event.sm3_commitment,
            envelope_salt=event.envelope_salt,
            envelope=event.envelope,
            sealed=event.sealed,
            received_at=event.received_at,
            promise=PROMISE,
        )
        assert tuple(mark) == (event.identity, event.event_mac, leaf_index, False)
