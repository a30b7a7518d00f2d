"""Frozen dataclasses as JSON documents and back, by their annotations. Pure.

A record's fields are text, integers, booleans, None, tuples of one kind, or records. JSON member names are the field names. A member
that a document lacks takes the field's default, so that a record may grow; one that no field knows is refused.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from ledger.errors import MisuseError

T = TypeVar("T")


def record_to_json(record: Any) -> dict[str, Any]:
    """The document of a record."""
    return {field.name: _to_json(getattr(record, field.name)) for field in fields(record)}


def record_from_json(kind: type[T], document: Mapping[str, Any]) -> T:
    """The record that ``record_to_json`` wrote.

    Raises:
        MisuseError: a member is unknown, or one is missing that has no default: the document is not of this kind.
    """
    hints = get_type_hints(kind)
    unknown = set(document) - set(hints)
    if unknown:
        raise MisuseError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return kind(**{name: _from_json(hints[name], value) for name, value in document.items()})
    except TypeError as error:
        raise MisuseError(f"not a document of {kind.__name__}: {error}") from error


def _to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return record_to_json(value) if is_dataclass(value) else value


def _from_json(hint: Any, value: Any) -> Any:
    if isinstance(hint, UnionType):
        if value is None:
            return None
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is tuple:
        return tuple(_from_json(get_args(hint)[0], item) for item in value)
    return record_from_json(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value
