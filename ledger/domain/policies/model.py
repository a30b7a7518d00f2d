"""A policy set: permissions with pre-duties, prohibitions with remedies, obligations with liabilities (TC609-6-2025-14, table C.2). Pure.

Objects of these classes hold what a written form stated, value by value, so that both forms can be written from them again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from ledger.domain.policies.defects import (
    OperatorMismatchError,
    PolicyTooLargeError,
    TwoCyclesError,
    WrongValueError,
)
from ledger.domain.policies.values import KINDS, Scalar, is_true_of
from ledger.domain.policies.vocabulary import OF_SETS, ORDERED, SINGLE, Action, LeftOperand, Operator, RuleKind

RULES_MAX: Final = 100
"""Rules of one kind, and consequences of one rule."""

CONSTRAINTS_MAX: Final = 50
"""Constraints of one rule, and values of one constraint."""

VALUES_MAX: Final = 500
"""Values of a whole policy set, and rules with their consequences: what bounds the work of looking for contradictions."""

SCOPE_CHARACTERS_MAX: Final = 256
"""Of an id or a name."""

COUNTED: Final = frozenset(
    {LeftOperand.COUNT, LeftOperand.FREQUENCY, LeftOperand.RECORDS, LeftOperand.DATA_SIZE, LeftOperand.AMOUNT}
)
"""Operands that add up over uses, so that a cycle begins them anew."""


@dataclass(frozen=True)
class Constraint:
    """One condition: constraint name, operator, value or values.

    Args:
        left_operand: what is compared.
        operator: how.
        values: as stated; one, unless ``is_array``.
        is_array: whether the value was stated as an array; an array of one is not written as a bare value.

    Raises:
        InvalidPolicyError: operator and values do not go together; the place is that of the constraint, ``constraint``.
    """

    left_operand: LeftOperand
    operator: Operator
    values: tuple[Scalar, ...]
    is_array: bool = False

    def __post_init__(self) -> None:
        kind = KINDS[self.left_operand]
        if self.operator in ORDERED and kind.difference is None:
            raise OperatorMismatchError("constraint.operator", "compares sizes, and this operand has none.")
        if self.is_array and self.operator in SINGLE:
            raise WrongValueError("constraint.rightOperand", "is one value, because the operator compares with one.")
        if not self.is_array and self.operator in OF_SETS:
            raise WrongValueError(
                "constraint.rightOperand", "is an array, because the operator asks about several values."
            )
        if not 1 <= len(self.values) <= CONSTRAINTS_MAX or not (self.is_array or len(self.values) == 1):
            raise WrongValueError("constraint.rightOperand", f"has 1 to {CONSTRAINTS_MAX} values.")
        # reading them here refuses a wrong value when it is stated, not when it is first compared
        if not self.measures[0] and self.is_cycle:
            raise WrongValueError("constraint.rightOperand", "is a cycle of some length.")

    @cached_property
    def measures(self) -> tuple[Any, ...]:
        """What the values stand for, by the operand's kind."""
        kind = KINDS[self.left_operand]
        try:
            return tuple(kind.read(value) for value in self.values)
        except ValueError:
            raise WrongValueError("constraint.rightOperand", f"is {kind.takes}.") from None

    @property
    def is_cycle(self) -> bool:
        """Whether this sets the cycle in which the rule's other constraints count (a time window ``eq`` a duration), and tests nothing."""
        return self.left_operand is LeftOperand.TIME_WINDOW and self.operator is Operator.EQUAL

    def is_true_of(self, point: Any) -> bool | None:
        """Whether it holds at a point; None if the point does not decide."""
        return is_true_of(self.left_operand, self.operator, self.measures, point)


