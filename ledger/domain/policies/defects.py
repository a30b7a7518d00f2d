"""Why a policy, or what is said about a use, is refused: one class a kind of defect, one stable code for all of a policy's.

Messages name the place and what could stand there, never what was sent.
"""

from typing import ClassVar

from ledger.errors import InputError


class InvalidPolicyError(InputError):
    """A usage policy is not one; ``facts`` carries ``place`` and, for the subclasses, ``defect`` (the class's word)."""

    code = "invalid_policy"
    title = "Invalid usage policy"
    defect: ClassVar[str] = ""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"{place} {detail}", place=place, **({"defect": self.defect} if self.defect else {}))
        self.place = place
        self.says = detail

    def at(self, place: str) -> "InvalidPolicyError":
        """The same defect of the object that stands at ``place``: the model knows only the member, such as ``rule.action``."""
        _, dot, member = self.place.partition(".")
        return type(self)(f"{place}{dot}{member}", self.says)


class UnknownMemberError(InvalidPolicyError):
    """An object has a member that the form does not know; ODRL's logical constraints and refinements are such."""

    defect = "unknown_member"


class UnknownActionError(InvalidPolicyError):
    """No action of table 4."""

    defect = "unknown_action"


class UnknownLeftOperandError(InvalidPolicyError):
    """No constraint name of table 5.1."""

    defect = "unknown_left_operand"


class UnknownOperatorError(InvalidPolicyError):
    """No operator of table 5.2."""

    defect = "unknown_operator"


class ExtensionError(InvalidPolicyError):
    """An ``expansionItem``: an action or constraint that the standard leaves to others, so nothing here can decide it."""

    defect = "extension"


class OperatorMismatchError(InvalidPolicyError):
    """The operator compares sizes and the operand has none."""

    defect = "operator_mismatch"


class WrongValueError(InvalidPolicyError):
    """The right operand is not what the operand or the operator takes."""

    defect = "wrong_value"


class TwoCyclesError(InvalidPolicyError):
    """A rule counts in two different cycles at once, so that no count can be meant."""

    defect = "two_cycles"


class PolicyTooLargeError(InvalidPolicyError):
    """More rules, constraints or values than anybody can read before signing."""

    defect = "too_large"


class InvalidFactsError(InputError):
    """What is said about a use is not what its name means; names the fact, never its value."""

    code = "invalid_policy_facts"
    title = "Invalid facts about a use"

    def __init__(self, fact: str, detail: str) -> None:
        super().__init__(f"{fact} {detail}", defect="wrong_value", fact=fact)
