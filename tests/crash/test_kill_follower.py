"""``kill -9`` of the anchor service in the middle of following real contracts, whose chain changes while it is dead.

Nothing but the tables is left to go on from. At the end they are what the chain says, and the metrics say that nothing is behind.
"""

import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.anchor_rig import Rig, anvil_rig, key_files, running_anvil
from support.followed_contracts import LISTINGS, FollowedContracts, deploy_contracts

from ledger.adapters.embedded.ports import free_port
from ledger.adapters.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EMPTY_BLOCKS = 300
"""Mined while the service is dead, so that it has work for some moments: each block is a transaction."""


class Service:
    """``python -m anchor``, started and killed."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.metrics_url = f"http://127.0.0.1:{settings.anchor_metrics_port}/metrics"
        self._environment = os.environ | settings.environment()
        self._log_path = folder / "anchor.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log_path.open("ab") as log:
            command = [sys.executable, "-m", "anchor"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 120
        while not condition():
            assert self._process is not None
            assert self._process.poll() is None, self._log_path.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{what}: {self._log_path.read_text()[-3000:]}"
            time.sleep(0.002)


@pytest.fixture
def contracts(migrated_url: str, tmp_path: Path) -> Iterator[tuple[Rig, FollowedContracts]]:
    with running_anvil(tmp_path / "anvil") as chain:
        rig = anvil_rig(migrated_url, tmp_path, chain, key_files(tmp_path / "keys"))
        rig.lease.release()
        yield rig, deploy_contracts(rig.log.engine, chain, tmp_path)
        rig.log.engine.dispose()


@pytest.fixture
def service(contracts: tuple[Rig, FollowedContracts], migrated_url: str, tmp_path: Path) -> Iterator[Service]:
    rig, followed = contracts
    identity = rig.log.preparer.identity
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_url,
        rpc_url=followed.world.url,
        evidence_log="0x" + identity.evidence_log.hex(),
        council="0x" + "00" * 20,
        origin=identity.origin,
        chain_state_path=tmp_path / "chain" / "state.json",
        contracts_manifest=followed.world.manifest_path,
        anchor_metrics_port=free_port(),
        anchor_interval_s=0.1,
        lease_ttl_s=300,
    )
    service = Service(settings, tmp_path)
    yield service
    service.kill()


def metrics(service: Service) -> dict[str, float]:
    with urllib.request.urlopen(service.metrics_url, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def change_chain(number: int, rig: Rig, followed: FollowedContracts) -> None:
    """What happens while the service is dead: acts undone, done again, other blocks, and something new to anchor."""
    if number == 0:
        followed.reorganise(LISTINGS + 1)
    elif number == 1:
        followed.world.run()
    else:
        followed.reorganise(30)
    followed.contracts.rpc.call("anvil_mine", hex(EMPTY_BLOCKS))
    rig.append(3)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("seed", "rounds"),
    [(20261121, 3), (20261122, 15)],
)
def test_follower_killed_at_any_moment_ends_as_the_chain_is(contracts, service, seed, rounds):
    rig, followed = contracts
    moments = random.Random(seed)
    interrupted = 0
    for number in range(rounds):
        before = followed.position()
        change_chain(number, rig, followed)
        service.start()
        service.wait_until(lambda before=before: followed.position() != before, "the first block of this round")
        time.sleep(moments.uniform(0.0, 0.2))
        service.kill()
        interrupted += followed.position() != followed.newest()
    assert interrupted >= rounds - 1, "the kills came too late to interrupt anything: mine more blocks"
    service.start()
    service.wait_until(lambda: followed.position() == followed.newest() and rig.marks().final == 1 + 3 * rounds, "all")
    followed.require_followed()
    found = metrics(service)
    assert found["cityledger_contract_lag_blocks"] == 0
    number, _ = followed.newest()
    assert found['cityledger_contract_block{stage="newest"}'] == number
    assert found['cityledger_contract_block{stage="recorded"}'] == number
