"""A settlement rule as the struct that its contract takes. No I/O."""

from ledger.adapters.chain.bindings.settlement_rules import RuleContent
from ledger.adapters.chain.bindings.shared import PartWeights
from ledger.domain.acts.settlement_rules import Rule


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
