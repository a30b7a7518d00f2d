"""Key files: made once and whole, read strictly."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.adapters.files.keys import (
    API_ROLES,
    KeyName,
    load_api_keys,
    load_key,
    load_or_create_keys,
    load_or_create_relay_key,
    secp256k1_address,
)
from ledger.errors import SettingsError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data" / "keys"


def test_keys_made_are_private_distinct_and_complete(folder):
    made = load_or_create_keys(folder)
    assert set(made.keys) == set(KeyName)
    assert len(set(made.keys.values())) == len(KeyName)
    assert folder.stat().st_mode & 0o777 == 0o700
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == sorted([*(f"{name}.key" for name in KeyName), "api-keys.json"])
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_keys_loaded_again_are_the_same(folder):
    made, again = load_or_create_keys(folder), load_or_create_keys(folder)
    assert (made.keys, made.api_keys) == (again.keys, again.api_keys)


def test_public_parts_belong_to_the_private_ones(folder):
    made = load_or_create_keys(folder)
    signature = Ed25519PrivateKey.from_private_bytes(made[KeyName.CHECKPOINT]).sign(b"note")
    Ed25519PublicKey.from_public_bytes(made.checkpoint_public_key).verify(signature, b"note")
    assert len(made.anchor_address) == 20
    assert len(set(made.council_addresses)) == 3


def test_address_of_key_one_is_the_known_one():
    # the address of private key 1, as every Ethereum tool shows it
    assert secp256k1_address((1).to_bytes(32, "big")).hex() == "7e5f4552091a69125d5dfcb7b8c2659029395bdf"


def test_api_keys_have_one_text_for_every_role(folder):
    api_keys = load_or_create_keys(folder).api_keys
    assert tuple(api_keys) == API_ROLES
    assert len(set(api_keys.values())) == len(API_ROLES)


def test_keys_are_never_printed(folder):
    made = load_or_create_keys(folder)
    assert not any(key.hex() in repr(made) or repr(key) in repr(made) for key in made.keys.values())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_key_file_open_to_others_is_refused(folder, mode):
    load_or_create_keys(folder)
    (folder / "receipt.key").chmod(mode)
    with pytest.raises(SettingsError, match=r"receipt\.key can be read by other users"):
        load_key(folder, KeyName.RECEIPT)


def test_missing_key_file_is_not_made_anew(folder):
    load_or_create_keys(folder)
    (folder / "checkpoint.key").unlink()
    with pytest.raises(SettingsError, match=r"checkpoint\.key is missing"):
        load_or_create_keys(folder)
    assert not (folder / "checkpoint.key").exists()


def test_folder_of_a_time_before_contract_calls_gets_a_relay_key_and_keeps_it(folder):
    made = load_or_create_keys(folder)
    (folder / "relay.key").unlink()
    again = load_or_create_keys(folder)
    assert {name: key for name, key in again.keys.items() if name is not KeyName.RELAY} == {
        name: key for name, key in made.keys.items() if name is not KeyName.RELAY
    }
    assert again[KeyName.RELAY] != made[KeyName.RELAY]
    assert load_or_create_relay_key(folder) == again[KeyName.RELAY]
    assert (folder / "relay.key").stat().st_mode & 0o777 == 0o600


def test_relay_key_is_not_made_where_there_is_no_folder(folder):
    with pytest.raises(SettingsError, match="is missing"):
        load_or_create_relay_key(folder)
    assert not folder.exists()


def test_missing_key_folder_is_not_made_anew_beside_what_its_keys_signed(folder):
    used = folder.with_name("postgres")
    used.mkdir(parents=True)
    with pytest.raises(SettingsError, match=r"the keys in .* are gone, and 'postgres' is what was made with them"):
        load_or_create_keys(folder, used=(folder.with_name("log"), used))
    assert [path.name for path in folder.parent.iterdir()] == ["postgres"]
    used.rmdir()
    made = load_or_create_keys(folder, used=(used,))
    used.mkdir()
    assert load_or_create_keys(folder, used=(used,)).keys == made.keys


@pytest.mark.parametrize("content", [b"", b"00\n", b"zz" * 32, b"00" * 33, "\u0660".encode() * 64])
def test_malformed_key_file_is_refused(folder, content):
    load_or_create_keys(folder)
    (folder / "space.key").write_bytes(content)
    with pytest.raises(SettingsError, match=r"space\.key"):
        load_key(folder, KeyName.SPACE)


@pytest.mark.parametrize("content", ["", "[]", json.dumps({"operator": 1})])
def test_malformed_api_key_file_is_refused(folder, content):
    load_or_create_keys(folder)
    (folder / "api-keys.json").write_text(content)
    with pytest.raises(SettingsError, match="not a file of API keys"):
        load_api_keys(folder)


def test_first_creation_killed_half_way_is_begun_again(folder):
    half_made = folder.with_name("keys.new")
    half_made.mkdir(parents=True)
    (half_made / "checkpoint.key").write_text("00" * 32)
    assert load_or_create_keys(folder)[KeyName.CHECKPOINT] != bytes(32)
    assert not half_made.exists()
