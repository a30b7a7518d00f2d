"""What both written forms of a policy are read with: objects, arrays and words, refused by name. Pure.

JSON is taken as parsed by a strict reader (no duplicate keys, no numbers that change).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from ledger.domain.code_list import CodeList
from ledger.domain.policies.defects import (
    ExtensionError,
    InvalidPolicyError,
    PolicyTooLargeError,
    UnknownActionError,
    UnknownLeftOperandError,
    UnknownMemberError,
    UnknownOperatorError,
    WrongValueError,
)
from ledger.domain.policies.vocabulary import EXTENSION, Action, LeftOperand, Operator

WordT = TypeVar("WordT", bound=CodeList)

_UNKNOWN: dict[type[CodeList], type[InvalidPolicyError]] = {
    Action: UnknownActionError,
    LeftOperand: UnknownLeftOperandError,
    Operator: UnknownOperatorError,
}


@contextmanager
def standing_at(place: str) -> Iterator[None]:
    """Gives the defects of an object that is built inside the place where it stands."""
    try:
        yield
    except InvalidPolicyError as error:
        raise error.at(place) from None


def read_object(value: Any, names: set[str], place: str) -> Mapping[str, Any]:
    """An object with no other members than ``names``."""
    if not isinstance(value, Mapping):
        raise WrongValueError(place, "is an object.")
    if set(value) - names:
        raise UnknownMemberError(place, f"has a member that is none of {', '.join(sorted(names))}.")
    return value


def read_array(holder: Mapping[str, Any], name: str, place: str, most: int) -> list[tuple[str, Any]]:
    """The items of a member that is an array, with their places; none if the member is not there."""
    found = holder.get(name, [])
    if not isinstance(found, list):
        raise WrongValueError(f"{place}.{name}", f"is an array of at most {most} objects.")
    if len(found) > most:
        raise PolicyTooLargeError(f"{place}.{name}", f"is an array of at most {most} objects.")
    return [(f"{place}.{name}[{number}]", one) for number, one in enumerate(found)]


def read_text(holder: Mapping[str, Any], name: str, place: str) -> str:
    """A member that is a text; empty if it is not there."""
    found = holder.get(name, "")
    if not isinstance(found, str) or (name in holder and not found):
        raise WrongValueError(f"{place}.{name}", "is a text.")
    return found


def read_word(words: type[WordT], value: Any, place: str) -> WordT:
    """A word of one of the standard's tables.

    Raises:
        ExtensionError: it is the word for what an industry adds.
        InvalidPolicyError: its subclass for an unknown action, left operand or operator.
    """
    if value == EXTENSION and isinstance(value, str):
        raise ExtensionError(place, "is an extension, and what it means is stated nowhere, so nobody could decide it.")
    for word in words:
        if isinstance(value, str) and word.value == value:
            return word
    raise _UNKNOWN[words](place, f"is one of {', '.join(sorted(words))}.")
