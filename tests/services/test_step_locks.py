"""Two who are at the same step at once wait for each other in one order: the database never has to end one of them."""

import threading
import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from support.call_world import OPERATOR, CallWorld

from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services import steps

CHAIN = {"tx_hash": bytes(32), "block_number": 1, "block_hash": bytes(32)}


def test_completion_waits_for_who_takes_the_step_back_and_holds_nothing_of_it(world: CallWorld) -> None:
    """Who takes a step back has its subject and asks for its act last."""
    [act_id] = world.ask()
    failures: list[SQLAlchemyError] = []

    def complete() -> None:
        try:
            with world.log.engine.begin() as connection:
                steps.complete(unit_of_work(world, connection), act_id, **CHAIN)
        except SQLAlchemyError as error:
            failures.append(error)

    thread = threading.Thread(target=complete)
    with world.log.engine.begin() as connection:
        uow = unit_of_work(world, connection)
        act = uow.peek("act", act_id)
        assert act is not None
        assert uow.find("product", act.document["subject"]["object_id"]) is not None
        thread.start()
        wait_until_somebody_waits(world)
        assert uow.find("act", act_id) is not None
    thread.join(60)

    assert failures == []
    assert world.act_states() == {act_id: "final"}


def unit_of_work(world: CallWorld, connection: object) -> SqlUnitOfWork:
    return SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts=world.contracts)  # type: ignore[arg-type]


def wait_until_somebody_waits(world: CallWorld) -> None:
    deadline = time.monotonic() + 60
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    while True:
        with world.log.engine.connect() as connection:
            if connection.execute(waiting).first() is not None:
                return
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.02)
