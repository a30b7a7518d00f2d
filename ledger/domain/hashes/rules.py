"""Versions of rules, and ids and hashes of the weights of periods (``RuleTypedData.sol``)."""

from ledger.domain.acts.kinds import Component
from ledger.domain.acts.settlement_rules import PeriodWeights, Rule
from ledger.domain.hashes.words import domain_word
from ledger.domain.typed_acts import encode_word, keccak256


def rule_version(rule: Rule, chain_id: int, settlement_rules: bytes) -> bytes:
    """The version of a rule: the hash of its content in this contract on this chain, 32 bytes.

    The act has the bounds part by part, the contract's struct has all least weights before all greatest.

    Args:
        rule: what is approved.
        chain_id: of the chain.
        settlement_rules: address of ``SettlementRules``, 20 bytes.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    digests = (rule.formula_digest, rule.filing_digest, rule.text_digest)
    numbers = (
        *(rule.min_public_weight, rule.min_enterprise_weight, rule.min_personal_weight),
        *(rule.max_public_weight, rule.max_enterprise_weight, rule.max_personal_weight),
        rule.first_period,
    )
    return keccak256(
        domain_word("rule")
        + encode_word("uint256", chain_id)
        + encode_word("address", settlement_rules)
        + b"".join(encode_word("bytes32", digest) for digest in digests)
        + b"".join(encode_word("uint32", number) for number in numbers)
    )


def weights_id(agreement_id: bytes, component: Component, period: int, revision: int) -> bytes:
    """Id of one revision of the weights of agreement, component and period, 32 bytes.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(
        domain_word("weights")
        + encode_word("bytes32", agreement_id)
        + encode_word("uint8", component)
        + encode_word("uint32", period)
        + encode_word("uint16", revision)
    )


def weights_hash(weights: PeriodWeights) -> bytes:
    """What a booking holds shown weights against: rule, component, weights and shares, 32 bytes.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    parts = (weights.public_weight, weights.enterprise_weight, weights.personal_weight)
    shares = keccak256(b"".join(encode_word("uint32", share) for share in weights.shares))
    return keccak256(
        encode_word("bytes32", weights.rule_version)
        + encode_word("bytes32", weights.component_hash)
        + b"".join(encode_word("uint32", part) for part in parts)
        + shares
    )
