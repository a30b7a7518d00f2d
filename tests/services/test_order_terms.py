"""Orders that end by the clock: nobody confirmed them in time, or their agreement is over. Once each, and nobody waits for another."""

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from support.call_world import CallWorld
from support.faults import Crash, Fault
from support.product_world import a_world, settle
from support.trade_steps import Trade

from anchor import order_terms as worker
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.order_terms import GRACE
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import ConflictError
from ledger.services import agreement_filing
from ledger.services.business import Actor, StoredObject
from ledger.services.order_terms import close_in_time, lapse_in_time, note_orders_closed

ANCHOR = Actor("anchor", None, frozenset({"operator"}))
KINDS = ("participant", "product", "product_version", "order", "agreement")


@pytest.fixture(scope="module")
def offered() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world()).draft().offered()


@pytest.fixture(scope="module")
def in_force(offered: Trade) -> Trade:
    return copy.deepcopy(offered).confirmed().generated().signed()


def test_offered_order_lapses_after_its_last_second_and_once(offered: Trade) -> None:
    trade = copy.deepcopy(offered)
    with trade.world.begin(ANCHOR) as uow:
        assert lapse_in_time(uow, trade.order_id) is None
    trade.world.now += timedelta(days=10, seconds=1)
    with trade.world.begin(ANCHOR) as uow:
        lapsed = lapse_in_time(uow, trade.order_id)
        assert lapsed is not None and lapsed.state == "lapsed"
    with trade.world.begin(ANCHOR) as uow:
        assert lapse_in_time(uow, trade.order_id) is None
    assert [kind.split(".")[3] for kind, _, _ in trade.world.events][-1] == "lapsed"


def test_order_in_force_is_closed_when_its_agreement_is_over(in_force: Trade) -> None:
    trade = copy.deepcopy(in_force)
    with trade.world.begin(ANCHOR) as uow:
        assert close_in_time(uow, trade.agreement_id, trade.order_id) is None
        assert note_orders_closed(uow, trade.agreement_id) is None
    trade.world.now += timedelta(days=600)
    with trade.world.begin(ANCHOR) as uow:
        closed = close_in_time(uow, trade.agreement_id, trade.order_id)
        noted = note_orders_closed(uow, trade.agreement_id)
    assert closed is not None and closed.state == "closed"
    assert noted is not None and noted.document["orders_closed"] is not None
    with trade.world.begin(ANCHOR) as uow:
        assert note_orders_closed(uow, trade.agreement_id) is None


@pytest.fixture
def stored(new_world: Callable[..., CallWorld]) -> Callable[[Trade], CallWorld]:
    """Puts what a trade has made into a real database."""

    def put(trade: Trade) -> CallWorld:
        world = new_world()
        with world.log.engine.begin() as connection:
            uow = SqlUnitOfWork(connection, world.log.preparer, ANCHOR, contracts={})
            for one in trade.world.objects.values():
                if one.kind in KINDS:
                    make(uow, one)
        return world

    return put


def make(uow: SqlUnitOfWork, one: StoredObject, name: str | None = None, **members: object) -> None:
    document = {**copy.deepcopy(one.document), **members}
    uow.create(one.kind, name or one.object_id, state=one.state, parties=one.parties, document=document, act="copy")


def overdue(trade: Trade, name: str, world: CallWorld) -> None:
    """Another offered order whose time is over."""
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, ANCHOR, contracts={})
        make(uow, trade.order, name, content={**trade.order.document["content"], "valid_until": 1_700_000_000})


def orders(world: CallWorld) -> dict[str, str]:
    return {row[0]: row[1] for row in world.rows("SELECT object_id, state FROM objects WHERE kind = 'order'")}


def test_anchor_lets_orders_lapse_and_leaves_the_others(stored: Callable[[Trade], CallWorld], offered: Trade) -> None:
    trade = copy.deepcopy(offered)
    world = stored(trade)
    with world.log.engine.begin() as connection:  # this one can still be confirmed, however late the tests run
        uow = SqlUnitOfWork(connection, world.log.preparer, ANCHOR, contracts={})
        content = {**trade.order.document["content"], "valid_until": 4_000_000_000}
        make(uow, trade.order, "order-in-time", content=content)
    for name in ("order-late-1", "order-late-2"):
        overdue(trade, name, world)
    leader = world.process()

    leader.deadlines_cycle()
    found = orders(world)
    assert found["order-in-time"] == "offered"
    assert (found["order-late-1"], found["order-late-2"]) == ("lapsed", "lapsed")
    rows = world.events()
    leader.deadlines_cycle()
    assert world.events() == rows


