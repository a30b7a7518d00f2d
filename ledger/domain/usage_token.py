"""Usage tokens: what one states, and its life. Pure.

The authorisation platform issues it (requirement A235): one subject, one token, one permission: subject, interface and parameters, quota,
mode, validity, and the conditions under which it holds. ``ledger.bundle.usage_token_text`` has the signed form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.domain.application import CALLS_MAX, are_fields, is_text
from ledger.domain.policies.vocabulary import Action
from ledger.domain.subject_code import SUBJECT_CHARACTERS
from ledger.domain.transitions import TransitionTable
from ledger.errors import AccessError, ConflictError, InputError

KIND: Final = "usage_token"
LIFE: Final = TransitionTable(
    KIND,
    "issued",
    {("issued", "revoke"): "revoked", ("issued", "expire"): "expired"},
)
"""``expire`` is noted when the next token of its subject is issued; its time ends it before that."""

PARAMETERS_MAX: Final = 50
SECONDS_MAX: Final = 366 * 86_400
"""Of one token's validity."""

_TOKEN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")
_LOCAL: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class InvalidUsageTokenError(InputError):
    """No usage token, or none that its authorisation lets anybody issue; names the member."""

    code = "invalid_usage_token"
    title = "Invalid usage token"


class UsageTokenTimeError(ConflictError):
    """The token's time has not come, or is over."""

    code = "usage_token_out_of_time"
    title = "Usage token out of time"


class UsageTokenEndedError(ConflictError):
    """The token was revoked, or its authorisation is suspended or has ended."""

    code = "usage_token_ended"
    title = "Usage token ended"


class QuotaExceededError(ConflictError):
    """The token has fewer calls left than asked for; nothing was spent."""

    code = "quota_exceeded"
    title = "Quota exceeded"


class UseNotCoveredError(AccessError):
    """The use is not what token, authorisation and policy allow; ``facts["reasons"]`` says why."""

    code = "use_not_covered"
    title = "Use not covered"


@dataclass(frozen=True, slots=True)
class UsageToken:
    """What a token states.

    Args:
        token_id: drawn by the issuer, unique.
        issuer: subject code of the authorisation platform.
        subject: who may use it: the holder's subject code, or that, a slash, and a name of the holder's own for one connector or account.
        node: subject code of the provider, with whom alone it is used.
        authorisation: name of the authorisation.
        entry: line of it that is used.
        product_code: of the product.
        version: of the product.
        interface: place in the version's interfaces, from 0.
        parameters: fixed ones, name -> value; every call states the same.
        item: of the line.
        fields: that may be used.
        mode: the one action (TC609-6-2025-14, table 4).
        scenario: condition: the one scenario.
        purpose: condition: the one purpose.
        quota: calls in all.
        issued_at: seconds since 1970.
        valid_from: seconds since 1970, first moment.
        valid_until: seconds since 1970, first moment after it.
    """

    token_id: str
    issuer: str
    subject: str
    node: str
    authorisation: str
    entry: str
    product_code: str
    version: int
    interface: int
    parameters: Mapping[str, str]
    item: str
    fields: tuple[str, ...]
    mode: str
    scenario: str
    purpose: str
    quota: int
    issued_at: int
    valid_from: int
    valid_until: int

    def __post_init__(self) -> None:
        for problem, is_there in _problems(self):
            if is_there:
                raise InvalidUsageTokenError(problem)

    @property
    def holder(self) -> str:
        """Subject code of the body that the subject belongs to."""
        return self.subject[:SUBJECT_CHARACTERS]


def check_token_time(token: UsageToken, now_s: float) -> None:
    """Refuses a token outside its time.

    Raises:
        UsageTokenTimeError: not yet, or no longer.
    """
    if now_s < token.valid_from:
        raise UsageTokenTimeError("The usage token is not valid yet.")
    if now_s >= token.valid_until:
        raise UsageTokenTimeError("The usage token has expired; ask for a new one.")


def _problems(token: UsageToken) -> list[tuple[str, bool]]:
    local = token.subject[SUBJECT_CHARACTERS:]
    return [
        ("token_id has 8 to 64 letters, digits and hyphens.", _TOKEN_ID.fullmatch(token.token_id) is None),
        ("subject is a subject code, or that and a name of its own.", bool(local) and not _is_local(local)),
        ("issuer is a subject code.", len(token.issuer) != SUBJECT_CHARACTERS),
        ("subject is a subject code.", len(token.holder) != SUBJECT_CHARACTERS),
        ("node is a subject code.", len(token.node) != SUBJECT_CHARACTERS),
        ("authorisation and entry are named.", not (is_text(token.authorisation, 128) and is_text(token.entry, 160))),
        ("product_code has 32 to 65 characters.", not 32 <= len(token.product_code) <= 65),
        ("version is 1 or more.", token.version < 1),
        ("interface is 0 or more.", token.interface < 0),
        ("parameters are at most 50 texts.", not _are_parameters(token.parameters)),
        ("item has 1 to 128 characters.", not is_text(token.item, 128)),
        ("fields are some, each once.", not are_fields(token.fields)),
        ("mode is an action of table 4.", token.mode not in {str(action) for action in Action}),
        ("scenario and purpose are named.", not (is_text(token.scenario, 128) and is_text(token.purpose, 128))),
        (f"quota is 1 to {CALLS_MAX}.", not 1 <= token.quota <= CALLS_MAX),
        ("issued_at, valid_from, valid_until are seconds since 1970.", not _are_times(token)),
        (
            "A token is valid for a time, a year at most.",
            not 0 < token.valid_until - token.valid_from <= SECONDS_MAX,
        ),
    ]


def _is_local(local: str) -> bool:
    return local[0] == "/" and _LOCAL.fullmatch(local[1:]) is not None


def _are_parameters(parameters: Mapping[str, str]) -> bool:
    return len(parameters) <= PARAMETERS_MAX and all(
        is_text(name, 64) and isinstance(value, str) and len(value) <= 256 and "\x00" not in value
        for name, value in parameters.items()
    )


def _are_times(token: UsageToken) -> bool:
    return all(0 < moment < 2**37 for moment in (token.issued_at, token.valid_from, token.valid_until))
