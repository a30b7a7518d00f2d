"""Spending usage tokens: checked and spent in one transaction, never more than the quota, whoever comes at the same moment.

The provider that is called presents the token, with what the call asks for. The token's text is the holder's word: without it nobody
spends in its name. A call is one evidence event; the token's object does not change with it, its counter does.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger.bundle.usage_token_text import parse_usage_token, usage_token_digest
from ledger.domain.application import CALLS_MAX
from ledger.domain.authorisation import KIND as AUTHORISATION
from ledger.domain.authorisation_coverage import UseRequest, coverage
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.facts import Facts, Performed, Request
from ledger.domain.policies.vocabulary import Action, LeftOperand
from ledger.domain.usage_token import (
    KIND,
    InvalidUsageTokenError,
    QuotaExceededError,
    UsageToken,
    UsageTokenEndedError,
    UseNotCoveredError,
    check_token_time,
)
from ledger.errors import AccessError, NotFoundError
from ledger.services.authorisations import authorisation_of, policy_of
from ledger.services.bodies import acting_body, body_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.usage_tokens import reasons_to_json, record_of_token


@dataclass(frozen=True, slots=True)
class TokenUse:
    """What a call asks for.

    Args:
        interface: place in the version's interfaces, from 0.
        fields: of the item.
        parameters: of the call, as texts; those that the token fixes are the same.
        calls: how many at once.
        records: rows that each gives; None when nobody says.
        facts: about the use, by the names of policies; fields, purpose, time and count are known already.
        performed: what was done before, for the policy's duties.
    """

    interface: int
    fields: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    calls: int = 1
    records: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    performed: tuple[Performed, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What stands in the books after a spend: ``calls`` of this one, ``spent`` of ``quota`` in all."""

    token_id: str
    calls: int
    spent: int
    quota: int


def spend_usage_token(uow: UnitOfWork, text: str, use: TokenUse) -> Spent:
    """Checks a use and spends its calls; all of them or none.

    Args:
        uow: of the provider that is called.
        text: of the token.
        use: what the call asks for.

    Raises:
        InvalidUsageTokenError: no usage token, or no number of calls.
        NotFoundError: no such token was issued, or not with this text.
        AccessError: the token is for another provider.
        BodyNotAbleError: provider or holder is not in good standing.
        UsageTokenEndedError: token or authorisation has ended, or is suspended.
        UsageTokenTimeError: the token's time has not come, or is over.
        UseNotCoveredError: the call asks for more than token, authorisation and policy allow, or pre-duties are open.
        QuotaExceededError: fewer calls are left; ``left`` says how many.
    """
    token, _ = parse_usage_token(text)
    if not 1 <= use.calls <= CALLS_MAX:
        raise InvalidUsageTokenError(f"calls are 1 to {CALLS_MAX}. Nothing was spent.")
    stored = _issued(uow, token, text)
    if uow.actor.participant != token.node:
        raise AccessError("The provider that is called spends a token. Nothing was spent.")
    acting_body(uow)
    body_of(uow, token.holder)
    if stored.state != "issued":
        raise UsageTokenEndedError("The usage token has ended. Nothing was spent.")
    check_token_time(token, uow.now.timestamp())
    authorisation = uow.peek(AUTHORISATION, token.authorisation)
    if authorisation is None or authorisation.state != "in_force":
        raise UsageTokenEndedError("The authorisation of the usage token is not in force. Nothing was spent.")
    _check_within_token(token, use)
    _check_covered(uow, authorisation, token, use)
    spent = uow.quotas.spend(token.token_id, use.calls, uow.now)
    if spent is None:
        raise _why_not(uow, token)
    record_of_token(uow, token, "spent", calls=use.calls, spent=spent, interface=use.interface)
    return Spent(token.token_id, use.calls, spent, token.quota)


def _issued(uow: UnitOfWork, token: UsageToken, text: str) -> StoredObject:
    """The token in the books; its digest there is of a text whose signature was verified when it was issued."""
    stored = uow.peek(KIND, token.token_id)
    if stored is None or not hmac.compare_digest(stored.document["digest"], usage_token_digest(text).hex()):
        raise NotFoundError("There is no such usage token.")
    return stored


def _check_within_token(token: UsageToken, use: TokenUse) -> None:
    for member, is_beyond in (
        ("interface", use.interface != token.interface),
        ("fields", not use.fields or not set(use.fields) <= set(token.fields)),
        ("parameters", any(use.parameters.get(name) != value for name, value in token.parameters.items())),
    ):
        if is_beyond:
            raise UseNotCoveredError(
                f"The call asks for other {member} than the token has. Nothing was spent.",
                reasons=[{"why": f"other_{member}", "entry": token.entry, "detail": []}],
            )


def _check_covered(uow: UnitOfWork, stored: StoredObject, token: UsageToken, use: TokenUse) -> None:
    authorisation = authorisation_of(stored)
    stated = {
        **use.facts,
        str(LeftOperand.FIELD): list(use.fields),
        str(LeftOperand.PURPOSE): token.purpose,
        # the most that there can ever be of them, so that no order of calls makes a difference
        str(LeftOperand.COUNT): authorisation.calls,
    }
    request = UseRequest(
        token.item,
        token.scenario,
        uow.now,
        Request(parse_listed(Action, token.mode), Facts(stated), use.performed),
        calls=use.calls,
        records=use.records,
        entry=token.entry,
    )
    found = coverage(authorisation, policy_of(stored), request)
    if not found.is_covered:
        raise UseNotCoveredError(
            "The authorisation does not cover this use. Nothing was spent.", reasons=reasons_to_json(found.reasons)
        )
    if found.duties:
        raise UseNotCoveredError(
            "Duties are to be fulfilled before this use. Nothing was spent.",
            reasons=[{"why": "duties_open", "entry": token.entry, "detail": list(found.duties)}],
        )


def _why_not(uow: UnitOfWork, token: UsageToken) -> QuotaExceededError | UsageTokenEndedError:
    """What the counter says after it gave nothing."""
    quota = uow.quotas.find(token.token_id)
    if quota is None or quota.is_stopped or quota.is_ended:
        return UsageTokenEndedError("The usage token has ended. Nothing was spent.")
    left = quota.quota - quota.spent
    return QuotaExceededError(f"The usage token has {left} calls left. Nothing was spent.", left=left)
