"""A chain that ends before and after each of its answers while a call is brought to it, and comes back with or without its newest blocks.

The API and the anchor service live on. A chain that ends takes every later request with it until it is started again; one that lost its
state comes back with what was dumped to disk last, as a development chain does.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from support.a_log import open_a_log
from support.a_service import serving_log
from support.call_world import CallWorld
from support.fake_chain import FakeChain
from support.faults import Faults
from support.killed_writes import ATTEMPTS_MAX, CONTRACTS, CYCLES, Explorer, KilledService

from ledger.adapters.chain.errors import ChainUnavailableError

DUMP = b"state "
"""Before the number of blocks, in what the chain in memory dumps."""


class ChainKills(Faults):
    """Ends the chain at every request of a call in its turn: before it is done, and done but not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.killed: set[tuple[str, bool]] = set()
        self.is_dead = False
        self._done: set[tuple[str, int, bool]] = set()
        self._times: Counter[str] = Counter()

    def begin_call(self) -> None:
        """From now on another call is brought to the chain."""
        self._done.clear()

    def begin_attempt(self) -> None:
        """The chain runs; its next request that was not its last yet is."""
        self._times.clear()
        self.struck, self.is_dead = None, False

    def run(self, step: str, act: Callable[[], Any], error: Callable[[], Exception]) -> Any:
        """One request of the chain."""
        if self.is_dead:
            raise error()
        self._times[step] += 1
        for applied in (False, True):
            key = step, self._times[step], applied
            if key not in self._done:
                self._done.add(key)
                self.killed.add((step, applied))
                self.struck, self.is_dead = step, True
                if applied:
                    act()
                raise error()
        return act()


@dataclass
class ChainKilledService(KilledService):
    """As its base; it is the chain that fails, at every request of every call."""

    kills: ChainKills = field(default_factory=ChainKills)
    is_state_lost: bool = False

    @property
    def client(self) -> Any:
        return self.clients[0]

    def complete(self, act_id: str) -> None:
        """The anchor service brings the act to the chain, which ends at every request and is started again."""
        self.kills.begin_call()
        before, leader = self.counts()[0], self.world.process()
        for _ in range(ATTEMPTS_MAX):
            self.attempts += 1
            self.kills.begin_attempt()
            try:
                self.world.cycles(leader, CYCLES)
            except ChainUnavailableError:
                assert self.kills.struck is not None
            self.require_agreement()
            if self.kills.struck is None:
                break
            if self.is_state_lost:
                go_back_to_the_dump(self.world.chain, self.folder / "chain" / "state.json")
        assert self.kills.struck is None, f"the call never came to an end: {self.kills.struck}"
        query = f"SELECT state FROM objects WHERE kind = 'act' AND object_id = '{act_id}'"
        assert self.world.rows(query) == [("final",)]
        wanted = [bytes(row[0]) for row in self.world.rows("SELECT call_data FROM chain_calls ORDER BY call_id")]
        assert self.world.chain.done() == wanted, "every call once, in its order"
        told = self.counts()[0] - before
        assert told == 2 or (self.tells_more and told > 2), "the step's event, and that of its act"

    def bring(self, act_id: str) -> None:
        """The chain fails at every call."""
        self.complete(act_id)

    @property
    def folder(self) -> Path:
        return self.world.folder


def go_back_to_the_dump(chain: FakeChain, state: Path) -> None:
    """The chain is started from its file: newer blocks are gone, and what waited."""
    kept = int(state.read_bytes().removeprefix(DUMP)) if state.exists() else 1
    gone = len(chain.blocks) - kept
    if gone:
        chain.reorganise(gone, drop=False)
    chain.drop_pool()


@contextmanager
def chain_killed_service(database_url: str, folder: Path, *, is_state_lost: bool) -> Iterator[ChainKilledService]:
    """One server over a new log in a migrated database."""
    log = open_a_log(database_url, folder)
    with ExitStack() as stack:
        stack.callback(log.engine.dispose)
        url, container, keys = stack.enter_context(serving_log(log, database_url, folder))
        vars(container).update(contracts=CONTRACTS)  # in the place of the manifest
        client = stack.enter_context(httpx.Client(base_url=url, timeout=60))
        kills = ChainKills()
        world = CallWorld(
            log, database_url, folder, faults=kills, contracts=CONTRACTS, watch=lambda _engine, _faults: None
        )
        stack.callback(world.close)
        explorer = Explorer(crash=False)  # strikes nothing: no attempt of it is ever begun
        yield ChainKilledService(
            log, explorer, (client,), (container,), keys, world, kills=kills, is_state_lost=is_state_lost
        )
