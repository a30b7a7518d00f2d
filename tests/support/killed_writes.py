"""An API and an anchor service that fail at every write of every step, and a client that repeats its request until it is answered.

Two servers stand over one database, so that a repeat reaches one that knows nothing of the attempt before it. After every attempt
the rows say either nothing of the step or all of it, and whatever is there agrees.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from coincurve import PrivateKey
from sqlalchemy import Connection, Engine, text
from support.a_log import ALog, open_a_log
from support.a_service import serving_log
from support.both_schemes import CONCLUSION, signed_by_both, sm2_json
from support.call_world import CallWorld
from support.faults import Crash, Fault, Faults, watch_commits, watch_writes
from support.product_world import CODES, SM2_SECRETS

from anchor.leader import Leader
from api.container import Container
from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.typed_acts import Tail
from ledger.errors import LedgerError
from ledger.log.typed_data import address_of_public_key, keccak256
from ledger.services.acts import act_of
from ledger.services.business import Actor

OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
CONTRACTS = {
    name: keccak256(name.encode())[:20]
    for name in ("ParticipantRegistry", "ProductRegistry", "Orders", "DigitalContractRegistry")
}
ATTEMPTS_MAX = 200
CYCLES = 8
"""Within so many rounds of the anchor service a call that nothing disturbs is final."""

PROTOCOL = "/dsp/"
"""Messages below it carry no idempotency key: a repeat of one finds what the first one did."""

WRITE_COMMIT = "commit api.container.Container._write"
ANSWER = "answer"

FORMS = ("process ends", pytest.param("connection breaks", marks=pytest.mark.long))
"""How a step fails, as parameters of a test."""

BROKEN = {
    "a revision without its history": """
        SELECT kind, object_id FROM objects o WHERE NOT EXISTS (
          SELECT FROM object_history h WHERE h.kind = o.kind AND h.object_id = o.object_id AND h.revision = o.revision
          AND h.state = o.state AND h.document = o.document AND h.parties = o.parties)
        OR o.revision <> (SELECT count(*) FROM object_history h WHERE h.kind = o.kind AND h.object_id = o.object_id)""",
    "history of no object": """
        SELECT kind, object_id FROM object_history h WHERE NOT EXISTS (
          SELECT FROM objects o WHERE o.kind = h.kind AND o.object_id = h.object_id AND o.revision >= h.revision)""",
    "an act and its call that disagree": """
        SELECT a.object_id, a.state, c.state FROM objects a LEFT JOIN chain_calls c USING (kind, object_id) WHERE kind = 'act'
        AND CASE a.state WHEN 'calling' THEN coalesce(c.state, '') NOT IN ('queued', 'staged', 'submitted', 'mined')
          WHEN 'final' THEN coalesce(c.state, '') <> 'final' ELSE c.state IS NOT NULL END""",
    "two calls of one act": "SELECT object_id FROM chain_calls GROUP BY kind, object_id HAVING count(*) > 1",
    "a participant whose open step is no act under way, or the other way round": """
        SELECT p.object_id, a.object_id FROM (SELECT * FROM objects WHERE kind = 'participant') p
        FULL JOIN (SELECT * FROM objects WHERE kind = 'act' AND state IN ('open', 'calling')
          AND document->>'step' LIKE 'participant.%') a
        ON a.object_id = p.document->'open_step'->>'act_id' AND a.document->'subject'->>'object_id' = p.object_id
        WHERE a.object_id IS NULL AND p.document->'open_step'->>'act_id' IS NOT NULL OR p.object_id IS NULL""",
    "a product that waits for no act under way, or the other way round": """
        SELECT v.object_id, a.object_id FROM (SELECT * FROM objects WHERE kind = 'product_version') v
        FULL JOIN (SELECT * FROM objects WHERE kind = 'act' AND state IN ('open', 'calling')
          AND document->>'step' LIKE 'product.%') a
        ON a.object_id = v.document->'waiting'->>'act_id'
        AND v.object_id LIKE (a.document->'subject'->>'object_id') || '/%'
        WHERE a.object_id IS NULL AND v.document->'waiting'->>'act_id' IS NOT NULL OR v.object_id IS NULL""",
    "a catalog that shows other than what is on sale": """
        SELECT p.object_id, e.product_code FROM (SELECT * FROM objects WHERE kind = 'product' AND document->>'on_sale' <> '{}') p
        FULL JOIN catalog_entries e ON e.product_code = p.object_id WHERE p.object_id IS NULL OR e.product_code IS NULL""",
}
"""What no committed state may hold, whoever died when."""


class Explorer(Faults):
    """Lets every write of a step fail in its turn, one an attempt, until none is left.

    A failure after a write is the one before the next write, or before the commit; only commits fail after they are done as well.
    """

    def __init__(self, *, crash: bool) -> None:
        super().__init__()
        self.crash = crash
        self.failed: set[str] = set()
        self._explores = False
        self._done: set[tuple[str, int, bool]] = set()
        self._times: Counter[str] = Counter()
        self.applied = False

    def begin_step(self) -> None:
        """From now on another step is explored."""
        self._done.clear()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One attempt at the step; ``struck`` says afterwards where it failed."""
        self._times.clear()
        self.struck, self._explores = None, True
        try:
            yield
        finally:
            self._explores = False

    def strikes(self, step: str) -> Fault | None:
        """Records the step; the failure, when it is this one's turn."""
        with self._lock:
            if not self._explores or self.struck is not None or not _is_watched(step):
                return None
            self._times[step] += 1
            for applied in (False, True) if step.startswith("commit ") else (False,):
                key = step, self._times[step], applied
                if key not in self._done:
                    self._done.add(key)
                    self.struck, self.applied = step, applied
                    self.failed.add(step)
                    return Fault(step, self._times[step], applied=applied, crash=self.crash)
            return None


