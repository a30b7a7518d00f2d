# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""Plain sentences in Chinese and English: what a policy means, why a decision was made, what contradicts itself. Pure and deterministic.

The sentences are made from the rules, never from a summary beside them, so they cannot say anything else than what is decided.
"""

from dataclasses import dataclass
from typing import Final

from ledger.domain.policies.analysis import Defect, Finding
from ledger.domain.policies.duties import DutyState
from ledger.domain.policies.evaluation import Decision, Reason, Result, Why
from ledger.domain.policies.model import Duty, PolicySet, Rule
from ledger.domain.policies.vocabulary import RuleKind
from ledger.domain.policies.wording import (
    Words,
    words_of_actions,
    words_of_constraint,
    words_of_constraints,
    words_of_duties,
    words_of_duty,
    words_of_value,
)


@dataclass(frozen=True)
class Sentence:
    """One sentence about one place of a policy; the place is empty where it is about the whole."""

    place: str
    chinese: str
    english: str


_DEFAULT: Final = Sentence("", "除上述允许事项外，其他使用一律不允许。", "Every other use is denied.")

_RESULTS: Final = {
    Result.ALLOWED: Words("允许。", "Allowed."),
    Result.CONDITIONAL: Words(
        "有条件允许：须先完成下列事项。", "Allowed on condition: what follows must be done first."
    ),
    Result.DENIED_BY_DEFAULT: Words("默认拒绝。", "Denied by default."),
    Result.DENIED: Words("拒绝。", "Denied."),
}
_WHY: Final = {
    Why.PROHIBITED: Words("该禁止条款适用", "this prohibition applies"),
    Why.PERMITTED: Words("该允许条款适用", "this permission applies"),
    Why.PERMITTED_AFTER_DUTY: Words(
        "完成前置义务后该允许条款适用", "this permission applies once its duties are fulfilled"
    ),
    Why.CONSTRAINT_MET: Words("条件满足：{}", "it holds that {}"),
    Why.CONSTRAINT_FAILED: Words("条件不满足：{}", "it does not hold that {}"),
    Why.FACT_MISSING: Words("缺少事实，无法判断：{}", "it is not known whether {}"),
    Why.DUTY_LAPSED: Words("前置义务已无法按期完成", "the time for this duty has passed"),
    Why.OUT_OF_SCOPE: Words("策略针对其他标的或其他使用方", "the policy is about another object or another user"),
    Why.NOT_PERMITTED: Words("没有允许该操作的条款", "no permission is about this action"),
}
_DEFECTS: Final = {
    Defect.EMPTY: Words("条件互相矛盾，“{fact}”没有任何取值可以满足", 'its conditions leave no value of "{fact}"'),
    Defect.PERMISSION_FORBIDDEN: Words(
        "允许的“{action}”被禁止条款完全覆盖", 'prohibitions forbid every permitted "{action}"'
    ),
    Defect.PERMISSION_UNDECIDABLE: Words(
        "禁止条款与允许的“{action}”无法比较，任何使用都无法判断",
        'prohibitions can never be excluded where "{action}" is permitted',
    ),
    Defect.PERMISSION_BLOCKED: Words(
        "前置义务不可能完成，允许条款永不生效", "its duty cannot be fulfilled, so it never applies"
    ),
    Defect.NOTHING_PERMITTED: Words("策略不允许任何使用", "the policy allows no use at all"),
    Defect.DUTY_FORBIDDEN: Words("要求的“{action}”被禁止", 'it demands to "{action}", which is forbidden'),
    Defect.DUTY_NOT_PERMITTED: Words(
        "要求的“{action}”没有任何条款允许", 'it demands to "{action}", which nothing permits'
    ),
    Defect.PROHIBITION_IDLE: Words(
        "条件互相矛盾，禁止条款永不适用", "its conditions contradict each other, so it never applies"
    ),
    Defect.CYCLE_IDLE: Words("时间窗口没有对应的计数条件", "its time window counts nothing"),
    Defect.FREQUENCY_WITHOUT_CYCLE: Words("使用频次没有说明单位时间", "the frequency does not say per what time"),
}
_STATES: Final = {
    DutyState.FULFILLED: Words("已履行", "fulfilled"),
    DutyState.PENDING: Words("尚未到期", "not yet to be done"),
    DutyState.DUE: Words("待履行", "to be done"),
    DutyState.BREACHED: Words("已违约", "breached"),
}


def explain_policy(policy: PolicySet) -> tuple[Sentence, ...]:
    """One sentence a rule, in the order of the policy, and one about everything else."""
    told = [_rule(kind, place, rule) for kind in RuleKind for place, rule in policy.numbered(kind)]
    return (*told, _DEFAULT)


def explain_decision(decision: Decision) -> tuple[Sentence, ...]:
    """The result, then each reason, what must be done first, what follows, and where every obligation stands."""
    result = _RESULTS[decision.result]
    told = [Sentence("", *result), *(_reason(one) for one in decision.reasons)]
    told += [_must(place, duty, Words("须先{}", "first: {}")) for place, duty in decision.duties]
    told += [_must(place, duty, Words("如仍发生，须{}", "if it happens: {}")) for place, duty in decision.remedies]
    for one in decision.obligations:
        state = _STATES[one.state]
        told.append(
            _must(one.place, one.duty, Words(f"义务“{{}}”{state.chinese}", f'obligation "{{}}": {state.english}'))
        )
        told += [_must(at, duty, Words("违约责任：{}", "liability: {}")) for at, duty in one.liabilities]
    return tuple(told)


def explain_finding(finding: Finding) -> Sentence:
    """What contradicts what."""
    words = _DEFECTS[finding.defect]
    chinese, english = (finding.action.chinese, finding.action.english) if finding.action else ("", "")
    places = ", ".join(finding.places)
    return Sentence(
        finding.places[0],
        f"{places}：{words.chinese.format(fact=finding.fact, action=chinese)}。",
        f"{places}: {words.english.format(fact=finding.fact, action=english)}.",
    )


def _rule(kind: RuleKind, place: str, rule: Rule) -> Sentence:
    actions = words_of_actions(rule.actions, "or" if kind is RuleKind.PROHIBITION else "and")
    limits, hung = words_of_constraints(rule), words_of_duties(rule.consequences)
    when = Words(f"，条件是{limits.chinese}", f" if {limits.english}") if limits else Words("", "")
    if kind is RuleKind.PERMISSION:
        then = Words(f"；使用前须{hung.chinese}", f", and first must: {hung.english}") if hung else Words("", "")
        return Sentence(
            place, f"可以{actions.chinese}{when[0]}{then[0]}。", f"You may {actions.english}{when[1]}{then[1]}."
        )
    if kind is RuleKind.PROHIBITION:
        then = (
            Words(f"；如仍发生，须{hung.chinese}", f"; if it happens, you must: {hung.english}")
            if hung
            else Words("", "")
        )
        return Sentence(
            place, f"不得{actions.chinese}{when[0]}{then[0]}。", f"You may not {actions.english}{when[1]}{then[1]}."
        )
    duty = words_of_duty(rule)
    then = (
        Words(f"；未履行的，须{hung.chinese}", f"; if you do not, you must: {hung.english}") if hung else Words("", "")
    )
    return Sentence(place, f"必须{duty.chinese}{then[0]}。", f"You must {duty.english}{then[1]}.")


def _reason(reason: Reason) -> Sentence:
    words = _WHY[reason.why]
    chinese, english = words
    if reason.constraint is not None:
        _, slash, cycle = reason.fact.partition("/")
        condition = words_of_constraint(reason.constraint, cycle if slash else None)
        chinese, english = chinese.format(condition.chinese), english.format(condition.english)
    elif reason.why is Why.FACT_MISSING:
        chinese, english = chinese.format(reason.fact), english.format(f"{reason.fact} is the policy's")
    if reason.value is not None:
        value = Words(str(reason.value), str(reason.value))
        if reason.constraint is not None:
            value = words_of_value(reason.constraint.left_operand, reason.value)
        chinese, english = f"{chinese}（实际为{value.chinese}）", f"{english} (it is {value.english})"
    at = f"{reason.place}：" if reason.place else ""
    return Sentence(reason.place, f"{at}{chinese}。", f"{at.replace('：', ': ')}{english}.")


def _must(place: str, duty: Duty, frame: Words) -> Sentence:
    words = words_of_duty(duty)
    return Sentence(place, f"{frame.chinese.format(words.chinese)}。", f"{frame.english.format(words.english)}.")
