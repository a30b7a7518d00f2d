"""Following real contracts on a real node: what their deployment and acts logged, a reorganisation, and what ``status`` says of it."""

import json
from collections.abc import Iterator

import pytest
from support.a_service import Service, running_service
from support.anchor_rig import Anvil
from support.followed_contracts import LISTINGS, FollowedContracts, deploy_contracts
from support.suite import ROLES
from typer.testing import CliRunner

from anchor.contract_events import ContractFollower, FollowedSuite
from anchor.following import FinalityRule
from anchor.lease import LeaderLease, holder_name
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.chain.suite_events import read_suite
from ledger.adapters.clock import SystemClock
from ledger.adapters.sql.engine import create_engine
from ledger.cli.app import app


@pytest.fixture
def followed(chain: Anvil, tmp_path, migrated_url: str) -> Iterator[FollowedContracts]:
    engine = create_engine(migrated_url, pool_size=2)
    yield deploy_contracts(engine, chain, tmp_path)
    engine.dispose()


def follow(followed: FollowedContracts, lease: LeaderLease) -> None:
    """A follower that remembers nothing catches up; the tables are what the chain says."""
    rule = FinalityRule("development", chain_state_path=None, depth_blocks=0)
    world = followed.world
    suite = FollowedSuite(read_suite(world.manifest_path), ChainGateway(world.url, 31337, bytes(20)))
    follower = ContractFollower(followed.engine, suite, rule=rule, lease=lease, clock=SystemClock())
    while follower.follow():
        pass
    followed.require_followed()


def test_real_contracts_are_followed_through_a_reorganisation_and_back(followed):
    lease = LeaderLease.acquire(followed.engine, holder_name(), 600)
    assert lease is not None
    follow(followed, lease)
    assert followed.cursor().undone_blocks == 0
    all_events = len(followed.rows("SELECT 1 FROM contract_events"))
    followed.reorganise(LISTINGS + 1)
    follow(followed, lease)
    assert followed.cursor().undone_blocks == LISTINGS + 1
    bodies = followed.rows("SELECT count(*) FROM contract_objects WHERE kind = 'body'")
    assert bodies == [(len(ROLES) - 1,)]
    assert followed.rows("SELECT count(*) FROM contract_objects WHERE kind = 'listing'") == [(0,)]
    followed.world.run()
    follow(followed, lease)
    assert len(followed.rows("SELECT 1 FROM contract_events")) == all_events


def status(service: Service, *options: str) -> str:
    done = CliRunner().invoke(app, ["status", "--api-url", service.url, *options])
    assert done.exit_code == 0, done.output
    return done.output


def contracts_line(service: Service) -> list[str]:
    return [line for line in status(service).splitlines() if line.startswith("contracts")]


def test_status_says_how_far_the_contracts_are_followed(chain, tmp_path, migrated_url):
    with running_service(migrated_url, tmp_path / "service", rpc_url=chain.url) as service:
        service.publisher.step()
        assert contracts_line(service) == []
        assert json.loads(status(service, "--json"))["log"]["contract_events"] is None
        lease = service.publisher.publisher._lease
        followed = deploy_contracts(service.log.engine, chain, tmp_path)
        follow(followed, lease)
        number, block_hash = followed.newest()
        where = f"block {number} {block_hash}, final to {followed.cursor().final_number}, 0 undone"
        assert contracts_line(service) == [f"contracts   {where}"]
        followed.reorganise(2)
        follow(followed, lease)
        number, block_hash = followed.newest()
        (line,) = contracts_line(service)
        assert line.startswith(f"contracts   block {number} {block_hash}, final to ")
        assert line.endswith(", 2 undone")
        assert json.loads(status(service, "--json"))["log"]["contract_events"]["undone_blocks"] == 2
