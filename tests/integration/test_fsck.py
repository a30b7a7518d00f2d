"""``fsck`` on a real database: clean when nothing was touched; each kind of tampering found by its name."""

import copy
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from support.anchor_rig import FakeRig
from support.checked_log import checked_log, codes, fsck, tamper
from support.embedded import DatabaseFactory

from ledger.adapters.chain.evidence_log import ChainEvent, ChainHead
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import outbox, reading, search_index
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.log.entry import Entry
from ledger.log.envelope import commit_envelope
from ledger.log.hashing import EMPTY_ROOT


@pytest.fixture(scope="module")
def template(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory) -> Iterator[FakeRig]:
    """See ``checked_log``."""
    databases = DatabaseFactory(postgres_server)
    rig = checked_log(databases(template=migrated_template), tmp_path_factory.mktemp("template"))
    rig.log.engine.dispose()
    yield rig
    databases.close()


@pytest.fixture
def rig(template: FakeRig, fresh_database: Callable[..., str], tmp_path: Path) -> Iterator[FakeRig]:
    """A copy of that log, to be tampered with."""
    name = template.log.engine.url.database
    folder = tmp_path / "copy"
    shutil.copytree(template.folder, folder)
    engine = create_engine(fresh_database(template=name))
    log = replace(template.log, engine=engine, store=SqlLogStore(engine), folder=folder)
    yield FakeRig(log, copy.deepcopy(template.chain), folder)
    engine.dispose()


def test_fsck_of_an_untouched_log_is_clean(rig):
    assert rig.marks().final == 700
    assert fsck(rig) == []


def test_fsck_beside_unpublished_and_pending_events_is_clean(rig):
    rig.append(10)
    with rig.log.engine.begin() as connection:
        outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {})
    assert fsck(rig) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM entries WHERE leaf_index = 40", {"entry_missing", "identity_dangling"}),
        ("DELETE FROM entries WHERE leaf_index = 699", {"entry_missing", "identity_dangling"}),
        ("UPDATE entries SET body_commitment = sha256(body_commitment) WHERE leaf_index = 40", {"entry_altered", "body_altered"}),
        ("UPDATE entries SET leaf_hash = sha256(leaf_hash) WHERE leaf_index = 40", {"entry_altered"}),
        ("UPDATE entries SET envelope = envelope || 'x' WHERE leaf_index = 40", {"envelope_altered"}),
        ("UPDATE entries SET received_at = received_at + interval '1 s' WHERE leaf_index = 40", {"envelope_altered"}),
        ("UPDATE entries SET sealed_body = NULL WHERE leaf_index = 40", {"body_missing"}),
        ("UPDATE entries SET sealed_body = set_byte(sealed_body, 40, 255 - get_byte(sealed_body, 40)) WHERE leaf_index = 40", {"seal_broken"}),
        ("UPDATE entries SET sealed_month = 199901 WHERE leaf_index = 40", {"seal_broken"}),
        ("UPDATE entries SET sealed_body = (SELECT sealed_body FROM entries WHERE leaf_index = 41) WHERE leaf_index = 40", {"seal_broken"}),
        ("DELETE FROM identities WHERE leaf_index = 40", {"identity_missing"}),
        ("UPDATE identities SET leaf_index = 41 WHERE leaf_index = 40", {"identity_wrong", "identity_dangling"}),
        ("UPDATE identities SET event_mac = sha256(event_mac) WHERE leaf_index = 40", {"identity_wrong"}),
        ("INSERT INTO identities VALUES (sha256('x'), sha256('y'), 5000, false)", {"identity_dangling"}),
        ("UPDATE identities SET erased = true WHERE leaf_index = 40", {"erasure_unlogged"}),
        ("UPDATE log_shard SET receipt_key = sha256(receipt_key)", {"log_altered"}),
        ("UPDATE log_shard SET rule_version = 7", {"log_altered"}),
        ("UPDATE log_shard SET log_id = sha256(log_id)", {"log_altered"}),
        ("DELETE FROM outbox WHERE number = 2", {"outbox_gap"}),
        ("DELETE FROM outbox WHERE number = 3", {"outbox_gap"}),
        ("UPDATE outbox SET leaf_index = 5 WHERE number = 2", {"outbox_altered"}),
        ("UPDATE log_head SET root_hash = sha256(root_hash)", {"root_mismatch"}),
        ("UPDATE log_head SET compact_range = set_byte(compact_range, 0, 255 - get_byte(compact_range, 0))", {"head_altered"}),
        ("UPDATE checkpoints SET root_hash = sha256(root_hash) WHERE tree_size = 301", {"checkpoint_altered", "root_mismatch"}),
        ("UPDATE checkpoints SET note = replace(note, '301', '302') WHERE tree_size = 301", {"checkpoint_unsigned"}),
        ("DELETE FROM checkpoints WHERE tree_size = 301", {"checkpoint_missing"}),
        ("UPDATE anchors SET root_hash = sha256(root_hash) WHERE tree_size = 301", {"root_mismatch"}),
        ("UPDATE log_status SET anchored = 301, final = 301", {"marks_wrong"}),
        ("UPDATE log_status SET final = 900", {"marks_wrong"}),
        ("UPDATE log_shard SET origin = 'another.invalid/2026'", {"log_altered"}),
    ],
)  # fmt: skip
def test_fsck_after_tampering_names_it(rig, statement, found):
    tamper(rig, statement)
    assert codes(rig) == found


