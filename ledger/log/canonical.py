"""Strict JSON in, RFC 8785 bytes out (FORMATS.md section 1).

Two ways lead through this module and give the same bytes; ``tests/property/test_canonical.py`` compares them:

- the slow way is the definition: the standard parser with hooks that see every key and every number as it was written,
  and ``rfc8785`` for the canonical form;
- the fast way uses ``orjson`` and is taken only where it provably loses nothing. Parsing: the parsed value, written again,
  is byte for byte what came in, so there was no duplicate key, no second spelling of a number and no unusual escape.
  Writing: the value holds no float, every integer is within +-(2^53 - 1), and every key sorts alike by UTF-8 (orjson) and by
  UTF-16 (RFC 8785), which is so when no key has a code point from U+E000 on.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

import orjson
import rfc8785

from ledger.errors import (
    DuplicateKeyError,
    InputError,
    LoneSurrogateError,
    MalformedJsonError,
    MisuseError,
    NumberNotExactError,
    TooDeepError,
)

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

DEPTH_MAX: Final = 32
"""Levels of objects and arrays; the outermost counts as 1."""

SAFE_INTEGER_MAX: Final = 2**53 - 1

_FIRST_KEY_CHARACTER_THAT_SORTS_DIFFERENTLY: Final = "\ue000"
_SAFE_INTEGER_DIGITS: Final = len(str(SAFE_INTEGER_MAX))
_SORTED: Final = orjson.OPT_SORT_KEYS
# An unclosed string runs to the end, so that every text is read once, from left to right.
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET: Final = re.compile(r"[][{}]")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF16_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_TOO_LARGE: Final = "an integral value beyond +-(2^53 - 1); send it as a string"


def parse_json(raw: bytes, *, depth_max: int = DEPTH_MAX) -> JsonValue:
    """The one JSON value in ``raw``, UTF-8; numbers with an integral value come back as ``int`` (``1.0`` is ``1``).

    Raises:
        MalformedJsonError: not one JSON value, not UTF-8, a byte order mark, or anything after the value.
        DuplicateKeyError: an object names a key twice, however it is escaped.
        LoneSurrogateError: half of a surrogate pair.
        NumberNotExactError: NaN, an infinity, an integral value beyond +-(2^53 - 1), or a changed decimal value.
        TooDeepError: more than ``depth_max`` levels.
    """
    return load_json(raw, depth_max=depth_max)[0]


def load_json(raw: bytes, *, depth_max: int = DEPTH_MAX) -> tuple[JsonValue, bool]:
    """As ``parse_json``; the second value says that ``encode_plain`` may write the value (see ``is_plain``)."""
    try:
        value = orjson.loads(raw)
        lossless = orjson.dumps(value) == raw
    except ValueError:  # orjson's errors; the slow way says what exactly is wrong
        lossless = False
    if lossless and is_plain(value, depth_max=depth_max):
        return value, True
    value = _parse_slowly(raw, depth_max)
    return value, is_plain(value, depth_max=depth_max)


def encode_jcs(value: Any) -> bytes:
    """The RFC 8785 form of ``value``.

    Raises:
        NumberNotExactError: NaN, an infinity, or an integer beyond +-(2^53 - 1).
        LoneSurrogateError: half of a surrogate pair.
        MisuseError: not a JSON value.
    """
    try:
        if is_plain(value):
            return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        pass  # the slow way names the reason
    try:
        return rfc8785.dumps(value)
    except (rfc8785.IntegerDomainError, rfc8785.FloatDomainError) as error:
        raise NumberNotExactError(f"cannot be written exactly: {error}") from error
    except UnicodeEncodeError as error:
        raise LoneSurrogateError("a string holds half of a surrogate pair") from error
    except rfc8785.CanonicalizationError as error:
        if isinstance(error.__context__, UnicodeEncodeError):
            raise LoneSurrogateError("a string holds half of a surrogate pair") from error
        raise MisuseError(f"not a JSON value: {error}") from error


def encode_plain(value: JsonValue) -> bytes:
    """``encode_jcs`` without the check, for a value for which ``is_plain`` was seen to hold."""
    return orjson.dumps(value, option=_SORTED)


def encode_string(text: str) -> bytes:
    """The RFC 8785 form of one string, quotes included."""
    return orjson.dumps(text)


def is_plain(value: Any, *, depth_max: int = 1 << 10) -> bool:
    """Whether ``orjson`` with sorted keys writes exactly the RFC 8785 form of ``value``.

    Raises:
        NumberNotExactError: an integer beyond +-(2^53 - 1).
        TooDeepError: more than ``depth_max`` levels.
    """
    kind = type(value)
    if kind is dict or kind is list:
        return _is_plain_container(value, depth_max)
    return kind is str or value is None or kind is bool or (kind is int and _is_safe_integer(value))


def _is_plain_container(container: Any, levels_left: int) -> bool:
    if levels_left < 1:
        raise TooDeepError(f"objects and arrays nest deeper than {DEPTH_MAX} levels")
    members = container
    if type(container) is dict:
        for key in container:
            if type(key) is not str or not (key.isascii() or max(key) < _FIRST_KEY_CHARACTER_THAT_SORTS_DIFFERENTLY):
                return False
        members = container.values()
    for member in members:
        kind = type(member)
        if kind is str or member is None or kind is bool:
            continue
        if kind is dict or kind is list:
            if not _is_plain_container(member, levels_left - 1):
                return False
        elif kind is not int or not _is_safe_integer(member):
            return False
    return True


def _is_safe_integer(value: int) -> bool:
    if -SAFE_INTEGER_MAX <= value <= SAFE_INTEGER_MAX:
        return True
    raise NumberNotExactError(_TOO_LARGE)


def refuse_byte_order_mark(raw: bytes) -> None:
    """Refuses the three bytes that some editors put before UTF-8 (``MalformedJsonError``)."""
    if raw.startswith(_BYTE_ORDER_MARK):
        raise MalformedJsonError("begins with a byte order mark; send UTF-8 without one")


def decode_utf8(raw: bytes) -> str:
    """The text of ``raw``. Raises ``MalformedJsonError`` naming the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw.startswith(_UTF16_BYTE_ORDER_MARKS):
            raise MalformedJsonError("begins with the byte order mark of UTF-16; send UTF-8 without one") from error
        raise MalformedJsonError(f"not UTF-8 at byte {error.start}") from error


