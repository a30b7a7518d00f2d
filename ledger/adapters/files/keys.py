"""Key files: one private key in one file, hex, mode 0600.

The folder is made whole or not at all: first under another name, synced, then renamed. So a folder that lacks a file was
damaged and is refused; a key that signs for a log is never quietly replaced, because the log would become another log.

Who needs which: the API ``receipt``, ``space``, ``identity``; the anchor service ``checkpoint``, ``anchor``, ``sender``,
``relay``, ``space``, ``identity``; ``cityledger up`` all of them. Give each only its own.
"""

import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.adapters.files.durable import create_file, fsync_folder, make_folder, replace_file
from ledger.adapters.files.private_files import require_private
from ledger.domain.roles import ROLES
from ledger.errors import SettingsError
from ledger.log.typed_data import address_of_public_key

KEY_BYTES = 32
API_KEYS_FILE = "api-keys.json"
API_ROLES = ROLES
"""Every role gets an API key."""


class KeyName(StrEnum):
    """The private keys of one log; the file is ``<name>.key``."""

    CHECKPOINT = "checkpoint"  # Ed25519: signs checkpoints
    ANCHOR = "anchor"  # secp256k1: signs the same heads for the contract
    RECEIPT = "receipt"  # Ed25519: signs log receipts
    SPACE = "space"  # HMAC: from it follow the keys of the tags
    IDENTITY = "identity"  # HMAC: identities and event digests inside the database
    SENDER = "sender"  # secp256k1: pays for and sends anchor transactions
    RELAY = "relay"  # secp256k1: sends the contract calls of signed acts; has no rights and no funds
    DEPLOYER = "deployer"  # secp256k1: sends the deployment; has no rights afterwards
    COUNCIL_1 = "council-1"  # secp256k1: the three bodies of the embedded default; elsewhere each body keeps its own
    COUNCIL_2 = "council-2"
    COUNCIL_3 = "council-3"


COUNCIL = (KeyName.COUNCIL_1, KeyName.COUNCIL_2, KeyName.COUNCIL_3)
_SECP256K1 = frozenset({KeyName.ANCHOR, KeyName.SENDER, KeyName.RELAY, KeyName.DEPLOYER, *COUNCIL})


@dataclass(frozen=True, slots=True, repr=False)
class KeyFiles:
    """Everything in one key folder; never printed.

    Args:
        folder: where the files are.
        keys: the 32-byte private keys.
        api_keys: role -> text of the API key that the embedded default gives it.
    """

    folder: Path
    keys: Mapping[KeyName, bytes]
    api_keys: Mapping[str, str]

    def __getitem__(self, name: KeyName) -> bytes:
        return self.keys[name]

    @property
    def checkpoint_public_key(self) -> bytes:
        """Ed25519 public key of the checkpoint key, 32 bytes."""
        return ed25519_public_key(self[KeyName.CHECKPOINT])

    @property
    def receipt_public_key(self) -> bytes:
        """Ed25519 public key of the receipt key, 32 bytes."""
        return ed25519_public_key(self[KeyName.RECEIPT])

    @property
    def anchor_address(self) -> bytes:
        """Ethereum address of the anchor key, 20 bytes."""
        return secp256k1_address(self[KeyName.ANCHOR])

    @property
    def council_keys(self) -> list[bytes]:
        """The private keys of the embedded council's bodies."""
        return [self[name] for name in COUNCIL]

    @property
    def council_addresses(self) -> list[bytes]:
        """Their addresses, 20 bytes each, in the same order."""
        return [secp256k1_address(key) for key in self.council_keys]


def load_or_create_keys(folder: Path, *, used: Sequence[Path] = ()) -> KeyFiles:
    """Every key of ``folder``; all of them are made, durably, when the folder does not exist.

    Args:
        folder: where the files are.
        used: what is made later, with these keys: where one of them is, keys were lost, and no others are made.

    Raises:
        SettingsError: a file is missing, unreadable, malformed, or open to other users; the folder was lost.
    """
    if not folder.exists():
        made = next((path for path in used if path.exists()), None)
        if made is not None:
            raise SettingsError(
                f"the keys in {folder} are gone, and {made.name!r} is what was made with them: put the folder back from a"
                " backup; nothing was made anew, the log would be another"
            )
        _create(folder)
    load_or_create_relay_key(folder)
    _add_api_keys(folder)
    return KeyFiles(folder, {name: load_key(folder, name) for name in KeyName}, load_api_keys(folder))


