"""From acts and lines of the domain to the structs that the generated bindings encode."""

from typing import Any, TypeVar

from ledger.adapters.chain.abi import AbiStruct, Field
from ledger.adapters.chain.bindings.settlement_rules import RuleContent
from ledger.adapters.chain.bindings.shared import PartWeights
from ledger.domain.acts.settlement_rules import Rule

FormT = TypeVar("FormT", bound=AbiStruct)


def zero(kind: type[FormT]) -> FormT:
    """The struct of this class with nothing in it."""
    return kind(*map(_nothing, kind.FIELDS))


def _nothing(part: Field) -> Any:
    if part.kind.endswith("[]"):
        return ()
    if part.part is not None:
        return zero(part.part) if issubclass(part.part, AbiStruct) else part.part(0)
    if part.kind.startswith("bytes"):
        return bytes(int(part.kind.removeprefix("bytes")))
    return False if part.kind == "bool" else 0


def rule_content(rule: Rule) -> RuleContent:
    """A rule as its contract takes it: all least weights, then all greatest; the act has them part by part."""
    return RuleContent(
        rule.formula_digest,
        rule.filing_digest,
        rule.text_digest,
        PartWeights(rule.min_public_weight, rule.min_enterprise_weight, rule.min_personal_weight),
        PartWeights(rule.max_public_weight, rule.max_enterprise_weight, rule.max_personal_weight),
        rule.first_period,
    )
