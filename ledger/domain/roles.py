"""The roles of the space (design section 6) and the account levels inside a body: what each is, and who may hand it out.

Roles are graded. *Ordinary* roles are those of bodies that take part; a body's own administrator hands on the ones that the body
has. *Reserved* roles carry authority over others, so only the operator's administrator gives them, as evidence that all can read.
*Separate* roles stand alone in an account: who supervises or authorises is nobody's party.
"""

from collections.abc import Collection
from typing import Final

from ledger.errors import InputError

PROVIDER: Final = "provider"
CONSUMER: Final = "consumer"
DEVELOPER: Final = "developer"
SERVICE_PARTY: Final = "service_party"
DATA_HOLDER: Final = "data_holder"
PLATFORM_SERVICE: Final = "platform_service"
OPERATOR: Final = "operator"
TRADING_PLATFORM: Final = "trading_platform"
AUTHORISATION_PLATFORM: Final = "authorisation_platform"
LINE_AUTHORITY: Final = "line_authority"
PRICE_AUTHORITY: Final = "price_authority"
REGULATOR: Final = "regulator"
AUDITOR: Final = "auditor"
ARBITRATOR: Final = "arbitrator"

APPLICANT: Final = "applicant"
"""Not a role that anybody is given: an authenticated subject without an account, which may apply for admission."""

ORDINARY: Final = (PROVIDER, CONSUMER, DEVELOPER, SERVICE_PARTY, DATA_HOLDER, PLATFORM_SERVICE)
RESERVED: Final = (
    OPERATOR,
    TRADING_PLATFORM,
    AUTHORISATION_PLATFORM,
    LINE_AUTHORITY,
    PRICE_AUTHORITY,
    REGULATOR,
    AUDITOR,
    ARBITRATOR,
)
ROLES: Final = (*ORDINARY, *RESERVED)

SEPARATE: Final = frozenset({OPERATOR, AUTHORISATION_PLATFORM, REGULATOR, AUDITOR, ARBITRATOR})
READERS_OF_ALL: Final = frozenset({OPERATOR, REGULATOR, AUDITOR, ARBITRATOR})
"""Roles that see every object and event; the others see their own, and anything else as not found."""

WATCHED_READERS: Final = frozenset({REGULATOR, AUDITOR})
"""Roles whose every read is itself evidence."""

ADMIN: Final = "admin"
HANDLER: Final = "handler"
VIEWER: Final = "viewer"
LEVELS: Final = (ADMIN, HANDLER, VIEWER)

_READING_METHODS: Final = frozenset({"GET", "HEAD"})


def level_allows(level: str, method: str, *, is_account_management: bool, is_read: bool = False) -> bool:
    """Whether an account of this level may use a route at all: a viewer reads, a handler also writes, an admin also manages accounts.

    ``is_read``: the route reads although its method says otherwise.
    """
    if level == ADMIN:
        return True
    if level == HANDLER:
        return not is_account_management
    return level == VIEWER and (is_read or method in _READING_METHODS) and not is_account_management


def grantable(roles: Collection[str], level: str) -> frozenset[str]:
    """The roles that an account with these roles and this level may hand out."""
    if level != ADMIN:
        return frozenset()
    if OPERATOR in roles:
        return frozenset(ROLES)
    return frozenset(roles) & frozenset(ORDINARY)


def check_roles(roles: Collection[str]) -> None:
    """Refuses a set of roles that no account may have.

    Raises:
        InputError: it is empty, holds a role twice or an unknown one, or mixes a separate role with another.
    """
    if not roles or len(set(roles)) != len(roles):
        raise InputError("An account has at least one role, and each once.")
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise InputError(f"The roles are {', '.join(ROLES)}.")
    alone = SEPARATE & set(roles)
    if alone and len(set(roles)) > 1:
        raise InputError(
            f"The role {min(alone)} stands alone in an account: who supervises or authorises is nobody's party."
        )
