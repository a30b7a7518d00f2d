"""Logins: the first use of a token by an account, and the first use of an API key in a day (UTC), are events.

A token that cannot be recorded is not let in. An API key is: it is what works while the log takes nothing. Its use is then owed: the
process keeps it, on disk before the answer, and records it as soon as that can be, whether the key is used again or not. To record it
twice changes nothing. Network addresses do not go to disk, so what another process records names none.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import Connection

from api.authentication import Caller, Credential
from api.owed_list import OwedList
from ledger.adapters.files.owed_records import OwedRecords
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
    """What one worker process knows to be recorded; the database says it of the rest. Lives on one event loop.

    ``records`` is where owed uses are kept; None for nowhere.
    """

    NAME: Final = "key_uses"

    def __init__(self, records: OwedRecords | None = None) -> None:
        self.kept = OwedList(records, self.NAME, self._values)
        self._known: OrderedDict[tuple[str, Use], None] = OrderedDict()
        self._under_way: set[tuple[str, Use]] = set()
        self._owed: dict[tuple[str, KeyDay], str | None] = {}

    def is_known(self, account: str, use: Use) -> bool:
        """Whether it is recorded."""
        return (account, use) in self._known

    def remember(self, account: str, use: Use) -> None:
        """After it was recorded; the oldest are forgotten."""
        if isinstance(use, KeyDay):
            self._owed.pop((account, use), None)
        self._known[account, use] = None
        while len(self._known) > LOGINS_REMEMBERED:
            self._known.popitem(last=False)

    def owe(self, account: str, use: KeyDay, network: str | None) -> None:
        """After it could not be recorded; beyond a bound only the next use of the key tries again."""
        if len(self._owed) < LOGINS_REMEMBERED:
            self._owed.setdefault((account, use), network)

    def owed(self) -> list[tuple[str, KeyDay, str | None]]:
        """Account, use and network address of what is to be recorded yet, oldest first."""
        return [(account, use, network) for (account, use), network in self._owed.items()]

    def restore(self, values: Iterable[Any]) -> None:
        """Takes in what processes before this one owed, as it was on disk."""

        def add(value: Mapping[str, Any]) -> None:
            self.owe(value["account"], KeyDay(value["key_id"], date.fromisoformat(value["day"])), None)

        self.kept.restore(values, add)

    def _values(self) -> list[dict[str, Any]]:
        return [{"account": account, "key_id": use.key_id, "day": use.day.isoformat()} for account, use in self._owed]

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


async def settle_logins(container: "Container") -> None:
    """Records the owed uses of API keys, as far as that can be now. The key is not asked for: it was valid when it was used."""
    try:
        for account, use, network in container.logins.owed():
            await _settle(container, account, use, network)
    except LedgerError:
        return  # the next try begins with it
    finally:
        await container.logins.kept.settle()


async def _settle(container: "Container", account: str, use: KeyDay, network: str | None) -> None:
    if not container.logins.take(account, use):
        return
    try:
        await container.history.require_current()
        await container.write(partial(_record_use, container, account, use, network))
        container.logins.remember(account, use)
    finally:
        container.logins.leave(account, use)


async def _record_key(container: "Container", account: str, api_key: str, use: KeyDay, network: str | None) -> None:
    try:
        await _record(container, account, api_key, use, network)
        container.logins.remember(account, use)
    except AccessError:
        raise
    except LedgerError as failure:
        container.logins.owe(account, use, network)
        await container.logins.kept.save()
        _logger.warning("login_not_recorded", account=account, key_id=use.key_id, reason=failure.code)
    finally:
        container.logins.leave(account, use)


async def _record(container: "Container", account: str, presented: Credential, use: Use, network: str | None) -> None:
    await container.history.require_current()

    def record(connection: Connection) -> None:
        caller = container.authenticator.check(connection, presented)
        if caller.actor.account_id != account:
            raise UnauthenticatedError("The account changed meanwhile; send the request again.")
        _record_use(container, account, use, network, connection)

    await container.write(record)


def _record_use(container: "Container", account: str, use: Use, network: str | None, connection: Connection) -> None:
    preparer = container.open_log(connection).preparer
    if isinstance(use, KeyDay):
        until = datetime.combine(use.day, time.max, UTC)
        credential = {"key_id": use.key_id, "day": use.day.isoformat()}
    else:
        until = use.expires_at + timedelta(seconds=container.settings.oidc_clock_skew_s)
        credential = access_evidence.token_facts(preparer, account, use.issuer, use.token_id)
    access_evidence.record_login(
        connection, preparer, account=account, credential=credential, until=until, network=network
    )
