"""A regulator's check against an operator who changes everything but the code: each change is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from support.anchor_rig import running_anvil
from support.suite import DEPLOYER, NAMES, SuiteWorld, address, key

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.deployment import sign_digest
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import artifact_name, plan_contracts
from ledger.adapters.chain.suite_admission import admission_arguments, admission_digest
from ledger.adapters.chain.suite_chain import SuiteChain, SuiteView
from ledger.adapters.chain.suite_config import RESERVED_ROLES, BodyKey, SuiteConfig
from ledger.adapters.chain.suite_governance import directory_key
from ledger.adapters.chain.suite_manifest import SuiteManifest
from ledger.adapters.chain.suite_plan import ADMIN, EMERGENCY, GOVERNOR, GUARDIAN
from ledger.adapters.chain.suite_state import set_differences, verify_state
from ledger.log.typed_data import keccak256, to_checksum_address

STRANGER = to_checksum_address(address(keccak256(b"stranger")))
CREATION_CODES = {artifact_name(name): load_artifact(artifact_name(name)).creation_code for name in NAMES}
"""``test_suite_verification.py`` shows that the sources give these."""


@dataclass
class Deployed:
    """A finished deployment, and the council as somebody who got hold of m keys."""

    world: SuiteWorld
    chain: SuiteChain
    manifest: SuiteManifest
    config: SuiteConfig

    def differences(self, config: SuiteConfig | None, **changes: Any) -> tuple[str, ...]:
        view, manifest = SuiteView(JsonRpc(self.world.url)), replace(self.manifest, **changes)
        assert set_differences(manifest) == []
        return verify_state(view, manifest, CREATION_CODES, config).differences

    def as_council(self, contract: str, function: str, *arguments: Any) -> None:
        self.send(self.world.adopted.council, contract, self.chain.encode(contract, function, *arguments))

    def send(self, sender: bytes, contract: str, data: bytes) -> None:
        rpc, account = self.chain.rpc, "0x" + sender.hex()
        rpc.call("anvil_setBalance", account, hex(10**18))
        rpc.call("anvil_impersonateAccount", account)
        call = {
            "from": account,
            "to": self.chain.text_address(contract),
            "data": "0x" + data.hex(),
            "gas": hex(10**7),
            "gasPrice": hex(10**9),
        }
        tx_hash = rpc.call("eth_sendTransaction", call)
        rpc.call("evm_mine")
        assert rpc.call("eth_getTransactionReceipt", tx_hash)["status"] == "0x1"

    def with_record(self, name: str, **changes: Any) -> Any:
        return tuple(
            replace(record, **changes) if record.name == name else record for record in self.manifest.contracts
        )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("suite")
    with running_anvil(folder / "anvil") as anvil:
        world = SuiteWorld(anvil.url, folder)
        manifest = world.run().manifest
        chain = SuiteChain(JsonRpc(anvil.url), TransactionSender(anvil.url, DEPLOYER))
        chain.addresses |= {record.name: record.address for record in manifest.contracts}
        yield Deployed(world, chain, manifest, world.config())


@pytest.fixture
def deployed(finished: Deployed) -> Iterator[Deployed]:
    """What the test does to the chain is taken back."""
    snapshot = finished.chain.rpc.call("evm_snapshot")
    yield finished
    assert finished.chain.rpc.call("evm_revert", snapshot)


def test_state_as_deployed_agrees_with_and_without_the_configuration(deployed: Deployed) -> None:
    assert deployed.differences(None) == ()
    assert deployed.differences(deployed.config) == ()
    state = verify_state(SuiteView(deployed.chain.rpc), deployed.manifest, CREATION_CODES, None)
    assert len(state.shown) == 2 + 2 + len(RESERVED_ROLES)


MANAGER = "AccessManager"


@pytest.mark.parametrize(
    ("contract", "function", "arguments", "message"),
    [
        (MANAGER, "grantRole", lambda _: (GOVERNOR, STRANGER, 0), f"{STRANGER} has GOVERNOR"),
        (MANAGER, "grantRole", lambda _: (ADMIN, STRANGER, 0), f"{STRANGER} has ADMIN"),
        (MANAGER, "grantRole", lambda _: (77, STRANGER, 0), f"{STRANGER} has role 77"),
        (MANAGER, "grantRole", lambda d: (GOVERNOR, d.council, 60), "acts as GOVERNOR wait 60 s, not 0 s"),
        (MANAGER, "grantRole", lambda d: (ADMIN, d.council, 60), "acts as ADMIN wait 60 s, not 0 s"),
        (MANAGER, "revokeRole", lambda d: (GUARDIAN, d.text("GuardianCouncil")), "does not have GUARDIAN"),
        (MANAGER, "revokeRole", lambda d: (EMERGENCY, d.council), "does not have EMERGENCY"),
        (MANAGER, "setRoleGuardian", lambda _: (GOVERNOR, 0), "getRoleGuardian of GOVERNOR is ADMIN"),
        (MANAGER, "setRoleAdmin", lambda _: (EMERGENCY, GUARDIAN), "getRoleAdmin of EMERGENCY is GUARDIAN"),
        (MANAGER, "setTargetClosed", lambda d: (d.text("Directory"), True), "has closed Directory"),
        (
            MANAGER,
            "setTargetFunctionRole",
            lambda d: (d.text("Directory"), [keccak256(b"list(bytes32,address)")[:4]], 2**64 - 1),
            "on Directory may be called as role 18446744073709551615, not as GOVERNOR",
        ),
        (
            MANAGER,
            "updateAuthority",
            lambda d: (d.text("ParticipantRegistry"), d.text("GuardianCouncil")),
            "ParticipantRegistry obeys another manager",
        ),
        (
            "Directory",
            "list",
            lambda d: (directory_key("Payouts"), d.text("Orders")),
            "the directory's Payouts is version 2",
        ),
        ("Directory", "list", lambda d: (directory_key("Extra"), d.text("Orders")), "lists 'Extra'"),
    ],
)
def test_state_changed_by_the_councils_keys_is_named_also_without_the_configuration(
    deployed: Deployed, contract: str, function: str, arguments: Callable[[Any], tuple[Any, ...]], message: str
) -> None:
    class Names:
        council = to_checksum_address(deployed.world.adopted.council)
        text = staticmethod(deployed.chain.text_address)

    deployed.as_council(contract, function, *arguments(Names))
    for config in (None, deployed.config):
        found = deployed.differences(config)
        assert any(message in difference for difference in found), found


def test_state_delays_that_the_operator_wrote_into_the_manifest_too_are_named_with_the_configuration(
    deployed: Deployed,
) -> None:
    deployed.as_council(MANAGER, "grantRole", GOVERNOR, to_checksum_address(deployed.world.adopted.council), 60)
    roles = tuple(replace(role, delay_s=60) if role.name == "GOVERNOR" else role for role in deployed.manifest.roles)
    assert deployed.differences(None, roles=roles) == ()
    assert deployed.differences(deployed.config, roles=roles) == ("acts as GOVERNOR wait 60 s, not 0 s",)


def test_state_guardian_that_changed_its_bodies_is_named(deployed: Deployed) -> None:
    guardian = deployed.manifest.contracts[2].address
    data = deployed.chain.encode("GuardianCouncil", "changeMembership", [STRANGER], 1)
    deployed.send(guardian, "GuardianCouncil", data)
    for config in (None, deployed.config):
        [found] = deployed.differences(config)
        assert "other bodies, or another threshold" in found


def test_state_body_that_nobody_configured_is_named_with_the_configuration(deployed: Deployed) -> None:
    foreign = replace(
        deployed.config.bodies[0], body_id=keccak256(b"foreign"), keys=(BodyKey(address(key("foreign")), 1, b""),)
    )
    digest = admission_digest(deployed.config.chain_id, deployed.chain.addresses["ParticipantRegistry"], foreign)
    signed = replace(foreign.keys[0], possession=sign_digest(key("foreign"), digest)[1])
    arguments = admission_arguments(replace(foreign, keys=(signed,)))
    deployed.as_council("ParticipantRegistry", "admitReserved", *arguments)
    assert deployed.differences(None) == ()
    [found] = deployed.differences(deployed.config)
    assert found.startswith(f"the body 0x{foreign.body_id.hex()} has OPERATOR")


def test_state_configuration_with_another_body_key_or_council_is_named(deployed: Deployed) -> None:
    first, *others = deployed.config.bodies
    swapped = replace(first, keys=(replace(first.keys[0], address=address(key("other"))), *first.keys[1:]))
    [found] = deployed.differences(replace(deployed.config, bodies=(swapped, *others)))
    assert "was admitted with another profile, or other keys" in found
    council = replace(deployed.config.council, threshold=1)
    [found] = deployed.differences(replace(deployed.config, council=council))
    assert found == "Council has other bodies, or another threshold, than the configuration"
    found_all = deployed.differences(replace(deployed.config, sha256=bytes(32)))
    assert found_all == ("the manifest is of another configuration",)


def test_state_contract_made_with_other_arguments_is_named(deployed: Deployed) -> None:
    """The same code, at an address that the arguments explain, but with windows of the operator's own."""
    settlement = {**deployed.config.settlement, "account_cooling_s": 1}
    own = plan_contracts(deployed.manifest.factory, replace(deployed.config, settlement=settlement))[-1]
    deployed.chain.sender.send(deployed.manifest.factory, own.factory_data)
    contracts = deployed.with_record("Payouts", address=own.address, arguments=own.arguments)
    found = deployed.differences(deployed.config, contracts=contracts)
    assert "Payouts was made with other arguments than the configuration has" in found
    assert any("the directory's Payouts is version 1" in difference for difference in found)


