"""Encrypted keys: wallets open ours and we open theirs, and a wrong password or a changed file is named, never guessed around."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from support import sm2_reference

from ledger.adapters.files.keystore import Keystore
from ledger.adapters.key_envelope import STRONG, Cost, open_secret, seal_secret
from ledger.adapters.signing_keys import KINDS, SECP256K1, SM2, new_secret, public_part
from ledger.domain.signing_errors import KeystoreDamagedError, WrongPasswordError
from ledger.errors import ConflictError, InputError, NotFoundError, SettingsError

LIGHT = Cost(2)
PASSWORD = "correct horse 电池".encode()
SECRET = b"\x07" * 32
BODY = "91310000MA0000001X"

# The test vectors of "Web3 Secret Storage Definition" (ethereum.org), password "testpassword".
PUBLISHED = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
PUBLISHED_PBKDF2 = {
    "cipher": "aes-128-ctr",
    "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    "kdf": "pbkdf2",
    "kdfparams": {
        "c": 262144,
        "dklen": 32,
        "prf": "hmac-sha256",
        "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
}


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys", LIGHT)


@settings(max_examples=15, deadline=None)
@given(
    secret=st.binary(min_size=32, max_size=32),
    password=st.text(min_size=1).map(lambda text: text.encode("utf-8", "replace")),
)
def test_secret_comes_back_with_its_password_and_no_other(secret: bytes, password: bytes) -> None:
    sealed = seal_secret(secret, password, LIGHT)
    assert open_secret(json.loads(json.dumps(sealed)), password) == secret
    assert secret.hex() not in json.dumps(sealed)
    with pytest.raises(WrongPasswordError):
        open_secret(sealed, password + b"x")


def test_published_vector_opens() -> None:
    assert open_secret(PUBLISHED_PBKDF2, b"testpassword").hex() == PUBLISHED


def test_wallet_opens_ours(store: Keystore) -> None:
    store.add("bank", SECP256K1, SECRET, PASSWORD, BODY)
    text = (store.folder / "bank.json").read_text()
    assert bytes(Account.decrypt(text, PASSWORD.decode())) == SECRET


@pytest.mark.parametrize(("kdf", "work"), [("pbkdf2", 2), ("scrypt", 4)])
def test_we_open_what_a_wallet_wrote(store: Keystore, kdf: Any, work: int) -> None:
    store.folder.mkdir()
    path = store.folder / "wallet.json"
    path.write_text(json.dumps(Account.encrypt(SECRET, PASSWORD.decode(), kdf=kdf, iterations=work)))
    path.chmod(0o600)
    assert store.open("wallet", PASSWORD) == SECRET
    assert store.record("wallet").public.hex() == Account.from_key(SECRET).address[2:].lower()


def test_default_cost_is_that_of_wallets(tmp_path: Path) -> None:
    assert Cost(262_144, 8, 1) == STRONG
    assert Keystore(tmp_path)._cost == STRONG


@pytest.mark.parametrize("kind", KINDS)
def test_key_of_each_kind_is_kept(store: Keystore, kind: str) -> None:
    secret = new_secret(kind)
    record = store.add("own", kind, secret, PASSWORD, BODY)
    assert (store.names(), store.record("own"), record.public) == (["own"], record, public_part(kind, secret))
    assert store.open("own", PASSWORD) == secret
    path = store.folder / "own.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert secret.hex() not in path.read_text()


@pytest.mark.parametrize("number", [1, 2, 7, sm2_reference.N - 2])
def test_sm2_public_key_is_that_of_the_standard(number: int) -> None:
    assert public_part(SM2, number.to_bytes(32, "big")) == sm2_reference.public_key(number)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        (SECP256K1, bytes(32)),
        (SECP256K1, b"\xff" * 32),
        (SM2, bytes(32)),
        (SM2, (sm2_reference.N - 1).to_bytes(32, "big")),
        (SECP256K1, bytes(31)),
    ],
)
def test_what_is_no_key_is_not_kept(store: Keystore, kind: str, secret: bytes) -> None:
    with pytest.raises(InputError):
        store.add("own", kind, secret, PASSWORD)
    assert store.names() == []


def test_key_is_never_replaced(store: Keystore) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD)
    with pytest.raises(ConflictError):
        store.add("own", SECP256K1, b"\x08" * 32, PASSWORD)
    assert store.open("own", PASSWORD) == SECRET


@pytest.mark.parametrize("name", ["", "../own", "Own", ".own", "a" * 65, "own/two", "own\n"])
def test_name_that_leaves_the_folder_is_refused(store: Keystore, name: str) -> None:
    with pytest.raises(InputError):
        store.add(name, SECP256K1, SECRET, PASSWORD)


def test_changed_password_is_the_only_one(store: Keystore) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD, BODY)
    store.change_password("own", PASSWORD, b"another password")
    assert store.open("own", b"another password") == SECRET
    assert store.record("own").body == BODY
    with pytest.raises(WrongPasswordError):
        store.open("own", PASSWORD)
    with pytest.raises(WrongPasswordError):
        store.change_password("own", PASSWORD, b"third password")


def test_missing_key_and_open_file_are_named(store: Keystore) -> None:
    with pytest.raises(NotFoundError):
        store.open("own", PASSWORD)
    store.add("own", SECP256K1, SECRET, PASSWORD)
    (store.folder / "own.json").chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        store.open("own", PASSWORD)


Change = Callable[[dict[str, Any]], Any]
DAMAGE: dict[str, Change] = {
    "another version": lambda value: value.update(version=4),
    "another kind": lambda value: value.update(kind="ed25519"),
    "a kind that it is not": lambda value: value.update(kind=SM2, public_key="04" + "00" * 64),
    "another address": lambda value: value.update(address="00" * 20),
    "a short address": lambda value: value.update(address="00"),
    "no address": lambda value: value.pop("address"),
    "no crypto": lambda value: value.pop("crypto"),
    "a body that is a number": lambda value: value.update(body=7),
    "another cipher": lambda value: value["crypto"].update(cipher="aes-256-cbc"),
    "another kdf": lambda value: value["crypto"].update(kdf="md5"),
    "a short ciphertext": lambda value: value["crypto"].update(ciphertext="00"),
    "no hex": lambda value: value["crypto"].update(mac="zz" * 32),
    "too much memory": lambda value: value["crypto"]["kdfparams"].update(n=1 << 24),
    "too often": lambda value: value["crypto"]["kdfparams"].update(p=17),
    "a cost that is no power of two": lambda value: value["crypto"]["kdfparams"].update(n=3),
    "a cost of nothing": lambda value: value["crypto"]["kdfparams"].update(n=0),
    "a huge salt": lambda value: value["crypto"]["kdfparams"].update(salt="00" * 65),
}


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_damaged_file_is_named(store: Keystore, name: str) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD)
    path = store.folder / "own.json"
    value = json.loads(path.read_bytes())
    DAMAGE[name](value)
    path.write_text(json.dumps(value))
    with pytest.raises(KeystoreDamagedError):
        store.open("own", PASSWORD)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff", b"{}" * 10_000, b"[" * 9_000], ids=lambda raw: repr(raw[:4])
)
def test_file_that_is_none_is_named(store: Keystore, raw: bytes) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD)
    (store.folder / "own.json").write_bytes(raw)
    with pytest.raises(KeystoreDamagedError):
        store.open("own", PASSWORD)


def test_changed_ciphertext_opens_with_no_password(store: Keystore) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD)
    path = store.folder / "own.json"
    value = json.loads(path.read_bytes())
    value["crypto"]["ciphertext"] = "00" * 32
    path.write_text(json.dumps(value))
    with pytest.raises(WrongPasswordError, match="changed"):
        store.open("own", PASSWORD)


@pytest.mark.parametrize("call", ["fsync", "write", "replace"])
def test_interrupted_write_leaves_what_was_there(store: Keystore, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    store.add("own", SECP256K1, SECRET, PASSWORD)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path if call == "replace" else os, call, interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.change_password("own", PASSWORD, b"another password")
    monkeypatch.undo()
    assert [path.name for path in store.folder.iterdir()] == ["own.json"]
    assert store.open("own", PASSWORD) == SECRET
