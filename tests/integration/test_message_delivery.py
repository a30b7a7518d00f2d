"""The way of a message over real HTTP and a real database: taken once, whatever the other side answers and whenever the process ends."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from support.a_log import ALog, open_a_log
from support.embedded import DatabaseFactory
from support.negotiation_world import CALLBACK, OUR_PID, RULES, THEIR_PID
from support.product_http import Bodies
from support.product_world import CODES, actor

from anchor.fsck_objects import check_objects
from anchor.lease import LeaderLease, holder_name
from anchor.messages import TRIED_FOR, MessageSender, Post
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.outgoing import ANSWER_BYTES_MAX, Destinations, HttpAnswer, NotDeliveredError, post_json
from ledger.adapters.sql.message_deliveries import attempts_of
from ledger.adapters.sql.objects import read_object
from ledger.domain.negotiation.defects import InvalidCallbackAddressError
from ledger.services.business import Actor, StoredObject
from ledger.services.connector_credentials import remove_credential, set_credential
from ledger.services.negotiation_openings import Request, open_with_request

OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
LOOPBACK = Destinations(["127.0.0.0/8"])
FIRST = f"{OUR_PID}/1"
TOKEN = "a-token-of-theirs-0123456789"
TAKEN = orjson.dumps(
    {
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"],
        "@type": "ContractNegotiation",
        "providerPid": THEIR_PID,
        "consumerPid": OUR_PID,
        "state": "REQUESTED",
    }
)


@dataclass
class Peer:
    """The other side's server; ``answers`` are given one after the other, the last one for ever."""

    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(201, TAKEN)])
    got: list[dict[str, Any]] = field(default_factory=list)
    shown: list[str | None] = field(default_factory=list)
    url: str = ""
    is_slow: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, body: bytes) -> tuple[int, bytes]:
        self.got.append(orjson.loads(body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def peer() -> Iterator[Peer]:
    state = Peer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.shown.append(self.headers["Authorization"])
            status, body = state.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if state.is_slow:
                state.released.wait(60)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status in (302, 307):
                self.send_header("Location", state.url + "/elsewhere")
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # nobody reads that much

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=30)


@dataclass
class Desk:
    """One negotiation of our consumer, begun with the peer, and who delivers."""

    log: ALog
    bodies: Bodies
    lease: LeaderLease

    def begin(self, url: str) -> None:
        with self.log.engine.begin() as connection:
            uow = self.bodies.begin(connection, actor("bank"))
            open_with_request(uow, OUR_PID, Request(CODES["provider"], url, "urn:d", "urn:o", RULES), CALLBACK)

    def sender(self, post: Post | None = None) -> MessageSender:
        """A process of its own: nothing is kept from one to the next."""
        return MessageSender(
            self.log.engine, self.log.preparer, self.lease, post or partial(post_json, destinations=LOOPBACK)
        )

    def set_credential(self, address: str, token: str = TOKEN) -> StoredObject:
        with self.log.engine.begin() as connection:
            return set_credential(self.bodies.begin(connection, actor("bank")), address, token)

    def due_now(self) -> None:
        with self.log.engine.begin() as connection:
            connection.execute(text("UPDATE message_attempts SET next_at = now() - interval '1 minute'"))

    @property
    def stored(self) -> StoredObject:
        with self.log.engine.connect() as connection:
            return read_object(connection, OPERATOR, "negotiation", OUR_PID)

    def tries(self) -> tuple[int, str] | None:
        with self.log.engine.connect() as connection:
            found = attempts_of(connection, [FIRST]).get(FIRST)
        return None if found is None else (found.attempts, found.reason)


@pytest.fixture(scope="module")
def opened(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    databases = DatabaseFactory(postgres_server)
    log = open_a_log(databases(template=migrated_template), tmp_path_factory.mktemp("messages"))
    bodies = Bodies(log)
    bodies.admit()
    lease = LeaderLease.acquire(log.engine, holder_name(), 3600)
    assert lease is not None
    yield Desk(log, bodies, lease)
    log.engine.dispose()
    databases.close()


@pytest.fixture
def desk(opened: Desk) -> Desk:
    with opened.log.engine.begin() as connection:
        for table in ("objects", "object_history"):
            connection.execute(text(f"DELETE FROM {table} WHERE kind LIKE 'negotiation%' OR kind LIKE 'connector%'"))
        connection.execute(text("DELETE FROM message_attempts"))
    return opened


def test_message_is_taken_and_nothing_waits_any_more(desk: Desk, peer: Peer) -> None:
    desk.begin(peer.url)
    assert desk.sender().deliver() == 1
    assert (desk.stored.state, desk.stored.document["provider_pid"]) == ("REQUESTED", THEIR_PID)
    assert desk.sender().deliver() == 0
    assert [one["@type"] for one in peer.got] == ["ContractRequestMessage"]
    with desk.log.engine.connect() as connection:
        assert list(check_objects(connection, desk.log.preparer)) == []


@pytest.mark.parametrize("after_answer", [False, True])
def test_process_that_ends_before_it_knows_leaves_a_message_that_the_next_one_delivers(
    desk: Desk, peer: Peer, *, after_answer: bool
) -> None:
    """Between the commit and the delivery, and between the answer and its commit."""
    desk.begin(peer.url)

    def killed(url: str, body: bytes, *, bearer: str | None = None) -> HttpAnswer:
        if after_answer:
            post_json(url, body, LOOPBACK, bearer=bearer)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.sender(killed).deliver()
    assert desk.stored.state == "REQUESTING"

    desk.sender().deliver()

    assert desk.stored.state == "REQUESTED"
    assert len({one["@id"] for one in peer.got}) == 1, "the other side knows the repeat by its @id"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"", "status_500"),
        (503, b"{}", "status_503"),
        (429, b"", "status_429"),
        (302, b"", "status_302"),
        (307, b"", "status_307"),
        (200, b"not a negotiation", "wrong_answer"),
        (201, TAKEN.replace(OUR_PID.encode(), b"other"), "wrong_answer"),
        (200, b" " * (ANSWER_BYTES_MAX + 1), "answer_too_large"),
    ],
)
def test_message_is_tried_again_until_it_is_known_to_be_taken(
    desk: Desk, peer: Peer, status: int, body: bytes, reason: str
) -> None:
    peer.answers = [(status, body), (201, TAKEN)]
    desk.begin(peer.url)
    desk.sender().deliver()
    assert (desk.stored.state, desk.tries()) == ("REQUESTING", (1, reason))
    assert len(peer.got) == 1, "no redirect is followed"
    assert desk.sender().deliver() == 0, "not before its time"
    desk.due_now()
    desk.sender().deliver()
    assert (desk.stored.state, desk.tries()) == ("REQUESTED", None)


