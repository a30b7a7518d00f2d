"""The process: takes the lease, recovers, and runs the loops at their own pace until it is told to stop.

Every loop is bounded (a cycle does a bounded amount of work), backs off on errors, and never dies silently:

| what a cycle raises | what happens |
|---|---|
| ``LeaseLostError`` | the term ends; this process is a standby again |
| ``ChainConflictError`` | recorded with both sides, anchoring stays stopped, publishing goes on |
| ``IntegrityError`` (any other) | our own stores contradict each other: the process ends, nothing is overwritten |
| anything else | counted by its code, logged, tried again after a back-off |
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from anchor.history import ChainConflictError
from anchor.idle_chain import IdleChain
from anchor.leader import Leader, Parts
from anchor.lease import LeaderLease
from anchor.metrics import AnchorMetrics
from ledger.adapters.notify import LEADING, STANDBY
from ledger.adapters.sql import chain_calls, reading
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.stop_request import StopRequest
from ledger.errors import IntegrityError, LedgerError, UnavailableError

logger = structlog.get_logger(__name__)

BACKOFF_FIRST_S = 0.25
BACKOFF_MOST_S = 10.0
HEAD_POLL_BUSY_S = 0.02
HEAD_POLL_IDLE_S = 0.1
BUSY_FOR_S = 1.0
"""How often the head is read while nothing is new, until so long after a publication, and from then on.

