"""Delivers the messages of negotiations, after the commit that made them: each until it is taken, refused, or waited for too long.

| what the other side answers | what happens |
|---|---|
| 2xx | taken: the negotiation moves. To a first request it must be the negotiation with its process id, else it is tried again |
| 4xx but 408, 425, 429 | refused: the negotiation stays, its party sees why and may say something else |
| anything else, a redirect, nothing, too much | tried again after 1, 2, 4 ... 600 seconds, for seven days; then given up as refused |

The body that says it shows the bearer credential that it has set for the address; one that does not open any more holds its messages up.
A message has the same ``@id`` at every try, so the other side takes it once. CRASH between its answer and our commit: it is sent again.
"""

from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, Engine

from anchor.call_rows import ACTOR
from anchor.lease import LeaderLease
from ledger.adapters.outgoing import HttpAnswer, NotDeliveredError
from ledger.adapters.sql import message_deliveries
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.message_deliveries import Due
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.negotiation_record import parse_message
from ledger.domain.negotiation.defects import OtherNegotiationError
from ledger.domain.negotiation.messages import Message, MessageType
from ledger.errors import InputError, SealBrokenError
from ledger.log.canonical import encode_jcs
from ledger.services.connector_credentials import credential_for
from ledger.services.negotiation_delivery import acknowledge, give_up
from ledger.services.preparation import Preparer

logger = structlog.get_logger(__name__)

AT_ONCE: Final = 8
"""Messages of one cycle, sent at the same time: a server that hangs holds up the next cycle, for ten seconds at most."""

FIRST_WAIT_S: Final = 1
LONGEST_WAIT_S: Final = 600
TRIED_FOR: Final = timedelta(days=7)
_AGAIN: Final = frozenset({408, 425, 429})


class Post(Protocol):
    """How a message goes out."""

    def __call__(self, url: str, body: bytes, *, bearer: str | None = None) -> HttpAnswer:
        """The answer; raises ``NotDeliveredError``."""
        ...


class MessageSender:
    """Sends what waits. Used by one thread of the leader.

    Args:
        engine: of the database.
        preparer: of the log that the events go to.
        lease: without which nothing is written.
        post: sends one message.
    """

    def __init__(self, engine: Engine, preparer: Preparer, lease: LeaderLease, post: Post) -> None:
        self._engine = engine
        self._preparer = preparer
        self._lease = lease
        self._post = post

    def deliver(self) -> int:
        """One try for each message whose time has come, a bounded number; returns how many were tried."""
        with database_errors(), self._engine.connect() as connection:
            found = message_deliveries.due(connection, self._preparer.clock.now(), AT_ONCE)
            tokens = [self._credential(connection, due) for due in found]
        if not found:
            return 0
        with ThreadPoolExecutor(AT_ONCE, "messages") as threads:
            tried = {threads.submit(self._try, due, token): due for due, token in zip(found, tokens, strict=True)}
            for outcome in as_completed(tried):  # what one has answered does not wait for what another has not
                self._settle(tried[outcome], outcome.result())
        return len(found)

    def _credential(self, connection: Connection, due: Due) -> str | SealBrokenError | None:
        try:
            return credential_for(self._begin_on(connection), due.message_id)
        except SealBrokenError as error:
            return error

    def _try(self, due: Due, token: str | SealBrokenError | None) -> HttpAnswer | str:
        """The answer, or why there is none."""
        if isinstance(token, SealBrokenError):
            return "credential_unreadable"  # without it the message would be refused for good
        try:
            return self._post(due.url, encode_jcs(due.message), bearer=token)
        except NotDeliveredError as error:
            return str(error.facts["reason"])

    def _settle(self, due: Due, outcome: HttpAnswer | str) -> None:
        reason = outcome if isinstance(outcome, str) else f"status_{outcome.status}"
        if not isinstance(outcome, str) and 200 <= outcome.status < 300:
            try:
                self._take(due, _read(outcome.body))
            except OtherNegotiationError:
                self._put_off(due, "wrong_answer")
        elif not isinstance(outcome, str) and 400 <= outcome.status < 500 and outcome.status not in _AGAIN:
            self._give_up(due, reason)
        else:
            self._put_off(due, reason)

    def _take(self, due: Due, answer: Message | None) -> None:
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            acknowledge(self._begin_on(connection), due.message_id, answer)
            message_deliveries.forget(connection, due.message_id)

    def _put_off(self, due: Due, reason: str) -> None:
        now = self._preparer.clock.now()
        if now - due.created_at > TRIED_FOR:
            self._give_up(due, reason)
            return
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S << min(due.attempts, 20))
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            message_deliveries.put_off(connection, due.message_id, now + timedelta(seconds=wait_s), reason)
        logger.warning("message_not_delivered", message=due.message_id, reason=reason, attempts=due.attempts + 1)

    def _give_up(self, due: Due, reason: str) -> None:
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            give_up(self._begin_on(connection), due.message_id, reason)
            message_deliveries.forget(connection, due.message_id)
        logger.warning("message_given_up", message=due.message_id, reason=reason)

    def _begin_on(self, connection: Connection) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, self._preparer, ACTOR, contracts={})


def _read(body: bytes) -> Message | None:
    """The negotiation that was answered; None where it is none, which matters to a first request only."""
    try:
        return parse_message(body, MessageType.NEGOTIATION)
    except InputError:
        return None
