"""Many events in one body: batch mode arrays and NDJSON, cut into items without judging them (FORMATS.md section 1).

A bad item never loses a good one, so cutting is apart from parsing: an array is cut along its outer brackets and commas, NDJSON
along its newlines, and every piece then goes through ``parse_event`` alone. Only a body that cannot be cut is refused whole.
"""

import re
from typing import Final

import orjson

from ledger.errors import InputError, LedgerError, MalformedJsonError
from ledger.log.canonical import DEPTH_MAX, is_plain
from ledger.log.event import Event, event_from_plain_value, parse_event

JSON_SPACE: Final = b" \t\r\n"

# Whole strings in one step, so that brackets and commas inside them are not seen; a lone quote is an unfinished string.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},"]', re.DOTALL)
_OPENERS: Final = b"[{"
_CLOSERS: Final = {ord("]"): ord("["), ord("}"): ord("{")}


def parse_batch(raw: bytes) -> list[Event | LedgerError]:
    """The events of a batch mode array in order; an item that is refused stands there as its error.

    Raises:
        MalformedJsonError: not one JSON array in UTF-8 with balanced brackets.
    """
    fast = _parse_plain_batch(raw)
    return [_parse_item(item) for item in split_batch(raw)] if fast is None else fast


def parse_ndjson(raw: bytes) -> list[Event | LedgerError]:
    """The events of an NDJSON body in order, blank lines left out; a line that is refused stands there as its error.

    Raises:
        MalformedJsonError: not UTF-8.
    """
    return [_parse_item(line) for line in split_ndjson(raw)]


def split_batch(raw: bytes) -> list[bytes]:
    """The bytes of every item of a JSON array, white space around them removed.

    Raises:
        MalformedJsonError: not one JSON array in UTF-8 with balanced brackets.
    """
    _check_utf8(raw)
    body = raw.strip(JSON_SPACE)
    if not body.startswith(b"["):
        raise MalformedJsonError("a batch is a JSON array")
    ends = _item_ends(body)
    if ends[-1] != len(body) - 1:
        raise MalformedJsonError("the batch array does not end where the body ends")
    items = [body[begin + 1 : end].strip(JSON_SPACE) for begin, end in zip([0, *ends], ends, strict=False)]
    if items == [b""]:
        return []
    if b"" in items:
        raise MalformedJsonError("the batch array has a comma without an item")
    return items


def split_ndjson(raw: bytes) -> list[bytes]:
    """The lines of an NDJSON body that are not blank; a line may end in CR LF.

    Raises:
        MalformedJsonError: not UTF-8.
    """
    _check_utf8(raw)
    return [line for line in (line.strip(JSON_SPACE) for line in raw.split(b"\n")) if line]


def _item_ends(body: bytes) -> list[int]:
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
        elif token.end() == position + 1:
            break
    raise MalformedJsonError("the batch array has unbalanced brackets or an unfinished string")


def _parse_item(raw: bytes) -> Event | LedgerError:
    try:
        return parse_event(raw)
    except InputError as error:
        return error


def _parse_plain_batch(raw: bytes) -> list[Event | LedgerError] | None:
    """All items at once, when the array as a whole is written so that parsing it lost nothing (see ``canonical``)."""
    try:
        items = orjson.loads(raw)
        if not isinstance(items, list) or orjson.dumps(items) != raw:
            return None
    except ValueError:
        return None
    events: list[Event | LedgerError] = []
    for item in items:
        try:
            if not is_plain(item, depth_max=DEPTH_MAX):
                return None
            events.append(event_from_plain_value(item))
        except InputError as error:
            events.append(error)
    return events


def _check_utf8(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"not UTF-8 at byte {error.start}") from error
