"""The keyring: keys that seal bodies at rest, kept in files apart from the database (formats.md section 9).

One file per month, ``<YYYYMM>.keys``: 4096 records of generation (uint32, big-endian) and key (32 bytes), record number = bucket =
identity mod 4096. The whole month is generated and fsynced before its first key is used, so a key in use is always on disk.
A bucket's generation grows when erasure replaces its key; only the newest is kept.
"""

import os
import struct
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.adapters.files.durable import create_file, make_folder
from ledger.errors import IntegrityError, SealBrokenError, UnavailableError
from ledger.services.ports import Randomness, SealedBody

BUCKETS = 4096
_KEY_BYTES = 32
_NONCE_BYTES = 12
_RECORD = struct.Struct(f">I{_KEY_BYTES}s")
_KEY_NAME = struct.Struct(">II")
_DOMAIN = b"cityledger/v1/sealed\n"
_LEFTOVER_AGE_S = 600.0
"""No write of one month takes this long; an older temporary file belongs to no live process."""


def bucket_of(identity: bytes) -> int:
    """The bucket of an identity: its value mod 4096."""
    return int.from_bytes(identity[-2:], "big") % BUCKETS


def month_of(at: datetime) -> int:
    """YYYYMM of an instant, in UTC."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.year * 100 + utc.month


def _associated_data(identity: bytes, month: int, generation: int) -> bytes:
    return _DOMAIN + identity + _KEY_NAME.pack(month, generation)


class _Month:
    """The keys of one month in memory; ciphers are made when first used."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.version = _version(os.fstat(file.fileno()))
            data = file.read()
        if len(data) != BUCKETS * _RECORD.size:
            raise IntegrityError(f"The keyring file {path} has {len(data)} bytes instead of {BUCKETS * _RECORD.size}.")
        self.records = [_RECORD.unpack_from(data, number * _RECORD.size) for number in range(BUCKETS)]
        self._ciphers: list[AESGCM | None] = [None] * BUCKETS

    def cipher(self, bucket: int) -> tuple[int, AESGCM]:
        generation, key = self.records[bucket]
        cipher = self._ciphers[bucket]
        if cipher is None:
            cipher = self._ciphers[bucket] = AESGCM(key)
        return generation, cipher

    def continues(self, other: "_Month") -> bool:
        """Whether every key is the other's, or a later generation: what erasure leaves, and a copy."""
        pairs = zip(self.records, other.records, strict=True)
        return all(mine == theirs or mine[0] > theirs[0] for mine, theirs in pairs)


def _version(found: os.stat_result) -> tuple[int, int, int, int]:
    """What differs when another file stands in a file's place, or other bytes in the file."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _sweep_leftovers(folder: Path) -> None:
    """Removes the temporary files of writers that died: each holds keys, and an erased key would live on in it.

    A file that is linked to its month is complete, so its writer has nothing left to do but this; one that is not may belong
    to a writer at work, unless it is old.
    """
    for leftover in folder.glob(".*.keys.*.tmp"):
        try:
            found = leftover.stat()
            month = leftover.with_name(".".join(leftover.name.split(".")[1:3]))
            linked = month.exists() and month.samefile(leftover)
            if linked or time.time() - found.st_mtime > _LEFTOVER_AGE_S:
                leftover.unlink(missing_ok=True)
        except OSError:
            continue  # its writer removed it meanwhile, or this is a reader that may not write: the next writer removes it


class FileKeyring:
    """``Sealer`` over a folder of key files. Several processes may share the folder; the first to need a month makes it.

    ``sealing_month`` (YYYYMM) is the month whose keys were used last to seal, None before the first event.
    """

    def __init__(self, folder: Path, randomness: Randomness) -> None:
        self._folder = folder
        self._randomness = randomness
        self._months: dict[int, _Month] = {}
        self._lock = threading.Lock()
        self.sealing_month: int | None = None
        _sweep_leftovers(folder)

    def seal(self, identity: bytes, at: datetime, plaintext: bytes) -> SealedBody:
        """See ``Sealer.seal``."""
        return self.seal_all(at, ((identity, plaintext),))[0]

    def seal_all(self, at: datetime, bodies: Sequence[tuple[bytes, bytes]]) -> list[SealedBody]:
        """See ``Sealer.seal_all``."""
        month = month_of(at)
        keys = self._month(month)
        self.sealing_month = month
        nonces = self._randomness(_NONCE_BYTES * len(bodies))
        sealed: list[SealedBody] = []
        for number, (identity, plaintext) in enumerate(bodies):
            generation, cipher = keys.cipher(bucket_of(identity))
            nonce = nonces[_NONCE_BYTES * number : _NONCE_BYTES * (number + 1)]
            ciphertext = cipher.encrypt(nonce, plaintext, _associated_data(identity, month, generation))
            sealed.append(SealedBody(month, generation, nonce + ciphertext))
        return sealed

    def unseal(self, identity: bytes, sealed: SealedBody) -> bytes:
        """See ``Sealer.unseal``."""
        path = self._path(sealed.month)
        if sealed.month not in self._months and not path.exists():
            raise SealBrokenError(f"The keyring has no keys of {sealed.month}; is the keyring folder complete?")
        generation, cipher = self._month(sealed.month).cipher(bucket_of(identity))
        if generation != sealed.generation:
            generation, cipher = self._month(sealed.month, reread=True).cipher(bucket_of(identity))
        if generation != sealed.generation:
            raise SealBrokenError(
                f"Sealed under generation {sealed.generation}; the keyring holds generation {generation}."
            )
        try:
            nonce, ciphertext = sealed.blob[:_NONCE_BYTES], sealed.blob[_NONCE_BYTES:]
            return cipher.decrypt(nonce, ciphertext, _associated_data(identity, sealed.month, generation))
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("The sealed bytes were altered, or moved to another identity.") from error

    def holds(self, month: int) -> bool:
        """Whether the keys of this month (YYYYMM) are there."""
        return self._path(month).exists()

    def is_kept(self) -> bool:
        """Whether the keys that events are sealed with, which this process has in memory, are still in the folder.

        A file that was replaced or put back is read again, and used from then on if it has the same keys or, after an erasure, later
        ones. True before the first event is sealed.
        """
        month = self.sealing_month
        if month is None:
            return True
        loaded, path = self._months[month], self._path(month)
        try:
            if _version(path.stat()) == loaded.version:
                return True
            found = _Month(path)
        except (OSError, IntegrityError):
            return False
        if not found.continues(loaded):
            return False
        with self._lock:
            self._months[month] = found
        return True

    def _path(self, month: int) -> Path:
        return self._folder / f"{month:06d}.keys"

    def _month(self, month: int, *, reread: bool = False) -> _Month:
        loaded = self._months.get(month)
        if loaded is not None and not reread:
            return loaded
        with self._lock:
            loaded = self._months.get(month)
            if loaded is None or reread:
                loaded = self._months[month] = self._load(month, make=not reread)
            return loaded

    def _load(self, month: int, *, make: bool) -> _Month:
        path = self._path(month)
        try:
            if make and not path.exists():
                keys = b"".join(_RECORD.pack(0, self._randomness(_KEY_BYTES)) for _ in range(BUCKETS))
                make_folder(self._folder)  # not before: a start that is refused leaves nothing behind
                create_file(path, keys)  # the loser of a race reads the winner's keys below
            return _Month(path)
        except OSError as error:  # nothing was sealed under keys that are not safely on disk
            raise UnavailableError(
                "The keys that seal events cannot be written or read; nothing was recorded. Retry later."
            ) from error
