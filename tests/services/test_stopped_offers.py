"""What a body has on offer that may offer nothing any more is taken down: all of it, one by one, beside everything else that goes on."""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from support.call_world import OPERATOR, CallWorld
from support.faults import Crash, Fault
from support.product_steps import Life
from support.product_world import CODES, a_world

from anchor.deadlines import BODIES_A_CYCLE, OFFERS_A_CYCLE
from ledger.adapters.sql import deadlines
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import ConflictError, LedgerError, MisuseError, SealBrokenError, UnavailableError
from ledger.services import stopped_offers
from ledger.services.stopped_offers import OFFERS_DUTY, RENEWAL_DUTY, STOP_WITHIN, owe_offers_stopped

PROVIDER = CODES["provider"]
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def a_provider(
    world: CallWorld, *, offers: int = 1, qualified_for: timedelta = timedelta(days=1), suspended: bool = False
) -> list[str]:
    """A body with so many offers in the catalog; the product codes, sorted."""
    fake = a_world()
    life = Life(fake).until("listed")
    codes = [f"{life.code[:-4]}{number:04}" for number in range(1, offers + 1)]
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        end = uow.now + qualified_for

        def make(kind: str, name: str, state: str, parties: tuple[str, ...], document: dict[str, Any]) -> Any:
            return uow.create(kind, name, state=state, parties=parties, document=document, act="make")

        for stored in (one for one in fake.objects.values() if one.kind == "participant"):
            document = dict(stored.document)
            if stored.object_id == PROVIDER:
                document["chain"] = {**document["chain"], "qualified_until": int(end.timestamp())}
            state = "suspended" if suspended and stored.object_id == PROVIDER else stored.state
            kept = make(stored.kind, stored.object_id, state, stored.parties, document)
            if stored.object_id == PROVIDER:
                uow.set_deadline(kept, RENEWAL_DUTY, end)
                if suspended:
                    uow.set_deadline(kept, OFFERS_DUTY, uow.now + STOP_WITHIN)
        for code in codes:
            make("product", code, life.product.state, life.product.parties, dict(life.product.document))
            make("product_version", f"{code}/1", "listed", life.stored.parties, dict(life.stored.document))
            uow.publish_to_catalog({**fake.catalog[life.code], "product_code": code})
    return codes


def offered(world: CallWorld) -> set[tuple[str, str | None]]:
    """States of the versions, and what stopped them."""
    rows = world.rows("SELECT state, document #>> '{suspension,trigger}' FROM objects WHERE kind = 'product_version'")
    return {(row[0], row[1]) for row in rows}


def owed(world: CallWorld) -> list[tuple[str, bool]]:
    rows = world.rows("SELECT duty, met_at IS NOT NULL FROM deadlines WHERE kind = 'participant' ORDER BY duty")
    return [(row[0], row[1]) for row in rows]


def test_qualification_that_was_not_renewed_suspends_what_the_body_offers_once(world: CallWorld) -> None:
    [code] = a_provider(world, qualified_for=timedelta(seconds=-1))
    leader = world.process()

    assert (leader.deadlines_cycle(), leader.deadlines_cycle()) == (1, 0)
    assert offered(world) == {("suspending", "qualification_expired")}
    assert world.rows(f"SELECT state FROM catalog_entries WHERE product_code = '{code}'") == [("suspended",)]
    rows = world.events()
    assert leader.deadlines_cycle() == 0
    assert (world.events(), leader.deadlines.stop_offers()) == (rows, 0)


def test_body_in_good_standing_keeps_its_offers(world: CallWorld) -> None:
    a_provider(world)

    assert world.process().deadlines_cycle() == 0
    assert offered(world) == {("listed", None)}


def test_body_that_may_offer_again_keeps_what_was_not_stopped_yet(world: CallWorld) -> None:
    a_provider(world, suspended=True)
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET state = 'active' WHERE object_id = :code"), {"code": PROVIDER})

    assert world.process().deadlines.stop_offers() == 0
    assert (offered(world), owed(world)[-1]) == ({("listed", None)}, (OFFERS_DUTY, True))


def test_many_offers_of_a_suspended_body_are_stopped_a_bounded_number_at_a_time(world: CallWorld) -> None:
    left = 7
    a_provider(world, offers=OFFERS_A_CYCLE + left, suspended=True)

    assert world.process().deadlines.stop_offers() == OFFERS_A_CYCLE
    assert world.rows("SELECT count(*) FROM objects WHERE state = 'listed'") == [(left,)]
    assert owed(world)[-1] == (OFFERS_DUTY, False)
    again = world.process()  # another process goes on with what is left

    assert (again.deadlines.stop_offers(), again.deadlines.stop_offers()) == (left, 0)
    assert (offered(world), owed(world)[-1]) == ({("suspending", "provider_suspended")}, (OFFERS_DUTY, True))
    with world.log.engine.connect() as connection:
        assert deadlines.bodies_to_stop(connection, world.log.preparer.clock.now(), BODIES_A_CYCLE) == []


def hinder(patch: pytest.MonkeyPatch, error: Exception, *codes: str) -> list[str]:
    """From now on these offers cannot be stopped; the list that grows with those that were tried."""
    stop_offer, tried = stopped_offers.stop_offer, list[str]()

    def stop(uow: Any, code: str, *rest: Any) -> Any:
        tried.append(code)
        if code in codes:
            raise error
        return stop_offer(uow, code, *rest)

    patch.setattr(stopped_offers, "stop_offer", stop)
    return tried


