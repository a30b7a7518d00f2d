"""Frozen dataclasses as JSON and back, for the documents of business objects. Pure.

Members keep their names; tuples are arrays; an absent optional member is null. Texts, integers and booleans are taken as they are and
never converted: ``true`` is no number, ``"3"`` is none either.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from ledger.errors import InputError, MisuseError

T = TypeVar("T")
_PLAIN: Final = (str, int, bool)


def to_json(record: Any) -> Any:
    """The record as JSON values."""
    if is_dataclass(record):
        return {member.name: to_json(getattr(record, member.name)) for member in fields(record)}
    if isinstance(record, tuple):
        return [to_json(item) for item in record]
    if isinstance(record, str):
        return str(record)
    return dict(record) if isinstance(record, Mapping) else record


def from_json(kind: type[T], value: Any, where: str = "") -> T:
    """The record that ``to_json`` wrote.

    Args:
        kind: a frozen dataclass.
        value: an object with exactly its members; those with a default may be missing.
        where: the members that lead to it, for messages.

    Raises:
        InputError: names the member that is missing, unknown or of another type, never what it holds.
    """
    if not isinstance(value, Mapping):
        raise InputError(f"{where or 'The document'} is no JSON object.")
    members = {member.name: member for member in fields(kind)}  # type: ignore[arg-type]
    if set(value) - set(members):
        raise InputError(f"{where or 'The document'} has a member that is none of {', '.join(members)}.")
    hints, found = get_type_hints(kind), {}
    for name, member in members.items():
        place = f"{where}.{name}" if where else name
        if name in value:
            found[name] = _read(hints[name], value[name], place)
        elif member.default is MISSING and member.default_factory is MISSING:
            raise InputError(f"{place} is missing.")
    return kind(**found)


def stored_from_json(kind: type[T], document: Mapping[str, Any]) -> T:
    """As ``from_json``, of a document that we stored ourselves.

    Raises:
        MisuseError: it is not of this kind, which is no caller's fault.
    """
    try:
        return from_json(kind, document)
    except InputError as error:
        raise MisuseError(f"not a document of {kind.__name__}: {error.detail}") from error


def _read(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        [inner] = [option for option in get_args(hint) if option is not type(None)]
        return None if value is None else _read(inner, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise InputError(f"{where} is no JSON array.")
        return tuple(_read(get_args(hint)[0], item, f"{where}[{place}]") for place, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise InputError(f"{where} is no JSON object.")
        return dict(value)
    if is_dataclass(hint):
        return from_json(hint, value, where)  # type: ignore[arg-type]
    assert hint in _PLAIN, hint
    if type(value) is not hint:
        raise InputError(f"{where} is no {hint.__name__}.")
    return value
