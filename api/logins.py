"""Logins: the first use of a token by an account, and the first use of an API key in a day (UTC), are events.

A token that cannot be recorded is not let in. An API key is: it is what works while the log takes nothing, and as long as its use is not
recorded every further request tries again.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Connection

from api.authentication import Caller, Credential
from ledger.adapters.oidc.tokens import TokenIdentity
from ledger.adapters.sql import access_evidence
from ledger.errors import AccessError, LedgerError, UnauthenticatedError

if TYPE_CHECKING:
    from api.container import Container

LOGINS_REMEMBERED: Final = 10_000

_logger = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class KeyDay:
    """The use of an API key in a day of UTC."""

    key_id: str
    day: date


Use = TokenIdentity | KeyDay


class Logins:
    """What one worker process knows to be recorded; the database says it of the rest. Lives on one event loop."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, Use], None] = OrderedDict()
        self._under_way: set[tuple[str, Use]] = set()

    def is_known(self, account: str, use: Use) -> bool:
        """Whether it is recorded."""
        return (account, use) in self._known

    def remember(self, account: str, use: Use) -> None:
        """After it was recorded; the oldest are forgotten."""
        self._known[account, use] = None
        while len(self._known) > LOGINS_REMEMBERED:
            self._known.popitem(last=False)

    def take(self, account: str, use: Use) -> bool:
        """Whether the caller records it; False while another request does."""
        if (account, use) in self._under_way:
            return False
        self._under_way.add((account, use))
        return True

    def leave(self, account: str, use: Use) -> None:
        """After ``take``, however it went."""
        self._under_way.discard((account, use))


async def record_login(container: "Container", caller: Caller, credential: Credential, network: str | None) -> None:
    """Records the use of a credential that is not recorded yet; nothing of an applicant, who has no account.

    Args:
        container: of this process.
        caller: whose it is.
        credential: what was presented now; the caller may be remembered from another token of the same subject.
        network: from which address.

    Raises:
        UnauthenticatedError: the account or the key was withdrawn meanwhile.
        UnavailableError: a token that is used for the first time, and cannot be recorded now.
    """
    account = caller.actor.account_id
    if isinstance(credential, TokenIdentity):
        if caller.account is not None and not container.logins.is_known(account, credential):
            await _record(container, account, credential, credential, network)
            container.logins.remember(account, credential)
    elif caller.key is not None:
        use = KeyDay(caller.key.key_id, container.clock.now().astimezone(UTC).date())
        if not container.logins.is_known(account, use) and container.logins.take(account, use):
            await _record_key(container, account, credential, use, network)


async def _record_key(container: "Container", account: str, api_key: str, use: KeyDay, network: str | None) -> None:
    try:
        await _record(container, account, api_key, use, network)
        container.logins.remember(account, use)
    except AccessError:
        raise
    except LedgerError as failure:
        _logger.warning("login_not_recorded", account=account, key_id=use.key_id, reason=failure.code)
    finally:
        container.logins.leave(account, use)


async def _record(container: "Container", account: str, presented: Credential, use: Use, network: str | None) -> None:
    await container.history.require_current()
    skew = timedelta(seconds=container.settings.oidc_clock_skew_s)

    def record(connection: Connection) -> None:
        caller = container.authenticator.check(connection, presented)
        if caller.actor.account_id != account:
            raise UnauthenticatedError("The account changed meanwhile; send the request again.")
        preparer = container.open_log(connection).preparer
        if isinstance(use, KeyDay):
            until = datetime.combine(use.day, time.max, UTC)
            credential = {"key_id": use.key_id, "day": use.day.isoformat()}
        else:
            until = use.expires_at + skew
            credential = access_evidence.token_facts(preparer, account, use.issuer, use.token_id)
        access_evidence.record_login(
            connection, preparer, account=account, credential=credential, until=until, network=network
        )

    await container.write(record)
