"""Whether an authorisation covers a use, and whether a list stays within its application and the product's policy. Pure.

A use is covered when no ban forbids it, one line of the list or of a widening has all of it, and the product's policy allows it as well; so
an authorisation never allows what the policy does not, whatever it lists. What is not stated is not covered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ledger.domain.application import ApplicationContent, RequestedItem
from ledger.domain.authorisation import (
    MARKETING,
    ONWARD,
    Authorisation,
    AuthorisationList,
    AuthorisedItem,
    TooWideAuthorisationError,
)
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.evaluation import Decision, Result, evaluate
from ledger.domain.policies.facts import Facts, Request
from ledger.domain.policies.measures import show_time
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.vocabulary import Action, LeftOperand, includes
from ledger.domain.working_days import SHANGHAI, day_in_shanghai

_ALLOWED: Final = frozenset({Result.ALLOWED, Result.CONDITIONAL})


class Why(StrEnum):
    """Why a use is not covered."""

    OTHER_SCENARIO = "other_scenario"
    PURPOSE_NOT_STATED = "purpose_not_stated"
    BANNED_PURPOSE = "banned_purpose"
    OTHER_PURPOSE = "other_purpose"
    ONWARD_AUTHORISATION = "onward_authorisation"
    FIELDS_NOT_STATED = "fields_not_stated"
    ITEM_NOT_LISTED = "item_not_listed"
    FIELD_NOT_LISTED = "field_not_listed"
    ACTION_NOT_LISTED = "action_not_listed"
    NOT_YET_VALID = "not_yet_valid"
    NO_LONGER_VALID = "no_longer_valid"
    TOO_MANY_CALLS = "too_many_calls"
    RECORDS_NOT_STATED = "records_not_stated"
    TOO_MANY_RECORDS = "too_many_records"
    POLICY_DENIES = "policy_denies"
    POLICY_UNDECIDED = "policy_undecided"


@dataclass(frozen=True, slots=True)
class UseRequest:
    """One use to be held against an authorisation.

    Args:
        item: name of the item.
        scenario: name of the scenario.
        at: when, UTC.
        use: action and facts; the data fields and the purpose stand there. The time is always ``at``.
        calls: how many calls at once.
        records: rows that each call gives; None when nobody says.
        entry: the one line that may cover it; None for any.
    """

    item: str
    scenario: str
    at: datetime
    use: Request
    calls: int = 1
    records: int | None = None
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: ``entry`` is the line that was looked at, empty for the whole list; ``detail`` names what was missing, such as fields or facts."""

    why: Why
    entry: str = ""
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer.

    Args:
        entry: the line that covers the use; None when none does.
        reasons: why it is not covered; empty when it is.
        duties: places in the policy of duties that are to be fulfilled before the use begins.
    """

    entry: str | None
    reasons: tuple[Reason, ...] = ()
    duties: tuple[str, ...] = ()

    @property
    def is_covered(self) -> bool:
        """Whether it is."""
        return self.entry is not None


def coverage(authorisation: Authorisation, policy: PolicySet, request: UseRequest) -> Coverage:
    """Holds a use against list, widenings and policy.

    Args:
        authorisation: whose state is in force; that is the caller's to look at.
        policy: of the product.
        request: the use.
    """
    against_all = tuple(_banned(authorisation.listed, request))
    entry, against_lines = _covering_line(authorisation, request)
    decision = evaluate(policy, _use_at(request))
    against_policy = _denied(decision)
    reasons = (*against_all, *against_lines, *against_policy)
    if reasons:
        return Coverage(None, reasons)
    return Coverage(entry, (), tuple(place for place, _ in decision.duties))


def check_within_application(listed: AuthorisationList, application: ApplicationContent) -> None:
    """Refuses a list that allows more than was asked for.

    Raises:
        TooWideAuthorisationError: ``beyond`` has the member.
    """
    asked = application.scenario
    for member, is_beyond in (
        ("scenario", listed.scenario != asked.name),
        ("purpose", listed.purpose != asked.purpose),
    ):
        if is_beyond:
            raise TooWideAuthorisationError(f"The application has another {member}.", item="", beyond=member)
    for item in listed.items:
        requested = application.item(item.item)
        beyond = "item" if requested is None else _beyond(item, requested, application)
        if beyond is not None:
            raise TooWideAuthorisationError(
                f"The list goes beyond the application in {beyond}.", item=item.item, beyond=beyond
            )


def check_within_policy(items: Iterable[AuthorisedItem], policy: PolicySet, purpose: str, calls: int) -> None:
    """Refuses items that the product's policy would never allow; what depends on facts of a use is decided when it is used.

    Args:
        items: of a list or a widening.
        policy: of the product.
        purpose: of the use.
        calls: that list and widenings allow together.

    Raises:
        TooWideAuthorisationError: ``beyond`` has the action.
    """
    for item in items:
        for moment in _ends(item):
            for action in item.actions:
                stated = {
                    str(LeftOperand.FIELD): list(item.fields),
                    str(LeftOperand.TIME): show_time(moment),
                    str(LeftOperand.COUNT): calls,
                    str(LeftOperand.PURPOSE): purpose,
                }
                decision = evaluate(policy, Request(parse_listed(Action, action), Facts(stated)))
                if decision.result not in _ALLOWED and not decision.missing:
                    raise TooWideAuthorisationError(
                        "The product's policy does not allow this.", item=item.item, beyond=action
                    )


def _beyond(item: AuthorisedItem, asked: RequestedItem, application: ApplicationContent) -> str | None:
    for member, is_beyond in (
        ("item_type", item.item_type != asked.item_type),
        ("fields", not set(item.fields) <= set(asked.fields)),
        ("actions", not all(_is_among(action, asked.actions) for action in item.actions)),
        ("calls", item.calls > asked.calls),
        ("valid_from", item.valid_from < application.valid_from),
        ("valid_until", item.valid_until > application.valid_until),
    ):
        if is_beyond:
            return member
    return None


def _ends(item: AuthorisedItem) -> tuple[int, int]:
    """First and last second of an item's days, since 1970."""
    first, last = (
        datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI)
        for day in (item.valid_from, item.valid_until)
    )
    return int(first.timestamp()), int(last.timestamp()) + 86_399


