"""A trade that was made in memory, copied into a database: the same objects and deadlines, for use cases in real transactions."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from support.call_world import CONTRACTS, CallWorld
from support.product_world import actor
from support.trade_steps import Trade

from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.log.typed_data import keccak256
from ledger.services.business import StoredObject

NAMED = ("Orders", "DigitalContractRegistry", "Disputes")
SUITE = {**CONTRACTS, **{name: keccak256(name.encode())[:20] for name in NAMED}}
KINDS = (
    *("participant", "product", "product_version", "order", "agreement", "act"),
    *("control_instruction", "termination_voucher", "destruction", "dispute"),
)


@contextmanager
def acting_on(world: CallWorld, name: str, *, revision: int | None = None) -> Iterator[SqlUnitOfWork]:
    """A transaction of a body."""
    with world.log.engine.begin() as connection:
        yield SqlUnitOfWork(connection, world.log.preparer, actor(name), contracts=SUITE, revision=revision)


def copy_into(world: CallWorld, trade: Trade) -> None:
    """What the trade has come to; its calls, events and history are not copied."""
    with acting_on(world, "bank") as uow:
        for stored in trade.world.objects.values():
            if stored.kind in KINDS:
                uow.create(
                    stored.kind,
                    stored.object_id,
                    state=stored.state,
                    parties=stored.parties,
                    document=copy.deepcopy(stored.document),
                    act="copy",
                )
        for (kind, object_id, duty), term in trade.world.deadlines.items():
            values = {"kind": kind, "object_id": object_id, "duty": duty, "due_at": term.due_at, "met_at": term.met_at}
            uow.connection.execute(
                text("INSERT INTO deadlines VALUES (:kind, :object_id, :duty, :due_at, :met_at)"), values
            )


def find(world: CallWorld, kind: str, object_id: str) -> StoredObject:
    with acting_on(world, "bank") as uow:
        found = uow.find(kind, object_id)
    assert found is not None
    return found
