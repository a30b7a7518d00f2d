"""The commands ``contracts`` and ``council`` as an operator, a body and a regulator use them, on a real development chain."""

import json
from pathlib import Path

import pytest
from support.anchor_rig import Anvil
from support.suite import COUNCIL, DEPLOYER, NAMES, ROLES, SuiteWorld, address, body_keys
from typer.testing import CliRunner, Result

from ledger.adapters.chain.deployment import CANONICAL_FACTORY
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.suite_calls import describe_call
from ledger.adapters.chain.suite_config import parse_suite_config
from ledger.cli.app import app
from ledger.log.canonical import encode_jcs
from ledger.log.typed_data import recover_address, to_checksum_address

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def operator(chain: Anvil, tmp_path: Path) -> SuiteWorld:
    """A chain, and in the folder what the operator has: a configuration and the deployer's key."""
    world = SuiteWorld(chain.url, tmp_path, profile="consortium", delays=(172_800, 86_400))
    (tmp_path / "suite.toml").write_text(world.text())
    write_key(tmp_path / "keys" / "deployer.key", DEPLOYER)
    return world


def write_key(path: Path, secret: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(secret.hex())
    path.chmod(0o600)


def deploy(world: SuiteWorld) -> Result:
    folder = world.folder
    return run(
        *("contracts", "deploy", "--config", folder / "suite.toml", "--manifest", world.manifest_path),
        *("--rpc", world.url, "--keys", folder / "keys", "--acts", folder / "acts"),
    )


def sign_all(world: SuiteWorld) -> None:
    """As many bodies as it takes sign every act."""
    acts = sorted((world.folder / "acts").glob("*.json"))
    for body in COUNCIL[:2]:
        write_key(world.folder / "body.key", body)
        signed = run("council", "sign", "--key", world.folder / "body.key", *acts)
        assert signed.exit_code == 0, signed.output
        assert "admitReserved(admission=" in signed.output


def test_contracts_deploy_consortium_goes_on_when_bodies_have_signed(operator: SuiteWorld) -> None:
    waiting = deploy(operator)
    assert waiting.exit_code == 3, waiting.output
    assert "acts wait for 2 signatures each" in waiting.output
    sign_all(operator)
    done = deploy(operator)
    assert done.exit_code == 0, done.output
    assert "the suite is deployed" in done.output


def test_council_show_says_what_the_bytes_say(operator: SuiteWorld) -> None:
    deploy(operator)
    path = max((operator.folder / "acts").glob("*.json"), key=lambda found: int(found.stem))
    shown = run("council", "show", path)
    assert shown.exit_code == 0, shown.output
    account = to_checksum_address(operator.adopted.council).lower()
    assert f"grantRole(roleId=0, account={account}, executionDelay=172800)" in shown.output
    path.write_text(path.read_text().replace('"nonce": ', '"nonce": 1'))
    refused = run("council", "show", path)
    assert refused.exit_code == 2
    assert "another digest" in refused.output
    assert describe_call(b"\1\2\3\4") == "no function of the suite: selector 0x01020304"


def test_contracts_admissions_are_what_the_configurations_keys_have_signed(operator: SuiteWorld) -> None:
    shown = run("contracts", "admissions", "--config", operator.folder / "suite.toml", "--json")
    assert shown.exit_code == 0, shown.output
    digests = json.loads(shown.output)
    bodies = parse_suite_config(operator.text().encode()).bodies
    for role, body in zip(ROLES, bodies, strict=True):
        digest = bytes.fromhex(digests[body.code][2:])
        signers = [recover_address(digest, one.possession) for one in body.keys]
        assert signers == [address(one) for one in body_keys(role)]


def test_contracts_on_a_chain_without_the_proxy_stand_where_the_deployers_own_puts_them(
    chain: Anvil, tmp_path: Path
) -> None:
    JsonRpc(chain.url).call("anvil_setCode", "0x" + CANONICAL_FACTORY.hex(), "0x")
    world = SuiteWorld(chain.url, tmp_path)
    assert world.adopted.factory != CANONICAL_FACTORY
    (tmp_path / "suite.toml").write_text(world.text())
    arguments = ("contracts", "admissions", "--config", tmp_path / "suite.toml", "--json")
    shown = run(*arguments, "--deployer", to_checksum_address(address(DEPLOYER)))
    assert shown.exit_code == 0, shown.output
    digest = bytes.fromhex(json.loads(shown.output)[ROLES[0].lower()][2:])
    [business, _finance] = parse_suite_config(world.text().encode()).bodies[0].keys
    assert recover_address(digest, business.possession) == business.address
    assert json.loads(run(*arguments).output) != json.loads(shown.output)
    assert world.run().waiting == ()
    refused = run(*arguments, "--deployer", "0x12")
    assert refused.exit_code == 2, refused.output


def test_contracts_deploy_malformed_configuration_is_a_usage_error(operator: SuiteWorld) -> None:
    (operator.folder / "suite.toml").write_text("version = 2")
    refused = deploy(operator)
    assert refused.exit_code == 2
    assert "[suite_config]" in refused.output
    assert not operator.manifest_path.exists()


def test_contracts_verify_names_what_is_not_finished_and_what_changed(operator: SuiteWorld) -> None:
    deploy(operator)
    arguments = ("contracts", "verify", "--manifest", operator.manifest_path, "--rpc", operator.url, "--sources", ROOT)
    unfinished = run(*arguments)
    assert unfinished.exit_code == 1, unfinished.output
    assert "does not have GOVERNOR" in unfinished.output
    assert "the directory does not list Payouts" in unfinished.output
    sign_all(operator)
    assert deploy(operator).exit_code == 0
    for config in ((), ("--config", operator.folder / "suite.toml")):
        agreed = run(*arguments, *config)
        assert agreed.exit_code == 0, agreed.output
        assert agreed.output.count(": agrees") == len(NAMES) + 1
        assert ("nobody's review was compared" in agreed.output) == (config == ())
        assert "GOVERNOR waits 86400 s" in agreed.output
    edited = operator.folder / "edited.toml"
    edited.write_text(operator.text().replace("governor_delay_s = 86400", "governor_delay_s = 60"))
    refused = run(*arguments, "--config", edited)
    assert refused.exit_code == 1
    assert "acts as GOVERNOR wait 86400 s, not 60 s" in refused.output


@pytest.mark.parametrize("dropped", [slice(0, 0), slice(0, -1)])
def test_contracts_verify_manifest_that_names_less_is_refused(operator: SuiteWorld, dropped: slice) -> None:
    deploy(operator)
    manifest = json.loads(operator.manifest_path.read_bytes())
    manifest["contracts"] = manifest["contracts"][dropped]
    operator.manifest_path.write_bytes(encode_jcs(manifest))
    refused = run("contracts", "verify", "--manifest", operator.manifest_path, "--rpc", operator.url, "--sources", ROOT)
    assert refused.exit_code == 2, refused.output
    assert "the manifest does not name Payouts" in refused.output


def test_contracts_verify_code_that_changed_is_named(operator: SuiteWorld) -> None:
    deploy(operator)
    arguments = ("contracts", "verify", "--manifest", operator.manifest_path, "--rpc", operator.url, "--sources", ROOT)
    manifest = json.loads(operator.manifest_path.read_bytes())
    where = next(item["address"] for item in manifest["contracts"] if item["name"] == "Directory")
    node = JsonRpc(operator.url)
    code = node.call("eth_getCode", where, "latest")
    node.call("anvil_setCode", where, code[:-2] + "fe")
    differs = run(*arguments, "--json")
    assert differs.exit_code == 1, differs.output
    found = {item["name"]: item["differences"] for item in json.loads(differs.stdout)}
    assert len(found.pop("Directory")) == 2
    assert found.pop("deployment") == ["not judged, because the code differs: what it answers means nothing"]
    assert all(differences == [] for differences in found.values())
