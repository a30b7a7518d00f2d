"""Delays and the guardian, on a deployed suite: what the council must wait for, what it need not, and what can be cancelled."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from support.anchor_rig import running_anvil
from support.suite import COUNCIL, DEPLOYER, GUARDIANS, SuiteWorld, address
from web3.exceptions import Web3Exception

from ledger.adapters.chain.council_acts import CouncilAct, KeySigner, relay_act
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_governance import directory_key
from ledger.adapters.chain.suite_plan import GOVERNOR
from ledger.log.typed_data import keccak256, to_checksum_address

ADMIN_DELAY_S, GOVERNOR_DELAY_S = 172_800, 86_400
STRANGER = to_checksum_address(address(keccak256(b"stranger")))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SuiteChain]:
    folder = tmp_path_factory.mktemp("suite")
    with running_anvil(folder / "anvil") as anvil:
        world = SuiteWorld(anvil.url, folder, delays=(ADMIN_DELAY_S, GOVERNOR_DELAY_S))
        chain = SuiteChain(JsonRpc(anvil.url), TransactionSender(anvil.url, DEPLOYER))
        chain.addresses |= {record.name: record.address for record in world.run().manifest.contracts}
        yield chain


@pytest.fixture
def suite(deployed: SuiteChain) -> Iterator[SuiteChain]:
    """The deployed suite; what the test does is taken back."""
    snapshot = deployed.rpc.call("evm_snapshot")
    yield deployed
    assert deployed.rpc.call("evm_revert", snapshot)


def act(suite: SuiteChain, target: str, data: bytes, council: str = "Council", keys: Sequence[bytes] = COUNCIL) -> None:
    """A council calls a contract of the suite; raises when that fails."""
    done = CouncilAct(
        suite.sender.chain_id,
        suite.addresses[council],
        suite.addresses[target],
        data,
        int(suite.ask(council, "nonce")),
        suite.sender.chain_time_s() + 3600,
        "",
    )
    bodies = [address(key) for key in keys]
    threshold = int(suite.ask(council, "threshold"))
    relay_act(suite.sender, done, KeySigner(keys).signatures(done, bodies)[:threshold])


def schedule(suite: SuiteChain, target: str, data: bytes) -> None:
    act(suite, "AccessManager", suite.encode("AccessManager", "schedule", suite.text_address(target), data, 0))


def cancel(suite: SuiteChain, target: str, data: bytes) -> None:
    arguments = (suite.text_address("Council"), suite.text_address(target), data)
    call = suite.encode("AccessManager", "cancel", *arguments)
    act(suite, "AccessManager", call, "GuardianCouncil", GUARDIANS)


def pass_time(suite: SuiteChain, seconds: int) -> None:
    suite.rpc.call("evm_increaseTime", seconds)
    suite.rpc.call("evm_mine")


def listing(suite: SuiteChain) -> bytes:
    return suite.encode("Directory", "list", directory_key("Later"), suite.text_address("AccessManager"))


def grant(suite: SuiteChain) -> bytes:
    return suite.encode("AccessManager", "grantRole", GOVERNOR, STRANGER, 0)


@pytest.mark.parametrize(
    ("target", "make", "delay_s"),
    [("Directory", listing, GOVERNOR_DELAY_S), ("AccessManager", grant, ADMIN_DELAY_S)],
    ids=["governor", "admin"],
)
def test_councils_act_is_done_after_its_delay_and_not_before(
    suite: SuiteChain, target: str, make: Callable[[SuiteChain], bytes], delay_s: int
) -> None:
    data = make(suite)
    with pytest.raises(Web3Exception):
        act(suite, target, data)
    schedule(suite, target, data)
    pass_time(suite, delay_s - 60)
    with pytest.raises(Web3Exception):
        act(suite, target, data)
    pass_time(suite, 60)
    act(suite, target, data)
    with pytest.raises(Web3Exception):  # once
        act(suite, target, data)


@pytest.mark.parametrize(
    ("target", "make"), [("Directory", listing), ("AccessManager", grant)], ids=["governor", "admin"]
)
def test_guardian_cancels_what_is_scheduled(
    suite: SuiteChain, target: str, make: Callable[[SuiteChain], bytes]
) -> None:
    data = make(suite)
    schedule(suite, target, data)
    cancel(suite, target, data)
    pass_time(suite, ADMIN_DELAY_S + 60)
    with pytest.raises(Web3Exception):
        act(suite, target, data)


def test_guardian_cannot_cancel_its_own_replacement(suite: SuiteChain) -> None:
    data = suite.encode("AccessManager", "setRoleGuardian", GOVERNOR, 9)
    schedule(suite, "AccessManager", data)
    with pytest.raises(Web3Exception):
        cancel(suite, "AccessManager", data)
    pass_time(suite, ADMIN_DELAY_S)
    act(suite, "AccessManager", data)
    assert suite.ask("AccessManager", "getRoleGuardian", GOVERNOR) == 9


def test_guardian_can_do_nothing_else(suite: SuiteChain) -> None:
    for target, data in (("Directory", listing(suite)), ("AccessManager", grant(suite))):
        with pytest.raises(Web3Exception):
            act(suite, target, data, "GuardianCouncil", GUARDIANS)


def test_council_suspends_a_reserved_body_at_once_and_reinstates_it_with_delay(suite: SuiteChain) -> None:
    body = keccak256(b"id of OPERATOR")
    act(suite, "ParticipantRegistry", suite.encode("ParticipantRegistry", "suspendReserved", body, bytes(32)))
    assert not suite.ask("ParticipantRegistry", "isInGoodStanding", body)
    back = suite.encode("ParticipantRegistry", "reinstateReserved", body, bytes(32))
    with pytest.raises(Web3Exception):
        act(suite, "ParticipantRegistry", back)
    schedule(suite, "ParticipantRegistry", back)
    pass_time(suite, GOVERNOR_DELAY_S)
    act(suite, "ParticipantRegistry", back)
    assert suite.ask("ParticipantRegistry", "isInGoodStanding", body)


def test_deployer_and_strangers_have_no_way_in(suite: SuiteChain) -> None:
    for target, data in (("Directory", listing(suite)), ("AccessManager", grant(suite))):
        with pytest.raises(Web3Exception):
            suite.sender.send(suite.addresses[target], data)
