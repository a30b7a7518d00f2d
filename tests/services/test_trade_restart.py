"""Steps of orders and agreements whose contract call outlives the process: the database is real, the chain is in memory.

What waits is completed by whichever process comes after, once: agreement and order move together or not at all.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from support.call_world import CONTRACTS, CallWorld, crash
from support.faults import Fault
from support.product_world import CODES, a_world, actor, sign_as
from support.trade_steps import Trade

from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.log.typed_data import keccak256
from ledger.services import agreements
from ledger.services.business import StoredObject

SUITE = {**CONTRACTS, **{name: keccak256(name.encode())[:20] for name in ("Orders", "DigitalContractRegistry")}}
KINDS = ("participant", "product", "product_version", "order", "agreement")


@pytest.fixture(scope="module")
def ordered() -> Trade:
    """A confirmed order and its agreement, made in memory in the present."""
    world = a_world()
    world.now = datetime.now(UTC).replace(microsecond=0)
    return Trade(world).draft().offered().confirmed().generated(valid_until="2099-12-31")


@pytest.fixture
def world(new_world: Callable[..., CallWorld], ordered: Trade) -> CallWorld:
    """The same in the database, with both signatures under the agreement: its call is asked for and not sent."""
    made = new_world(contracts=SUITE)
    with acting(made, "bank") as uow:
        for stored in ordered.world.objects.values():
            if stored.kind in KINDS:
                uow.create(
                    stored.kind,
                    stored.object_id,
                    state=stored.state,
                    parties=stored.parties,
                    document=copy.deepcopy(stored.document),
                    act="copy",
                )
        agreements.ask_signatures(uow, ordered.agreement_id)
    [(act_id,)] = made.rows("SELECT object_id FROM objects WHERE kind = 'act'")
    for place, name in enumerate(("provider", "bank")):
        with acting(made, name) as uow:
            act = uow.find("act", act_id)
            assert act is not None
            sign_as(uow, act, place, name)
    assert made.states() == ["queued"]
    return made


@contextmanager
def acting(world: CallWorld, name: str) -> Iterator[SqlUnitOfWork]:
    """A transaction of a body that read the first revision of what it changes."""
    with world.log.engine.begin() as connection:
        yield SqlUnitOfWork(connection, world.log.preparer, actor(name), contracts=SUITE, revision=1)


def find(world: CallWorld, kind: str, object_id: str) -> StoredObject:
    with acting(world, "bank") as uow:
        found = uow.find(kind, object_id)
    assert found is not None
    return found


def states(world: CallWorld, ordered: Trade) -> tuple[str, str]:
    return find(world, "agreement", ordered.agreement_id).state, find(world, "order", ordered.order_id).state


def concluded(world: CallWorld, agreement_id: str) -> int:
    """How often the agreement and its order were moved by the conclusion: in their histories."""
    query = "SELECT count(*) FROM object_history WHERE act IN ('complete_signatures', 'contract')"
    assert find(world, "agreement", agreement_id).document["waiting"] is None
    return int(world.rows(query)[0][0])


@pytest.mark.parametrize(
    ("step", "applied"),
    [
        ("commit anchor.call_rows.CallRows.stage", True),
        ("chain broadcast", True),
        ("commit anchor.call_rows.CallRows.mined", False),
        ("commit anchor.call_rows.CallRows.final", False),
        ("commit anchor.call_rows.CallRows.final", True),
    ],
)
def test_conclusion_is_completed_once_by_the_process_after_the_one_that_died(
    world: CallWorld, ordered: Trade, step: str, *, applied: bool
) -> None:
    world.faults.arm(Fault(step, 1, applied=applied, crash=True))
    assert crash(world, world.process(), 3)
    is_done = applied and step.endswith("final")
    assert states(world, ordered) == (("signed", "in_force") if is_done else ("signing", "confirmed"))

    world.cycles(world.process(), 6)

    assert states(world, ordered) == ("signed", "in_force")
    assert (world.states(), len(world.chain.done())) == (["final", "final"], 2), "concluded, then attached to the order"
    assert concluded(world, ordered.agreement_id) == 2
    assert find(world, "order", ordered.order_id).document["attached"] is not None


def test_conclusion_that_the_contract_refuses_after_a_restart_leaves_the_order_free(
    world: CallWorld, ordered: Trade
) -> None:
    [(data,)] = world.rows("SELECT call_data FROM chain_calls")
    world.chain.rules.refuses.add(data)
    world.faults.arm(Fault("commit anchor.call_rows.CallRows.refused", 1, applied=False, crash=True))
    assert crash(world, world.process(), 1)

    world.cycles(world.process(), 2)

    assert states(world, ordered) == ("generated", "confirmed")
    assert find(world, "agreement", ordered.agreement_id).document["refused"]["step"] == "conclude"
    assert concluded(world, ordered.agreement_id) == 0
    assert find(world, "agreement", ordered.agreement_id).parties == (CODES["bank"], CODES["provider"])
