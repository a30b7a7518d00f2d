"""A regulator's check: sources recompiled by the npm compiler through py-solc-x give the code on the chain, and no other sources do."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.anchor_rig import running_anvil
from support.suite import DEPLOYER, NAMES, SuiteWorld

from ledger.adapters.chain.artifact import load_compiler_settings
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_manifest import SuiteManifest
from ledger.adapters.chain.suite_verification import (
    Compiled,
    CompilerMissingError,
    Finding,
    SourcesError,
    compile_sources,
    first_difference,
    verify_suite,
)
from ledger.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
COMPILER = ROOT / "scripts" / "solc"
CONTRACTS = sorted(set(NAMES) - {"GuardianCouncil"})
"""The guardian is a second ``Council``. In the order of ``contracts verify``, so that both ask the compiler for the same."""


def compiled_from(root: Path, names: list[str]) -> dict[str, Compiled]:
    return compile_sources(root, COMPILER, {name: load_compiler_settings(name) for name in names})


@pytest.fixture(scope="module")
def compiled() -> dict[str, Compiled]:
    return compiled_from(ROOT, CONTRACTS)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> "tuple[SuiteManifest, dict[bytes, bytes]]":
    """The manifest of a deployment and the code it left on the chain."""
    folder = tmp_path_factory.mktemp("suite")
    with running_anvil(folder / "anvil") as anvil:
        manifest = SuiteWorld(anvil.url, folder).run().manifest
        sender = TransactionSender(anvil.url, DEPLOYER)
        return manifest, {record.address: sender.code(record.address) for record in manifest.contracts}


def findings_of(
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]", compiled: dict[str, Compiled]
) -> dict[str, Finding]:
    manifest, code = deployed
    return {finding.name: finding for finding in verify_suite(manifest, compiled, code.__getitem__)}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The sources, to be changed."""
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def test_verify_own_sources_agree_and_immutables_are_explained(
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]", compiled: dict[str, Compiled]
) -> None:
    findings = findings_of(deployed, compiled)
    assert {name: finding.differences for name, finding in findings.items()} == dict.fromkeys(NAMES, ())
    addresses = {record.name: record.address.rjust(32, b"\0") for record in deployed[0].contracts}
    assert addresses["ParticipantRegistry"] in findings["ParticipantRegistry"].immutables.values()
    read_by_payouts = {addresses[name] for name in ("ParticipantRegistry", "RevenueSettlement", "DistributionTables")}
    assert read_by_payouts <= set(findings["Payouts"].immutables.values())


@pytest.mark.long
def test_verify_one_added_line_in_each_contract_is_found_in_each(
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]", checkout: Path
) -> None:
    ours = [name for name in CONTRACTS if name != "AccessManager"]
    for name in ours:
        path = checkout / "contracts" / f"{name}.sol"
        body = path.read_text().rstrip()
        assert body.endswith("}")
        path.write_text(body[:-1] + "function added() external pure returns (uint256) { return 1; }\n}\n")
    manifest, code = deployed
    records = tuple(record for record in manifest.contracts if record.contract_name in ours)
    findings = verify_suite(replace(manifest, contracts=records), compiled_from(checkout, ours), code.__getitem__)
    assert [finding.name for finding in findings] == [name for name in NAMES if name != "AccessManager"]
    for finding in findings:
        assert any("differ from byte" in difference for difference in finding.differences), finding.name


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("participants/BodyKeys.sol", "key.validUntil != 0 ||", "", "differ from byte"),
        ("participants/BodyKeys.sol", "/// @title Keys of bodies", "/// @title  Keys of bodies", "another digest"),
    ],
)
def test_verify_one_changed_source_line_is_found(
    *,
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]",
    checkout: Path,
    file: str,
    old: str,
    new: str,
    message: str,
) -> None:
    path = checkout / "contracts" / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    manifest, code = deployed
    registry = manifest.contract("ParticipantRegistry")
    assert registry is not None
    changed = compiled_from(checkout, ["ParticipantRegistry"])
    [finding] = verify_suite(replace(manifest, contracts=(registry,)), changed, code.__getitem__)
    assert any(message in difference for difference in finding.differences)
    assert (message == "another digest") == (len(finding.differences) == 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda code: b"", r"the code on the chain \(0 bytes\)"),
        (lambda code: code[:-1] + bytes([code[-1] ^ 1]), "differ from byte"),
        (lambda code: code + b"\0", "differ from byte"),
    ],
)
def test_verify_other_code_on_the_chain_is_found(
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]",
    compiled: dict[str, Compiled],
    change: Callable[[bytes], bytes],
    message: str,
) -> None:
    manifest, code = deployed
    changed = {address: change(found) for address, found in code.items()}
    for finding in verify_suite(manifest, compiled, changed.__getitem__):
        assert finding.differences[0] == "the code on the chain has another hash than the manifest says"
        assert re.search(message, finding.differences[1])


