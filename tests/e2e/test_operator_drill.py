"""The operator drill: what a dishonest or careless operator of a running service does, and the detector that names it.

Each row does its damage, asks the detector, and takes the damage back; the last test finds the log clean again. Rows that cannot
be taken back, because they make another history, are in ``test_operator_drill_histories.py``.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.a_log import PROMISE
from support.drill import City, file_kept, flip, permit
from support.live_service import live_service

from ledger.adapters.files.keyring import bucket_of
from ledger.adapters.files.keys import KeyName
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.log.entry import Entry
from ledger.log.envelope import commit_envelope
from ledger.log.event import event_from_value
from ledger.log.receipt import LogReceipt, ReceiptItem, sign_receipt
from ledger.log.timestamps import format_time
from ledger.services.ports import PreparedEvent

EVENTS = 300
QUICK = {"CITYLEDGER_PROMISE_PUBLISH_S": "1", "CITYLEDGER_WAIT_PUBLISHED_S": "1"}
"""Promises of publication fall due after one second, and answers wait no longer than that."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """300 permits, all final, and a scoped key that was revoked."""
    folder = tmp_path_factory.mktemp("drill")
    with live_service(folder / "data", **QUICK) as live:
        city = City(live, folder)
        try:
            key_id = city.add_key("office")
            assert live.run(["keys", "revoke", key_id], cwd=folder).returncode == 0
            city.add_key("archive")
            city.keep("sent", city.send(*range(EVENTS)).receipt)
            city.wait_until_final()
            yield city
        finally:
            city.close()


# --- rows of the database ---------------------------------------------------------------------------------------------

TABLES = ("entries", "identities", "log_head", "outbox", "outbox_head", "api_keys", "keys_epoch")
VICTIM = 40
"""Leaf index of a permit."""

Damage = Callable[[City], None]


def sql(*statements: str) -> Damage:
    def do(city: City) -> None:
        for statement in statements:
            city.execute(statement)

    return do


def another_event(city: City) -> PreparedEvent:
    """What the victim's event could have been, with its source and id: the operator has every key that this takes."""
    (number,) = [number for number in range(EVENTS) if city.leaf_index(number) == VICTIM]
    return city.preparer.prepare(event_from_value(permit(number, data={"amount": 0})), "platform-service")


def body_sealed_again(city: City) -> None:
    sealed = another_event(city).sealed
    city.execute(
        "UPDATE entries SET (sealed_month, sealed_generation, sealed_body) = (%s, %s, %s) WHERE leaf_index = %s",
        *(sealed.month, sealed.generation, sealed.blob, VICTIM),
    )


def put(city: City, forged: PreparedEvent, leaf_index: int) -> None:
    """The whole row becomes that of another event; every hash in it is right."""
    city.execute(
        "UPDATE entries SET (leaf_hash, body_commitment, envelope_commitment, sm3_commitment, envelope_salt, envelope,"
        " received_at, sealed_month, sealed_generation, sealed_body) = (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " WHERE leaf_index = %s",
        *(forged.leaf_hash, forged.body_commitment, forged.envelope_commitment, forged.sm3_commitment),
        *(forged.envelope_salt, forged.envelope, forged.received_at),
        *(forged.sealed.month, forged.sealed.generation, forged.sealed.blob, leaf_index),
    )
    city.execute("UPDATE identities SET event_mac = %s WHERE leaf_index = %s", forged.event_mac, leaf_index)


def event_replaced(city: City) -> None:
    put(city, another_event(city), VICTIM)


def event_replaced_and_head(city: City) -> None:
    event_replaced(city)
    city.rewrite_head()


def envelope_replaced(city: City) -> None:
    """Another submitter; commitment and leaf hash follow from it."""
    old, salt, body, sm3 = city.row(
        "SELECT envelope, envelope_salt, body_commitment, sm3_commitment FROM entries WHERE leaf_index = %s", VICTIM
    )
    envelope = old.replace(b'"platform-service"', b'"someone-else"')
    assert envelope != old
    entry = Entry(body=body, envelope=commit_envelope(envelope, salt), sm3=sm3)
    city.execute(
        "UPDATE entries SET (envelope, envelope_commitment, leaf_hash) = (%s, %s, %s) WHERE leaf_index = %s",
        *(envelope, entry.envelope, entry.leaf_hash, VICTIM),
    )


def newest_deleted_everywhere(city: City) -> None:
    newest = city.value("SELECT max(leaf_index) FROM entries")
    with city.database.transaction():
        for table in ("entries", "identities"):
            city.execute(f"DELETE FROM {table} WHERE leaf_index = %s", newest)
        city.rewrite_head()


