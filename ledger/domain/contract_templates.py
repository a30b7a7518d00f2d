"""The library of preset contract templates (TC609-6-2025-14 clause 7.2 a), and the automatic check of what a template says. Pure.

A template is texts for the clauses that every contract has, and the policy that a contract of its kind begins with. ``check_template`` finds
what is missing or cannot be meant; a test holds the presets to it, and nothing that it finds wrong is handed out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from ledger.domain.policies.analysis import find_contradictions
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.national import encode_national
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.vocabulary import Action, LeftOperand
from ledger.errors import NotFoundError

CLAUSES: Final = {
    "data_list": "数据清单",
    "interface": "接口规范",
    "process": "业务流程",
    "usage_rules": "使用规则",
    "security": "安全责任",
    "compliance": "合规要求",
    "confidentiality": "保密义务",
    "supervision": "履约监督",
    "breach": "违约处理",
    "data_after_end": "期满数据处置",
    "disputes": "争议解决",
}
"""What every contract says, with the heading that it has."""

_BOUNDS: Final = frozenset({LeftOperand.COUNT, LeftOperand.FREQUENCY, LeftOperand.TIME, LeftOperand.TIME_WINDOW})
_CLAUSE_CHARACTERS_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class ContractTemplate:
    """One template.

    Args:
        template_id: ``templateId``, 36 characters.
        name: of the template.
        version: counted from 1; another text is another version.
        clauses: key of ``CLAUSES`` -> text.
        policy: ODRL ``Offer`` without parties and object.
    """

    template_id: str
    name: str
    version: int
    clauses: Mapping[str, str]
    policy: Mapping[str, Any]


def check_template(template: ContractTemplate) -> tuple[str, ...]:
    """What is wrong with a template, one sentence a finding; none when it may be handed out."""
    found = [f"The clause {name} is missing." for name in CLAUSES if not template.clauses.get(name, "").strip()]
    found += [f"The clause {name} is none that contracts have." for name in template.clauses if name not in CLAUSES]
    found += [
        f"The clause {name} has more than {_CLAUSE_CHARACTERS_MAX} characters."
        for name, text in template.clauses.items()
        if len(text) > _CLAUSE_CHARACTERS_MAX
    ]
    try:
        policy = parse_odrl(template.policy)
    except InvalidPolicyError as error:
        return (*found, f"The policy is none: {error.detail}")
    return (*found, *_findings_of(policy))


def template_value(template: ContractTemplate) -> dict[str, Any]:
    """A template as connectors get it: the policy as ODRL, and in the groups of table C.2."""
    return {
        "templateId": template.template_id,
        "templateName": template.name,
        "templateVersion": str(template.version),
        "clauses": [{"code": name, "title": CLAUSES[name], "text": template.clauses[name]} for name in CLAUSES],
        "contractPolicies": encode_national(parse_odrl(template.policy)),
        "policy": dict(template.policy),
    }


def templates(template_id: str | None = None) -> tuple[ContractTemplate, ...]:
    """The template of this id, or all of them.

    Raises:
        NotFoundError: there is none of this id.
    """
    if template_id is None:
        return tuple(LIBRARY.values())
    if template_id not in LIBRARY:
        raise NotFoundError("There is no such contract template.")
    return (LIBRARY[template_id],)


def _findings_of(policy: PolicySet) -> list[str]:
    found = [
        f"The policy contradicts itself: {one.defect}." for one in find_contradictions(policy) if one.is_contradiction
    ]
    if not any(one.left_operand in _BOUNDS for rule in policy.permissions for one in rule.constraints):
        found.append("No permission is bounded by a number of uses or by time.")
    if not any(Action.DELETE in rule.actions for rule in policy.obligations):
        found.append("Nobody is obliged to delete the data after their use.")
    if not any(Action.DISTRIBUTE in rule.actions for rule in policy.prohibitions):
        found.append("Passing the data on to others is not forbidden.")
    if not any(Action.GRANT_USE in rule.actions for rule in policy.prohibitions):
        found.append("Letting others use the data is not forbidden.")
    return found


def _library() -> dict[str, ContractTemplate]:
    text = files(__package__).joinpath("contract_templates.json").read_text(encoding="utf-8")
    return {row["template_id"]: ContractTemplate(**row) for row in json.loads(text)}


LIBRARY: Final[Mapping[str, ContractTemplate]] = MappingProxyType(_library())
"""By id; the texts stand in ``contract_templates.json``."""
