"""The leader's parts put together: what one cycle of each loop does. No threads and no clock of its own (``worker``)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine, text

from anchor.chain_calls import CallSender, Relay
from anchor.confirmation import Confirmer
from anchor.contract_events import ContractFollower, FollowedSuite
from anchor.deadlines import Deadlines
from anchor.following import FinalityRule, Follower
from anchor.history import ChainConflictError, History
from anchor.jobs import JobMover
from anchor.lease import LeaderLease
from anchor.messages import MessageSender, Post
from anchor.order_terms import OrderTerms
from anchor.outbox import OutboxDrain
from anchor.ports import AnchorChain
from anchor.publishing import Publisher
from anchor.recovery import KnownHeads, Recovery
from anchor.signing import CheckpointSigner, TransactionSigner
from anchor.submission import Submitter
from ledger.adapters.files.keyring import month_of
from ledger.adapters.outgoing import Destinations, post_json
from ledger.adapters.sealed_months import check_keyring
from ledger.adapters.sql import anchoring, search_index
from ledger.adapters.sql.engine import database_errors
from ledger.services.ports import CheckpointJournal, Clock, Promise, TileStore
from ledger.services.preparation import Preparer

INDEX_EVENTS_MAX = 5_000
"""Events taken into the search index in one transaction."""


_PUBLIC_ONLY = partial(post_json, destinations=Destinations())
"""How messages of negotiations are sent unless the operator allows more."""


@dataclass(frozen=True)
class Parts:
    """What the leader works with; made once by the composition root."""

    engine: Engine
    tiles: TileStore
    journal: CheckpointJournal
    chain: AnchorChain
    signer: CheckpointSigner
    sender: TransactionSigner
    preparer: Preparer
    promise: Promise
    rule: FinalityRule
    clock: Clock
    anchor_interval_s: float
    monotonic: Callable[[], float] = time.monotonic
    suite: FollowedSuite | None = None
    relay: Relay | None = None
    post: Post = _PUBLIC_ONLY


class Leader:
    """One term of leadership: made with the lease, thrown away when it is lost."""

    def __init__(self, parts: Parts, lease: LeaderLease) -> None:
        engine, identity = parts.engine, parts.signer.identity
        self._engine = engine
        self._lease = lease
        self._preparer = parts.preparer
        history = History(engine, parts.tiles)
        jobs = JobMover(lease, parts.clock, final_is_reversible=parts.rule.is_reversible)
        self.drain = OutboxDrain(engine, parts.preparer, parts.promise)
        self.publisher = Publisher(
            engine, parts.tiles, parts.journal, signer=parts.signer, lease=lease, clock=parts.clock
        )
        self.recovery = Recovery(
            engine,
            parts.tiles,
            parts.journal,
            chain=parts.chain,
            publisher=self.publisher,
            history=history,
            identity=identity,
        )
        self.submitter = Submitter(
            engine,
            parts.chain,
            history=history,
            identity=identity,
            signer=parts.sender,
            lease=lease,
            jobs=jobs,
            clock=parts.clock,
            anchor_interval_s=parts.anchor_interval_s,
            monotonic=parts.monotonic,
        )
        self.confirmer = Confirmer(
            engine, parts.chain, identity=identity, submitter=self.submitter, jobs=jobs, monotonic=parts.monotonic
        )
        self.follower = Follower(
            engine,
            parts.chain,
            history=history,
            identity=identity,
            rule=parts.rule,
            lease=lease,
            jobs=jobs,
            clock=parts.clock,
        )
        self.contracts = (
            None
            if parts.suite is None
            else ContractFollower(engine, parts.suite, rule=parts.rule, lease=lease, clock=parts.clock)
        )
        self.calls = (
            None
            if parts.relay is None
            else CallSender(
                engine,
                parts.relay,
                preparer=parts.preparer,
                rule=parts.rule,
                lease=lease,
                monotonic=parts.monotonic,
            )
        )
        contracts = {} if parts.relay is None else parts.relay.contracts
        self.deadlines = Deadlines(engine, parts.preparer, lease, contracts)
        self.order_terms = OrderTerms(engine, parts.preparer, lease, contracts)
        self.messages = MessageSender(engine, parts.preparer, lease, parts.post)

    def recover(self) -> KnownHeads:
        """See ``Recovery.recover``. Before it the keyring is compared with the rows, because draining the outbox seals.

        Raises:
            KeyringIncompleteError: keys of sealed rows are not there.
        """
        preparer = self._preparer
        with database_errors(), self._engine.connect() as connection:
            check_keyring(connection, preparer.sealer.holds, month_of(preparer.clock.now()))
        return self.recovery.recover()

    def publishing_cycle(self) -> bool:
        """Outbox, then tiles and checkpoint; whether a checkpoint was published."""
        self.drain.drain()
        return self.publisher.publish()

    def chain_cycle(self) -> bool:
        """Settles the open job, follows the contract, submits what is due, follows the suite; whether there is more to do.

        Raises as its parts do; see ``_halting``.
        """
        with self._halting():
            open_job = self.confirmer.settle_open_job()
            self.follower.follow()
            if open_job is None:
                open_job = self.submitter.submit_due()
            is_behind = self.contracts is not None and self.contracts.follow()
        return open_job is not None or is_behind

    def calls_cycle(self) -> bool:
        """Sends and settles contract calls; whether any still waits. Raises as ``CallSender.cycle``."""
        with self._halting():
            return self.calls is not None and self.calls.cycle()

    def deadlines_cycle(self) -> int:
        """Records the breaches of deadlines that have passed, a bounded number; returns how many. Lets go of old kept answers.

        When there is none left to record, what stopped bodies offer is suspended, and agreements and orders whose time is over are ended: what
        hinders that hinders no evidence. Refused attempts of hours that are over become events.
        """
        self.deadlines.forget_answers()
        breached = self.deadlines.record_breaches()
        try:
            if not breached:
                self._end_what_is_over()
        finally:
            self.deadlines.count_refusals()
        return breached

    def _end_what_is_over(self) -> None:
        try:
            self.deadlines.stop_offers()
        finally:
            try:
                self.deadlines.end_agreements()
            finally:
                self.order_terms.end_orders()

    def messages_cycle(self) -> int:
        """Sends messages of negotiations that wait, a bounded number; returns how many were tried."""
        return self.messages.deliver()

    @contextmanager
    def _halting(self) -> Iterator[None]:
        """A conflict is recorded with both sides before it goes on up: from then on nothing is submitted, whoever leads."""
        try:
            yield
        except ChainConflictError as error:
            self._halt(error)
            raise

    def _halt(self, error: ChainConflictError) -> None:
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            anchoring.halt(connection, f"{error.facts.get('finding', error.code)}: {error.detail}", error.facts)

    def index_cycle(self) -> bool:
        """Takes the next events into the search index; whether there were any."""
        behind = text("SELECT 1 FROM projections p, log_head h WHERE p.name = 'search' AND p.tree_size < h.tree_size")
        with database_errors(), self._engine.connect() as connection:
            if connection.execute(behind).scalar() is None:
                return False
        return search_index.index_next(self._engine, INDEX_EVENTS_MAX) > 0
