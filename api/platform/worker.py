"""The platform's one follower: sends own acts as soon as there are any, and reads what the other platform has, round after round.

One follower works on a database at a time, by an advisory lock that ends with its session; a second process serves its API and waits.
Nothing it does is held in memory: it may be killed at any moment and goes on from the books.
"""

import threading
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from api.platform.peer import HttpPeer
from ledger.adapters.platform.settings import PlatformSettings
from ledger.adapters.sql.engine import database_errors
from ledger.client.runners import Client
from ledger.client.transport import RetryPolicy
from ledger.errors import LedgerError
from ledger.services.platform_following import Following
from ledger.services.platform_ports import BooksOpener, ChainBooks
from ledger.services.platform_rounds import one_round
from ledger.services.platform_sending import send_next

FOLLOWER_LOCK: Final = 0x666F_6C6C
GIVE_UP_AFTER_S: Final = 1.0
"""One request is not tried for long: the next round tries it anyway, and own acts must not wait behind reading."""

WAIT_MAX_S: Final = 30.0

_logger = structlog.get_logger("platform")


class Worker:
    """The thread that follows.

    Args:
        settings: of this platform.
        peer_key: API key at the other platform.
        engine: of its own database, for the lock.
        open_books: transactions on its books.
        chain: the contracts.
    """

    def __init__(
        self, settings: PlatformSettings, peer_key: str, engine: Engine, open_books: BooksOpener, chain: ChainBooks
    ) -> None:
        self._settings, self._peer_key, self._engine = settings, peer_key, engine
        self._open_books, self._chain = open_books, chain
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._leads = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    @property
    def leads(self) -> bool:
        """Whether this process follows, and no other."""
        return self._leads.is_set() and self._thread.is_alive()

    def start(self) -> None:
        """Starts following."""
        self._thread.start()

    def wake(self) -> None:
        """There is an act to be sent."""
        self._wanted.set()

    def stop(self) -> None:
        """Ends after the step that is under way."""
        self._stopped.set()
        self._wanted.set()
        if self._thread.ident is not None:
            self._thread.join(self._settings.answer_timeout_s + GIVE_UP_AFTER_S)

    def _run(self) -> None:
        pause_s = self._settings.follow_interval_s
        while not self._stopped.is_set():
            try:
                with database_errors(), self._engine.connect() as connection:
                    self._lead(connection)
                pause_s = self._settings.follow_interval_s
            except (
                LedgerError,
                SQLAlchemyError,
            ) as error:  # the database is away; anything else is a defect, and is not hidden
                _logger.warning("follower_waits", error=type(error).__name__, detail=str(error)[:300])
                pause_s = min(2 * pause_s, WAIT_MAX_S)
            finally:
                self._leads.clear()
            self._stopped.wait(pause_s)

    def _lead(self, connection: Connection) -> None:
        """Follows as long as the lock is ours, which the session holds."""
        lock = text("SELECT pg_try_advisory_lock(:lock)")
        if not connection.execute(lock, {"lock": FOLLOWER_LOCK}).scalar_one():
            return
        connection.commit()
        self._leads.set()
        settings = self._settings
        retry = RetryPolicy(give_up_after_s=GIVE_UP_AFTER_S)
        try:
            with Client(settings.peer_url, self._peer_key, timeout_s=settings.answer_timeout_s, retry=retry) as client:
                following = Following(settings.subject_code, self._open_books, HttpPeer(client), self._chain)
                while not self._stopped.is_set():
                    is_more = self._round(following)
                    connection.execute(text("SELECT 1"))  # a session that has ended holds no lock
                    connection.commit()
                    self._wanted.wait(0 if is_more else settings.follow_interval_s)
        finally:
            connection.invalidate()  # the lock ends with the session, and the pool must not lend it to others

    def _round(self, following: Following) -> bool:
        """Everything that waits is sent, then a round is read; acts that come meanwhile go out between two pages. Returns whether there is more."""
        self._wanted.clear()
        self._send(following)
        is_more = False
        for is_behind in one_round(following):
            is_more = is_more or is_behind
            if self._stopped.is_set():
                break
            if self._wanted.is_set():
                self._wanted.clear()
                self._send(following)
        return is_more

    def _send(self, following: Following) -> None:
        while not self._stopped.is_set() and send_next(following):
            pass