def test_fsck_of_a_pending_row_deleted_names_the_gap(rig):
    with rig.log.engine.begin() as connection:
        outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {})
    tamper(rig, "DELETE FROM outbox WHERE leaf_index IS NULL")
    assert codes(rig) == {"outbox_gap"}


def test_fsck_of_a_pending_row_replaced_by_another_names_it(rig):
    with rig.log.engine.begin() as connection:
        for _ in range(2):
            outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {})
    tamper(rig, "UPDATE outbox SET (identity, event_mac, sealed_event) = (SELECT identity, event_mac, sealed_event FROM outbox WHERE number = 5) WHERE number = 4")  # fmt: skip
    assert codes(rig) == {"outbox_altered"}


def test_fsck_of_an_entry_rewritten_with_its_leaf_hash_blames_the_database_once(rig):
    with rig.log.engine.begin() as connection:
        entry = Entry(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
        connection.execute(
            text(
                "UPDATE entries SET body_commitment = :b, envelope_commitment = :e, sm3_commitment = :s, leaf_hash = :h"
                " WHERE leaf_index = 40"
            ),
            {"b": entry.body, "e": entry.envelope, "s": entry.sm3, "h": entry.leaf_hash},
        )
    findings = fsck(rig)
    assert {(finding.code, finding.facts["leaf_index"]) for finding in findings} == {
        ("entry_altered", 40),
        ("envelope_altered", 40),
    }


def test_fsck_of_an_envelope_that_names_unknown_rules_names_it(rig):
    """Commitment and leaf hash follow from it: only the rules are not there."""
    with rig.log.engine.begin() as connection:
        stored = reading.event_at(connection, 40)
        envelope = stored.envelope.replace(b'"rule_version":1', b'"rule_version":9')
        entry = stored.entry._replace(envelope=commit_envelope(envelope, stored.envelope_salt))
        statement = "UPDATE entries SET envelope = :e, envelope_commitment = :c, leaf_hash = :h WHERE leaf_index = 40"
        connection.execute(text(statement), {"e": envelope, "c": entry.envelope, "h": entry.leaf_hash})
    assert codes(rig) == {"entry_altered", "envelope_wrong"}


def test_fsck_of_a_body_sealed_again_under_another_identity_names_it(rig):
    """Somebody with the keyring, too: everything but the keyed identity fits, and a repeat would be taken as a new event."""
    sealer, other = rig.log.preparer.sealer, hashlib.sha256(b"other").digest()
    with rig.log.engine.begin() as connection:
        stored = reading.event_at(connection, 40)
        sealed = sealer.seal(other, stored.received_at, sealer.unseal(stored.identity, stored.sealed))
        values = {"i": other, "m": sealed.month, "g": sealed.generation, "b": sealed.blob}
        statement = "UPDATE entries SET identity = :i, sealed_month = :m, sealed_generation = :g, sealed_body = :b"
        connection.execute(text(f"{statement} WHERE leaf_index = 40"), values)
        connection.execute(text("UPDATE identities SET identity = :i WHERE leaf_index = 40"), values)
    (finding,) = fsck(rig)
    assert (finding.code, finding.facts) == ("identity_altered", {"leaf_index": 40})


@pytest.mark.parametrize("table", ["log_shard", "log_head"])
def test_fsck_of_a_database_without_the_row_that_everything_begins_with_says_so_and_ends(rig, table):
    tamper(rig, f"DELETE FROM {table}")
    (finding,) = fsck(rig)
    assert finding.code == "log_missing"


def test_fsck_of_a_database_in_which_no_log_was_opened_says_so(rig, migrated_url):
    engine = create_engine(migrated_url)
    other = FakeRig(replace(rig.log, engine=engine), rig.chain, rig.folder)
    assert codes(other) == {"log_missing"}
    engine.dispose()


def test_fsck_with_another_receipt_key_file_names_it(rig):
    assert {finding.code for finding in fsck(rig, receipt_key=b"\x01" * 32)} == {"log_altered"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("tile/0/000", {"tile_altered"}),
        ("tile/0/001", {"tile_altered"}),
        ("tile/1/000.p/2", {"tile_altered"}),
        ("tile/entries/000", {"bundle_altered"}),
        ("tile/entries/002.p/188", {"bundle_altered"}),
    ],
)
def test_fsck_of_a_tile_with_a_flipped_bit_names_it(rig, path, found):
    file = rig.folder / "log" / path
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.chmod(0o644)
    file.write_bytes(data)
    assert codes(rig) == found


