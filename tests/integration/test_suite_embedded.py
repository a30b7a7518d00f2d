"""The contract suite of a development installation: made once from its own keys, found again, and never with other keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.suite import NAMES, ROLES, DeployedSuite, earlier_version, suite_at

from ledger.adapters.chain import suite_addresses
from ledger.adapters.chain.deployment import Deployment, deploy
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.suite_config import parse_suite_config
from ledger.adapters.chain.suite_config_text import encode_suite_config
from ledger.adapters.chain.suite_manifest import SuiteManifest, read_manifest
from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.suite import deploy_embedded_suite, manifest_path
from ledger.adapters.files.keys import KeyFiles, KeyName, load_key_file, load_or_create_keys, secp256k1_address
from ledger.errors import SettingsError
from ledger.log.typed_data import to_checksum_address


@dataclass
class Home:
    """A data folder and its chain, as ``cityledger up`` has them when it comes to the suite."""

    folder: Path
    chain: EmbeddedAnvil
    said: list[str] = field(default_factory=list)

    @property
    def keys(self) -> KeyFiles:
        return load_or_create_keys(self.folder / "keys")

    @property
    def height(self) -> int:
        return int(JsonRpc(self.chain.rpc_url).call("eth_blockNumber"), 16)

    def adopted(self) -> Deployment:
        return deploy(self.chain.rpc_url, self.keys[KeyName.DEPLOYER], self.keys.council_addresses, 2)

    def run(self, check_stopped: Callable[[], None] = lambda: None) -> SuiteManifest:
        return deploy_embedded_suite(
            self.folder,
            self.chain.rpc_url,
            self.keys,
            2,
            self.adopted(),
            report=self.said.append,
            check_stopped=check_stopped,
        )

    def suite(self) -> DeployedSuite:
        return suite_at(self.chain.rpc_url, read_manifest(manifest_path(self.folder)))


@pytest.fixture
def home(anvil: EmbeddedAnvil, tmp_path: Path) -> Home:
    return Home(tmp_path, anvil)


def test_embedded_suite_is_whole_and_its_bodies_have_the_keys_of_the_folder(home: Home) -> None:
    manifest = home.run()
    assert [record.name for record in manifest.contracts] == NAMES
    assert all(record.version == 1 for record in manifest.contracts)
    config = parse_suite_config((home.folder / "contracts" / "suite.toml").read_bytes())
    assert manifest.config_sha256 == config.sha256
    chain = home.suite().chain
    for role, body in zip(ROLES, config.bodies, strict=True):
        assert chain.ask("ParticipantRegistry", "isInGoodStanding", body.body_id)
        stem = role.lower().replace("_", "-")
        for purpose, key in zip(("business", "finance"), body.keys, strict=True):
            path = home.folder / "keys" / "bodies" / f"{stem}-{purpose}.key"
            assert path.stat().st_mode & 0o777 == 0o600
            assert secp256k1_address(load_key_file(path)) == key.address
    assert len({body.body_id for body in config.bodies}) == len(ROLES)


def test_embedded_suite_again_sends_nothing_and_changes_no_file(home: Home) -> None:
    home.run()
    files = sorted((home.folder / "contracts").iterdir())
    before, blocks = [path.read_bytes() for path in files], home.height
    home.run()
    assert home.height == blocks
    assert sorted((home.folder / "contracts").iterdir()) == files
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize("steps", [1, *(pytest.param(each, marks=pytest.mark.long) for each in (5, 14)), 25])
def test_embedded_suite_stopped_between_two_steps_goes_on(home: Home, steps: int) -> None:
    home.adopted()
    blocks, passed = home.height, 0

    def stop() -> None:
        nonlocal passed
        passed += 1
        if passed == steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.run(stop)
    assert home.height == blocks + steps
    done = home.run()
    assert [record.name for record in done.contracts] == NAMES
    assert all(record.tx_hash for record in done.contracts[2:])
    total = home.height - blocks
    home.run()
    assert home.height == blocks + total


def test_embedded_suite_on_a_chain_begun_anew_gets_the_same_addresses(home: Home) -> None:
    before = home.run()
    home.chain.stop()
    home.chain.start()  # without a dumped state
    after = home.run()
    assert after.genesis_hash != before.genesis_hash
    assert [record.address for record in after.contracts] == [record.address for record in before.contracts]
    assert read_manifest(home.folder / "contracts" / "manifest.former.json") == before
    assert len(home.said) == 1
    assert "the development chain is a new one, nothing of the former was kept" in home.said[0]
    assert "give another file" not in home.said[0]


def test_embedded_suite_whose_blocks_were_lost_is_deployed_again_and_said_anew(home: Home) -> None:
    """The chain goes back to a dump of a time before the suite, as after a power cut; the manifest knew more."""
    home.adopted()
    home.chain.dump_state()
    before = home.run()
    home.chain.stop()
    home.chain.start()
    JsonRpc(home.chain.rpc_url).call("evm_mine")  # other blocks than the lost ones
    after = home.run()
    assert after.genesis_hash == before.genesis_hash
    assert [record.address for record in after.contracts] == [record.address for record in before.contracts]
    node = JsonRpc(home.chain.rpc_url)
    for record in after.contracts[2:]:
        assert record.tx_hash
        assert record.block_hash
        receipt = node.call("eth_getTransactionReceipt", "0x" + record.tx_hash.hex())
        assert (receipt["blockHash"], int(receipt["blockNumber"], 16)) == (
            "0x" + record.block_hash.hex(),
            record.block_number,
        )


def test_embedded_suite_of_an_earlier_version_gets_the_newer_contracts(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another registry everything that reads it is another, and the bodies sign and are admitted once more."""
    with monkeypatch.context() as earlier:
        earlier.setattr(suite_addresses, "_plan", earlier_version("ParticipantRegistry"))
        before = home.run()
    after = home.run()
    assert [name in NAMES[5:] for name in NAMES] == [
        new.address != old.address for new, old in zip(after.contracts, before.contracts, strict=True)
    ]
    assert [record.version for record in after.contracts] == [1] * 5 + [2] * 10
    assert read_manifest(home.folder / "contracts" / "manifest.former.json") == before
    assert [line for line in home.said if line.startswith("the contracts are of another version")] == home.said[-1:]
    chain = home.suite().chain
    config = parse_suite_config((home.folder / "contracts" / "suite.toml").read_bytes())
    assert all(chain.ask("ParticipantRegistry", "isInGoodStanding", body.body_id) for body in config.bodies)


