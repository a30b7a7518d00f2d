"""``kill -9`` of either platform at each durable step of issuing a usage token: no half step, one token, and both agree afterwards.

The steps: the act in the own books; the request on its way; the other platform's commit; its answer on its way; the answer in the own books.
A hand on the way between both kills one of them at each, and then starts it again as an operator would; nobody repeats or repairs anything.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from support.a_service import Service, running_service
from support.application_http import APPLICATION, DAY, PASSED, HttpUse, grant, put_sm2_keys_on_file
from support.embedded import DatabaseFactory
from support.platform_link import Link
from support.platform_process import PlatformProcess, running_platform
from support.product_http import OPERATOR, Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.postgres import EmbeddedPostgres

US = CODES["authorisation"]
WITHIN_S = 60.0


class ApiProcess:
    """The trading platform's API as a process of its own over the same database; it may be killed and started again."""

    def __init__(self, service: Service) -> None:
        settings, log_keys = service.container.settings, service.log.keys
        settings.keys_dir.mkdir(mode=0o700, exist_ok=True)
        for name, key in (
            ("receipt", log_keys.receipt.private_bytes_raw()),
            ("space", log_keys.space),
            ("identity", log_keys.identity),
        ):
            path = settings.keys_dir / f"{name}.key"
            path.write_text(key.hex())
            path.chmod(0o600)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **settings.environment(), "CITYLEDGER_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api"], env=self._environment, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + WITHIN_S
        while not self._is_alive():
            assert time.monotonic() < deadline and self._process.poll() is None
            time.sleep(0.05)

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def _is_alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez").status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Two:
    """Both platforms, and the way between them."""

    service: Service
    life: HttpLife
    api: ApiProcess
    link: Link
    platform: PlatformProcess

    def authorised(self) -> HttpUse:
        use = HttpUse(self.life)
        use.submit()
        use.do("trading", f"{APPLICATION}/first-review", PASSED)
        said = {"application_id": use.application_id}
        self.platform.wait_for_copy("application", use.application_id, "first_reviewed")
        assert self.platform.act("/v1/final-reviews", {**said, **PASSED})["state"] == "acknowledged"
        assert self.platform.act("/v1/authorisations", {**said, **grant()})["state"] == "acknowledged"
        return use

    def tokens(self, use: HttpUse) -> list[str]:
        query = (
            "SELECT object_id FROM objects WHERE kind = 'usage_token' AND document #>> '{token,authorisation}' = :name"
        )
        with self.service.log.engine.connect() as connection:
            return list(connection.execute(text(query), {"name": use.application_id}).scalars())

    def require_agreement(self, use: HttpUse, act_id: str) -> None:
        act = self.platform.answered(act_id)
        assert act["state"] == "acknowledged", act
        assert self.tokens(use) == [act["object_id"]]
        kept = self.platform.wait_for_copy("usage_token", act["object_id"], "issued")
        assert kept["document"]["token"] == act["request"]["token"]
        self.platform.wait_for_differences(set())


@pytest.fixture(scope="module")
def two(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Two]:
    databases = DatabaseFactory(postgres_server)
    folder: Path = tmp_path_factory.mktemp("platforms")
    with running_service(databases(template=migrated_template), folder / "trading") as service:
        bodies = Bodies(service.log)
        bodies.admit()
        life = HttpLife(service.client, bodies)
        life.until_listed()
        api = ApiProcess(service)
        api.start()
        with (
            Link(api.url) as link,
            running_platform(folder / "data", link.url, US, bodies.keys["authorisation"]) as platform,
        ):
            put_platform_key_on_file(bodies, bytes.fromhex(platform.connection["token_key"]))
            yield Two(service, life, api, link, platform)
        api.kill()
    databases.close()


def put_platform_key_on_file(bodies: Bodies, public_key: bytes) -> None:
    put_sm2_keys_on_file(bodies, "authorisation")
    with bodies.log.engine.begin() as connection:
        uow = bodies.begin(connection, OPERATOR)
        body = uow.get("participant", US)
        keys = [{"public_key": public_key.hex(), "added_at": "", "revoked_at": None}]
        uow.change(body, act="add_sm2_key", document={**body.document, "sm2_keys": keys})


def wish(use: HttpUse) -> dict[str, object]:
    now_s = int(time.time())
    return {
        "authorisation_id": use.application_id,
        "entry": "0/施工许可",
        "subject": CODES["bank"],
        "fields": ["状态"],
        "mode": "read",
        "quota": 10,
        "valid_from": now_s,
        "valid_until": now_s + 30 * DAY,
    }


def once(done: threading.Event, kill: Callable[[], None], *, goes_on: bool) -> Callable[[], bool]:
    def hand() -> bool:
        kill()
        done.set()
        return goes_on

    return hand


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", [pytest.param("before", marks=pytest.mark.long), "after"])
def test_killed_authorisation_platform_issues_its_token_once(two: Two, place: str) -> None:
    """``before``: the act is in its books and not sent. ``after``: it is done there, and the answer is on its way."""
    use, killed = two.authorised(), threading.Event()
    setattr(two.link, place, once(killed, two.platform.kill, goes_on=place == "after"))
    act = two.platform.ask("POST", "/v1/usage-tokens", wish(use)).json()
    assert killed.wait(WITHIN_S)
    assert len(two.tokens(use)) == (place == "after")
    two.platform.start()
    two.require_agreement(use, act["act_id"])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", [pytest.param("before", marks=pytest.mark.long), "after"])
def test_killed_trading_platform_has_the_token_once(two: Two, place: str) -> None:
    """``before``: it dies with the request. ``after``: it has committed, and dies with its answer."""
    use, killed = two.authorised(), threading.Event()
    setattr(two.link, place, once(killed, two.api.kill, goes_on=False))
    act = two.platform.ask("POST", "/v1/usage-tokens", wish(use)).json()
    assert killed.wait(WITHIN_S)
    assert two.platform.read(f"/v1/acts/{act['act_id']}")["state"] == "intended"
    two.api.start()
    two.require_agreement(use, act["act_id"])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("after_s", [0.004, *(pytest.param(each, marks=pytest.mark.long) for each in (0.0, 0.015))])
def test_killed_while_it_is_asked_writes_one_act_or_none(two: Two, after_s: float) -> None:
    """Whoever asked repeats with the same key: the act that is there, or a new one."""
    use, key = two.authorised(), {"Idempotency-Key": os.urandom(8).hex()}
    body = wish(use)

    def ask() -> None:
        try:
            two.platform.ask("POST", "/v1/usage-tokens", body, **key)
        except httpx.TransportError:
            return

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(after_s)
    two.platform.kill()
    asking.join(WITHIN_S)
    two.platform.start()
    act = two.platform.ask("POST", "/v1/usage-tokens", body, **key).json()
    two.require_agreement(use, act["act_id"])