def _parse_slowly(raw: bytes, depth_max: int) -> JsonValue:
    refuse_byte_order_mark(raw)
    text = decode_utf8(raw)
    _check_nesting(text, depth_max)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_object_without_duplicates,
            parse_float=_exact_number,
            parse_int=_exact_integer,
            parse_constant=_refuse_constant,
        )
    except InputError:
        raise
    except ValueError as error:
        position = getattr(error, "pos", None)
        raise MalformedJsonError(
            "not one JSON value" if position is None else f"no JSON at character {position}"
        ) from error
    # Surrogate escapes that make a pair were joined by the parser; what is left is half of one.
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _check_nesting(text: str, depth_max: int) -> None:
    """Refuses deep nesting before the recursive parser sees it.

    The parser's own guard is the interpreter's recursion limit, and a library in the same process may have raised that
    beyond what the stack holds (py_ecc, below web3, does): then deep JSON would end the process.
    """
    if text.count("[") + text.count("{") <= depth_max:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        if bracket in "[{":
            depth += 1
            if depth > depth_max:
                raise TooDeepError(f"objects and arrays nest deeper than {depth_max} levels")
        else:
            depth -= 1


def _object_without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DuplicateKeyError("an object names the same key twice")
    return members


def _exact_integer(text: str) -> int:
    # The length check comes first: a million digits must not be converted.
    if len(text) <= _SAFE_INTEGER_DIGITS + 1:
        value = int(text)
        if -SAFE_INTEGER_MAX <= value <= SAFE_INTEGER_MAX:
            return value
    raise NumberNotExactError(_TOO_LARGE)


def _exact_number(text: str) -> int | float:
    """The number whose canonical form has the same decimal value as ``text``."""
    value = float(text)
    if value.is_integer():
        if abs(value) > SAFE_INTEGER_MAX:
            raise NumberNotExactError(_TOO_LARGE)
        canonical: int | float = int(value)
    else:
        canonical = value
    # repr() has the shortest digits that give the double back, which are the digits RFC 8785 writes.
    try:
        same = value - value == 0 and Decimal(repr(canonical)) == Decimal(text)
    except InvalidOperation:
        same = False
    if not same:
        raise NumberNotExactError(
            "a number whose decimal value would change in canonical form (a 64-bit float); send it as a string"
        )
    return canonical


def _refuse_constant(name: str) -> NoReturn:
    raise NumberNotExactError(f"{name} is no JSON number")


def check_depth(value: JsonValue, levels_left: int = DEPTH_MAX) -> None:
    """Refuses a value of more than ``levels_left`` levels of objects and arrays (``TooDeepError``)."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.values()
    elif isinstance(value, list):
        members = value
    else:
        return
    if levels_left < 1:
        raise TooDeepError(f"objects and arrays nest deeper than {DEPTH_MAX} levels")
    for member in members:
        if isinstance(member, dict | list):
            check_depth(member, levels_left - 1)


def _check_surrogates(value: JsonValue) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise LoneSurrogateError("a string holds half of a surrogate pair") from error
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_surrogates(key)
            _check_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _check_surrogates(member)
