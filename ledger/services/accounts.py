"""Accounts: who of a body may act, granted and withdrawn by its administrators and the operator's.

An account binds one subject of one token issuer to a body, some of its roles, and a level. It is never changed, only withdrawn and
granted anew, so what somebody could do at a given time follows from two events.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ledger.domain.accounts import ACCOUNT_STATES, ACTIVE
from ledger.domain.roles import ADMIN, LEVELS, OPERATOR, ORDINARY, check_roles, grantable
from ledger.domain.subject_code import is_subject_code
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError, SignatureError
from ledger.log.signatures import check_sm2_key
from ledger.services.business import Actor

ISSUER_CHARACTERS_MAX: Final = 512
SUBJECT_CHARACTERS_MAX: Final = 255
"""OpenID Connect Core section 2: a subject identifier has at most 255 ASCII characters."""
SM2_KEYS_MAX: Final = 4

_SUBJECT: Final = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Args:
        account_id: lasting name; it says nothing about the subject.
        participant: subject code (18 characters) of the body; None for a body that is not admitted as a participant.
        issuer: of the tokens, as their ``iss`` says it.
        subject: at that issuer, as ``sub`` says it.
        level: ``admin``, ``handler`` or ``viewer``.
        roles: what it may act as, sorted.
        sm2_keys: public keys (65 bytes, ``04 || x || y``) that sign its requests.
        signs_requests: whether an unsigned request is refused.
        state: ``active`` or ``withdrawn``.
        created_at: when it was granted.
        withdrawn_at: when it was withdrawn.
    """

    account_id: str
    participant: str | None
    issuer: str
    subject: str
    level: str
    roles: tuple[str, ...]
    sm2_keys: tuple[bytes, ...]
    signs_requests: bool
    state: str
    created_at: datetime
    withdrawn_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it is in force."""
        return self.state == ACTIVE


@dataclass(frozen=True, slots=True)
class WantedAccount:
    """What is asked for; the fields are those of ``Account``."""

    participant: str | None
    issuer: str
    subject: str
    level: str
    roles: tuple[str, ...]
    sm2_keys: tuple[bytes, ...] = ()
    signs_requests: bool = False


class Accounts(Protocol):
    """The accounts, inside one transaction."""

    def add(self, wanted: WantedAccount, by: str) -> Account:
        """Stores an account with its evidence. Raises ``ConflictError`` when the subject has one in force."""
        ...

    def has_left(self, participant: str) -> bool:
        """Whether the body of this code was a member and has left."""
        ...

    def find(self, account_id: str) -> Account | None:
        """The account, locked until the end of the transaction."""
        ...

    def withdraw(self, account: Account, by: str) -> Account:
        """Takes it out of force with its evidence; refused from the next request on."""
        ...

    def list_of(self, participant: str | None, *, after: str, limit: int) -> Sequence[Account]:
        """Accounts of a body, or of all when None, by account id, those after ``after``."""
        ...


def grant_account(actor: Actor, accounts: Accounts, wanted: WantedAccount) -> Account:
    """Grants an account.

    The operator's administrator grants any; a body's administrator those of its own body, with ordinary roles that it has itself.

    Raises:
        InputError: the account makes no sense.
        AccessError: the actor may not grant this one.
        ConflictError: the subject has an account in force, or the body has left.
    """
    _check_wanted(wanted)
    foreign = set(wanted.roles) - grantable(actor.roles, actor.level)
    if foreign:
        raise AccessError(
            f"This account may not grant {', '.join(sorted(foreign))}: an administrator hands on ordinary roles of its own body,"
            " the operator's administrator all. Nothing was written."
        )
    if OPERATOR not in actor.roles and wanted.participant != actor.participant:
        raise AccessError("An administrator grants accounts of its own body only. Nothing was written.")
    if wanted.participant is not None and accounts.has_left(wanted.participant):
        raise ConflictError("This body has left; it has accounts again when it has applied anew. Nothing was written.")
    return accounts.add(wanted, actor.account_id)


def withdraw_account(actor: Actor, accounts: Accounts, account_id: str) -> Account:
    """Withdraws an account: what a leaver may do ends with this transaction.

    Raises:
        AccessError: the actor is no administrator.
        NotFoundError: there is none, or it is another body's, which is not the actor's business.
        IllegalTransitionError: it is withdrawn already.
    """
    if not grantable(actor.roles, actor.level):
        raise AccessError("Only an administrator withdraws accounts. Nothing was written.")
    account = accounts.find(account_id)
    if account is None or not _manages(actor, account):
        raise NotFoundError("There is no such account.")
    ACCOUNT_STATES.next(account.state, "withdraw")
    return accounts.withdraw(account, actor.account_id)


def list_accounts(actor: Actor, accounts: Accounts, *, after: str, limit: int) -> Sequence[Account]:
    """The accounts that the actor sees: all for those who read all, its body's for an administrator, else its own."""
    if actor.reads_all:
        return accounts.list_of(None, after=after, limit=limit)
    if actor.level == ADMIN and actor.participant is not None:
        return accounts.list_of(actor.participant, after=after, limit=limit)
    own = accounts.find(actor.account_id)
    return [own] if own is not None and own.account_id > after else []


def _manages(actor: Actor, account: Account) -> bool:
    return OPERATOR in actor.roles or (actor.participant is not None and account.participant == actor.participant)


def _check_wanted(wanted: WantedAccount) -> None:
    check_roles(wanted.roles)
    if wanted.level not in LEVELS:
        raise InputError(f"The account levels are {', '.join(LEVELS)}.")
    if wanted.participant is None:
        if set(wanted.roles) & set(ORDINARY):
            raise InputError("An account with an ordinary role belongs to a participant; name its subject code.")
    elif not is_subject_code(wanted.participant):
        raise InputError(
            "A participant is named by its subject code: 18 digits and capital letters with their check character."
        )
    if not 1 <= len(wanted.issuer) <= ISSUER_CHARACTERS_MAX or _SUBJECT.fullmatch(wanted.subject) is None:
        raise InputError("Issuer and subject are those of the tokens: `iss`, and `sub` of 1 to 255 ASCII characters.")
    if len(wanted.sm2_keys) > SM2_KEYS_MAX or len(set(wanted.sm2_keys)) != len(wanted.sm2_keys):
        raise InputError(f"An account has at most {SM2_KEYS_MAX} SM2 keys, and each once.")
    try:
        for key in wanted.sm2_keys:
            check_sm2_key(key)
    except SignatureError as error:
        raise InputError("An SM2 public key is a point of the curve, 65 bytes that begin with 04, in hex.") from error
    if wanted.signs_requests and not wanted.sm2_keys:
        raise InputError("An account whose requests must be signed needs an SM2 key.")
