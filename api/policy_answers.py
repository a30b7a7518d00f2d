"""Decisions, findings and explanations of policies as answers."""

from collections.abc import Iterable
from typing import Any

from ledger.domain.policies.analysis import Finding, find_contradictions
from ledger.domain.policies.evaluation import Decision
from ledger.domain.policies.explanation import Sentence, explain_decision, explain_finding, explain_policy
from ledger.domain.policies.model import PolicySet


def decision_value(decision: Decision) -> dict[str, Any]:
    """A decision as ``DecisionOf``."""
    return {
        "result": decision.result,
        "reasons": [
            {"why": one.why, "place": one.place, "fact": one.fact, "data_field": one.data_field}
            for one in decision.reasons
        ],
        "missing": list(decision.missing),
        "duties": [place for place, _ in decision.duties],
        "remedies": [place for place, _ in decision.remedies],
        "obligations": [{"place": one.place, "state": one.state} for one in decision.obligations],
        "sentences": sentence_values(explain_decision(decision)),
    }


def explanation_value(policy: PolicySet) -> dict[str, Any]:
    """A policy as ``ExplanationAnswer``."""
    return {"sentences": sentence_values(explain_policy(policy)), "findings": findings_value(policy)}


def findings_value(policy: PolicySet) -> list[dict[str, Any]]:
    """What contradicts what in it, each as ``FindingOf``."""
    return [_finding(one) for one in find_contradictions(policy)]


def _finding(finding: Finding) -> dict[str, Any]:
    [sentence] = sentence_values([explain_finding(finding)])
    return {
        "defect": finding.defect,
        "is_contradiction": finding.is_contradiction,
        "places": list(finding.places),
        "sentence": sentence,
    }


def sentence_values(told: Iterable[Sentence]) -> list[dict[str, str]]:
    """Sentences, each as ``SentenceOf``."""
    return [{"place": one.place, "chinese": one.chinese, "english": one.english} for one in told]
