"""Whether the keys in use are still in the keyring's folder."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.adapters.files.durable import replace_file
from ledger.adapters.files.keyring import FileKeyring
from ledger.errors import UnavailableError
from ledger.services.ports import SealedBody

AT = datetime(2026, 11, 21, tzinfo=UTC)
IDENTITY = bytes(32)  # bucket 0
FILE = "202611.keys"


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    keyring = FileKeyring(tmp_path / "keyring", os.urandom)
    keyring.seal(IDENTITY, AT, b"body")
    return keyring


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring" / FILE


def test_keyring_that_has_sealed_nothing_has_nothing_to_lose(tmp_path: Path) -> None:
    keyring = FileKeyring(tmp_path, os.urandom)
    assert (keyring.sealing_month, keyring.is_kept()) == (None, True)


def test_keyring_whose_folder_is_gone_is_not_kept_until_it_is_back(keyring: FileKeyring, path: Path) -> None:
    assert keyring.sealing_month == 202611
    assert keyring.is_kept()
    kept = path.parent.rename(path.parents[1] / "kept")
    assert not keyring.is_kept()
    shutil.copytree(kept, path.parent)  # other inodes, the same keys
    assert keyring.is_kept()


@pytest.mark.parametrize("length", [0, 36, 4095 * 36])
def test_keyring_whose_file_is_cut_off_is_not_kept(keyring: FileKeyring, path: Path, length: int) -> None:
    os.truncate(path, length)
    assert not keyring.is_kept()


def test_keyring_with_other_keys_under_the_same_name_is_not_kept(keyring: FileKeyring, path: Path) -> None:
    path.unlink()
    FileKeyring(path.parent, os.urandom).seal(IDENTITY, AT, b"another process makes the month")
    assert not keyring.is_kept()


def test_keyring_in_which_an_erasure_replaced_a_key_is_kept_and_seals_with_the_new_one(
    keyring: FileKeyring, path: Path
) -> None:
    replace_file(path, (1).to_bytes(4, "big") + os.urandom(32) + path.read_bytes()[36:])
    assert keyring.is_kept()
    sealed = keyring.seal(IDENTITY, AT, b"new")
    assert sealed.generation == 1
    assert FileKeyring(path.parent, os.urandom).unseal(IDENTITY, sealed) == b"new"


def test_keyring_that_looks_for_a_later_key_in_a_lost_file_makes_none(keyring: FileKeyring, path: Path) -> None:
    path.unlink()
    with pytest.raises(UnavailableError):
        keyring.unseal(IDENTITY, SealedBody(202611, 7, bytes(40)))
    assert list(path.parent.iterdir()) == []
