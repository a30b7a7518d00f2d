"""A private key under a password: the ``crypto`` object of Web3 Secret Storage version 3, which Ethereum wallets read and write.

scrypt (RFC 7914) makes 32 bytes of the password; the first 16 encrypt the key with AES-128 in counter mode, the others authenticate the
ciphertext: keccak256(bytes 16 to 32 || ciphertext). Written here over ``cryptography``, because the base install has no wallet library;
``tests/unit/test_keystore.py`` opens its files with one, and the other way round. PBKDF2 is read, never written.

A file may come from anywhere: what it asks for in memory and time is bounded before any of it is done.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.domain.signing_errors import KeystoreDamagedError, WrongPasswordError
from ledger.log.typed_data import keccak256

SECRET_BYTES: Final = 32
DERIVED_BYTES: Final = 32
IV_BYTES: Final = 16
SALT_BYTES: Final = 32
SALT_BYTES_MAX: Final = 64
MEMORY_MAX: Final = 1 << 30
PARALLEL_MAX: Final = 16
ROUNDS_MAX: Final = 10_000_000
CIPHER: Final = "aes-128-ctr"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess at a password costs: scrypt's parameters; 128 * n * r bytes of memory, p times."""

    n: int
    r: int = 8
    p: int = 1


STRONG: Final = Cost(1 << 18)
"""256 MiB and about a second for each guess: what wallets call the standard strength."""


def seal_secret(secret: bytes, password: bytes, cost: Cost = STRONG) -> dict[str, Any]:
    """The ``crypto`` object for a secret of 32 bytes, with a fresh salt."""
    salt, iv = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(IV_BYTES)
    derived = _scrypt(password, salt, cost)
    ciphertext = _aes_ctr(derived[:16], iv, secret)
    return {
        "cipher": CIPHER,
        "cipherparams": {"iv": iv.hex()},
        "ciphertext": ciphertext.hex(),
        "kdf": "scrypt",
        "kdfparams": {"dklen": DERIVED_BYTES, "n": cost.n, "r": cost.r, "p": cost.p, "salt": salt.hex()},
        "mac": keccak256(derived[16:] + ciphertext).hex(),
    }


def open_secret(crypto: Any, password: bytes) -> bytes:
    """The secret in a ``crypto`` object, 32 bytes.

    Raises:
        KeystoreDamagedError: it is none, or asks for more than a key file may.
        WrongPasswordError: the password does not authenticate the ciphertext; a change of the ciphertext looks the same.
    """
    try:
        if crypto["cipher"] != CIPHER:
            raise KeystoreDamagedError(f"The cipher of a key file is {CIPHER}.")
        iv, ciphertext, mac = (
            _octets(text, length)
            for text, length in (
                (crypto["cipherparams"]["iv"], IV_BYTES),
                (crypto["ciphertext"], SECRET_BYTES),
                (crypto["mac"], 32),
            )
        )
        derived = _derive(crypto["kdf"], crypto["kdfparams"], password)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeystoreDamagedError("The key file is not in the form of Web3 Secret Storage, version 3.") from error
    if not hmac.compare_digest(keccak256(derived[16:] + ciphertext), mac):
        raise WrongPasswordError("The password does not open this key; or its file was changed.")
    return _aes_ctr(derived[:16], iv, ciphertext)


def _derive(kdf: str, parameters: Mapping[str, Any], password: bytes) -> bytes:
    salt = bytes.fromhex(parameters["salt"])
    if parameters["dklen"] != DERIVED_BYTES or len(salt) > SALT_BYTES_MAX:
        raise ValueError(kdf)
    if kdf == "scrypt":
        return _scrypt(password, salt, Cost(*(_positive(parameters[name]) for name in ("n", "r", "p"))))
    if kdf != "pbkdf2" or parameters["prf"] != "hmac-sha256" or _positive(parameters["c"]) > ROUNDS_MAX:
        raise ValueError(kdf)
    return PBKDF2HMAC(SHA256(), DERIVED_BYTES, salt, parameters["c"]).derive(password)


def _scrypt(password: bytes, salt: bytes, cost: Cost) -> bytes:
    if 128 * cost.n * cost.r > MEMORY_MAX or cost.p > PARALLEL_MAX:
        raise KeystoreDamagedError(f"The key file asks for more than {MEMORY_MAX >> 20} MiB to open it.")
    return Scrypt(salt, DERIVED_BYTES, cost.n, cost.r, cost.p).derive(password)


def _aes_ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypts and decrypts: in counter mode they are the same."""
    cipher = Cipher(AES(key), CTR(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()


def _octets(text: str, length: int) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != length:
        raise ValueError(text)
    return value


def _positive(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(value)
    return value