def _is_watched(step: str) -> bool:
    """Rows and commits of steps. Leases, and what happens on files and on the chain, have tests of their own."""
    return "lease" not in step and (step == ANSWER or ": " in step or step.startswith("commit "))


def watch(engine: Engine, faults: Faults) -> None:
    """Commits and writes."""
    watch_commits(engine, faults)
    watch_writes(engine, faults)


def state_of(connection: Connection) -> dict[str, str]:
    """A digest of the rows of every table; who leads is not among them."""
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'leases'")
    )
    digest = "SELECT '{0}', count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM \"{0}\" t"
    query = " UNION ALL ".join(digest.format(name) for name in names.scalars())
    return {row[0]: row[1] for row in connection.execute(text(query))}


@dataclass
class KilledService:
    """The servers, the anchor service and the chain; signatures are made by ``private_keys`` (address -> key).

    ``tells_more``: steps of this story may have several events, which its test counts at the end.
    """

    log: ALog
    explorer: Explorer
    clients: tuple[httpx.Client, ...]
    containers: tuple[Container, ...]
    keys: dict[str, str]
    world: CallWorld
    private_keys: dict[str, PrivateKey] = field(default_factory=dict)
    attempts: int = 0
    tells_more: bool = False

    @property
    def client(self) -> "RepeatingClient":
        return RepeatingClient(self)

    @property
    def container(self) -> Container:
        return self.containers[0]

    def know(self, *keys: PrivateKey) -> None:
        for key in keys:
            self.private_keys[address_of_public_key(key.public_key.format(compressed=False)).hex()] = key

    def sign(self, act_id: str) -> None:
        """Every signer's signature is sent by the operator, through the failing servers."""
        with self.log.engine.connect() as connection:
            stored = read_object(connection, OPERATOR, "act", act_id)
            uow = SqlUnitOfWork(connection, self.log.preparer, OPERATOR, contracts=CONTRACTS)
            act, deadline = act_of(stored), int(uow.now.timestamp()) + 86_400
            domain = uow.domain_of(act.CONTRACT)
        secrets = {CODES[name]: secret for name, secret in SM2_SECRETS.items()}
        for place, signer in enumerate(stored.document["signers"]):
            address = next(address for address in signer["keys"] if address in self.private_keys)
            tail = Tail(bytes.fromhex(signer["body_id"]), deadline)
            secret = secrets[signer["participant"]] if stored.document["step"] == CONCLUSION else None
            signature, sm2 = signed_by_both(self.private_keys[address], secret, act, tail, domain)
            body = {"place": place, "key": "0x" + address, "deadline": deadline, "signature": "0x" + signature.hex()}
            body |= sm2_json(sm2)
            headers = {
                "Authorization": f"Bearer {self.keys['operator']}",
                "Idempotency-Key": f"{act_id[:32]} {place}".replace(" ", "-"),
            }
            answer = self.client.post(f"/v1/acts/{act_id}/signatures", json=body, headers=headers)
            assert answer.status_code == 201, answer.text

    def bring(self, act_id: str) -> None:
        """As ``complete``, and nothing fails."""
        self.world.cycles(self.world.process(), CYCLES)
        assert self.world.act_states()[act_id] == "final"

    def complete(self, act_id: str) -> None:
        """The anchor service brings the act to the chain and its step to an end; it fails at every write on that way."""
        query = "SELECT state FROM objects WHERE kind = 'act' AND object_id = '{}'"
        self.explorer.begin_step()
        before, leader = self._events(), None

        def is_final() -> bool:
            return self.world.rows(query.format(act_id)) == [("final",)]

        for _ in range(ATTEMPTS_MAX):
            self.attempts += 1
            leader = leader or self.world.process()
            try:
                with self.explorer.attempt():
                    self._go_on(leader, is_final)
            except Crash:
                leader = None
            except LedgerError:
                assert self.explorer.struck is not None
            self.require_agreement()
            if self.explorer.struck is None:
                break
        assert self.explorer.struck is None, f"the step never came to an end: {self.explorer.struck}"
        assert is_final()
        assert len(self.world.chain.done()) == len(set(self.world.chain.done()))
        told = self._events() - before
        assert told == 2 or (self.tells_more and told > 2), "the step's event, and that of its act"

    def _go_on(self, leader: Leader, is_final: Callable[[], bool]) -> None:
        """What a step leads to on the chain is a call of its own, and left for its own turn."""
        for _ in range(CYCLES):
            if not (self.tells_more and is_final()):
                self.world.cycles(leader)

    def require_agreement(self) -> None:
        """Nothing that no committed state may hold."""
        with self.log.engine.connect() as connection:
            for what, query in BROKEN.items():
                found = connection.execute(text(query)).all()
                assert found == [], f"after {self.explorer.struck}: {what}"

    def state(self) -> dict[str, str]:
        with self.log.engine.connect() as connection:
            return state_of(connection)

    def counts(self) -> tuple[int, int]:
        """Events and kept answers."""
        with self.log.engine.connect() as connection:
            query = text("SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM idempotency_keys)")
            events, answers = connection.execute(query).one()
        return events, answers

    def _events(self) -> int:
        return self.counts()[0]