@pytest.mark.parametrize("path", ["tile/0/001", "tile/entries/001", "tile/1/000.p/2"])
def test_fsck_of_a_lost_tile_names_it(rig, path):
    (rig.folder / "log" / path).unlink()
    assert codes(rig) == {"tile_missing"}


def test_fsck_of_a_database_set_back_names_journal_tiles_and_head(rig):
    tamper(rig, "DELETE FROM entries WHERE leaf_index >= 400")
    tamper(rig, "DELETE FROM identities WHERE leaf_index >= 400")
    tamper(rig, "UPDATE log_head SET tree_size = 400")
    found = codes(rig)
    assert {"journal_ahead", "tile_ahead", "database_behind"} <= found


def test_fsck_of_a_truncated_journal_names_it(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert codes(rig) == {"journal_behind"}


@pytest.mark.parametrize(
    "line", [b"\x00\xff\n", b"{\n", b"5\n", b"null\n", b'{"note": 1}\n', b"\n", b"[" * 99_999 + b"\n"]
)
def test_fsck_of_a_journal_with_a_line_that_is_no_note_says_so_once_and_goes_on(rig, line):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], line, *lines[1:]]))
    tamper(rig, "UPDATE log_status SET final = 900")
    found = [finding.code for finding in fsck(rig)]
    assert set(found) == {"journal_behind", "journal_unreadable", "marks_wrong"}
    assert found.count("journal_unreadable") == 1


