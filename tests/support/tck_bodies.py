"""The provider and the consumer under test of the Dataspace TCK: who they are, what they have on offer, and what they say.

The TCK asks the side under test to act by itself, each test otherwise. So a thread reads their negotiations over our own routes, as any
program of theirs would, and says the next word of the course that ``NEGOTIATION.md`` has for the test; the dataset tells which. Messages are
delivered by the anchor service's own code, run in another thread. Nothing of this is in the product.
"""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch

import httpx
from support.a_service import Service
from support.negotiations import parse_act
from support.product_http import Bodies
from support.product_world import CODES
from support.repository import ROOT

from anchor.messages import MessageSender
from ledger.adapters.outgoing import Destinations, post_json
from ledger.domain.catalog_dcat import URN, product_urn
from ledger.domain.product_life import PRODUCT_LIFE
from ledger.services import negotiation_receipt, negotiation_terms
from ledger.services.business import Actor, UnitOfWork

PAGE = ROOT / "ledger/domain/negotiation/NEGOTIATION.md"
RULES = {"permission": [{"action": "use"}]}
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
FIXED = ("CN:01-02", "ACN0102", "CD123:ACN0102:456")
"""The one test that counters with a dataset and an offer of its own, whatever its settings say."""

SIDES = {"CN": ("provider", "provider"), "CN_C": ("bank", "consumer")}
"""Group of tests -> the body under test, and its side. The TCK is the body ``stranger``."""


def courses() -> dict[str, list[str]]:
    """Name of a test -> its course."""
    found = re.findall(
        r"^\| (CN(?:_C)?:\d\d-\d\d) \| (.+) \| [A-Z]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: course.split(", ") for name, course in found}


@dataclass
class TckBodies:
    """What the TCK is told.

    Args:
        tck_key: the API key with which it asks.
        initiate_url: where it has our consumer begin.
        settings: dataset and offer of every test.
    """

    tck_key: str
    initiate_url: str
    settings: dict[str, str]


@dataclass(frozen=True)
class Course:
    """What is said about one dataset."""

    name: str
    words: list[str]
    dataset: str
    offer: str

    @property
    def who(self) -> str:
        return SIDES[self.name.partition(":")[0]][0]

    @property
    def side(self) -> str:
        return SIDES[self.name.partition(":")[0]][1]

    def next_act(self, steps: int) -> str | None:
        """What the body under test says after so many messages; None when it is not its turn."""
        if steps >= len(self.words) or self.words[steps].endswith("!"):
            return None
        act, sender = parse_act(self.words[steps])
        return str(act) if sender == self.side else None


def plan() -> dict[str, Course]:
    """Dataset -> course."""
    made = []
    for number, (name, words) in enumerate(courses().items(), 1):
        code = f"TCK{number:02}"
        dataset, offer = product_urn(code), f"{URN}offer:{code}:1"
        made.append(Course(name, words, *((FIXED[1], FIXED[2]) if name == FIXED[0] else (dataset, offer))))
    return {course.dataset: course for course in made}


@contextmanager
def running_tck_bodies(service: Service, networks: list[str]) -> Iterator[TckBodies]:
    """They act until the block ends."""
    bodies = Bodies(service.log)
    bodies.admit()
    planned = plan()
    for number in range(1, len(planned) + 1):
        _put_on_offer(bodies, f"TCK{number:02}")
    stop = threading.Event()
    sender = MessageSender(
        service.log.engine,
        service.log.preparer,
        service.publisher.publisher._lease,
        partial(post_json, destinations=Destinations(networks)),
    )
    with ExitStack() as stack:
        _name_the_fixed_dataset(stack)
        client = stack.enter_context(httpx.Client(base_url=service.url, timeout=30))
        ask = partial(_ask, bodies, client)
        server = _hook(planned, ask)
        loops: tuple[Callable[[], Any], ...] = (sender.deliver, lambda: _act(planned, ask))
        threads = [threading.Thread(target=_until, args=(stop, loop), daemon=True) for loop in loops]
        threads.append(threading.Thread(target=server.serve_forever, daemon=True))
        for thread in threads:
            thread.start()
        try:
            named = {course.name.replace(":", "_").replace("-", "_"): course for course in planned.values()}
            settings = {f"{name}_DATASETID": course.dataset for name, course in named.items()}
            settings |= {f"{name}_OFFERID": course.offer for name, course in named.items()}
            yield TckBodies(bodies.keys["stranger"], f"http://127.0.0.1:{server.server_port}/", settings)
        finally:
            stop.set()
            server.shutdown()
            server.server_close()
            for thread in threads:
                thread.join(timeout=30)


def _put_on_offer(bodies: Bodies, code: str) -> None:
    version = {"version": 1, "provider": CODES["provider"], "content": {"policy": {"@type": "Offer", **RULES}}}
    with bodies.log.engine.begin() as connection:
        uow = bodies.begin(connection, OPERATOR)
        parties = (CODES["provider"],)
        listed = {"on_sale": {"1": "listed"}}
        uow.create("product", code, state=PRODUCT_LIFE.initial, parties=parties, document=listed, act="draft")
        uow.create("product_version", f"{code}/1", state="listed", parties=parties, document=version, act="draft")


def _name_the_fixed_dataset(stack: ExitStack) -> None:
    """Has the catalog know one product by the name that the TCK insists on."""
    offered_dataset = negotiation_terms.offered_dataset

    def offered(uow: UnitOfWork, dataset_id: str) -> negotiation_terms.Offered:
        if dataset_id != FIXED[1]:
            return offered_dataset(uow, dataset_id)
        return replace(offered_dataset(uow, product_urn("TCK01")), offer_id=FIXED[2])

    for module in (negotiation_terms, negotiation_receipt):
        stack.enter_context(patch.object(module, "offered_dataset", offered))


def _ask(bodies: Bodies, client: httpx.Client, who: str, request: str, body: Any = None) -> Any:
    method, _, path = request.partition(" ")
    headers = {"Authorization": f"Bearer {bodies.keys[who]}", "Idempotency-Key": os.urandom(8).hex()}
    answer = client.request(method, path, headers=headers, **({} if body is None else {"json": body}))
    assert answer.status_code in {200, 201, 409}, answer.text
    return answer.json()


def _act(planned: dict[str, Course], ask: Callable[..., Any]) -> None:
    """The next word in every negotiation where it is the turn of the body under test."""
    for who, _ in SIDES.values():
        for one in ask(who, "GET /v1/negotiations?limit=200")["items"]:
            course = planned[one["dataset"]]
            act = course.next_act(len(one["steps"]))
            if act is not None and one["pending"] is None:  # what the TCK did not expect yet (404) is said again
                body = {"act": act} | ({"rules": RULES} if act in {"offer", "request"} else {})
                ask(who, f"POST /v1/negotiations/{one['negotiation_id']}/messages", body)


def _hook(planned: dict[str, Course], ask: Callable[..., Any]) -> ThreadingHTTPServer:
    """Where the TCK says that our consumer is to begin."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = {
                "provider": CODES["stranger"],
                "address": said["connectorAddress"],
                "dataset_id": said["datasetId"],
                "offer_id": said["offerId"],
                "rules": RULES,
            }
            ask("bank", "POST /v1/negotiations", body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Hook)


def _until(stop: threading.Event, loop: Callable[[], Any]) -> None:
    while not stop.wait(0.05):
        loop()