def key_behind_the_log(city: City) -> None:
    city.execute(
        "INSERT INTO api_keys SELECT 'backdoor', secret_hash, role, submitter, true, source_prefixes, signature_keys,"
        " created_at, NULL, NULL, outbox_number FROM api_keys WHERE submitter = 'archive'"
    )


def pending_key_deleted(city: City) -> None:
    city.add_key("hidden")
    city.execute("DELETE FROM outbox WHERE leaf_index IS NULL")


def pending_key_deleted_and_counter(city: City) -> None:
    pending_key_deleted(city)
    city.execute("UPDATE outbox_head SET count = count - 1")


ROWS: dict[str, tuple[Damage, set[str]]] = {
    "a sequenced entry deleted": (
        sql("DELETE FROM entries WHERE leaf_index = 40"),
        {"entry_missing", "identity_dangling"},
    ),
    "a sequenced entry deleted with its identity": (
        sql("DELETE FROM entries WHERE leaf_index = 40", "DELETE FROM identities WHERE leaf_index = 40"),
        {"entry_missing"},
    ),
    "the newest entry deleted with its identity, and the head set back": (
        newest_deleted_everywhere,
        {"database_behind", "journal_ahead", "tile_ahead", "marks_wrong", "index_altered"},
    ),
    "two entries exchanged": (
        sql(
            "UPDATE entries SET leaf_index = 5000 WHERE leaf_index = 40",
            "UPDATE entries SET leaf_index = 40 WHERE leaf_index = 41",
            "UPDATE entries SET leaf_index = 41 WHERE leaf_index = 5000",
            "UPDATE identities SET leaf_index = 81 - leaf_index WHERE leaf_index IN (40, 41)",
        ),
        {"entry_altered", "index_altered"},
    ),
    "a sealed body edited": (
        sql("UPDATE entries SET sealed_body = set_byte(sealed_body, 40, 255 - get_byte(sealed_body, 40)) WHERE leaf_index = 40"),
        {"seal_broken"},
    ),
    "a body exchanged and sealed again": (
        body_sealed_again,
        {"body_altered", "envelope_wrong"},
    ),
    "an envelope edited": (
        sql("UPDATE entries SET envelope = envelope || 'x' WHERE leaf_index = 40"),
        {"envelope_altered"},
    ),
    "an envelope edited with its commitment and leaf hash": (
        envelope_replaced,
        {"entry_altered", "envelope_wrong", "index_altered"},
    ),
    "an event replaced with all its hashes": (event_replaced, {"entry_altered", "index_altered"}),
    "an event replaced with all its hashes, and the head": (
        event_replaced_and_head,
        {"entry_altered", "root_mismatch", "head_altered", "index_altered"},
    ),
    "a body destroyed without an erasure": (
        sql("UPDATE entries SET sealed_body = NULL WHERE leaf_index = 40", "UPDATE identities SET erased = true WHERE leaf_index = 40"),
        {"body_missing", "erasure_unlogged"},
    ),
    "an identity deleted, so that the event can be sent again": (
        sql("DELETE FROM identities WHERE leaf_index = 40"),
        {"identity_missing"},
    ),
    "a sequenced outbox row deleted": (sql("DELETE FROM outbox WHERE number = 2"), {"outbox_gap"}),
    "a pending outbox row deleted": (
        pending_key_deleted,
        {"outbox_gap", "api_key_unlogged"},
    ),
    "a pending outbox row deleted, and the counter set back": (pending_key_deleted_and_counter, {"api_key_unlogged"}),
    "an API key deleted": (sql("DELETE FROM api_keys WHERE submitter = 'archive'"), {"api_key_missing"}),
    "an API key given another role": (
        sql("UPDATE api_keys SET role = 'regulator' WHERE submitter = 'archive'"),
        {"api_key_altered"},
    ),
    "an API key given another secret": (
        sql("UPDATE api_keys SET secret_hash = sha256(secret_hash) WHERE submitter = 'archive'"),
        {"api_key_altered"},
    ),
    "an API key put in behind the log": (key_behind_the_log, {"api_key_unlogged"}),
    "a revocation taken back": (
        sql("UPDATE api_keys SET revoked_at = NULL WHERE submitter = 'office'"),
        {"api_key_altered"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_drill_database_fsck_names_it(city: City, row: str) -> None:
    damage, named = ROWS[row]
    with city.anchor_paused(), city.kept(*TABLES):
        damage(city)
        found = city.fsck()
    assert found.codes == named, found.findings
    assert found.exit_code == 1


# --- files ------------------------------------------------------------------------------------------------------------


def forged_checkpoint(city: City, path: Path) -> None:
    """A note of one entry more, with the signatures of the true one."""
    path.write_bytes(re.sub(rb"\n[0-9]+\n", b"\n%d\n" % (city.marks()["published"] + 1), path.read_bytes(), count=1))


def half_signed_checkpoint(city: City, path: Path) -> None:
    """Another root, truly signed by a stolen checkpoint key; the anchor key was not to be had."""
    size = city.marks()["published"]
    anchor_line = path.read_text().splitlines()[-1]
    lines = city.signer.sign(size, b"\x07" * 32).splitlines()
    path.write_text("\n".join([*lines[:-1], anchor_line]) + "\n")


FileDamage = Callable[[City, Path], None]
SERVED: dict[str, tuple[str, FileDamage, set[str], set[str], set[str]]] = {
    "a hash tile": (
        "tile/0/000",
        lambda _, path: flip(path, 32 * VICTIM),
        {"tile_altered"},
        {"entry_tile_mismatch"},
        {"tiles_damaged"},
    ),
    "an entry bundle": (
        "tile/entries/000",
        lambda _, path: flip(path, 234 * VICTIM + 100),
        {"bundle_altered"},
        {"entry_tile_mismatch", "fork"},
        {"tiles_damaged"},
    ),
    "a hash tile removed": (
        "tile/0/000",
        lambda _, path: path.unlink(),
        {"tile_missing"},
        {"tile_missing"},
        {"tiles_damaged"},
    ),
    "an entry bundle removed": (
        "tile/entries/000",
        lambda _, path: path.unlink(),
        {"tile_missing"},
        {"tile_missing"},
        {"tiles_damaged"},
    ),
    "the checkpoint's size": (
        "checkpoint",
        forged_checkpoint,
        {"checkpoint_unsigned", "tile_behind"},
        {"checkpoint_invalid"},
        {"foreign_checkpoint"},
    ),
    "the checkpoint, signed with a stolen checkpoint key alone": (
        "checkpoint",
        half_signed_checkpoint,
        {"checkpoint_unsigned", "tile_behind"},
        {"checkpoint_invalid"},
        {"foreign_checkpoint"},
    ),
}


@pytest.mark.parametrize("row", SERVED)
def test_drill_published_file_every_detector_names_it(city: City, tmp_path: Path, row: str) -> None:
    name, damage, by_fsck, by_monitor, by_audit = SERVED[row]
    with city.anchor_paused(), file_kept(city.folder / "log" / name) as path:
        damage(city, path)
        said = (city.fsck(), city.monitor(tmp_path / "state.json"), city.audit(city.cwd / "sent.jsonl"))
    assert [found.codes for found in said] == [by_fsck, by_monitor, by_audit]
    assert [found.exit_code for found in said] == [bool(codes) for codes in (by_fsck, by_monitor, by_audit)]


def test_drill_journal_shortened_fsck_names_it(city: City) -> None:
    with city.anchor_paused(), file_kept(city.folder / "journal" / "checkpoints.jsonl") as path:
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
        found = city.fsck()
    assert (found.exit_code, found.codes) == (1, {"journal_behind"})


def test_drill_journal_with_a_foreign_note_fsck_names_it(city: City) -> None:
    with city.anchor_paused(), file_kept(city.folder / "journal" / "checkpoints.jsonl") as path:
        path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0].replace(b"\\n", b"x\\n", 1))
        found = city.fsck()
    assert (found.exit_code, found.codes) == (1, {"checkpoint_unsigned"})


def test_drill_keyring_file_lost_fsck_names_every_body(city: City) -> None:
    (path,) = (city.folder / "keyring").glob("*.keys")
    with city.anchor_paused(), file_kept(path):
        path.unlink()
        found = city.fsck()
        assert not path.exists()
    assert (found.exit_code, found.codes) == (1, {"seal_broken", "private_unreadable", "keyring_incomplete"})


def test_drill_keyring_key_exchanged_fsck_names_its_bodies(city: City) -> None:
    (path,) = (city.folder / "keyring").glob("*.keys")
    identities = city.value("SELECT array_agg(identity ORDER BY leaf_index) FROM entries")
    bucket = bucket_of(identities[VICTIM])
    # identities are keyed by the log, so in one log of twelve another one of the 300 has the same key
    same_key = [at for at, identity in enumerate(identities) if bucket_of(identity) == bucket]
    with city.anchor_paused(), file_kept(path):
        flip(path, 36 * bucket + 10)
        found = city.fsck()
    assert (found.exit_code, found.codes) == (1, {"seal_broken"})
    assert VICTIM in same_key
    assert found.findings["seal_broken"]["leaf_index"] == same_key[-1]


# --- promises ---------------------------------------------------------------------------------------------------------


def test_drill_acknowledged_event_deleted_before_publication_receipt_audit_names_it(city: City) -> None:
    with city.anchor_paused():
        answer = city.send(EVENTS + 1)
        assert answer.receipt.checkpoint is None
        newest_deleted_everywhere(city)
    city.wait_until_ready_says(
        "history", "behind_published"
    )  # the server that took it notices, until the operator restarts it
    receipt = city.keep("deleted", answer.receipt)
    time.sleep(1.5)  # publication falls due
    assert city.fsck().codes == set()  # the database agrees with itself: only the receipt knows
    found = city.audit(receipt)
    assert (found.exit_code, found.codes) == (1, {"promise_broken_missing_leaf"})
    another = city.preparer.prepare(event_from_value(permit(EVENTS + 2)), "platform-service")
    SqlLogStore(city.sources.engine).append([another], PROMISE)  # takes the place
    city.wait_until_final()
    city.wait_until_ready_says("history", "contradicts_published")
    city.restart_api()  # nothing that was published is missing, so from now on only the receipt knows
    assert city.audit(receipt).codes == {"promise_broken_other_leaf"}


def test_drill_acknowledged_event_replaced_before_publication_receipt_audit_names_it(city: City) -> None:
    with city.anchor_paused():
        answer = city.send(EVENTS + 3)
        (item,) = answer.receipt.items
        event = event_from_value(permit(EVENTS + 3, data={"amount": 0}))
        with city.database.transaction():
            put(city, city.preparer.prepare(event, "platform-service"), item.leaf_index)
            city.rewrite_head()
    city.wait_until_final()
    city.wait_until_ready_says("history", "contradicts_published")
    city.restart_api()
    assert city.fsck().codes == set()
    found = city.audit(city.keep("replaced", answer.receipt))
    assert (found.exit_code, found.codes) == (1, {"promise_broken_other_leaf"})


def false_promise(city: City, leaf_index: int, *, key: bytes) -> LogReceipt:
    """A promise that fell due an hour ago."""
    then = format_time(datetime.now(UTC) - timedelta(hours=1))
    item = ReceiptItem(leaf_index, b"\x07" * 32, then, then, then)
    return sign_receipt(city.identity.origin, [item], None, Ed25519PrivateKey.from_private_bytes(key).sign)


@pytest.mark.parametrize(
    ("leaf_index", "code"), [(VICTIM, "promise_broken_other_leaf"), (10_000, "promise_broken_missing_leaf")]
)
def test_drill_stolen_receipt_key_receipt_audit_names_the_false_promise(city: City, leaf_index: int, code: str) -> None:
    receipt = city.keep("false", false_promise(city, leaf_index, key=city.keys[KeyName.RECEIPT]))
    found = city.audit(receipt)
    assert (found.exit_code, found.codes) == (1, {code})


def test_drill_promise_by_another_key_receipt_audit_names_it(city: City) -> None:
    found = city.audit(city.keep("foreign", false_promise(city, VICTIM, key=city.keys[KeyName.CHECKPOINT])))
    assert (found.exit_code, found.codes) == (1, {"receipt_invalid"})


# --- as a person runs them --------------------------------------------------------------------------------------------


def test_drill_fsck_as_a_command_says_what_and_where(city: City) -> None:
    with city.anchor_paused(), city.kept(*TABLES):
        city.execute("DELETE FROM entries WHERE leaf_index = 40")
        done = city.live.run(["fsck"], cwd=city.cwd)
    assert done.returncode == 1
    assert "entry_missing: Leaf 40 is not in the database." in done.stdout
    assert re.search(r"^result +findings$", done.stdout, re.MULTILINE)


def test_drill_monitor_as_a_command_says_what_and_where(city: City) -> None:
    with file_kept(city.folder / "log" / "tile" / "entries" / "000") as path:
        flip(path, 234 * VICTIM + 100)
        done = city.live.run(["monitor", "--once", "--state", city.cwd / "person.json"], cwd=city.cwd)
    assert done.returncode == 1
    assert f"entry_tile_mismatch: The entry at {VICTIM} does not have the leaf hash" in done.stdout


def test_drill_receipt_audit_as_a_command_says_what_and_where(city: City) -> None:
    receipt = city.keep("false", false_promise(city, VICTIM, key=city.keys[KeyName.RECEIPT]))
    done = city.live.run(["receipt", "audit", receipt], cwd=city.cwd)
    assert done.returncode == 1
    assert f"false.jsonl:1: promise_broken_other_leaf: leaf {VICTIM}: promised 0707" in done.stdout
    assert "Verdict: PROMISES BROKEN" in done.stdout


def test_drill_taken_back_leaves_a_clean_log(city: City, tmp_path: Path) -> None:
    city.wait_until_final()
    said = (city.fsck(), city.monitor(tmp_path / "state.json"), city.audit(city.cwd / "sent.jsonl"))
    assert [(found.exit_code, found.codes) for found in said] == [(0, set())] * 3
