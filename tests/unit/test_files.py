"""Keyring, journal and tile store on a real file system."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.adapters.files.durable import create_file, replace_file
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keyring import BUCKETS, FileKeyring
from ledger.adapters.files.tile_store import FileTileStore
from ledger.errors import IntegrityError, LedgerError, NotFoundError, SealBrokenError
from ledger.log.tiles import encode_bundle
from ledger.services.ports import SealedBody

AT = datetime(2026, 11, 21, tzinfo=UTC)


def test_create_file_of_several_callers_lets_exactly_one_win(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: create_file(tmp_path / "f", bytes([number]) * 100), range(8)))
    assert won.count(True) == 1
    assert (tmp_path / "f").read_bytes() == bytes([won.index(True)]) * 100
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_replace_file_that_fails_keeps_the_old_bytes_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "f"
    replace_file(target, b"old")

    def refuse(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        replace_file(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_keyring_unseals_what_another_process_sealed(tmp_path: Path) -> None:
    identity = os.urandom(32)
    sealed = FileKeyring(tmp_path, os.urandom).seal(identity, AT, b"body")
    assert FileKeyring(tmp_path, os.urandom).unseal(identity, sealed) == b"body"
    assert (tmp_path / "202611.keys").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "202611.keys").stat().st_size == BUCKETS * 36


@pytest.mark.parametrize("position", [0, 11, 12, 15, -1])
def test_keyring_refuses_an_altered_blob(tmp_path: Path, position: int) -> None:
    keyring = FileKeyring(tmp_path, os.urandom)
    identity = os.urandom(32)
    sealed = keyring.seal(identity, AT, b"body")
    altered = bytearray(sealed.blob)
    altered[position] ^= 1
    with pytest.raises(SealBrokenError, match="altered"):
        keyring.unseal(identity, SealedBody(sealed.month, sealed.generation, bytes(altered)))


def test_keyring_refuses_a_blob_moved_to_another_identity_of_the_same_bucket(tmp_path: Path) -> None:
    keyring = FileKeyring(tmp_path, os.urandom)
    identity = os.urandom(32)
    sealed = keyring.seal(identity, AT, b"body")
    other = bytes([identity[0] ^ 1]) + identity[1:]
    with pytest.raises(SealBrokenError):
        keyring.unseal(other, sealed)


def test_keyring_without_the_month_names_it_and_makes_no_key(tmp_path: Path) -> None:
    identity = os.urandom(32)
    sealed = FileKeyring(tmp_path / "a", os.urandom).seal(identity, AT, b"body")
    with pytest.raises(SealBrokenError, match="202611"):
        FileKeyring(tmp_path / "b", os.urandom).unseal(identity, sealed)
    assert not (tmp_path / "b").exists()


def test_keyring_rereads_a_month_whose_key_was_replaced(tmp_path: Path) -> None:
    first, second = FileKeyring(tmp_path, os.urandom), FileKeyring(tmp_path, os.urandom)
    identity = bytes(32)  # bucket 0
    old = first.seal(identity, AT, b"old")
    path = tmp_path / "202611.keys"
    path.write_bytes((1).to_bytes(4, "big") + os.urandom(32) + path.read_bytes()[36:])
    new = FileKeyring(tmp_path, os.urandom).seal(identity, AT, b"new")
    assert new.generation == 1
    assert first.unseal(identity, new) == b"new"
    with pytest.raises(SealBrokenError, match="generation"):
        second.unseal(identity, SealedBody(old.month, 7, old.blob))
    with pytest.raises(SealBrokenError, match="generation"):
        first.unseal(identity, old)


def test_journal_records_by_compare_and_swap(tmp_path: Path) -> None:
    journal = FileCheckpointJournal(tmp_path / "j" / "checkpoints.jsonl")
    assert journal.last() is None
    journal.record(None, "one\n")
    journal.record("one\n", "two\n\u2014 x\n")
    assert journal.last() == "two\n\u2014 x\n"
    journal.record("anything", "two\n\u2014 x\n")
    with pytest.raises(IntegrityError) as caught:
        journal.record("one\n", "three\n")
    assert caught.value.facts["refused"] == "three\n"
    assert FileCheckpointJournal(tmp_path / "j" / "checkpoints.jsonl").notes() == ["one\n", "two\n\u2014 x\n"]


@pytest.mark.parametrize("torn", ['"thr', '"three\\n"', "\x00\x00"])
def test_journal_ignores_and_then_cuts_a_torn_line(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "checkpoints.jsonl"
    journal = FileCheckpointJournal(path)
    journal.record(None, "one\n")
    with path.open("a") as file:
        file.write(torn)
    assert journal.last() == "one\n"
    journal.record("one\n", "two\n")
    assert path.read_text() == json.dumps("one\n") + "\n" + json.dumps("two\n") + "\n"


def test_journal_whose_last_line_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    path.write_text('"one"\nnot json\n')
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        FileCheckpointJournal(path).last()


def test_journal_longer_than_its_tail_window_still_finds_the_last_note(tmp_path: Path) -> None:
    journal = FileCheckpointJournal(tmp_path / "checkpoints.jsonl")
    note: str | None = None
    for number in range(300):
        journal.record(note, f"{number}\n" + "x" * 600)
        note = f"{number}\n" + "x" * 600
    assert journal.last() == note
    assert len(journal.notes()) == 300


def test_tile_store_cuts_narrower_partial_tiles_from_wider_ones(tmp_path: Path) -> None:
    store = FileTileStore(tmp_path)
    hashes = [bytes([number]) * 32 for number in range(256)]
    entries = [f"entry {number}".encode() for number in range(256)]
    for width in (3, 7):
        store.write(
            [
                (f"tile/0/000.p/{width}", b"".join(hashes[:width])),
                (f"tile/entries/000.p/{width}", encode_bundle(entries[:width])),
            ]
        )
    assert sorted(path.name for path in (tmp_path / "tile/0/000.p").iterdir()) == ["7"]
    assert store.read("tile/0/000.p/3") == b"".join(hashes[:3])
    assert store.read("tile/entries/000.p/3") == encode_bundle(entries[:3])
    with pytest.raises(NotFoundError):
        store.read("tile/0/000.p/8")
    with pytest.raises(NotFoundError):
        store.read("tile/0/000")
    store.write([("tile/0/000", b"".join(hashes)), ("tile/entries/000", encode_bundle(entries))])
    assert not (tmp_path / "tile/0/000.p").exists()
    assert store.read("tile/0/000.p/200") == b"".join(hashes[:200])
    assert store.read("tile/entries/000.p/200") == encode_bundle(entries[:200])


def test_tile_store_never_rewrites_a_full_tile(tmp_path: Path) -> None:
    store = FileTileStore(tmp_path)
    store.write([("tile/0/000", b"\x01" * 8192)])
    store.write([("tile/0/000", b"\x01" * 8192)])
    with pytest.raises(IntegrityError, match="never change"):
        store.write([("tile/0/000", b"\x02" * 8192)])
    assert store.read("tile/0/000") == b"\x01" * 8192


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "tile/0/..", "tile/0/000/", "/tile/0/000", "tile/0/0", "checkpoint"]
)
def test_tile_store_reads_no_path_that_is_not_a_tile(tmp_path: Path, path: str) -> None:
    (tmp_path / "checkpoint").write_text("x")
    with pytest.raises(LedgerError):
        FileTileStore(tmp_path).read(path)


def test_tile_store_checkpoint_is_replaced_whole(tmp_path: Path) -> None:
    store = FileTileStore(tmp_path / "log")
    assert store.read_checkpoint() is None
    store.write_checkpoint("a\n")
    store.write_checkpoint("b\u2014\n")
    assert store.read_checkpoint() == "b\u2014\n"