@dataclass(frozen=True)
class RepeatingClient:
    """As ``httpx.Client``; a write is repeated with its idempotency key until it is answered, and once more."""

    service: KilledService

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.service.clients[0].get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        if method == "GET":
            return self.service.clients[0].request(method, path, **options)
        service, explorer = self.service, self.service.explorer
        explorer.begin_step()
        keeps = not path.startswith(PROTOCOL)
        start, (events, answers), done = service.state(), service.counts(), None
        for number in range(ATTEMPTS_MAX):
            service.attempts += 1
            with explorer.attempt():
                answer = service.clients[number % len(service.clients)].request(method, path, **options)
            now, struck = service.state(), explorer.struck
            if struck is None:
                break
            assert answer.status_code == (503 if struck != ANSWER and not explorer.crash else 500), answer.text
            if done is None and (struck == ANSWER or (struck == WRITE_COMMIT and explorer.applied)):
                told, kept = service.counts()
                assert kept - answers == keeps, f"{path}: one kept answer"
                assert told - events == 1 or (service.tells_more and told > events), f"{path}: one event"
                done = now
            expected = start if done is None else done
            changed = [name for name in now if now[name] != expected.get(name)]
            assert changed == [], f"{path}: half a step after {struck}, or one done again"
            service.require_agreement()
        assert explorer.struck is None, f"{path}: never answered, at last because of {explorer.struck}"
        assert answer.status_code < 300, answer.text
        if keeps:
            assert answer.headers["Idempotent-Replay"] == "true", "the answer of the attempt that was committed"
        assert now == done, f"{path}: done again"
        return answer


@contextmanager
def killed_service(database_url: str, folder: Path, *, crash: bool) -> Iterator[KilledService]:
    """Both servers over a new log in a migrated database; ``crash``: the process ends, otherwise its connection breaks."""
    explorer = Explorer(crash=crash)
    log = open_a_log(database_url, folder)
    with ExitStack() as stack:
        said = logging.getLogger("uvicorn.error")  # of every process that ended, where
        stack.callback(said.setLevel, said.level)
        said.setLevel(logging.CRITICAL + 1)
        stack.callback(log.engine.dispose)
        servers = [stack.enter_context(serving_log(log, database_url, folder)) for _ in range(2)]
        for _, container, _ in servers:
            _let_fail(container, explorer)
        clients = tuple(stack.enter_context(httpx.Client(base_url=url, timeout=60)) for url, _, _ in servers)
        world = CallWorld(log, database_url, folder, faults=explorer, contracts=CONTRACTS, watch=watch)
        stack.callback(world.close)
        containers = tuple(container for _, container, _ in servers)
        yield KilledService(log, explorer, clients, containers, servers[0][2], world)


def _let_fail(container: Container, explorer: Explorer) -> None:
    watch(container.engine, explorer)
    real = container.write

    async def write(work: Callable[[Connection], Any]) -> Any:
        done = await real(work)
        if explorer.strikes(ANSWER) is not None:
            raise Crash(ANSWER)
        return done

    vars(container).update(write=write, contracts=CONTRACTS)  # contracts: in the place of the manifest