def test_refusal_is_final_and_shown(desk: Desk, peer: Peer) -> None:
    peer.answers = [(400, b"{}")]
    desk.begin(peer.url)
    desk.sender().deliver()
    assert (desk.stored.state, desk.stored.document["refusal"]["reason"]) == ("REFUSED", "status_400")
    assert desk.sender().deliver() == 0


def test_message_is_given_up_after_its_time(desk: Desk, peer: Peer) -> None:
    peer.answers = [(500, b"")]
    desk.begin(peer.url)
    with desk.log.engine.begin() as connection:
        age = {"age": TRIED_FOR + timedelta(minutes=1)}
        connection.execute(
            text("UPDATE objects SET created_at = created_at - :age WHERE kind LIKE 'negotiation_%'"), age
        )
    desk.sender().deliver()
    assert (desk.stored.state, desk.stored.document["refusal"]["reason"]) == ("REFUSED", "status_500")


def test_server_that_hangs_is_left_after_the_time_for_all_of_it(peer: Peer) -> None:
    peer.is_slow = True
    started = time.monotonic()
    with pytest.raises(NotDeliveredError) as refused:
        post_json(peer.url, b"{}", LOOPBACK, timeout_s=0.5)
    assert (refused.value.facts["reason"], time.monotonic() - started < 30) == ("no_answer", True)


