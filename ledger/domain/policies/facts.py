"""What is known about a use when it is judged: the action, the facts by name, and what has been done before. Pure.

A fact has the name of the operand that it answers (``region``, ``executionEnv``), or of operand and cycle where a rule counts in one
(``count/P1D``), or is one of the scope's: ``target`` and ``assignee``. Numbers include the use that is judged: ``count`` 1 is the first.
What is not stated is not known; nothing is taken for granted, the time neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ledger.domain.policies.defects import InvalidFactsError
from ledger.domain.policies.measures import read_duration
from ledger.domain.policies.model import COUNTED
from ledger.domain.policies.values import KINDS, Fields
from ledger.domain.policies.vocabulary import Action, LeftOperand

TARGET: Final = "target"
ASSIGNEE: Final = "assignee"
_SCOPE: Final = frozenset({TARGET, ASSIGNEE})
FACTS_MAX: Final = 200
FIELDS_MAX: Final = 1_000
"""Data fields of one use; each is judged by itself."""

_OPERANDS: Final = {operand.value: operand for operand in LeftOperand}


@dataclass(frozen=True)
class Facts:
    """Facts by name, as JSON values; ``dataField`` may be a list or tuple of names.

    Raises:
        InvalidFactsError: an unknown name, or a value that its name does not take.
    """

    stated: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.stated) > FACTS_MAX:
            raise InvalidFactsError("facts", f"are at most {FACTS_MAX}.")
        _ = self._points, self.fields

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The data fields of the use, in order, each once."""
        stated = self.stated.get(LeftOperand.FIELD)
        if stated is None:
            return ()
        names = [stated] if isinstance(stated, str) else stated
        if not isinstance(names, list | tuple) or not 1 <= len(names) <= FIELDS_MAX:
            raise InvalidFactsError(LeftOperand.FIELD, f"is one field or an array of 1 to {FIELDS_MAX}.")
        return tuple(dict.fromkeys(_read(LeftOperand.FIELD, LeftOperand.FIELD, name) for name in names))

    @cached_property
    def _points(self) -> dict[str, Any]:
        return {name: _point(name, value) for name, value in self.stated.items() if name != LeftOperand.FIELD}

    def point(self, name: str, data_field: str | None) -> Any:
        """The point that a fact is, or None if it is not stated.

        Args:
            name: of the fact.
            data_field: the field that is judged; None if the use names none.
        """
        if name == LeftOperand.FIELD:
            return None if data_field is None else Fields(data_field, frozenset(self.fields))
        return self._points.get(name)


@dataclass(frozen=True)
class Performed:
    """An act that was done, and what is known of it: what may fulfil a duty. ``time`` is when it was done."""

    action: Action
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Request:
    """One use to be judged, or a moment at which duties are looked at.

    Args:
        action: what is to be done.
        facts: about this use.
        performed: what was done before it.
    """

    action: Action
    facts: Facts = field(default_factory=Facts)
    performed: tuple[Performed, ...] = ()

    def each_field(self) -> Iterator[str | None]:
        """A use of several fields is as many uses at once, one of each."""
        yield from self.facts.fields or (None,)


def _point(name: str, value: Any) -> Any:
    if name in _SCOPE:
        if not isinstance(value, str) or not value:
            raise InvalidFactsError(name, "is an id.")
        return value
    operand_name, slash, cycle = name.partition("/")
    operand = _OPERANDS.get(operand_name)
    if operand is None or (slash and operand not in COUNTED):
        raise InvalidFactsError("facts", "have a name that is no operand, operand and cycle, target or assignee.")
    if slash:
        try:
            read_duration(cycle)
        except ValueError:
            raise InvalidFactsError("facts", "have a cycle that is no ISO 8601 duration.") from None
    return _read(operand, name, value)


def _read(operand: LeftOperand, name: str, value: Any) -> Any:
    try:
        return KINDS[operand].read_fact(value)
    except ValueError:
        raise InvalidFactsError(name, f"is {KINDS[operand].takes}.") from None
