"""The keystore of a body's handler: a folder, one encrypted private key in one file ``<name>.json``, mode 0600.

A secp256k1 key is a file of Web3 Secret Storage version 3, as wallets have it; one that a wallet wrote may be put into the folder. Keys
of the kinds ``sm2`` and ``x25519`` are in the same envelope with ``kind`` and their ``public_key``: PKCS#8 would be the other standard
form, and ``cryptography`` carries no key of the SM2 curve. ``body`` is the subject code of the body that the key is kept for, or null. Address, public key and body
are not covered by the password; the first two are compared with the key when it is opened.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.files.durable import create_file, make_folder, replace_file
from ledger.adapters.files.private_files import require_private
from ledger.adapters.key_envelope import STRONG, Cost, open_secret, seal_secret
from ledger.adapters.signing_keys import KINDS, SECP256K1, SM2, X25519, public_part
from ledger.domain.signing_errors import KeystoreDamagedError
from ledger.errors import ConflictError, InputError, NotFoundError

FORMAT_VERSION: Final = 3
FILE_BYTES_MAX: Final = 16_384
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PUBLIC: Final = {SECP256K1: ("address", 20), SM2: ("public_key", 65), X25519: ("public_key", 32)}


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a key file says without its password.

    Args:
        name: of the file.
        kind: ``secp256k1``, ``sm2`` or ``x25519``.
        public: address, 20 bytes, SM2 public key, 65 bytes, or X25519 public key, 32 bytes.
        body: subject code of the body that it is kept for, None when that was not said.
    """

    name: str
    kind: str
    public: bytes
    body: str | None


class Keystore:
    """The keys in one folder.

    Args:
        folder: made with the first key.
        cost: of a guess at a password of a key that is written here.
    """

    def __init__(self, folder: Path, cost: Cost = STRONG) -> None:
        self.folder = folder
        self._cost = cost

    def add(self, name: str, kind: str, secret: bytes, password: bytes, body: str | None = None) -> KeyRecord:
        """Encrypts and keeps a private key.

        Raises:
            InputError: no name, or no private key.
            ConflictError: there is a key of this name.
        """
        path = self._path(name)
        record = KeyRecord(name, kind, public_part(kind, secret), body)
        make_folder(self.folder)
        if path.exists() or not create_file(path, _encode(record, seal_secret(secret, password, self._cost))):
            raise ConflictError(f"There is a key {name} already; nothing was changed.")
        return record

    def names(self) -> list[str]:
        """The names of all keys, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.json") if NAME.fullmatch(path.stem))

    def record(self, name: str) -> KeyRecord:
        """What the file says without its password; raises as ``open``, but for the password."""
        return self._read(name)[0]

    def open(self, name: str, password: bytes) -> bytes:
        """The private key, 32 bytes.

        Raises:
            NotFoundError: there is none of this name.
            WrongPasswordError: the password does not open it.
            KeystoreDamagedError: the file is no key file, or holds another key than it says.
            SettingsError: other users can read the file.
        """
        record, crypto = self._read(name)
        secret = open_secret(crypto, password)
        try:
            is_same = public_part(record.kind, secret) == record.public
        except InputError:
            is_same = False
        if not is_same:
            raise KeystoreDamagedError(f"The file of the key {name} holds another key than it says; it was changed.")
        return secret

    def change_password(self, name: str, password: bytes, new_password: bytes) -> None:
        """Encrypts a key anew; raises as ``open``. The old file is overwritten in the folder, not on the medium or in backups."""
        record = self.record(name)
        secret = self.open(name, password)
        replace_file(self._path(name), _encode(record, seal_secret(secret, new_password, self._cost)))

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise InputError("The name of a key is 1 to 64 lower-case letters, digits, dots, dashes and underscores.")
        return self.folder / f"{name}.json"

    def _read(self, name: str) -> tuple[KeyRecord, Any]:
        path = self._path(name)
        try:
            with path.open("rb") as file:
                require_private(file, path, "consider a new key")
                raw = file.read(FILE_BYTES_MAX + 1)
        except FileNotFoundError:
            raise NotFoundError(f"There is no key {name} in {self.folder}.") from None
        try:
            return _decode(name, raw)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise KeystoreDamagedError(
                f"{path} is no key file: Web3 Secret Storage, version 3, is expected; restore it from a backup"
            ) from error


def _encode(record: KeyRecord, crypto: Mapping[str, Any]) -> bytes:
    member, _ = _PUBLIC[record.kind]
    value = {
        "version": FORMAT_VERSION,
        "id": str(uuid.uuid4()),
        "kind": record.kind,
        member: record.public.hex(),
        "body": record.body,
        "crypto": crypto,
    }
    return json.dumps(value, indent=1).encode() + b"\n"


def _decode(name: str, raw: bytes) -> tuple[KeyRecord, Any]:
    """Record and ``crypto`` object of a file; raises what reading another shape raises."""
    if len(raw) > FILE_BYTES_MAX:
        raise ValueError(name)
    value = json.loads(raw)
    kind, body = value.get("kind", SECP256K1), value.get("body")
    if value["version"] != FORMAT_VERSION or kind not in KINDS or not isinstance(body, str | None):
        raise ValueError(name)
    member, length = _PUBLIC[kind]
    public = bytes.fromhex(value[member].removeprefix("0x"))
    if len(public) != length:
        raise ValueError(name)
    crypto = value["crypto"] if "crypto" in value else value["Crypto"]  # some wallets write it so
    return KeyRecord(name, kind, public, body), crypto
