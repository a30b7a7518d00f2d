"""The suite's deployment against a real development chain: complete, repeatable, resumable, and refused where the chain differs."""

from pathlib import Path
from typing import Any

import pytest
from support.anchor_rig import Anvil
from support.suite import COUNCIL, DEPLOYER, GUARDIANS, NAMES, ROLES, SuiteWorld, address, body_id, earlier_version, key

from ledger.adapters.chain import suite_addresses
from ledger.adapters.chain import suite_deployment as module
from ledger.adapters.chain.council_acts import ActFolder, KeySigner, sign_act_file
from ledger.adapters.chain.deployment import DeploymentError
from ledger.adapters.chain.errors import WrongChainError
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_governance import directory_key
from ledger.adapters.chain.suite_manifest import SuiteManifest, SuiteManifestError, read_manifest
from ledger.log.typed_data import keccak256, to_checksum_address

ADOPTED = 2
ACTS = 4 + 1 + 3 + len(ROLES) + len(NAMES)
"""Acts of the council without delays: functions' roles, guardian, members, bodies, directory."""


@pytest.fixture
def world(chain: Anvil, tmp_path: Path) -> SuiteWorld:
    return SuiteWorld(chain.url, tmp_path)


def height(world: SuiteWorld) -> int:
    return int(JsonRpc(world.url).call("eth_blockNumber"), 16)


def suite_of(world: SuiteWorld, manifest: SuiteManifest) -> SuiteChain:
    chain = SuiteChain(JsonRpc(world.url), TransactionSender(world.url, DEPLOYER))
    chain.addresses |= {record.name: record.address for record in manifest.contracts}
    return chain


def test_deploy_suite_fresh_chain_has_contracts_bodies_and_roles(world: SuiteWorld) -> None:
    told: list[str] = []
    result = world.run(report=told.append)

    assert result.waiting == ()
    assert len(told) == len(NAMES) - ADOPTED + ACTS
    manifest = read_manifest(world.manifest_path)
    assert manifest == result.manifest
    assert [record.name for record in manifest.contracts] == NAMES
    assert [record.tx_hash is None for record in manifest.contracts] == [name in NAMES[:ADOPTED] for name in NAMES]
    assert all(record.version == 1 for record in manifest.contracts)
    chain = suite_of(world, manifest)
    for record in manifest.contracts:
        assert keccak256(chain.sender.code(record.address)) == record.code_hash
    for role in ROLES:
        assert chain.ask("ParticipantRegistry", "isInGoodStanding", body_id(role))
    roles = {role.name: role for role in manifest.roles}
    council, guardian = world.adopted.council, manifest.contracts[2].address
    assert roles["ADMIN"].members == roles["GOVERNOR"].members == roles["EMERGENCY"].members == (council,)
    assert roles["GUARDIAN"].members == (guardian,)
    assert roles["GOVERNOR"].guardian == "GUARDIAN"
    guardians = sorted(address(one) for one in GUARDIANS)
    assert chain.ask("GuardianCouncil", "bodies") == [to_checksum_address(one) for one in guardians]


def test_deploy_suite_again_sends_nothing_and_keeps_the_manifest(world: SuiteWorld) -> None:
    world.run()
    before, blocks = world.manifest_path.read_bytes(), height(world)
    told: list[str] = []

    assert world.run(KeySigner([]), report=told.append).waiting == ()

    assert height(world) == blocks
    assert told == []
    assert world.manifest_path.read_bytes() == before


def test_deploy_suite_without_its_manifest_finds_every_transaction_again(world: SuiteWorld) -> None:
    world.run()
    before = world.manifest_path.read_bytes()
    world.manifest_path.unlink()
    world.run()
    assert world.manifest_path.read_bytes() == before