def test_server_that_drips_is_left_after_the_time_for_all_of_it() -> None:
    """Each byte comes well within the time of one read; the watch ends it."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not stop.wait(0.05):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(NotDeliveredError):
            post_json(f"http://127.0.0.1:{listener.getsockname()[1]}", b"{}", LOOPBACK, timeout_s=1)
        stop.set()
        thread.join(timeout=30)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fc00::1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "ff02::1"),
    ],
)
def test_nothing_is_sent_inward_unless_it_is_allowed(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(InvalidCallbackAddressError):
        Destinations().check_address(f"https://{host}/dsp")
    named = Destinations(resolve=lambda *_: ["93.184.216.34", address])
    named.check_address("https://harmless.example/dsp")
    with pytest.raises(NotDeliveredError) as refused:
        named.address_of("harmless.example", 443)
    assert refused.value.facts["reason"] == "not_allowed"


def test_connection_goes_to_the_address_that_was_looked_at(peer: Peer) -> None:
    looked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    url = peer.url.replace("127.0.0.1", "no-such-name.invalid")
    answer = post_json(url, b"{}", Destinations(["127.0.0.1/32"], resolve))
    assert (answer.status, looked) == (201, ["no-such-name.invalid"])
    with pytest.raises(InvalidCallbackAddressError):
        Destinations(["127.0.0.2/32"]).check_address("http://localhost:1/dsp")


@pytest.mark.parametrize("below", ["", "/", "/dsp"])
def test_credential_goes_to_its_address_and_below(desk: Desk, peer: Peer, below: str) -> None:
    desk.set_credential(peer.url)
    desk.begin(peer.url + below)
    desk.sender().deliver()
    assert (desk.stored.state, peer.shown) == ("REQUESTED", [f"Bearer {TOKEN}"])


def test_credential_goes_nowhere_else(desk: Desk, peer: Peer) -> None:
    port = peer.url.rpartition(":")[2]
    for other in (f"{peer.url}/other", f"https://127.0.0.1:{port}", f"http://127.0.0.2:{port}", "http://127.0.0.1:1"):
        desk.set_credential(other)
    desk.begin(f"{peer.url}/dsp")
    desk.sender().deliver()
    assert (desk.stored.state, peer.shown) == ("REQUESTED", [None])


def test_credential_does_not_follow_a_redirect(desk: Desk, peer: Peer) -> None:
    peer.answers = [(307, b""), (201, TAKEN)]
    desk.set_credential(peer.url)
    desk.begin(peer.url)
    desk.sender().deliver()
    assert (peer.shown, desk.tries()) == ([f"Bearer {TOKEN}"], (1, "status_307")), "nobody asked again"


def test_credential_that_was_removed_is_not_shown_and_one_that_was_replaced_is(desk: Desk, peer: Peer) -> None:
    peer.answers = [(503, b""), (503, b""), (201, TAKEN)]
    name = desk.set_credential(peer.url).object_id
    desk.begin(peer.url)
    desk.sender().deliver()
    desk.set_credential(peer.url, "another-token-0123456789")
    desk.due_now()
    desk.sender().deliver()
    with desk.log.engine.begin() as connection:
        remove_credential(desk.bodies.begin(connection, actor("bank")), name)
    desk.due_now()
    desk.sender().deliver()
    assert peer.shown == [f"Bearer {TOKEN}", "Bearer another-token-0123456789", None]


def test_message_waits_when_its_credential_does_not_open(desk: Desk, peer: Peer) -> None:
    desk.set_credential(peer.url)
    desk.begin(peer.url)
    with desk.log.engine.begin() as connection:
        connection.execute(text("UPDATE objects SET sealed_private = '\\x00' WHERE kind = 'connector_credential'"))
    desk.sender().deliver()
    assert (peer.got, desk.tries()) == ([], (1, "credential_unreadable"))
