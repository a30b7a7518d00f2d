"""Many events in one body: batch mode arrays and NDJSON, cut into items that are judged one by one.

A bad item never loses a good one, so cutting is apart from parsing: an array is cut along its outer brackets and commas,
NDJSON along its newlines, and every piece then goes through ``parse_event`` alone. Only a body that cannot be cut is refused
as a whole: it is not UTF-8, no array, or its brackets do not match.
"""

import re
from typing import Final

import orjson

from ledger.errors import InputError, LedgerError, MalformedJsonError, TooLargeError
from ledger.log.canonical import DEPTH_MAX, decode_utf8, is_plain, refuse_byte_order_mark
from ledger.log.event import Event, event_from_value, parse_event

Item = Event | LedgerError
"""An event, or the reason why it is refused."""

_SPACE: Final = b" \t\r\n"
# Whole strings in one step, so that brackets and commas inside them are not seen; a lone quote is an unfinished string.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},"]', re.DOTALL)
_OPENERS: Final = b"[{"
_CLOSERS: Final = {ord("]"): ord("["), ord("}"): ord("{")}
# Below one of these every so many bytes an array may be parsed as a whole; denser ones take many times their text in memory.
_BYTES_PER_CONTAINER: Final = 32
_BYTES_PER_COMMA: Final = 8
_LINE: Final = re.compile(rb"[^\n]+")


def parse_batch(raw: bytes, items_max: int) -> list[Item]:
    """The events of a batch mode array in order; an item that is refused stands there as its error.

    Raises:
        MalformedJsonError: not one JSON array in UTF-8 with balanced brackets.
        TooLargeError: more than ``items_max`` items.
    """
    items = _parse_plain_batch(raw, items_max)
    if items is None:
        return [_parse_item(item) for item in split_batch(raw, items_max)]
    return items


def parse_ndjson(raw: bytes, items_max: int) -> list[Item]:
    """The events of an NDJSON body in order, blank lines left out; a line that is refused stands there as its error.

    Raises:
        MalformedJsonError: not UTF-8.
        TooLargeError: more than ``items_max`` lines.
    """
    return [_parse_item(line) for line in split_ndjson(raw, items_max)]


def split_batch(raw: bytes, items_max: int) -> list[bytes]:
    """The bytes of every item of a JSON array, white space around them removed; raises as ``parse_batch``."""
    refuse_byte_order_mark(raw)
    decode_utf8(raw)
    body = raw.strip(_SPACE)
    if not body.startswith(b"["):
        raise MalformedJsonError("a batch is a JSON array")
    ends = _item_ends(body, items_max)
    if ends[-1] != len(body) - 1:
        raise MalformedJsonError("the batch array does not end where the body ends")
    items = [body[begin + 1 : end].strip(_SPACE) for begin, end in zip([0, *ends], ends, strict=False)]
    if items == [b""]:
        return []
    if b"" in items:
        raise MalformedJsonError("the batch array has a comma without an item")
    return items


def split_ndjson(raw: bytes, items_max: int) -> list[bytes]:
    """The lines of an NDJSON body that are not blank, a carriage return before the newline removed; raises as above."""
    decode_utf8(raw)
    lines: list[bytes] = []
    for found in _LINE.finditer(raw):
        line = found[0].strip(_SPACE)
        if line:
            if len(lines) >= items_max:
                raise _too_many(items_max)
            lines.append(line)
    return lines


def _item_ends(body: bytes, items_max: int) -> list[int]:
    """Positions of the outer array's commas and of its closing bracket; ``body`` begins with ``[``."""
    ends: list[int] = []
    open_brackets = bytearray()
    for token in _STRUCTURE.finditer(body):
        position = token.start()
        character = body[position]
        if character in _OPENERS:
            open_brackets.append(character)
        elif character in _CLOSERS:
            if not open_brackets or open_brackets.pop() != _CLOSERS[character]:
                break
            if not open_brackets:
                return [*ends, position]
        elif character == ord(","):
            if len(open_brackets) == 1:
                ends.append(position)
                if len(ends) >= items_max:
                    raise _too_many(items_max)
        elif token.end() == position + 1:
            break
    raise MalformedJsonError("the batch array has unbalanced brackets or an unfinished string")


def _parse_item(raw: bytes) -> Item:
    try:
        return parse_event(raw)
    except InputError as error:
        return error


def _parse_plain_batch(raw: bytes, items_max: int) -> list[Item] | None:
    """All items at once, when the array as a whole is written so that parsing it lost nothing (see ``canonical``)."""
    containers, commas = raw.count(b"{") + raw.count(b"["), raw.count(b",")
    if containers > len(raw) // _BYTES_PER_CONTAINER or commas > len(raw) // _BYTES_PER_COMMA:
        return None  # cutting first stops at the limit
    try:
        values = orjson.loads(raw)
        if not isinstance(values, list) or orjson.dumps(values) != raw:
            return None
    except ValueError:
        return None
    if len(values) > items_max:
        raise _too_many(items_max)
    items: list[Item] = []
    for value in values:
        try:
            if not is_plain(value, depth_max=DEPTH_MAX):
                return None
            items.append(event_from_value(value))
        except InputError as error:
            items.append(error)
    return items


def _too_many(items_max: int) -> TooLargeError:
    return TooLargeError(f"A request has at most {items_max} events.", limit=items_max)