def test_embedded_suite_without_its_manifest_finds_it_on_the_chain(home: Home) -> None:
    home.run()
    path = manifest_path(home.folder)
    before, blocks = path.read_bytes(), home.height
    path.unlink()
    home.run()
    assert (path.read_bytes(), home.height) == (before, blocks)
    path.write_bytes(b"damaged")
    home.run()
    assert home.said[-1].startswith("the manifest of the contracts was damaged; ")
    assert (path.read_bytes(), home.height) == (before, blocks)


def test_embedded_suite_whose_body_keys_are_lost_is_refused(home: Home) -> None:
    home.run()
    folder = home.folder / "keys" / "bodies"
    folder.rename(home.folder / "elsewhere")
    with pytest.raises(SettingsError, match="restore it from a backup"):
        home.run()
    assert not folder.exists()
    (home.folder / "elsewhere").rename(folder)
    (folder / "regulator-business.key").unlink()
    with pytest.raises(SettingsError, match=r"regulator-business\.key is missing"):
        home.run()


def test_encode_suite_config_is_what_parse_reads(home: Home) -> None:
    home.run()
    raw = (home.folder / "contracts" / "suite.toml").read_bytes()
    config = parse_suite_config(raw)
    comment = raw.decode().splitlines()[0].removeprefix("# ")
    assert encode_suite_config(config, comment) == raw
    assert config.council_address == home.adopted().council
    assert to_checksum_address(config.evidence_log) in raw.decode()
