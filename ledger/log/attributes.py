"""Names and values of CloudEvents 1.0 context attributes (CloudEvents specification 1.0.2, sections 3 and 3.1)."""

import re
from functools import lru_cache
from typing import Final

from ledger.errors import InputError, InvalidEventError
from ledger.log.timestamps import parse_rfc3339

INTEGER_MAX: Final = 2**31 - 1
"""CloudEvents Integer is 32 bits with a sign."""

JSON_MEDIA_TYPE: Final = "application/json"
"""What ``datacontenttype`` is filled in with."""

_NAME: Final = re.compile(r"[a-z0-9]+")
# Controls, and the 66 code points that Unicode keeps as non-characters.
_FORBIDDEN_IN_STRING: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)

# RFC 3986 appendix A, without the inner grammar of IP literals.
_PCHAR: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_NO_COLON: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})"
_REG_NAME: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_USER_INFO: Final = r"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?"
_AUTHORITY: Final = rf"//{_USER_INFO}(?:\[[A-Fa-f0-9:.vV]+\]|{_REG_NAME})(?::[0-9]*)?"
_HIERARCHY: Final = rf"(?:{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|"
_TAIL: Final = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+\-.]*:{_HIERARCHY}{_PCHAR}+(?:/{_PCHAR}*)*|){_TAIL}")
_RELATIVE_REFERENCE: Final = re.compile(rf"{_HIERARCHY}{_NO_COLON}+(?:/{_PCHAR}*)*|){_TAIL}")

# RFC 9110 section 8.3.1; quoted strings keep to printable ASCII.
_WORD: Final = r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+"
_MEDIA_TYPE: Final = re.compile(
    rf"({_WORD})/({_WORD})(?:[ \t]*;[ \t]*(?:{_WORD}=(?:{_WORD}|\"(?:[\t !#-\[\]-~]|\\[\t -~])*\"))?)*"
)


@lru_cache(maxsize=4096)
def check_name(name: str) -> None:
    """Refuses an attribute name that is not lower-case ASCII letters and digits."""
    if _NAME.fullmatch(name) is None:
        raise InvalidEventError("an attribute name is not lower-case letters and digits")


def check_string(name: str, value: str) -> None:
    """Refuses control characters, non-characters and half surrogate pairs in the value of attribute ``name``."""
    if value.isascii() and value.isprintable():
        return
    if _FORBIDDEN_IN_STRING.search(value) is not None:
        raise InvalidEventError(f"attribute {name!r} holds a control character or a non-character")


@lru_cache(maxsize=4096)
def check_source(value: str) -> None:
    """Refuses what is not a non-empty RFC 3986 URI reference."""
    if not value or (_URI.fullmatch(value) is None and _RELATIVE_REFERENCE.fullmatch(value) is None):
        raise InvalidEventError("source is not a non-empty URI reference (RFC 3986)")


@lru_cache(maxsize=4096)
def check_data_schema(value: str) -> None:
    """Refuses what is not a URI with a scheme."""
    if _URI.fullmatch(value) is None:
        raise InvalidEventError("dataschema is not an absolute URI (RFC 3986)")


def check_time(value: str) -> None:
    """Refuses what is not an RFC 3339 time with a zone."""
    try:
        parse_rfc3339(value)
    except InputError as error:
        raise InvalidEventError(f"time: {error.detail}") from error


@lru_cache(maxsize=4096)
def is_json_media_type(value: str) -> bool:
    """Whether data of this media type is JSON: subtype ``json`` or a subtype that ends in ``+json``.

    Raises:
        InvalidEventError: not a media type.
    """
    matched = _MEDIA_TYPE.fullmatch(value)
    if matched is None:
        raise InvalidEventError("datacontenttype is not a media type (RFC 9110)")
    subtype = matched[2].lower()
    return subtype == "json" or subtype.endswith("+json")


def extension_text(name: str, value: object) -> str:
    """The CloudEvents string form of an extension attribute: binary mode has no types.

    Raises:
        InvalidEventError: neither a string, a boolean nor a 32-bit integer.
    """
    if isinstance(value, str):
        check_string(name, value)
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -INTEGER_MAX - 1 <= value <= INTEGER_MAX:
        return str(value)
    raise InvalidEventError(f"extension attribute {name!r} is neither a string, a boolean nor a 32-bit integer")