def test_state_contract_that_reads_another_registry_is_named_without_the_configuration(deployed: Deployed) -> None:
    orders = next(record for record in deployed.manifest.contracts if record.name == "Orders")
    assert orders.arguments is not None
    arguments = deployed.chain.addresses["Payouts"].rjust(32, b"\0") + orders.arguments[32:]
    found = deployed.differences(None, contracts=deployed.with_record("Orders", arguments=arguments))
    assert any(line.startswith("Orders was made with 0x") for line in found), found
    assert any("where the sources and the arguments in the manifest do not put it" in line for line in found), found
    found = deployed.differences(None, contracts=deployed.with_record("Orders", arguments=b"\1"))
    assert "the arguments of Orders in the manifest cannot be decoded" in found


def test_state_guardian_without_arguments_in_the_manifest_is_named(deployed: Deployed) -> None:
    for config in (None, deployed.config):
        found = deployed.differences(config, contracts=deployed.with_record("GuardianCouncil", arguments=None))
        assert any("do not put it" in line for line in found), found


def test_state_another_chain_of_the_same_id_is_named(deployed: Deployed) -> None:
    [found] = deployed.differences(None, genesis_hash=bytes(32))
    assert "another first block" in found


def test_set_of_contracts_that_is_not_the_suite_is_named(deployed: Deployed) -> None:
    records = deployed.manifest.contracts
    fewer = set_differences(replace(deployed.manifest, contracts=records[:-1]))
    assert fewer == ["the manifest does not name Payouts"]
    assert len(set_differences(replace(deployed.manifest, contracts=()))) == len(NAMES)
    twice = set_differences(replace(deployed.manifest, contracts=(*records, records[0])))
    assert twice == ["the manifest names Council more than once"]
    odd = (*records[:-1], replace(records[-1], contract_name="Orders"))
    assert set_differences(replace(deployed.manifest, contracts=odd)) == ["the manifest calls Payouts a Orders"]
    extra = (*records, replace(records[0], name="Extra"))
    assert set_differences(replace(deployed.manifest, contracts=extra)) == [
        "the manifest names Extra, which is no contract of the suite"
    ]
