# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""The words of a constraint in both languages, for sentences that a party reads before signing. Pure and deterministic.

Codes are shown with their names, moments as Beijing time, durations in words; everything else as the policy states it.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple
from unicodedata import category

from ledger.domain.policies.model import COUNTED, Constraint, Duty
from ledger.domain.policies.values import Scalar
from ledger.domain.policies.vocabulary import CODED, Action, LeftOperand, Operator
from ledger.domain.working_days import SHANGHAI


class Words(NamedTuple):
    """The same said in two languages."""

    chinese: str
    english: str


_COMPARED: Final = {
    Operator.EQUAL: Words("为{}", "is {}"),
    Operator.GREATER: Words("大于{}", "is more than {}"),
    Operator.GREATER_OR_EQUAL: Words("不少于{}", "is at least {}"),
    Operator.LESS: Words("小于{}", "is less than {}"),
    Operator.LESS_OR_EQUAL: Words("不超过{}", "is at most {}"),
    Operator.NOT_EQUAL: Words("不为{}", "is not {}"),
    Operator.IS_A: Words("属于{}", "is {}"),
    Operator.IS_PART_OF: Words("属于{}", "is {}"),
    Operator.IS_ANY_OF: Words("属于{}", "is {}"),
    Operator.IS_NONE_OF: Words("不属于{}", "is not {}"),
    Operator.IS_ALL_OF: Words("同时属于{}", "is all of {}"),
    Operator.HAS_PART: Words("同时属于{}", "is all of {}"),
}
_OF_TIME: Final = {
    Operator.GREATER: Words("晚于{}", "is after {}"),
    Operator.GREATER_OR_EQUAL: Words("不早于{}", "is not before {}"),
    Operator.LESS: Words("早于{}", "is before {}"),
    Operator.LESS_OR_EQUAL: Words("不晚于{}", "is not after {}"),
}
_OF_PLACES: Final = dict.fromkeys(
    (Operator.EQUAL, Operator.IS_A, Operator.IS_PART_OF, Operator.IS_ANY_OF), Words("位于{}", "is in {}")
) | dict.fromkeys((Operator.NOT_EQUAL, Operator.IS_NONE_OF), Words("不位于{}", "is not in {}"))
_OF_FIELDS: Final = dict.fromkeys((Operator.IS_ALL_OF, Operator.HAS_PART), Words("包括{}", "includes each of {}"))
_SPECIAL: Final = {
    LeftOperand.TIME: _OF_TIME,
    LeftOperand.REGION: _OF_PLACES,
    LeftOperand.NETWORK_ADDRESS: _OF_PLACES,
    LeftOperand.FIELD: _OF_FIELDS,
}
_SUBJECT: Final = {
    LeftOperand.TIME: Words("时间", "the time"),
    LeftOperand.TIME_WINDOW: Words("累计使用时长", "the time since first delivery"),
    LeftOperand.REGION: Words("使用地域", "the region of use"),
}
_FREE: Final = frozenset(
    {
        *(LeftOperand.FIELD, LeftOperand.FIELD_VALUE, LeftOperand.APPLICATION, LeftOperand.ALGORITHM),
        *(LeftOperand.MODEL, LeftOperand.PURPOSE, LeftOperand.PHYSICAL_ADDRESS),
    }
)
"""Operands whose values are anybody's words: they are quoted."""

_DURATION: Final = re.compile(
    r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_UNITS: Final = (
    *(("年", "year"), ("个月", "month"), ("周", "week"), ("天", "day")),
    *(("小时", "hour"), ("分钟", "minute"), ("秒", "second")),
)


def words_of_constraints(duty: Duty) -> Words | None:
    """The constraints of a rule, joined; None if it has none that test anything."""
    found = [words_of_constraint(one, duty.cycle) for _, one in duty.tests]
    if not found:
        return None
    return Words("，且".join(one.chinese for one in found), " and ".join(one.english for one in found))


def words_of_constraint(constraint: Constraint, cycle: str | None) -> Words:
    """One constraint.

    Args:
        constraint: which.
        cycle: the duration in which its rule counts, if it does.
    """
    operand = constraint.left_operand
    subject = _SUBJECT.get(operand, Words(operand.chinese, f"the {operand.english}"))
    compared = _SPECIAL.get(operand, {}).get(constraint.operator, _COMPARED[constraint.operator])
    values = [words_of_value(operand, value) for value in constraint.values]
    is_all = constraint.operator in (Operator.IS_ALL_OF, Operator.HAS_PART)
    chinese = compared.chinese.format(("、" if is_all else "或").join(one.chinese for one in values))
    english = compared.english.format((" and " if is_all else " or ").join(one.english for one in values))
    if cycle is not None and operand in COUNTED:
        within = words_of_duration(cycle)
        return Words(
            f"每{within.chinese}内{subject.chinese}{chinese}", f"{subject.english} {english} in every {within.english}"
        )
    return Words(f"{subject.chinese}{chinese}", f"{subject.english} {english}")


def words_of_value(operand: LeftOperand, value: Scalar) -> Words:
    """One value as a reader knows it."""
    if operand in CODED:
        code = next(one for one in CODED[operand] if one.value == value)
        return Words(f"“{code.chinese}”", f'"{code.english}"')
    if operand is LeftOperand.TIME:
        moment = datetime.fromisoformat(str(value)).astimezone(SHANGHAI)
        day = f"{moment.year}年{moment.month}月{moment.day}日"
        return Words(f"北京时间{day}{moment:%H:%M:%S}", f"{moment:%Y-%m-%d %H:%M:%S} Beijing time")
    if operand is LeftOperand.TIME_WINDOW:
        return words_of_duration(str(value))
    shown = _printable(str(value))
    return Words(f"“{shown}”", f'"{shown}"') if operand in _FREE else Words(shown, shown)


def _printable(text: str) -> str:
    """The text with every control and format character spelled out, so that none can change how a sentence reads."""
    return "".join(f"\\u{ord(one):04x}" if category(one)[0] in "CZ" and one != " " else one for one in text)


def words_of_duration(text: str) -> Words:
    """An ISO 8601 duration in words: ``P1DT2H`` is "1 day 2 hours"."""
    found = _DURATION.fullmatch(text)
    parts = [] if found is None else [(int(n), unit) for n, unit in zip(found.groups(), _UNITS, strict=True) if n]
    chinese = "".join(f"{number}{unit[0]}" for number, unit in parts)
    english = " ".join(f"{number} {unit[1]}{'' if number == 1 else 's'}" for number, unit in parts)
    return Words(chinese, english)


def words_of_actions(actions: tuple[Action, ...], joined: str = "and") -> Words:
    """Several actions, joined by the English word ``joined``."""
    return Words("、".join(one.chinese for one in actions), f" {joined} ".join(one.english for one in actions))


def words_of_duties(duties: tuple[Duty, ...]) -> Words | None:
    """What hangs on a rule, joined; None if nothing does."""
    if not duties:
        return None
    told = [words_of_duty(one) for one in duties]
    return Words("；".join(one.chinese for one in told), "; ".join(one.english for one in told))


def words_of_duty(duty: Duty) -> Words:
    """One thing that must be done."""
    actions, limits = words_of_actions(duty.actions), words_of_constraints(duty)
    again = None if duty.cycle is None else words_of_duration(duty.cycle)
    chinese = (f"每{again.chinese}" if again else "") + actions.chinese + (f"（{limits.chinese}）" if limits else "")
    english = (
        actions.english + (f" every {again.english}" if again else "") + (f" ({limits.english})" if limits else "")
    )
    return Words(chinese, english)