def test_anchor_closes_what_was_in_force_under_an_agreement_that_ended_and_looks_no_more(
    stored: Callable[[Trade], CallWorld], in_force: Trade
) -> None:
    trade = copy.deepcopy(in_force)
    trade.agree("bank", agreement_filing.dissolve_agreement, int(trade.world.now.timestamp()) + 60, "项目结束")
    settle(trade.world)
    world = stored(trade)
    leader = world.process()

    leader.deadlines_cycle()
    assert orders(world) == {trade.order_id: "closed"}
    [(noted,)] = world.rows("SELECT document ->> 'orders_closed' FROM objects WHERE kind = 'agreement'")
    assert noted is not None
    assert leader.order_terms.end_orders() == 0


def test_agreement_that_is_in_its_term_is_left_alone(stored: Callable[[Trade], CallWorld], in_force: Trade) -> None:
    trade = copy.deepcopy(in_force)
    disclosed = {**trade.agreement.document["disclosed"], "valid_until": "2999-12-31"}
    trade.world.objects["agreement", trade.agreement_id].document["disclosed"] = disclosed  # type: ignore[index]
    world = stored(trade)
    world.process().deadlines_cycle()
    assert orders(world) == {trade.order_id: "in_force"}
    assert timedelta() < GRACE


@pytest.mark.parametrize("crash", [False, True])
def test_order_that_cannot_be_ended_holds_up_no_other(
    stored: Callable[[Trade], CallWorld], offered: Trade, monkeypatch: pytest.MonkeyPatch, crash: bool
) -> None:
    world = stored(copy.deepcopy(offered))
    for name in ("order-late-1", "order-late-2"):
        overdue(offered, name, world)
    lapse = worker.lapse_in_time

    def hindered(uow: SqlUnitOfWork, order_id: str) -> StoredObject | None:
        if order_id == "order-late-1":
            raise Crash("x") if crash else ConflictError("hindered")
        return lapse(uow, order_id)

    monkeypatch.setattr(worker, "lapse_in_time", hindered)
    leader = world.process()
    with capture_logs() as logged, pytest.raises(Crash if crash else ConflictError):
        leader.deadlines_cycle()
    monkeypatch.undo()
    assert orders(world)["order-late-2"] == ("offered" if crash else "lapsed")
    assert crash or "order-late-1" in str(logged)
    for _ in range(3):
        leader.deadlines_cycle()
    assert orders(world)["order-late-1"] == orders(world)["order-late-2"] == "lapsed"


@pytest.mark.parametrize("applied", [False, True], ids=["not applied", "applied"])
@pytest.mark.parametrize("occurrence", [1, 2])
def test_order_ends_once_whenever_the_process_dies(
    stored: Callable[[Trade], CallWorld], offered: Trade, occurrence: int, applied: bool
) -> None:
    world = stored(copy.deepcopy(offered))
    for name in ("order-late-1", "order-late-2"):
        overdue(offered, name, world)
    world.faults.arm(Fault("commit anchor.passing_over.PassingOver._write", occurrence, applied=applied, crash=True))
    with pytest.raises(Crash):
        world.process().deadlines_cycle()
    world.process().deadlines_cycle()

    assert orders(world)["order-late-1"] == orders(world)["order-late-2"] == "lapsed"
    [(ends,)] = world.rows("SELECT count(*) FROM object_history WHERE act = 'lapse' AND object_id LIKE 'order-late-%'")
    assert ends == 2


def test_nothing_is_ended_without_the_lease(stored: Callable[[Trade], CallWorld], offered: Trade) -> None:
    world = stored(copy.deepcopy(offered))
    overdue(offered, "order-late-1", world)
    leader = world.process()
    with world.log.engine.begin() as connection:  # another one leads
        connection.execute(text("UPDATE leases SET token = token + 1"))
    with pytest.raises(LeaseLostError):
        leader.order_terms.end_orders()
    assert orders(world)["order-late-1"] == "offered"