The first event after a pause is published a little later, still within the default ``publish_interval_s``.
"""

CHAIN_POLL_BUSY_S = 0.1
CHAIN_POLL_IDLE_S = 0.5
INDEX_POLL_S = 0.25
DEADLINE_POLL_S = 1.0
MESSAGE_POLL_S = 0.2
JOIN_S = 60.0


@dataclass(frozen=True)
class Pace:
    """The settings of the loops that an operator may change."""

    publish_interval_s: float
    lease_ttl_s: float


class Worker:
    """One process of the anchor service. ``run`` returns after ``stop`` was set, or raises what ended it."""

    def __init__(
        self,
        parts: Parts,
        pace: Pace,
        *,
        holder: str,
        metrics: AnchorMetrics,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._parts = parts
        self._pace = pace
        self._holder = holder
        self._metrics = metrics
        self._notify = notify
        self._stop = StopRequest()
        self._fatal: IntegrityError | None = None

    def stop(self) -> None:
        """Asks the process to end: cycles under way finish, the lease is given back."""
        self._stop.set()

    def run(self) -> None:
        """Standby and terms, until stopped.

        Raises:
            IntegrityError: stores contradict each other; names what is known. Nothing was overwritten.
            WrongChainError: another chain answers at start.
        """
        standby_said = False
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                lease = LeaderLease.acquire(self._parts.engine, self._holder, self._pace.lease_ttl_s)
                backoff.reset()
            except UnavailableError as error:
                self._report("lease", error)
                self._stop.wait(backoff.next_s())
                continue
            if lease is None:
                if not standby_said:
                    logger.info("standby", holder=self._holder)
                    self._notify(STANDBY)
                standby_said = True
                self._stop.wait(min(1.0, self._pace.lease_ttl_s / 4))
                continue
            standby_said = False
            self._lead(lease)
            if self._fatal is not None:
                raise self._fatal

    def _lead(self, lease: LeaderLease) -> None:
        """One term."""
        logger.info("leading", holder=self._holder)
        self._metrics.set_leading(leading=True)
        term = threading.Event()  # set when the term is over
        renewal = threading.Thread(target=self._renew, args=(lease, term), name="lease")
        renewal.start()
        threads: list[threading.Thread] = []
        try:
            leader = Leader(self._parts, lease)
            if self._recover(leader, term):
                self._notify(LEADING)
                loops: tuple[tuple[str, Callable[[], float]], ...] = (
                    ("publishing", self._publishing(leader)),
                    ("chain", self._chain(leader)),
                    ("index", self._index(leader)),
                    ("calls", self._calls(leader)),
                    ("deadlines", self._deadlines(leader)),
                    ("messages", self._messages(leader)),
                )
                threads = [
                    threading.Thread(target=self._loop, args=(name, cycle, term), name=name) for name, cycle in loops
                ]
                for thread in threads:
                    thread.start()
                while not term.is_set() and not self._stop.is_set():
                    self._stop.wait(0.2)
        finally:
            term.set()
            for thread in (*threads, renewal):
                thread.join(JOIN_S)
            self._metrics.set_leading(leading=False)
            self._release(lease)

    def _release(self, lease: LeaderLease) -> None:
        try:
            lease.release()
        except LedgerError as error:
            logger.warning("lease_not_released", error=error.code)  # it lapses by itself

    def _renew(self, lease: LeaderLease, term: threading.Event) -> None:
        """Keeps the lease; ends the term when it was lost. A database that is away loses nothing: every write is fenced."""
        while not term.wait(self._pace.lease_ttl_s / 4):
            try:
                if not lease.renew():
                    logger.warning("lease_lost", holder=self._holder)
                    term.set()
            except UnavailableError as error:
                self._report("lease", error)

    def _recover(self, leader: Leader, term: threading.Event) -> bool:
        backoff = Backoff()
        while not term.is_set() and not self._stop.is_set():
            try:
                leader.recover()
            except UnavailableError as error:
                self._report("recovery", error)
                self._stop.wait(backoff.next_s())
            else:
                return True
        return False

    def _loop(self, name: str, cycle: Callable[[], float], term: threading.Event) -> None:
        """Runs cycles, each of which says how long to wait before the next."""
        backoff = Backoff()
        wait_s = 0.0
        while not self._stop.is_set() and not term.wait(wait_s):
            try:
                wait_s = cycle()
                backoff.reset()
            except LeaseLostError as error:
                self._report(name, error)
                term.set()
            except ChainConflictError as error:
                self._metrics.set_conflict(conflict=True)
                self._report(name, error)
                wait_s = BACKOFF_MOST_S
            except IntegrityError as error:
                self._report(name, error)
                self._fatal = error
                term.set()
            except LedgerError as error:
                self._report(name, error)
                wait_s = backoff.next_s()
            except Exception as error:
                logger.exception("cycle_failed", loop=name)
                self._metrics.count_error(name, type(error).__name__)
                wait_s = backoff.next_s()

    def _publishing(self, leader: Leader) -> Callable[[], float]:
        published_at = -self._pace.publish_interval_s

        def cycle() -> float:
            nonlocal published_at
            started = time.monotonic()
            due_in = published_at + self._pace.publish_interval_s - started
            if due_in > 0:
                return due_in
            if not leader.publishing_cycle():
                return HEAD_POLL_BUSY_S if started - published_at < BUSY_FOR_S else HEAD_POLL_IDLE_S
            published_at = started
            self._metrics.observe_cycle("publishing", time.monotonic() - started)
            return 0.0

        return cycle

    def _chain(self, leader: Leader) -> Callable[[], float]:
        idle = IdleChain(self._parts.engine, self._parts.chain)

        def cycle() -> float:
            if idle.may_leave_out():
                return CHAIN_POLL_IDLE_S
            started = time.monotonic()
            busy = leader.chain_cycle()
            idle.round_made(left_work=busy)
            with database_errors(), self._parts.engine.connect() as connection:
                marks = reading.watermarks(connection)
            self._metrics.set_watermarks(marks)
            if busy:
                self._metrics.observe_cycle("chain", time.monotonic() - started)
            return CHAIN_POLL_BUSY_S if busy or marks.final < marks.anchored else CHAIN_POLL_IDLE_S

        return cycle

    def _index(self, leader: Leader) -> Callable[[], float]:
        def cycle() -> float:
            return 0.0 if leader.index_cycle() else INDEX_POLL_S

        return cycle

    def _calls(self, leader: Leader) -> Callable[[], float]:
        """A loop of its own: a chain that is slow with a call holds neither publishing nor anchoring."""

        def cycle() -> float:
            started = time.monotonic()
            waits = leader.calls_cycle()
            with database_errors(), self._parts.engine.connect() as connection:
                self._metrics.set_calls(chain_calls.waiting(connection), self._parts.clock.now())
            if waits:
                self._metrics.observe_cycle("calls", time.monotonic() - started)
            return CHAIN_POLL_BUSY_S if waits else CHAIN_POLL_IDLE_S

        return cycle

    def _deadlines(self, leader: Leader) -> Callable[[], float]:
        def cycle() -> float:
            breached = leader.deadlines_cycle()
            self._metrics.count_breaches(breached)
            return 0.0 if breached else DEADLINE_POLL_S

        return cycle

    def _messages(self, leader: Leader) -> Callable[[], float]:
        """A loop of its own: servers of others that are slow hold nothing but messages."""

        def cycle() -> float:
            return 0.0 if leader.messages_cycle() else MESSAGE_POLL_S

        return cycle

    def _report(self, loop: str, error: LedgerError) -> None:
        self._metrics.count_error(loop, error.code)
        log = logger.critical if isinstance(error, IntegrityError) else logger.warning
        log("cycle_refused", loop=loop, error=error.code, detail=error.detail, facts=error.facts)


class Backoff:
    """Doubling waits with an upper bound."""

    def __init__(self, first_s: float = BACKOFF_FIRST_S, most_s: float = BACKOFF_MOST_S) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    def next_s(self) -> float:
        """The wait before the next try."""
        wait_s = self._next_s
        self._next_s = min(self._most_s, wait_s * 2)
        return wait_s

    def reset(self) -> None:
        """After a success."""
        self._next_s = self._first_s