def load_key(folder: Path, name: KeyName) -> bytes:
    """One private key, 32 bytes.

    Raises:
        SettingsError: the file is missing, unreadable, malformed, or open to other users.
    """
    return load_key_file(folder / f"{name}.key")


def load_key_file(path: Path) -> bytes:
    """The private key in one file, 32 bytes; raises as :func:`load_key`."""
    text = _read_private(path)
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"{path} is not a key file: {2 * KEY_BYTES} hex digits are expected; restore it from a backup"
        )
    return key


def load_receipt_key(folder: Path) -> bytes:
    """The Ed25519 seed that signs log receipts; raises as :func:`load_key`."""
    return load_key(folder, KeyName.RECEIPT)


def load_checkpoint_key(folder: Path) -> bytes:
    """The Ed25519 seed that signs checkpoints; raises as :func:`load_key`."""
    return load_key(folder, KeyName.CHECKPOINT)


def load_anchor_key(folder: Path) -> bytes:
    """The secp256k1 key that signs heads for the contract; raises as :func:`load_key`."""
    return load_key(folder, KeyName.ANCHOR)


def load_sender_key(folder: Path) -> bytes:
    """The secp256k1 key that signs anchor transactions; raises as :func:`load_key`."""
    return load_key(folder, KeyName.SENDER)


def load_or_create_relay_key(folder: Path) -> bytes:
    """The secp256k1 key that sends contract calls; raises as :func:`load_key`.

    A folder of a time before there were any gets one: the account has no rights and no funds, so another one is as good.
    """
    path = folder / f"{KeyName.RELAY}.key"
    if folder.is_dir() and not path.exists():
        create_file(path, _new_key(KeyName.RELAY).hex().encode() + b"\n")
    return load_key_file(path)


def load_space_key(folder: Path) -> bytes:
    """The HMAC key behind all tags; raises as :func:`load_key`."""
    return load_key(folder, KeyName.SPACE)


def load_identity_key(folder: Path) -> bytes:
    """The HMAC key of identities; raises as :func:`load_key`."""
    return load_key(folder, KeyName.IDENTITY)


def load_api_keys(folder: Path) -> dict[str, str]:
    """Role -> API key text of the embedded default.

    Raises:
        SettingsError: the file is missing, malformed, or open to other users.
    """
    path = folder / API_KEYS_FILE
    try:
        value = json.loads(_read_private(path))
    except ValueError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value.values()):
        raise SettingsError(f"{path} is not a file of API keys; restore it from a backup")
    return value


def ed25519_public_key(seed: bytes) -> bytes:
    """Public key, 32 bytes, of an Ed25519 seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def secp256k1_address(key: bytes) -> bytes:
    """Ethereum address, 20 bytes, of a secp256k1 private key."""
    return address_of_public_key(PrivateKey(key).public_key.format(compressed=False))


def _create(folder: Path) -> None:
    """Make all files under another name, then rename: a crash before that leaves a folder that the next start replaces."""
    make_folder(folder.parent)
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    make_folder(fresh)
    for name in KeyName:
        create_file(fresh / f"{name}.key", _new_key(name).hex().encode() + b"\n")
    api_keys = {role: _new_api_key() for role in API_ROLES}
    create_file(fresh / API_KEYS_FILE, json.dumps(api_keys, indent=2).encode() + b"\n")
    fresh.rename(folder)
    fsync_folder(folder.parent)


def _add_api_keys(folder: Path) -> None:
    """A folder of a time with fewer roles gets the keys of the others; those that are there stay."""
    present = load_api_keys(folder)
    missing = {role: _new_api_key() for role in API_ROLES if role not in present}
    if missing:
        replace_file(folder / API_KEYS_FILE, json.dumps(present | missing, indent=2).encode() + b"\n", 0o600)


def _new_api_key() -> str:
    return f"clk_{secrets.token_hex(6)}_{secrets.token_hex(KEY_BYTES)}"


def _new_key(name: KeyName) -> bytes:
    # PrivateKey() draws from the system generator until the number is below the order of the curve
    return PrivateKey().secret if name in _SECP256K1 else secrets.token_bytes(KEY_BYTES)


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            require_private(file, path, "replace the key")
            return file.read()
    except FileNotFoundError:
        raise SettingsError(
            f"{path} is missing: restore it from a backup; it is not made anew, the log would change"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
