"""Cursors of the catalog's pages: where the next page begins, bound to the question that it continues.

Opaque to callers, and judged like any other input: a cursor that was made up can only be refused or begin a page elsewhere.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from ledger.adapters.sql.catalog_search import Key, Position
from ledger.domain.catalog_query import CatalogQuery, Sort
from ledger.errors import InputError
from ledger.log.timestamps import format_time, parse_time

CURSOR_CHARACTERS_MAX: Final = 4_096

_REFUSED: Final = (
    "This is no cursor of a page of this question; take next_cursor from the answer before, with the same parameters."
)
_KINDS: Final[Mapping[Sort, tuple[type, ...]]] = {
    Sort.RELEVANCE: (datetime, str),
    Sort.NEWEST: (datetime, str),
    Sort.PRICE: (str, int, str),
    Sort.TITLE: (str, str),
}


def encode_cursor(position: Position, query: CatalogQuery, sort: Sort) -> str:
    """A position as text for a URL."""
    key = None if position.key is None else [_written(part) for part in position.key]
    raw = orjson.dumps([_question(query, sort), position.tier, key])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def parse_cursor(text: str | None, query: CatalogQuery, sort: Sort) -> Position:
    """The inverse of ``encode_cursor``; the beginning when there is no text.

    Raises:
        InputError: no cursor, or one of another question.
    """
    if text is None:
        return Position(0, None)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        question, tier, key = orjson.loads(raw)
        if question != _question(query, sort) or tier not in {0, 1} or type(tier) is not int:
            raise InputError(_REFUSED)
        return Position(tier, None if key is None else _key(key, _KINDS[sort]))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InputError(_REFUSED) from error


def _question(query: CatalogQuery, sort: Sort) -> str:
    asked = {
        "text": query.text,
        "choices": {name: sorted(values) for name, values in query.choices.items() if values},
        "ranges": [str(bound) for bound in query.ranges],
        "sort": sort.value,
    }
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _written(part: str | int | datetime) -> Any:
    return format_time(part) if isinstance(part, datetime) else part


def _key(parts: Any, kinds: tuple[type, ...]) -> Key:
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise InputError(_REFUSED)
    return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))


def _part(part: Any, kind: type) -> str | int | datetime:
    if kind is datetime and isinstance(part, str):
        return parse_time(part)
    if kind is int and type(part) is int and 0 <= part < 2**63:
        return part
    if kind is str and isinstance(part, str) and "\x00" not in part:
        return part
    raise InputError(_REFUSED)
