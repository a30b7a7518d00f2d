"""Keys of the authorisation platform: the SM2 key that states usage tokens, its API key at the other platform, and those of its own API.

All of them are its own and in its own folder: the token key in an encrypted keystore, the rest in files of mode 0600.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.adapters.files.durable import create_file, make_folder, replace_file
from ledger.adapters.files.keystore import Keystore
from ledger.adapters.files.private_files import require_private
from ledger.adapters.signing_keys import SM2, new_secret, sign_usage_token
from ledger.domain.usage_token import UsageToken
from ledger.errors import SettingsError

TOKEN_KEY: Final = "usage-tokens"  # noqa: S105 - the name of a key
READER: Final = "reader"
HANDLER: Final = "handler"
API_ROLES: Final = (READER, HANDLER)
"""Of its own API: who reads, and who also acts."""

_API_KEYS: Final = "api-keys.json"
_PEER_KEY: Final = "peer-key"


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKeys:
    """What the program holds in memory; never printed.

    Args:
        token_secret: SM2 private key.
        token_public_key: 65 bytes; the other platform has it on file.
        peer_key: API key at the other platform.
        api_keys: role -> key of its own API.
    """

    token_secret: bytes
    token_public_key: bytes
    peer_key: str
    api_keys: Mapping[str, str]

    def sign(self, token: UsageToken) -> str:
        """The text of a token."""
        return sign_usage_token(token, self.token_secret)


def make_missing_keys(folder: Path, password_file: Path, subject_code: str) -> bytes:
    """Makes what is not there yet, and returns the public key of usage tokens, 65 bytes.

    Args:
        folder: the data folder.
        password_file: of the keystore; made with a random password when it is the folder's own and missing.
        subject_code: of the body whose keys they are.

    Raises:
        SettingsError: a file cannot be read, or is open to others; the password is gone and the key is there.
    """
    keys = folder / "keys"
    make_folder(keys)
    store = Keystore(folder / "keystore")
    if not password_file.exists() and password_file.parent == keys and not store.names():
        create_file(password_file, secrets.token_hex(24).encode() + b"\n")
    create_file(
        keys / _API_KEYS, json.dumps({role: f"clk_{secrets.token_hex(32)}" for role in API_ROLES}).encode() + b"\n"
    )
    if TOKEN_KEY not in store.names():
        store.add(TOKEN_KEY, SM2, new_secret(SM2), _line(password_file).encode(), subject_code)
    return store.record(TOKEN_KEY).public


def keep_peer_key(folder: Path, key: str) -> None:
    """Keeps the API key at the other platform, in place of one before."""
    make_folder(folder / "keys")
    replace_file(folder / "keys" / _PEER_KEY, key.encode() + b"\n", 0o600)


def has_peer_key(folder: Path) -> bool:
    """Whether one is kept."""
    return (folder / "keys" / _PEER_KEY).exists()


def load_keys(folder: Path, password_file: Path) -> PlatformKeys:
    """Every key.

    Raises:
        SettingsError: a file is missing, malformed or open to others.
        LedgerError: the password does not open the keystore, or the keystore is damaged.
    """
    store = Keystore(folder / "keystore")
    secret = store.open(TOKEN_KEY, _line(password_file).encode())
    return PlatformKeys(
        secret, store.record(TOKEN_KEY).public, _line(folder / "keys" / _PEER_KEY), load_api_keys(folder)
    )


def load_api_keys(folder: Path) -> dict[str, str]:
    """Role -> key of its own API.

    Raises:
        SettingsError: the file is missing, malformed or open to others.
    """
    path = folder / "keys" / _API_KEYS
    try:
        value = json.loads(_text(path))
    except ValueError:
        value = None
    if not isinstance(value, dict) or set(value) != set(API_ROLES):
        raise SettingsError(f"{path} is not the file of this platform's API keys; restore it from a backup")
    return value


def _line(path: Path) -> str:
    line = _text(path).partition("\n")[0].strip()
    if not line:
        raise SettingsError(f"{path} is empty: its first line is the secret")
    return line


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            require_private(file, path, "replace what is in it")
            return file.read()
    except FileNotFoundError:
        raise SettingsError(f"{path} is missing: put it there, mode 0600, or restore it from a backup") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