def _banned(listed: AuthorisationList, request: UseRequest) -> Iterable[Reason]:
    purpose = request.use.facts.stated.get(LeftOperand.PURPOSE)
    if request.scenario != listed.scenario:
        yield Reason(Why.OTHER_SCENARIO)
    if purpose is None:
        yield Reason(Why.PURPOSE_NOT_STATED)
    elif purpose in {MARKETING, *listed.banned_purposes}:
        yield Reason(Why.BANNED_PURPOSE)
    elif purpose != listed.purpose:
        yield Reason(Why.OTHER_PURPOSE)
    if str(request.use.action) in ONWARD:
        yield Reason(Why.ONWARD_AUTHORISATION)
    if not request.use.facts.fields:
        yield Reason(Why.FIELDS_NOT_STATED)


def _covering_line(authorisation: Authorisation, request: UseRequest) -> tuple[str | None, tuple[Reason, ...]]:
    """The first line that has all of the use; else what each line of the item lacks."""
    reasons: list[Reason] = []
    for entry, item in authorisation.entries.items():
        if item.item != request.item or request.entry not in (None, entry):
            continue
        lacking = tuple(_lacking(entry, item, request))
        if not lacking:
            return entry, ()
        reasons += lacking
    return None, tuple(reasons) or (Reason(Why.ITEM_NOT_LISTED),)


def _lacking(entry: str, item: AuthorisedItem, request: UseRequest) -> Iterable[Reason]:
    day = day_in_shanghai(request.at).isoformat()
    unlisted = tuple(one for one in request.use.facts.fields if one not in item.fields)
    if unlisted:
        yield Reason(Why.FIELD_NOT_LISTED, entry, unlisted)
    if not _is_among(request.use.action, item.actions):
        yield Reason(Why.ACTION_NOT_LISTED, entry)
    if day < item.valid_from:
        yield Reason(Why.NOT_YET_VALID, entry)
    if day > item.valid_until:
        yield Reason(Why.NO_LONGER_VALID, entry)
    if request.calls > item.calls:
        yield Reason(Why.TOO_MANY_CALLS, entry)
    if item.records_per_call is not None:
        if request.records is None:
            yield Reason(Why.RECORDS_NOT_STATED, entry)
        elif request.records > item.records_per_call:
            yield Reason(Why.TOO_MANY_RECORDS, entry)


def _is_among(action: str, actions: Iterable[str]) -> bool:
    return any(includes(parse_listed(Action, wide), parse_listed(Action, action)) for wide in actions)


def _use_at(request: UseRequest) -> Request:
    stated = {**request.use.facts.stated, str(LeftOperand.TIME): show_time(int(request.at.timestamp()))}
    return Request(request.use.action, Facts(stated), request.use.performed)


def _denied(decision: Decision) -> tuple[Reason, ...]:
    if decision.result in _ALLOWED:
        return ()
    if decision.missing:
        return (Reason(Why.POLICY_UNDECIDED, detail=decision.missing),)
    return (Reason(Why.POLICY_DENIES, detail=tuple(one.place for one in decision.reasons if one.place)),)
