"""The journal on a disk that takes half a line, none, or fails to make it durable."""

import errno
import fcntl
import json
import os
from pathlib import Path

import pytest

from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.errors import UnavailableError


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the file was at each fsync of it."""
    real = os.fsync
    sizes: list[int] = []

    def fsync(descriptor: int) -> None:
        sizes.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return sizes


@pytest.fixture
def journal(tmp_path: Path) -> FileCheckpointJournal:
    journal = FileCheckpointJournal(tmp_path / "checkpoints.jsonl")
    journal.record(None, "one\n")
    return journal


def test_journal_that_names_its_last_note_made_it_durable_first(journal, synced):
    assert journal.last() == "one\n"
    assert synced == [len(json.dumps("one\n")) + 1]


def test_journal_that_is_told_the_same_note_again_makes_it_durable(journal, synced):
    journal.record(None, "one\n")
    assert synced == [len(json.dumps("one\n")) + 1]


def test_journal_whose_fsync_fails_names_no_note_until_it_succeeds(journal, monkeypatch):
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "no")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        for call in (lambda: journal.record("one\n", "two\n"), journal.last, lambda: journal.record("one\n", "two\n")):
            with pytest.raises(UnavailableError, match="durable"):
                call()
    assert journal.last() == "two\n"


def test_journal_writes_the_rest_of_a_line_that_was_taken_in_parts(journal, monkeypatch):
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, data, offset: real(descriptor, data[:3], offset))
    journal.record("one\n", "two\n")
    assert journal.notes() == ["one\n", "two\n"]


@pytest.mark.parametrize("full", ["error", "nothing"])
def test_journal_on_a_full_disk_says_retry_and_takes_the_note_later(journal, monkeypatch, full):
    real = os.pwrite
    taken = []

    def pwrite(descriptor: int, data: bytes, offset: int) -> int:
        if taken and full == "error":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken.append(0 if taken else real(descriptor, data[:2], offset))
        return taken[-1]

    with monkeypatch.context() as broken:
        broken.setattr(os, "pwrite", pwrite)
        with pytest.raises(UnavailableError, match="nothing was published"):
            journal.record("one\n", "two\n")
    assert journal.last() == "one\n"
    journal.record("one\n", "two\n")
    assert journal.notes() == ["one\n", "two\n"]


def test_journal_held_by_a_frozen_process_is_unavailable_and_not_a_wait_for_ever(journal, tmp_path, monkeypatch):
    monkeypatch.setattr("ledger.adapters.files.journal.LOCK_WAIT_S", 0.2)
    with (tmp_path / "checkpoints.jsonl").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UnavailableError, match="held by another process"):
            journal.record("one\n", "two\n")
    assert journal.notes() == ["one\n"]