@dataclass(frozen=True)
class Duty:
    """What must be done: pre-duty, remedy or liability. Its constraints say which doing of the action counts."""

    actions: tuple[Action, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        if not self.actions or len(set(self.actions)) != len(self.actions):
            raise WrongValueError("rule.action", "is one or several actions, each once.")
        if len(self.constraints) > CONSTRAINTS_MAX:
            raise PolicyTooLargeError("rule.constraint", f"is an array of at most {CONSTRAINTS_MAX} objects.")
        if len({constraint.values for constraint in self.constraints if constraint.is_cycle}) > 1:
            raise TwoCyclesError(
                "rule.constraint", "has two time windows, so that nothing says in which of them it counts."
            )

    @property
    def cycle(self) -> str | None:
        """The duration within which the rule counts, as stated."""
        return next((str(one.values[0]) for one in self.constraints if one.is_cycle), None)

    def fact_name(self, constraint: Constraint) -> str:
        """The fact that a constraint of this rule is about: the operand, and its cycle if it adds up in one: ``count/P1D``."""
        is_counted = self.cycle is not None and constraint.left_operand in COUNTED
        return f"{constraint.left_operand}/{self.cycle}" if is_counted else str(constraint.left_operand)

    @property
    def tests(self) -> tuple[tuple[int, Constraint], ...]:
        """The constraints that test a fact, with their numbers in the rule."""
        return tuple((number, one) for number, one in enumerate(self.constraints) if not one.is_cycle)


@dataclass(frozen=True)
class Rule(Duty):
    """A permission, a prohibition or an obligation, with what hangs on it."""

    consequences: tuple[Duty, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.consequences) > RULES_MAX:
            raise PolicyTooLargeError("rule", f"has at most {RULES_MAX} consequences.")


class PolicyKind(StrEnum):
    """ODRL's classes of policy, as far as the Dataspace Protocol uses them."""

    OFFER = "Offer"
    AGREEMENT = "Agreement"
    SET = "Set"


@dataclass(frozen=True)
class Scope:
    """Object and execution nodes (tables C.3, C.4); empty where the surrounding document says them.

    Args:
        product_id: ``dataProductId``; ODRL's ``target``.
        provider_node: ``providerNodeId``; ODRL's ``assigner``.
        consumer_node: ``consumerNodeId``; ODRL's ``assignee``.
        product_owner: subject code of the product's owner.
        product_name: for a reader.
        provider_node_name: for a reader.
        consumer_node_name: for a reader.
    """

    product_id: str = ""
    provider_node: str = ""
    consumer_node: str = ""
    product_owner: str = ""
    product_name: str = ""
    provider_node_name: str = ""
    consumer_node_name: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            if len(getattr(self, one.name)) > SCOPE_CHARACTERS_MAX:
                raise WrongValueError(f"scope.{one.name}", f"has at most {SCOPE_CHARACTERS_MAX} characters.")


@dataclass(frozen=True)
class PolicySet:
    """All policies about one object (table C.2, ``contractPolicies``).

    Args:
        permissions: at least one may hold, or nothing is allowed: what no permission allows is denied by default.
        prohibitions: one that applies wins over every permission.
        obligations: must be done, whatever is used.
        scope: object and nodes.
        kind: ODRL's class.
        uid: ODRL's ``@id``; empty if it has none.
    """

    permissions: tuple[Rule, ...] = ()
    prohibitions: tuple[Rule, ...] = ()
    obligations: tuple[Rule, ...] = ()
    scope: Scope = field(default_factory=Scope)
    kind: PolicyKind = PolicyKind.SET
    uid: str = ""

    def __post_init__(self) -> None:
        if not (self.permissions or self.prohibitions or self.obligations):
            raise WrongValueError("policy", "has at least one rule.")
        for kind in RuleKind:
            if len(self.rules(kind)) > RULES_MAX:
                raise PolicyTooLargeError(f"policy.{kind}", f"is an array of at most {RULES_MAX} objects.")
        parts = [rule for _, rule in self.places()]
        if len(parts) > VALUES_MAX:
            raise PolicyTooLargeError("policy", f"has at most {VALUES_MAX} rules and consequences.")
        if sum(len(one.values) for part in parts for one in part.constraints) > VALUES_MAX:
            raise PolicyTooLargeError("policy", f"has at most {VALUES_MAX} values in all its constraints.")
        if len(self.uid) > SCOPE_CHARACTERS_MAX:
            raise WrongValueError("policy.@id", f"has at most {SCOPE_CHARACTERS_MAX} characters.")
        scope = self.scope
        if self.kind is PolicyKind.AGREEMENT and not (scope.product_id and scope.provider_node and scope.consumer_node):
            raise WrongValueError("policy", "of an agreement names target, assigner and assignee.")

    def rules(self, kind: RuleKind) -> tuple[Rule, ...]:
        """The rules of one kind, in their order."""
        return {
            RuleKind.PERMISSION: self.permissions,
            RuleKind.PROHIBITION: self.prohibitions,
            RuleKind.OBLIGATION: self.obligations,
        }[kind]

    def numbered(self, kind: RuleKind) -> Iterator[tuple[str, Rule]]:
        """The rules of one kind with their places, such as ``permission[0]``."""
        return ((f"{kind}[{number}]", rule) for number, rule in enumerate(self.rules(kind)))

    def places(self) -> Iterator[tuple[str, Duty]]:
        """Every rule and every consequence with its place, such as ``permission[0].duty[1]``."""
        for kind in RuleKind:
            for place, rule in self.numbered(kind):
                yield place, rule
                yield from consequences(kind, place, rule)


def consequences(kind: RuleKind, place: str, rule: Rule) -> Iterator[tuple[str, Duty]]:
    """What hangs on a rule, with its places."""
    return ((f"{place}.{kind.consequence}[{number}]", one) for number, one in enumerate(rule.consequences))
