"""An application, an order with its agreement, a call-off and negotiations: told over a service that fails on the way.

The product was put on sale before by the same service, which did not fail then. After each step the other platform reads everything, as it
follows over HTTP, and its books must agree with what it is shown.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from support.a_log import PROMISE
from support.application_http import (
    APPLICATION,
    AUTHORISATION,
    PASSED,
    HttpUse,
    grant,
)
from support.killed_stories import use
from support.killed_writes import CONTRACTS, KilledService
from support.negotiation_http import CREDENTIALS, OPENING, OURS, Courses
from support.negotiation_world import PEER
from support.platform_world import FakeContracts, FakeStore
from support.product_http import Bodies, HttpLife
from support.product_world import CODES, KEYS, actor, sign_as
from support.trade_http import SIGNED_STEPS, HttpTrade, dissolution_body

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from api.platform.peer import HttpPeer, call_of
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.sql import api_keys, outbox
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.client.runners import Client
from ledger.client.transport import Response
from ledger.domain.platform_books import KINDS, Shown
from ledger.log.event import parse_event
from ledger.services import platform_acts
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor
from ledger.services.platform_acts import NewAct
from ledger.services.platform_following import Following, follow
from ledger.services.platform_ports import Act
from ledger.services.platform_sending import send_next
from ledger.services.ports import SealedBody

TOKEN = "a-token-of-their-connector"
ADMIN = "bank admin"
_OPERATOR = Actor("key:operator", None, frozenset({"operator"}))


class CalmBodies(Bodies):
    """As its base; the anchor service brings acts to the chain, and nothing fails."""

    service: KilledService

    def begin(self, connection: Any, who: Actor) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, self.log.preparer, who, contracts=CONTRACTS)

    def give_admin(self) -> None:
        """The bank's administrator, with an API key."""
        with self.log.engine.begin() as connection:
            wanted = WantedAccount(CODES["bank"], "https://identity.example", ADMIN, "admin", ("consumer",))
            account = SqlAccounts(connection, self.log.preparer).add(wanted, "key:test").account_id
            made = api_keys.create(
                connection, self.log.preparer, role="consumer", submitter="bank-admin", account_id=account
            )
        self.keys[ADMIN] = made.api_key

    def settle(self) -> None:
        names = {code: name for name, code in CODES.items()}
        [act_id] = acts(self.service, "open")
        with self.log.engine.begin() as connection:
            act = read_object(connection, _OPERATOR, "act", act_id)
            for place, signer in enumerate(act.document["signers"]):
                name = names[signer["participant"]]
                act = sign_as(self.begin(connection, actor(name)), act, place, name)
        self.service.bring(act_id)
        assert acts(self.service, "calling") == []


def acts(service: KilledService, state: str) -> list[str]:
    query = f"SELECT object_id FROM objects WHERE kind = 'act' AND state = '{state}' ORDER BY created_at"
    return [row[0] for row in service.world.rows(query)]


class KilledPeer(HttpPeer):
    """As its base; what is sent goes through the servers that fail."""

    def __init__(self, client: Client, service: KilledService, key: str) -> None:
        super().__init__(client)
        self._service, self._key = service, key

    def send(self, act: Act, text: str | None) -> Shown:
        call = call_of(act, text)
        headers = {**call.headers, "Authorization": f"Bearer {self._key}"}
        answer = self._service.client.request(call.method, call.path, content=call.body, headers=headers)
        names = {name.lower(): value for name, value in answer.headers.items()}
        value = call.read(Response(answer.status_code, names, answer.content)).value
        return Shown(act.kind, act.object_id, value["revision"], value["state"], value)


@dataclass
class OtherPlatform:
    """The authorisation platform's books, kept by what it reads over HTTP."""

    service: KilledService
    following: Following
    store: FakeStore = field(default_factory=FakeStore)

    def do(self, intend: Callable[..., Act], *about: Any) -> None:
        """An act of its own: written down, sent until it is answered, and noted."""
        with self.store() as books:
            act = intend(books, self.following.us, NewAct(f"act-{len(self.store.acts)}", "handler"), *about)
        assert send_next(self.following)
        assert self.store.acts[act.act_id][0].state == "acknowledged", self.store.acts
        self.require_agreement()

    def require_agreement(self) -> None:
        """It reads everything, and nothing differs from what it knows."""
        self.store.now += timedelta(seconds=1)
        for kind in KINDS:
            while not follow(self.following, kind):
                pass
        failures = {kind: position.failure for kind, position in self.store.positions.items()}
        assert set(failures.values()) == {None}, failures
        assert self.store.open == {}, list(self.store.open)


class KilledTrade(HttpTrade):
    """As its base; signatures go through the servers that fail, and the chain's part is played by the anchor service."""

    service: KilledService
    other: OtherPlatform

    def made(self, who: str, path: str, body: Any) -> dict[str, Any]:
        done = super().made(who, path, body)
        self.other.require_agreement()
        return done

    def do(self, who: str, path: str, body: Any = None, *, edits: bool = False) -> dict[str, Any]:
        seen = {"If-Match": self.ask(who, "GET", path.rpartition("/")[0]).headers["ETag"]} if edits else {}
        answer = self.ask(who, "POST", path, {} if body is None else body, **seen)
        assert answer.status_code == 200, answer.text
        if path.rpartition("/")[2] in SIGNED_STEPS:
            self.settle()
        self.other.require_agreement()
        return dict(answer.json())

    def settle(self) -> None:
        for act_id in acts(self.service, "open"):
            self.service.sign(act_id)
        while calling := acts(self.service, "calling"):
            self.service.complete(calling[0])

    def filed(self) -> "KilledTrade":
        """By the other platform, which so has it filed on both sides."""
        self.other.do(platform_acts.file_agreement, self.agreement_id)
        self.settle()
        self.other.require_agreement()
        return self