def test_deploy_suite_interrupted_after_any_transaction_resumes(
    world: SuiteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run is ended right after one more transaction was mined, before anything of it was written down."""
    send = TransactionSender.send
    sent = 0

    def interrupted(self: TransactionSender, to: bytes | None, data: bytes) -> Any:
        nonlocal sent
        send(self, to, data)
        sent += 1
        raise KeyboardInterrupt

    monkeypatch.setattr(TransactionSender, "send", interrupted)
    for _ in range(len(NAMES) - ADOPTED + ACTS):
        with pytest.raises(KeyboardInterrupt):
            world.run()
    blocks = height(world)
    result = world.run()
    assert height(world) == blocks
    assert sent == len(NAMES) - ADOPTED + ACTS
    assert [record.tx_hash is None for record in result.manifest.contracts] == [
        name in NAMES[:ADOPTED] for name in NAMES
    ]
    assert all(record.version == 1 for record in result.manifest.contracts)


def test_deploy_suite_with_delays_sets_them_last_and_then_refuses_more(chain: Anvil, tmp_path: Path) -> None:
    world = SuiteWorld(chain.url, tmp_path, delays=(172_800, 86_400))
    manifest = world.run().manifest
    roles = {role.name: role.delay_s for role in manifest.roles}
    assert roles == {"ADMIN": 172_800, "GOVERNOR": 86_400, "EMERGENCY": 0, "GUARDIAN": 0}
    blocks = height(world)
    world.run()
    assert height(world) == blocks
    world.manifest_path.unlink()
    world.delays = (172_800, 86_401)
    with pytest.raises(DeploymentError, match="acts as ADMIN wait 172800 s"):
        world.run()


def test_deploy_suite_consortium_waits_for_the_bodies_signatures(chain: Anvil, tmp_path: Path) -> None:
    world = SuiteWorld(chain.url, tmp_path, profile="consortium", delays=(172_800, 86_400))
    folder = tmp_path / "acts"
    waiting = world.run(ActFolder(folder)).waiting
    assert len(waiting) == ACTS + 2
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{act.nonce}.json" for act in waiting)

    first = folder / f"{waiting[0].nonce}.json"
    sign_act_file(first, key("stranger"))
    sign_act_file(first, COUNCIL[0])
    assert len(world.run(ActFolder(folder)).waiting) == ACTS + 2
    sign_act_file(first, COUNCIL[2])
    assert len(world.run(ActFolder(folder)).waiting) == ACTS + 1
    for path in sorted(folder.glob("*.json")):
        for body in COUNCIL[1:]:
            sign_act_file(path, body)
    result = world.run(ActFolder(folder))
    assert result.waiting == ()
    assert {role.name: role.delay_s for role in result.manifest.roles}["ADMIN"] == 172_800


def test_deploy_suite_keeps_signed_acts_until_their_deadline(chain: Anvil, tmp_path: Path) -> None:
    world = SuiteWorld(chain.url, tmp_path, profile="consortium", delays=(172_800, 86_400))
    folder = tmp_path / "acts"
    first = world.run(ActFolder(folder)).waiting
    assert world.run(ActFolder(folder)).waiting == first
    JsonRpc(world.url).call("evm_increaseTime", 15 * 86_400)
    JsonRpc(world.url).call("evm_mine")
    later = world.run(ActFolder(folder)).waiting
    assert [act.data for act in later] == [act.data for act in first]
    assert all(act.deadline > old.deadline for act, old in zip(later, first, strict=True))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold = 2": "threshold = 3"}, "other bodies, or another threshold"),
        ({"qualified_until = 4000000000": "qualified_until = 4000000001"}, "has not signed its admission"),
        ({"possession_deadline = 4000000000": "possession_deadline = 1"}, "no longer in time"),
    ],
)
def test_deploy_suite_that_the_chain_contradicts_is_refused(
    world: SuiteWorld, changes: dict[str, str], message: str
) -> None:
    world.changes = changes
    with pytest.raises(DeploymentError, match=message):
        world.run()


def test_deploy_suite_council_that_is_none_is_refused(world: SuiteWorld) -> None:
    council = to_checksum_address(world.adopted.council)
    world.changes = {f'council = "{council}"': f'council = "{to_checksum_address(world.adopted.evidence_log)}"'}
    with pytest.raises(DeploymentError, match="There is no Council"):
        world.run()


def test_deploy_suite_other_chain_is_refused(world: SuiteWorld) -> None:
    world.changes = {"chain_id = 31337": "chain_id = 31338"}
    with pytest.raises(WrongChainError):
        world.run()


def test_deploy_suite_manifest_of_another_configuration_is_refused(world: SuiteWorld) -> None:
    world.run()
    world.changes = {'currencies = ["CNY"]': 'currencies = ["EUR"]'}
    with pytest.raises(SuiteManifestError, match="another configuration"):
        world.run()


def test_deploy_suite_other_code_at_an_address_is_refused(world: SuiteWorld) -> None:
    manifest = world.run().manifest
    where = manifest.contract("Directory")
    assert where is not None
    JsonRpc(world.url).call("anvil_setCode", "0x" + where.address.hex(), "0x00")
    with pytest.raises(DeploymentError, match="Directory has other code"):
        world.run()


def test_deploy_suite_newer_contract_is_listed_beside_the_older_one(
    world: SuiteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(suite_addresses, "_plan", earlier_version("Payouts"))
        before = world.run().manifest.contract("Payouts")
    told: list[str] = []
    manifest = world.run(report=told.append).manifest
    after = manifest.contract("Payouts")
    assert before is not None
    assert after is not None
    where = to_checksum_address(after.address)
    assert told == [f"Payouts stands at {where}", f"the directory lists Payouts at {where}"]
    assert {record.name: record.version for record in manifest.contracts} == dict.fromkeys(NAMES, 1) | {"Payouts": 2}
    chain = suite_of(world, manifest)
    listed = [chain.ask("Directory", "entryOf", directory_key("Payouts"), version)[0] for version in (1, 2)]
    assert listed == [to_checksum_address(before.address), where]


def test_deploy_suite_act_refused_by_the_council_says_which(world: SuiteWorld) -> None:
    class WrongNonce(KeySigner):
        def prepare(self, act: Any, now_s: int) -> Any:
            return module.replace(act, nonce=act.nonce + 1)

    with pytest.raises(DeploymentError, match="act failed: GOVERNOR on AccessManager"):
        world.run(WrongNonce(COUNCIL))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("possession_deadline = 4000000000", "possession_deadline = 1", "no longer in time"),
        ("qualified_until = 4000000000", "qualified_until = 3999999999", "has not signed its admission"),
    ],
)
def test_deploy_suite_admission_that_must_fail_is_refused_before_anything_is_sent(
    chain: Anvil, tmp_path: Path, old: str, new: str, message: str
) -> None:
    world = SuiteWorld(chain.url, tmp_path, changes={old: new})
    before = height(world)
    with pytest.raises(DeploymentError, match=message):
        world.run()
    assert height(world) == before
    assert not world.manifest_path.exists()


def test_deploy_suite_manifest_without_a_folder_is_refused_before_anything_is_sent(world: SuiteWorld) -> None:
    before = height(world)
    world.manifest_path = world.folder / "none" / "manifest.json"
    with pytest.raises(SuiteManifestError, match="none is no folder"):
        world.run()
    assert height(world) == before


def test_deploy_suite_arguments_that_a_constructor_refuses_are_said_to_be_refused(chain: Anvil, tmp_path: Path) -> None:
    changes = {"window_floor_s = 259200": "window_floor_s = 4294967295"}
    with pytest.raises(DeploymentError, match="DistributionTables has no code, because the chain refused"):
        SuiteWorld(chain.url, tmp_path, changes=changes).run()


def test_deploy_suite_torn_manifest_names_the_file_and_what_to_do(world: SuiteWorld) -> None:
    world.manifest_path.write_bytes(b'{"chain_id"')
    with pytest.raises(SuiteManifestError, match=r"manifest\.json: not a manifest: .*; put it aside"):
        world.run()