@pytest.mark.parametrize("error", [ConflictError("not now"), KeyError("not now"), MisuseError("not now")])
def test_offer_that_is_hindered_holds_no_other_and_is_stopped_later(
    world: CallWorld, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    first, *_ = a_provider(world, offers=3, qualified_for=timedelta(seconds=-1))
    leader = world.process()

    with monkeypatch.context() as broken:
        hinder(broken, error, first)
        assert leader.deadlines_cycle() == 1, "the breach is evidence all the same"
        with capture_logs() as logs, pytest.raises(type(error), match="not now"):
            leader.deadlines_cycle()
    assert [line["name"] for line in logs if line["event"] == "step_hindered"] == [f"{first}/1"]
    assert world.rows("SELECT object_id FROM objects WHERE state = 'listed'") == [(f"{first}/1",)]

    for _ in range(3):  # first it is passed over, then its body, for the sake of others
        leader.deadlines_cycle()
    assert offered(world) == {("suspending", "qualification_expired")}


@pytest.mark.parametrize("error", [LeaseLostError("lost"), SealBrokenError("broken"), UnavailableError("away")])
def test_what_concerns_every_offer_is_tried_with_one_and_goes_up_at_once(
    world: CallWorld, monkeypatch: pytest.MonkeyPatch, error: LedgerError
) -> None:
    codes = a_provider(world, offers=3, suspended=True)
    tried = hinder(monkeypatch, error, *codes)
    leader = world.process()
    for _ in range(2):
        with pytest.raises(type(error)):
            leader.deadlines.stop_offers()

    is_about_one = type(error) is UnavailableError
    assert tried == (codes[:2] if is_about_one else [codes[0], codes[0]]), "what takes too long may be that offer alone"


def test_body_all_of_whose_offers_are_hindered_leaves_its_place_to_another(
    world: CallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = a_provider(world, offers=4, suspended=True)
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        first = uow.get("participant", PROVIDER)
        other = uow.create("participant", "Z", state="suspended", parties=("Z",), document=first.document, act="make")
        uow.set_deadline(other, OFFERS_DUTY, uow.now + 2 * STOP_WITHIN)
    hinder(monkeypatch, ConflictError("never"), *codes)
    monkeypatch.setattr("anchor.deadlines.OFFERS_A_CYCLE", 2)  # as many at once as there are, twice
    monkeypatch.setattr("anchor.deadlines.BODIES_A_CYCLE", 1)
    leader = world.process()
    for _ in range(4):
        with suppress(ConflictError):
            leader.deadlines.stop_offers()

    met = world.rows("SELECT object_id FROM deadlines WHERE duty = 'stop_offers' AND met_at IS NOT NULL")
    assert met == [("Z",)]


def test_body_that_failed_its_recheck_keeps_nothing_on_offer(world: CallWorld) -> None:
    a_provider(world)
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        body = uow.get("participant", PROVIDER)
        document = {**body.document, "failed_recheck": "2026-11-01T00:00:00.000000Z"}
        owe_offers_stopped(uow, uow.change(body, act="fail", document=document))
    leader = world.process()

    assert [leader.deadlines.stop_offers() for _ in range(2)] == [1, 0]
    assert offered(world) == {("suspending", "recheck_failed")}
    assert owed(world)[-1] == (OFFERS_DUTY, True)


def test_offers_that_are_hindered_for_ever_do_not_keep_later_ones_on_offer(
    world: CallWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    *hindered, last = a_provider(world, offers=3, suspended=True)
    leader = world.process()
    hinder(monkeypatch, ConflictError("never"), *hindered)
    monkeypatch.setattr("anchor.deadlines.OFFERS_A_CYCLE", 2)
    for _ in range(4):
        with suppress(ConflictError):
            leader.deadlines.stop_offers()

    assert world.rows("SELECT object_id FROM objects WHERE state = 'suspending'") == [(f"{last}/1",)]
    assert owed(world)[-1] == (OFFERS_DUTY, False), "something is on offer still"


@pytest.mark.parametrize("crash", [False, True], ids=["reported failed", "process ends"])
@pytest.mark.parametrize("applied", [False, True], ids=["not applied", "applied"])
def test_suspension_that_fails_at_its_commit_is_done_once(world: CallWorld, *, applied: bool, crash: bool) -> None:
    [code] = a_provider(world, suspended=True)
    step = "commit anchor.passing_over.PassingOver._write"
    world.faults.arm(Fault(step, 1, applied=applied, crash=crash))
    with pytest.raises(Crash if crash else LedgerError):
        world.process().deadlines.stop_offers()
    assert world.faults.struck == step
    assert offered(world) == ({("suspending", "provider_suspended")} if applied else {("listed", None)})

    leader = world.process()
    assert leader.deadlines.stop_offers() == (0 if applied else 1)
    assert offered(world) == {("suspending", "provider_suspended")}
    assert world.rows(f"SELECT state FROM catalog_entries WHERE product_code = '{code}'") == [("suspended",)]
    assert leader.deadlines.stop_offers() == 0


def test_step_of_a_product_and_the_stop_of_all_never_wait_for_each_other(world: CallWorld) -> None:
    """A step holds its product and then wants the catalog, while the stop has been through the catalog and wants the product."""
    *_, last = a_provider(world, offers=3, suspended=True)
    leader = world.process()
    failures: list[Exception] = []

    def stop_all() -> None:
        try:
            assert leader.deadlines.stop_offers() == 3
        except (AssertionError, LedgerError) as error:
            failures.append(error)

    stopping = threading.Thread(target=stop_all)
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        product = uow.find("product", last)
        assert product is not None
        stopping.start()
        while not world.rows(WAITING):
            assert stopping.is_alive()
        connection.execute(text("SELECT 1 FROM catalog_head FOR UPDATE"))
        body = uow.find("participant", PROVIDER)
        uow.change(product, act="look")
        uow.record("org.cityledger.test.looked.v1", {"found": body is not None})
    stopping.join()

    assert failures == []
    assert offered(world) == {("suspending", "provider_suspended")}