class KilledUse(HttpUse):
    """As its base, and the other platform agrees after each step."""

    def __init__(self, city: "KilledCity") -> None:
        super().__init__(city.life)
        self.other = city.other

    def do(self, name: str, path: str, body: Any) -> Any:
        done = super().do(name, path, body)
        self.other.require_agreement()
        return done


@dataclass
class KilledCity:
    """A product on sale whose data another platform decides about, and everybody who has to do with it."""

    service: KilledService
    bodies: CalmBodies
    life: HttpLife
    other: OtherPlatform
    demand_id: str

    def trade(self) -> KilledTrade:
        made = KilledTrade(self.life.ask, self.bodies, self.life.code, self.demand_id)
        made.service, made.other = self.service, self.other
        return made


def events_of(service: KilledService) -> Counter[str]:
    """Type without its ends -> number of the ledger's own events that are not in the log yet."""
    rows = service.world.rows("SELECT identity, sealed_month, sealed_generation, sealed_event FROM outbox")
    unseal = service.log.preparer.sealer.unseal
    types = [parse_event(unseal(bytes(row[0]), SealedBody(row[1], row[2], bytes(row[3])))).type for row in rows]
    return Counter(one.removeprefix("org.cityledger.").removesuffix(".v1") for one in types)


def fsck(service: KilledService) -> list[Finding]:
    """What it finds once everything is in the log and published; the chain that the anchor service used is in memory, and is not asked."""
    world, log = service.world, service.log
    leader = world.process()
    leader.recover()
    outbox.drain(log.engine, log.preparer, PROMISE, 1_000)
    leader.publishing_cycle()
    findings: list[Finding] = []
    tiles = FileTileStore(world.folder / "log")
    journal = FileCheckpointJournal(world.folder / "journal" / "checkpoints.jsonl")
    Fsck(Sources(log.engine, tiles, journal, log.preparer, None), findings.append, lambda done, total: None).run()
    return findings


@contextmanager
def killed_city(service: KilledService) -> Iterator[KilledCity]:
    """A product is put on sale, and its provider selected for a demand, while nothing fails; from then on clients meet what fails."""
    service.tells_more = True
    service.know(*KEYS.values())
    bodies = CalmBodies(service.log)
    bodies.service = service
    bodies.admit()
    bodies.give_admin()
    use(service, bodies.keys)
    life = HttpLife(service.clients[0], bodies)
    life.until_listed()
    demand_id = HttpTrade(life.ask, bodies, life.code).selected().demand_id
    life.client = service.client
    store, key = FakeStore(), bodies.keys["authorisation"]
    with Client(str(service.clients[0].base_url), key) as client:
        peer = KilledPeer(client, service, key)
        following = Following(CODES["authorisation"], store, peer, FakeContracts(is_away=True))
        yield KilledCity(service, bodies, life, OtherPlatform(service, following, store), demand_id)


def tell_application(city: KilledCity) -> None:
    """The bank applies; what it gets is judged, and listed item by item."""
    bank = KilledUse(city)
    bank.submit()
    bank.do("trading", f"{APPLICATION}/first-review", PASSED)
    city.other.do(platform_acts.review_application, bank.application_id, PASSED["findings"])
    city.other.do(platform_acts.grant, bank.application_id, grant())
    assert bank.see("bank", APPLICATION)["state"] == "approved"
    assert bank.see("bank", AUTHORISATION)["state"] == "in_force"


def tell_order(city: KilledCity) -> None:
    """An order, placed and confirmed; its agreement, signed, filed and dissolved."""
    trade = city.trade().drafted().placed().confirmed().generated().signed().filed()
    assert (trade.order()["state"], trade.agreement()["state"]) == ("in_force", "filed")
    trade.do("bank", f"{trade.agreement_path}/dissolution", dissolution_body())
    assert trade.agreement()["state"] == "terminated"


def tell_call_off(city: KilledCity) -> None:
    """A framework agreement, and a call-off under it."""
    trade = city.trade().framework().signed().filed()
    origin = {"kind": "agreement", "reference": trade.agreement_id}
    trade.drafted(kind="call_off", origin=origin).placed().confirmed()
    assert (trade.order()["state"], trade.order()["agreement_id"]) == ("in_force", trade.agreement_id)


def tell_negotiation(city: KilledCity) -> None:
    """A credential; negotiations from either side; one to its end, and the order that claims it."""
    trade = city.trade()
    trade.made(ADMIN, CREDENTIALS, {"address": PEER, "token": TOKEN})
    courses = Courses(city.bodies, lambda who, _route, body, path: trade.made(who, path, body), city.life.code)
    trade.made("bank", OURS, OPENING)
    courses.play_offers()
    pid = courses.agree()
    trade.drafted(origin={"kind": "negotiation", "reference": pid})
    assert trade.order()["negotiated"]["negotiation_id"] == pid
    credential = trade.read("bank", CREDENTIALS)["items"][0]["credential_id"]
    assert trade.made(ADMIN, f"{CREDENTIALS}/{credential}/removal", {})["state"] == "removed"
