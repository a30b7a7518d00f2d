"""Files that a deployment leaves and takes: the manifest, acts of the council, signatures. Each has one encoding, or none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from coincurve import PrivateKey
from typer.testing import CliRunner

from ledger.adapters.chain.council_acts import (
    RELAY_MARGIN_S,
    ActFileError,
    ActFolder,
    CouncilAct,
    KeySigner,
    encode_act,
    read_act,
    sign_act_file,
    signature_name,
)
from ledger.adapters.chain.suite_calls import describe_call
from ledger.adapters.chain.suite_manifest import (
    ContractRecord,
    RoleRecord,
    SuiteManifest,
    SuiteManifestError,
    encode_manifest,
    parse_manifest,
    read_manifest,
    write_manifest,
)
from ledger.adapters.chain.suite_plan import FUNCTION_ROLES, SUITE
from ledger.adapters.files.keys import secp256k1_address
from ledger.cli.app import app
from ledger.log.typed_data import keccak256

ADOPTED = ContractRecord("Council", "Council", 1, b"\1" * 20, None, b"\2" * 32, b"\3" * 32, None, None, None)
DEPLOYED = ContractRecord(
    "Orders", "Orders", 0, b"\4" * 20, b"\5" * 64, b"\6" * 32, b"\7" * 32, b"\x08" * 32, b"\x09" * 32, 17
)
MANIFEST = SuiteManifest(
    2026,
    b"\1" * 32,
    "consortium",
    b"\2" * 32,
    b"\3" * 20,
    (ADOPTED, DEPLOYED),
    (RoleRecord(1, "GOVERNOR", (b"\1" * 20,), 60, "GUARDIAN"), RoleRecord(0, "ADMIN", (), 0, None)),
)
KEYS = [keccak256(bytes([n])) for n in range(3)]
ACT = CouncilAct(2026, b"\1" * 20, b"\2" * 20, b"\3\4\5\6", 7, 2_000, "text")


def test_manifest_written_is_read_back(tmp_path: Path) -> None:
    write_manifest(tmp_path / "manifest.json", MANIFEST)
    assert read_manifest(tmp_path / "manifest.json") == MANIFEST
    assert MANIFEST.contract("Orders") == DEPLOYED
    assert MANIFEST.contract("Payouts") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1,"w":1'),
        (b'"chain_id":2026', b'"chain_id":true'),
        (b'"chain_id":2026', b'"chain_id": 2026'),
        (b'"block_number":17', b'"block_number":-17'),
        (b'"profile":"consortium",', b""),
        (b'"name":"Orders"', b'"name":"Orders","extra":null'),
        (b"0x0505", b"0505"),
        (b"{", b"["),
    ],
)
def test_manifest_in_any_other_form_is_refused(old: bytes, new: bytes) -> None:
    raw = encode_manifest(MANIFEST)
    assert old in raw
    with pytest.raises(SuiteManifestError):
        parse_manifest(raw.replace(old, new, 1))


def test_manifest_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SuiteManifestError, match="cannot be read"):
        read_manifest(tmp_path / "nothing.json")


def test_act_signed_beside_its_file_is_taken_from_there(tmp_path: Path) -> None:
    folder = ActFolder(tmp_path / "acts")
    bodies = sorted(secp256k1_address(key) for key in KEYS)
    assert folder.prepare(ACT, 1_000) == ACT
    path = tmp_path / "acts" / "7.json"
    assert read_act(path) == ACT
    assert folder.signatures(ACT, bodies) == []
    for key in KEYS[:2]:
        sign_act_file(path, key)
    assert folder.signatures(ACT, bodies) == KeySigner(KEYS[:2]).signatures(ACT, bodies)
    assert len(folder.signatures(ACT, bodies)) == 2
    assert folder.signatures(replace(ACT, data=b"other"), bodies) == []
    (tmp_path / "acts" / signature_name(ACT, bodies[0])).write_text("no hex")
    (tmp_path / "acts" / signature_name(ACT, bodies[1])).write_text("00")
    (tmp_path / "acts" / signature_name(ACT, bodies[2])).write_text("00" * 65)
    assert folder.signatures(ACT, bodies) == []


def test_act_that_changed_or_is_late_is_written_anew(tmp_path: Path) -> None:
    folder = ActFolder(tmp_path)
    folder.prepare(ACT, 1_000)
    later = replace(ACT, deadline=3_000)
    assert folder.prepare(later, ACT.deadline - RELAY_MARGIN_S - 1) == ACT
    assert folder.prepare(later, ACT.deadline - RELAY_MARGIN_S) == later
    other = replace(ACT, data=b"other")
    assert folder.prepare(other, 1_000) == other
    assert read_act(tmp_path / "7.json") == other


def test_act_that_somebody_gave_a_longer_life_is_written_anew(tmp_path: Path) -> None:
    folder = ActFolder(tmp_path)
    (tmp_path / "7.json").write_bytes(encode_act(replace(ACT, deadline=ACT.deadline + 1)))
    assert folder.prepare(ACT, 1_000) == ACT
    assert read_act(tmp_path / "7.json") == ACT


@pytest.mark.parametrize(
    ("name", "value"),
    [("v", 2), ("nonce", 8), ("deadline", "soon"), ("council", "0x00"), ("data", "0xzz"), ("digest", None)],
)
def test_act_file_that_contradicts_itself_is_refused(tmp_path: Path, name: str, value: object) -> None:
    content = json.loads(encode_act(ACT)) | {name: value}
    path = tmp_path / "7.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ActFileError):
        read_act(path)
    with pytest.raises(ActFileError):
        sign_act_file(path, PrivateKey().secret)


def test_act_of_a_hostile_writer_does_not_reach_the_terminal(tmp_path: Path) -> None:
    """Its text is the operator's word; a body that is about to sign must not be shown lines that the operator made up."""
    path = tmp_path / "7.json"
    path.write_bytes(encode_act(replace(ACT, text="harmless\n  call:       list()\x1b[2J", deadline=2**200)))
    shown = CliRunner().invoke(app, ["council", "show", str(path)])
    assert shown.exit_code == 0, shown.output
    assert "\x1b" not in shown.output
    assert shown.output.count("\n  call: ") == 1
    assert f"until the second {2**200} of Unix time" in shown.output


def test_signatures_of_keys_that_are_no_bodies_do_not_count() -> None:
    bodies = [secp256k1_address(KEYS[0])]
    assert len(KeySigner(KEYS).signatures(ACT, bodies)) == 1


def test_call_with_arguments_that_do_not_fit_says_so() -> None:
    selector = keccak256(b"list(bytes32,address)")[:4]
    assert describe_call(selector + bytes(31)) == "list with arguments that cannot be decoded"
    data = selector + b"Orders".ljust(32, b"\0") + bytes(12) + b"\1" * 20
    assert describe_call(data) == f"list(name='Orders', location=0x{'01' * 20})"


def test_plan_names_only_contracts_that_stand_before() -> None:
    known = {"AccessManager"}
    for plan in SUITE:
        assert {name for name in plan.arguments if name[0].isupper()} <= known
        known.add(plan.name)
    assert {functions.contract for functions in FUNCTION_ROLES} <= known
