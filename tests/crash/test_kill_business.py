"""``kill -9`` of the API, of the chain and of the anchor service while a body is admitted and its product listed; then blocks are lost.

The operator does nothing; the clients only repeat what was not answered. At the end the body is on the chain once, every step is one
event, objects and chain agree, and a chain that was put back to its beginning has got all calls again, by the same bytes.
"""

import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from support.killed_writes import BROKEN
from support.live_service import COMMAND, environment_without_settings
from support.persistent_city import PersistentCity
from support.plug import Operator

from ledger.adapters.chain.bindings.participant_registry import BodyAdmitted
from ledger.adapters.chain.bindings.product_registry import (
    ProductFiled,
    ProductRegistered,
    ProductReviewed,
    ProductStatusChanged,
)
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.domain.subject_code import generate_subject_code

WITHIN_S = 240.0
WRITES = 23
"""So many writes at least has a round; some of them are cut."""

CUTS = 2
ACTS = 5
"""Admission, registration, review, filing, listing: what the chain is waited for."""

ON_CHAIN = {
    "ParticipantRegistry": (BodyAdmitted,),
    "ProductRegistry": (ProductRegistered, ProductReviewed, ProductFiled, ProductStatusChanged),
}
CONFIRMED = "act.confirmed.v1"
PREFIX = "org.cityledger."


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(tmp_path / "data")
    operator.start()
    operator.wait_until_ready()
    yield operator
    operator.stop()
    assert operator.running() == []


class Books:
    """What an auditor sees: rows of the database, and the logs of the chain."""

    def __init__(self, city: PersistentCity) -> None:
        self.city = city

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.city.connection["database_url"]) as database:
            return database.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]

    def events(self) -> Counter[str]:
        """Type -> number of the ledger's own events, once all are in the log."""
        query = (
            "SELECT (SELECT count(*) FROM outbox WHERE leaf_index IS NULL), "
            "(SELECT min(tree_size) FROM projections), (SELECT tree_size FROM log_head)"
        )

        def is_settled() -> bool:
            [(pending, indexed, size)] = self.rows(query)
            return pending == 0 and indexed == size

        wait(is_settled)
        found = self.rows(f"SELECT type, count(*) FROM event_index WHERE type LIKE '{PREFIX}%' GROUP BY type")
        return Counter({kind.removeprefix(PREFIX): count for kind, count in found})

    def on_chain(self) -> Counter[str]:
        """Event -> how often the chain has it."""
        rpc, found = JsonRpc(self.city.connection["rpc_url"]), Counter[str]()
        for contract, events in ON_CHAIN.items():
            for event in events:
                wanted = {"address": self.city.connection["contracts"][contract], "topics": ["0x" + event.TOPIC.hex()]}
                found[event.__name__] = len(rpc.call("eth_getLogs", wanted | {"fromBlock": "0x0"}))
        return found

    def calls(self) -> list[tuple[str, str]]:
        """Act and transaction of every call, with its state."""
        return self.rows("SELECT object_id, state, encode(tx_hash, 'hex') FROM chain_calls ORDER BY call_id")

    def require_agreement(self) -> None:
        for what, query in BROKEN.items():
            assert self.rows(query) == [], what
        wait(lambda: self.city.get("/v1/participants/differences", "operator")["items"] == [])


def wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.parametrize(("seed", "rounds"), [(20261122, 1), (20261123, 8)])
@pytest.mark.timeout(2400)
def test_parts_killed_while_a_body_is_admitted_and_its_product_listed_leave_no_half_step(operator, seed, rounds):
    moments = Random(seed)
    city = PersistentCity(operator, moments)
    with closing(city.client):
        tell(city, moments, rounds)


def tell(city: PersistentCity, moments: Random, rounds: int) -> None:
    operator, books = city.operator, Books(city)
    state = operator.folder / "chain" / "state.json"
    events, on_chain = books.events(), books.on_chain()
    for number in range(1, rounds + 1):
        older = shutil.copy(state, operator.folder.with_name("older.json"))
        a_round(city, moments, generate_subject_code("310000", f"MA00001{number:02}"))
        books.require_agreement()
        steps, calls = books.events() - events, books.calls()
        assert [state for _, state, _ in calls] == ["final"] * ACTS * number
        check_steps(steps, city, number)
        there = Counter(dict.fromkeys(on_chain, number))
        assert books.on_chain() - on_chain == there, "each once, on the chain"

        operator.pull_the_plug()
        shutil.copy(older, state)
        operator.start()
        operator.wait_until_ready()
        wait(lambda there=there: books.on_chain() - on_chain == there)
        wait(lambda calls=calls: books.calls() == calls)  # final again, and the same bytes
        books.require_agreement()
        again = books.events() - events
        events[CONFIRMED] += again[CONFIRMED] - steps[CONFIRMED]
        assert again[CONFIRMED] == steps[CONFIRMED] + ACTS, "each has another place on the chain"
        assert again - steps == Counter({CONFIRMED: ACTS}), "no step was done again"
    assert city.cuts == rounds * CUTS
    fsck = subprocess.run(
        [*COMMAND, "fsck", "--connection", str(operator.folder / "connection.json")],
        capture_output=True,
        env=environment_without_settings(),
        check=False,
    )
    assert fsck.returncode == 0, fsck.stdout.decode()


def a_round(city: PersistentCity, moments: Random, code: str) -> None:
    """A body is admitted and its product listed; meanwhile everything but the database is killed, more than once."""
    city.cut = {city.writes + 1 + place for place in moments.sample(range(WRITES), CUTS)}
    kills: list[tuple[str, ...]] = [(), ("anchor",), ("api",), ("anchor", "anvil")]
    moments.shuffle(kills)

    def wait_for(path: str, state: str, who: str, parts: tuple[str, ...]) -> None:
        time.sleep(moments.uniform(0, 0.5))
        for part in parts:
            city.operator.kill(part)
        wait(lambda: city.get(path, who)["state"] == state)

    act_id, body = city.admit(code), f"/v1/participants/{code}"
    city.sign(act_id, before_last=lambda: city.operator.freeze("anvil"))
    require_visible_wait(city, act_id, body)
    wait_for(body, "active", "operator", ("anvil",))
    city.give_account(code)
    path = city.draft(code)
    city.offer(code, path, lambda state: wait_for(path, state, code, kills.pop()))


def require_visible_wait(city: PersistentCity, act_id: str, body: str) -> None:
    """Whoever looks sees that the chain is waited for."""
    act, waiting = city.get(f"/v1/acts/{act_id}", "operator"), city.get(body, "operator")
    assert (act["state"], waiting["state"], waiting["open_step"]["act_state"]) == ("calling", "admitting", "calling")
    [call] = act["calls"]
    assert call["state"] in ("queued", "staged")
    assert waiting["open_step"]["call"]["state"] in ("queued", "staged")


def check_steps(steps: Counter[str], city: PersistentCity, rounds: int) -> None:
    """Every step is one event, whoever was killed when."""
    steps = steps.copy()
    assert steps.pop("act.signed.v1") == city.signatures
    assert steps[CONFIRMED] == rounds * ACTS
    assert steps.pop("product.letter_issued.v1") == 2 * rounds, "by either platform"
    business = {kind: count for kind, count in steps.items() if kind.startswith(("participant.", "product."))}
    assert {"participant.admitted.v1", "product.registered.v1", "product.listed.v1"} <= business.keys()
    assert set(business.values()) == {rounds}, business
