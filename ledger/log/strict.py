"""Strict reading of our own JSON documents: exactly the named members, of exactly the stated type, in the only spelling.

Evidence has one form. ``parse_canonical`` re-encodes what it read and compares, so that no byte of a document is free; the
small readers below it name the place of what they refuse.
"""

import base64
import binascii
import re
from typing import Any, Final

from ledger.errors import InputError, MalformedEvidenceError, NotCanonicalError
from ledger.log.canonical import SAFE_INTEGER_MAX, encode_jcs, load_json
from ledger.log.timestamps import parse_time

EVIDENCE_DEPTH_MAX: Final = 64
"""A proof nests a body (32 levels) inside an opening inside itself."""

_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_HEX32_PREFIXED: Final = re.compile(r"0x[0-9a-f]{64}")
_HEX20_PREFIXED: Final = re.compile(r"0x[0-9a-f]{40}")


def parse_canonical(raw: bytes, what: str) -> Any:
    """The JSON value in ``raw``, which must be its own RFC 8785 form; ``what`` names the document in errors.

    Raises:
        MalformedEvidenceError: not strict JSON.
        NotCanonicalError: another spelling of the same value.
    """
    value = parse_evidence_json(raw, what)
    if encode_jcs(value) != raw:
        raise NotCanonicalError(f"the {what} is not in canonical form (RFC 8785)")
    return value


def parse_evidence_json(raw: bytes, what: str) -> Any:
    """The JSON value in ``raw``, in any spelling; refusals are ``MalformedEvidenceError``."""
    try:
        return load_json(raw, depth_max=EVIDENCE_DEPTH_MAX)[0]
    except InputError as error:
        raise MalformedEvidenceError(f"the {what} is not strict JSON: {error.detail}") from error


def read_object(value: Any, members: tuple[str, ...], where: str) -> dict[str, Any]:
    """``value`` as an object with exactly these members."""
    if not isinstance(value, dict):
        raise MalformedEvidenceError(f"{where} is not an object")
    if value.keys() != set(members):
        raise MalformedEvidenceError(f"{where} does not have exactly the members {', '.join(members)}")
    return value


def read_version(value: Any, where: str) -> None:
    """Refuses any version but the integer 1."""
    if type(value) is not int or value != 1:
        raise MalformedEvidenceError(f"{where}: version is not 1")


def read_list(value: Any, where: str) -> list[Any]:
    """``value`` as a list."""
    if not isinstance(value, list):
        raise MalformedEvidenceError(f"{where} is not a list")
    return value


def read_string(value: Any, where: str) -> str:
    """``value`` as a string that is not empty."""
    if not isinstance(value, str) or not value:
        raise MalformedEvidenceError(f"{where} is not a non-empty string")
    return value


def read_count(value: Any, where: str) -> int:
    """``value`` as an integer from 0 to 2^53 - 1."""
    if type(value) is not int or not 0 <= value <= SAFE_INTEGER_MAX:
        raise MalformedEvidenceError(f"{where} is not an integer from 0 on")
    return value


def read_time(value: Any, where: str) -> str:
    """``value`` as an RFC 3339 UTC time with six decimals; kept as text."""
    text = read_string(value, where)
    try:
        parse_time(text)
    except InputError as error:
        raise MalformedEvidenceError(f"{where}: {error.detail}") from error
    return text


def read_hex32(value: Any, where: str) -> bytes:
    """32 bytes from 64 lower-case hex digits."""
    if not isinstance(value, str) or _HEX32.fullmatch(value) is None:
        raise MalformedEvidenceError(f"{where} is not 64 lower-case hex digits")
    return bytes.fromhex(value)


def read_hex32_list(value: Any, where: str) -> tuple[bytes, ...]:
    """A list of 32-byte hashes in lower-case hex."""
    return tuple(read_hex32(item, where) for item in read_list(value, where))


def read_ethereum32(value: Any, where: str) -> bytes:
    """32 bytes from 0x and 64 lower-case hex digits."""
    if not isinstance(value, str) or _HEX32_PREFIXED.fullmatch(value) is None:
        raise MalformedEvidenceError(f"{where} is not 0x and 64 lower-case hex digits")
    return bytes.fromhex(value[2:])


def read_ethereum20(value: Any, where: str) -> bytes:
    """A 20-byte address from 0x and 40 lower-case hex digits."""
    if not isinstance(value, str) or _HEX20_PREFIXED.fullmatch(value) is None:
        raise MalformedEvidenceError(f"{where} is not 0x and 40 lower-case hex digits")
    return bytes.fromhex(value[2:])


def read_base64(value: Any, size: int, where: str) -> bytes:
    """Exactly ``size`` bytes of standard base64 in its only spelling."""
    text = read_string(value, where)
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedEvidenceError(f"{where} is not base64") from error
    if len(octets) != size or base64.b64encode(octets).decode("ascii") != text:
        raise MalformedEvidenceError(f"{where} is not the base64 of {size} bytes")
    return octets


def ethereum_hex(octets: bytes) -> str:
    """0x and lower-case hex: the form of Ethereum values in our documents."""
    return "0x" + octets.hex()