def test_fsck_of_a_journal_with_a_note_of_half_a_character_names_it(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    path.write_bytes(b'"\\ud800"\n' + path.read_bytes())
    assert codes(rig) == {"checkpoint_unsigned"}


def test_fsck_of_a_journal_that_cannot_be_opened_says_so(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    path.unlink()
    path.mkdir()
    assert codes(rig) == {"journal_behind", "journal_unreadable"}


def test_fsck_of_a_journal_with_a_forged_note_names_it(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\\n301\\n", b"\\n302\\n"))
    assert codes(rig) == {"checkpoint_unsigned", "journal_behind"}


def test_fsck_of_a_chain_with_another_root_names_both(rig):
    receipt = rig.chain.blocks[1].receipts[0]
    receipt.events[0].values["rootHash"] = b"\x07" * 32
    assert codes(rig) == {"root_mismatch"}


def test_fsck_of_a_chain_with_a_head_nobody_published_names_it(rig):
    rig.chain.head_now = ChainHead(9_000, b"\x07" * 32)
    assert codes(rig) == {"foreign_head_on_chain"}


def test_fsck_of_a_chain_marked_as_equivocated_says_so(rig):
    head = rig.chain.head_now
    rig.chain.head_now = ChainHead(head.tree_size, head.root_hash, equivocated=True)
    assert codes(rig) == {"log_equivocated"}


def test_fsck_of_a_journal_with_two_signed_roots_of_one_size_names_both(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    forged = rig.parts().signer.sign(301, b"\x42" * 32)
    path.write_bytes(b"".join([lines[0], json.dumps(forged).encode() + b"\n", *lines[1:]]))
    assert codes(rig) == {"root_mismatch", "journal_disordered"}


def test_fsck_of_a_journal_whose_sizes_shrink_says_so(rig):
    path = rig.folder / "journal" / "checkpoints.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    assert codes(rig) == {"journal_disordered"}


def test_fsck_of_a_tile_folder_one_checkpoint_behind_the_journal_is_clean(rig):
    """That is what a crash between the journal and the tile folder leaves; the next start repairs it."""
    (rig.folder / "log" / "checkpoint").write_text(rig.journal.notes()[-2])
    assert fsck(rig) == []


def test_fsck_of_a_tile_folder_further_behind_the_journal_names_it(rig):
    (rig.folder / "log" / "checkpoint").write_text(rig.journal.notes()[0])
    assert codes(rig) == {"tile_behind"}


def test_fsck_of_a_tile_folder_without_its_checkpoint_names_it(rig):
    (rig.folder / "log" / "checkpoint").unlink()
    assert codes(rig) == {"tile_behind"}


def test_fsck_of_an_outbox_cut_at_its_tail_with_its_count_names_it(rig):
    tamper(rig, "DELETE FROM outbox WHERE number = 3")
    tamper(rig, "UPDATE outbox_head SET count = 2")
    assert codes(rig) == {"outbox_gap"}


def test_fsck_of_two_outbox_rows_that_changed_places_names_them(rig):
    tamper(rig, "UPDATE outbox o SET (identity, event_mac, leaf_index) = (SELECT p.identity, p.event_mac, p.leaf_index FROM outbox p WHERE p.number = 3 - o.number) WHERE number IN (1, 2)")  # fmt: skip
    assert codes(rig) == {"outbox_altered"}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event_index WHERE leaf_index = 40",
        "UPDATE event_index SET submitter = 'somebody' WHERE leaf_index = 40",
        "UPDATE event_index SET type = 'org.other.v1' WHERE leaf_index = 40",
        "UPDATE event_index SET received_at = received_at - interval '1 day' WHERE leaf_index = 40",
        "INSERT INTO event_index VALUES (9000, now(), 'org.other.v1', 'somebody')",
        "DELETE FROM stream_index WHERE leaf_index = 340",
        "UPDATE stream_index SET tag = sha256(tag) WHERE leaf_index = 340",
        "INSERT INTO stream_index VALUES (sha256('x'), 40)",
        "INSERT INTO stream_index VALUES (sha256('x'), 9000)",
        "UPDATE projections SET tree_size = 900",
    ],
)
def test_fsck_of_an_altered_search_index_names_it(rig, statement):
    index_all(rig)
    tamper(rig, statement)
    assert codes(rig) == {"index_altered"}


@pytest.mark.parametrize("emptied", [False, True])
def test_fsck_of_a_search_index_without_its_position_names_it_until_it_is_rebuilt(rig, emptied):
    tamper(rig, "DELETE FROM projections")
    if emptied:
        tamper(rig, "TRUNCATE event_index, stream_index")
    (finding,) = fsck(rig)
    assert (finding.code, finding.facts) == ("index_altered", {"where": "projections"})
    search_index.rebuild(rig.log.engine)
    assert search_index.index_next(rig.log.engine, 5_000) == 700
    assert fsck(rig) == []


def test_fsck_of_a_search_index_behind_the_log_is_clean(rig):
    search_index.rebuild(rig.log.engine)
    assert search_index.index_next(rig.log.engine, 400) == 400
    assert fsck(rig) == []


def index_all(rig: FakeRig) -> None:
    while search_index.index_next(rig.log.engine, 5_000):
        pass
    assert fsck(rig) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE anchors SET tx_hash = sha256(tx_hash) WHERE tree_size = 301", {"anchor_altered", "chain_block_altered", "job_altered"}),
        ("UPDATE anchors SET block_number = block_number + 1000 WHERE tree_size = 301", {"anchor_altered", "chain_block_altered"}),
        ("UPDATE anchors SET block_hash = sha256(block_hash) WHERE tree_size = 301", {"anchor_altered", "chain_block_missing"}),
        ("DELETE FROM anchors WHERE tree_size = 301", {"anchor_unrecorded", "job_altered"}),
        ("DELETE FROM chain_blocks", {"chain_block_missing"}),
        ("UPDATE chain_blocks SET header = '{}'", {"chain_block_altered"}),
        ("UPDATE chain_blocks SET transactions = '[]'", {"chain_block_altered"}),
        ("UPDATE chain_blocks SET tx_receipts = '[]'", {"chain_block_altered"}),
        ("UPDATE chain_blocks SET number = number + 1", {"chain_block_altered"}),
        ("UPDATE log_status SET halted = 'x'", {"halted", "halt_altered"}),
    ],
)  # fmt: skip
def test_fsck_of_altered_statements_about_the_chain_names_them(rig, statement, found):
    tamper(rig, statement)
    assert codes(rig) == found


