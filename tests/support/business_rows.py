"""Products, acts, contract calls and deadlines in a real database, for tests of ``fsck``: ``product_steps.Life`` goes its way in it.

The chain is not there: ``decide`` writes what the sender of calls would have written, with a transaction that is really signed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from support.anchor_rig import FakeRig
from support.product_steps import DEFECT, Life
from support.product_world import admit_all, open_act, settle, sign_open_act

from anchor.deadlines import BREACHED_TYPE
from anchor.signing import TransactionSigner
from ledger.adapters.sql import chain_calls, deadlines, outbox
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.log.timestamps import format_time
from ledger.log.typed_data import keccak256
from ledger.services import product_listing, products, steps
from ledger.services.business import Actor, StoredObject

CONTRACTS = {"ProductRegistry": keccak256(b"product registry")[:20]}
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
BLOCK = 7


class SqlWorld:
    """What ``fake_unit_of_work.World`` offers to a ``Life``, over the log's own database."""

    def __init__(self, rig: FakeRig) -> None:
        self.rig = rig
        self.log = rig.log
        self._nonce = 0
        identity = self.log.preparer.identity
        self._relay = TransactionSigner(keccak256(b"test relay"), identity.chain_id, bytes(20))

    @contextmanager
    def begin(self, actor: Actor = OPERATOR, *, revision: int | None = None) -> Iterator[SqlUnitOfWork]:
        with self.log.engine.begin() as connection:
            yield SqlUnitOfWork(connection, self.log.preparer, actor, contracts=CONTRACTS, revision=revision)

    @property
    def objects(self) -> dict[tuple[str, str], StoredObject]:
        with self.log.engine.connect() as connection:
            rows = [stored_object(row) for row in connection.execute(text(OBJECT_QUERY)).mappings()]
        return {(stored.kind, stored.object_id): stored for stored in rows}

    @property
    def now(self) -> datetime:
        return self.log.preparer.clock.now()

    def decide(self, act_id: str, refused: str | None = None) -> None:
        """The call of an act with all its signatures is in a block and final; or was refused before it was sent."""
        now = self.log.preparer.clock.now()
        with self.begin() as uow:
            connection = uow.connection
            [call] = [one for one in chain_calls.calls_in(connection, "queued") if one.object_id == act_id]
            if refused is not None:
                steps.refuse(uow, act_id, refused)
                chain_calls.set_state(connection, call, "refused", now, reason=refused)
                return
            transaction = self.transaction(call)
            chain_calls.carry(connection, call.call_id, transaction, "staged", now)
            block = (BLOCK, keccak256(b"block"))
            steps.complete(uow, act_id, tx_hash=transaction.tx_hash, block_number=block[0], block_hash=block[1])
            chain_calls.set_state(connection, call, "final", now, block=block)

    def transaction(self, call: chain_calls.Call) -> chain_calls.Transaction:
        nonce, self._nonce = self._nonce, self._nonce + 1
        raw, tx_hash = self._relay.sign(call.call_data, nonce=nonce, gas=100_000, gas_price=0, to=call.address)
        return chain_calls.Transaction(self._relay.address, nonce, raw, tx_hash)


def with_business_rows(rig: FakeRig) -> SqlWorld:
    """A listed product and one that is suspended by a platform; a refused call, one with a transaction set aside; a breach."""
    world: Any = SqlWorld(rig)
    with world.begin() as uow:
        admit_all(uow)
    Life(world, public=True, number=1).until("listed")
    second = Life(world, number=2).until("listed")
    second.do("trading", product_listing.suspend_product, DEFECT)
    settle(world, refused="ProductRegistryWrongNonce {}")
    second.do("trading", product_listing.suspend_product, DEFECT)
    settle(world)
    third = Life(world, number=3)
    third.do(
        "provider",
        products.register_product,
        products.Reviewers(second.stored.document["reviewers"]["trading_platform"]),
    )
    _set_aside(world, sign_open_act(world).object_id)
    fourth = Life(world, number=4).until("listed")
    fourth.do("provider", product_listing.delist_product, product_listing.Reason("provider_request", "下架"))
    settle(world)
    third = Life(world, number=5)
    third.do(
        "provider",
        products.register_product,
        products.Reviewers(second.stored.document["reviewers"]["trading_platform"]),
    )
    _breach(world, open_act(world).object_id)
    return world


def _set_aside(world: SqlWorld, act_id: str) -> None:
    """Its first transaction could never be mined; the second is with a node."""
    now = world.log.preparer.clock.now()
    with world.begin() as uow:
        [call] = [one for one in chain_calls.calls_in(uow.connection, "queued") if one.object_id == act_id]
        chain_calls.carry(uow.connection, call.call_id, world.transaction(call), "staged", now)
        chain_calls.set_aside(uow.connection, call, now)
        chain_calls.carry(uow.connection, call.call_id, world.transaction(call), "submitted", now)


def _breach(world: SqlWorld, act_id: str) -> None:
    """What ``anchor.deadlines`` does when the time to sign is over."""
    now = world.log.preparer.clock.now()
    with world.begin() as uow:
        act = uow.find("act", act_id)
        assert act is not None
        uow.set_deadline(act, "sign", now - timedelta(days=1))
        [overdue] = deadlines.take_overdue(uow.connection, now, 10)
        facts = {"kind": "act", "object_id": act_id, "duty": "sign", "due_at": format_time(overdue.due_at)}
        number = outbox.add(uow.connection, world.log.preparer, BREACHED_TYPE, facts, subject=act_id)
        deadlines.set_breached(uow.connection, [(overdue, number)], now)
