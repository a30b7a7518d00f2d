"""Temporary key files of writers that died, which hold live keys under a second name."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.adapters.files.keyring import FileKeyring

AT = datetime(2026, 11, 21, tzinfo=UTC)
IDENTITY = bytes(32)
LEFTOVER = ".202611.keys.0123456789ab.tmp"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_keyring_that_opens_removes_the_second_name_of_a_month(tmp_path: Path) -> None:
    sealed = FileKeyring(tmp_path, os.urandom).seal(IDENTITY, AT, b"body")
    os.link(tmp_path / "202611.keys", tmp_path / LEFTOVER)
    assert FileKeyring(tmp_path, os.urandom).unseal(IDENTITY, sealed) == b"body"
    assert names(tmp_path) == ["202611.keys"]


@pytest.mark.parametrize(("age_s", "left"), [(0, [LEFTOVER]), (3600, [])])
def test_keyring_that_opens_leaves_the_file_of_a_writer_at_work(tmp_path: Path, age_s: int, left: list[str]) -> None:
    path = tmp_path / LEFTOVER
    path.write_bytes(b"half")
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age_s))
    FileKeyring(tmp_path, os.urandom)
    assert names(tmp_path) == left


def test_keyring_that_opens_while_another_makes_the_month_disturbs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def link(*arguments: object, **options: object) -> None:
        FileKeyring(tmp_path, os.urandom)
        real(*arguments, **options)  # type: ignore[arg-type] - whatever the caller gave
        FileKeyring(tmp_path, os.urandom)

    monkeypatch.setattr(os, "link", link)
    keyring = FileKeyring(tmp_path, os.urandom)
    sealed = keyring.seal(IDENTITY, AT, b"body")
    assert FileKeyring(tmp_path, os.urandom).unseal(IDENTITY, sealed) == b"body"
    assert names(tmp_path) == ["202611.keys"]