def test_verify_foreign_immutable_is_found(
    deployed: "tuple[SuiteManifest, dict[bytes, bytes]]", compiled: dict[str, Compiled]
) -> None:
    """Same code, but an evidence log that believes another council than the manifest's arguments say."""
    manifest, code = deployed
    record = manifest.contract("EvidenceLog")
    assert record is not None
    other = replace(manifest, contracts=(replace(record, arguments=bytes(31) + b"\1"),))
    [finding] = verify_suite(other, compiled, code.__getitem__)
    assert all("which no argument explains" in difference for difference in finding.differences)
    assert finding.differences


def test_compile_what_is_no_source_is_refused(checkout: Path, tmp_path: Path) -> None:
    settings = load_compiler_settings("Directory")
    with pytest.raises(SourcesError, match="cannot be read"):
        compile_sources(checkout, COMPILER, {"Nothing": settings})
    with pytest.raises(InputError, match="carries no contract of the name 'Nothing'"):
        compiled_from(checkout, ["Nothing"])
    path = checkout / "contracts" / "Directory.sol"
    path.write_text(path.read_text().replace("version = versions.length + 1;", "version = nothing;"))
    with pytest.raises(SourcesError, match="do not compile"):
        compiled_from(checkout, ["Directory"])
    path.write_text('import "elsewhere/Other.sol";')
    with pytest.raises(SourcesError, match="neither ours nor OpenZeppelin's"):
        compiled_from(checkout, ["Directory"])
    with pytest.raises(SourcesError, match="no npm package"):
        compiled_from(tmp_path / "empty", ["Directory"])
    with pytest.raises(CompilerMissingError, match="no compiler at"):
        compile_sources(ROOT, ROOT / "nothing", {"Directory": settings})
    whole = settings["version"]
    for version in (
        "0.8.36",
        whole.replace("0.8.37", "0.8.3"),
        whole.partition("+")[0],
        whole[:-1],
        whole + ".Linux",
        "",
    ):
        with pytest.raises(CompilerMissingError, match=r"(?s)were compiled by .* says: .*0\.8\.37"):
            compile_sources(ROOT, COMPILER, {"Directory": {**settings, "version": version}})


def test_compile_each_contract_with_its_own_settings(compiled: dict[str, Compiled]) -> None:
    """One contract optimised otherwise than the others: it alone gets other code."""
    settings_of = {name: load_compiler_settings(name) for name in ("Council", "Directory")}
    settings_of["Directory"] = {**settings_of["Directory"], "optimizer": {"enabled": True, "runs": 1}}
    found = compile_sources(ROOT, COMPILER, settings_of)
    assert found["Council"] == compiled["Council"]
    assert found["Directory"].code != compiled["Directory"].code
    assert found["Directory"].source_hash == compiled["Directory"].source_hash


def test_first_difference_of_equal_beginnings_is_the_shorter_end() -> None:
    assert first_difference(b"abc", b"abd") == 2
    assert first_difference(b"ab", b"abd") == 2