def test_fsck_without_the_chain_still_misses_the_stored_blocks(rig):
    tamper(rig, "UPDATE chain_blocks SET header = '{}', tx_receipts = '[]'")
    rig.chain.plan("check_chain", "lost")
    assert codes(rig) == {"chain_block_altered"}


def test_fsck_of_final_heads_above_the_chains_newest_names_each(rig):
    newest = rig.marks().final
    events = rig.chain.heads_anchored(rig.log.preparer.identity.log_id, 0, rig.chain.block_number())
    assert int(events[-1].values["treeSize"]) == newest
    rig.chain.blocks = [block for block in rig.chain.blocks if block.number < events[-1].block_number]
    rig.chain.head_now = ChainHead(events[-2].values["treeSize"], events[-2].values["rootHash"])
    findings = fsck(rig)
    assert [(finding.code, finding.facts["tree_size"]) for finding in findings] == [("anchor_missing_on_chain", newest)]


def test_fsck_of_final_heads_on_an_empty_chain_names_each(rig):
    rig.chain.blocks, rig.chain.head_now = rig.chain.blocks[:1], ChainHead(0, EMPTY_ROOT)
    assert codes(rig) == {"anchor_missing_on_chain"}


def test_fsck_of_a_head_anchored_after_the_first_look_at_the_chain_is_clean(rig):
    """The database is read later than the chain: what it holds beyond that look is asked for again."""
    rig.append(10)
    identity, ask, before = rig.log.preparer.identity, rig.chain.heads_anchored, []

    def ask_and_go_on(log_id: bytes, first_block: int, last_block: int) -> list[ChainEvent]:
        events = ask(log_id, first_block, last_block)
        if not before:
            before.append(len(events))
            rig.start()
            rig.run_until_final()
        return events

    rig.chain.heads_anchored = ask_and_go_on
    assert fsck(rig) == []
    assert len(ask(identity.log_id, 0, rig.chain.block_number())) == before[0] + 1
