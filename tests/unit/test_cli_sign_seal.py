"""``cityledger sign seal`` and ``open``: the walk-through of ``SEALING.md`` line by line, and what they refuse by name."""

import base64
import json
import re
import shlex
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from support.agreements import disclosed
from support.walk_through import blocks_of, text_of
from typer.testing import CliRunner, Result

from ledger.adapters.files.keystore import Keystore
from ledger.adapters.key_envelope import Cost
from ledger.adapters.signing_keys import SECP256K1
from ledger.bundle.agreement_digest import agreement_digest, disclosed_leaves
from ledger.cli import sign_keys
from ledger.cli.app import app
from ledger.domain import sealing_errors

PAGE = "ledger/cli/SEALING.md"
KEYS, SEAL, OPEN = blocks_of(PAGE)
TERMS = {"discount": "首年八折\n次年九折", "contact": "数据合作部"}
LIGHT = Cost(2)
SALT = b"\x13" * 32


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a password and the confidential part; nothing here may use the network."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something reached for the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(sign_keys, "COST", LIGHT)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "password.txt").write_text("correct horse battery\n")
    (tmp_path / "password.txt").chmod(0o600)
    (tmp_path / "terms.json").write_text(json.dumps(TERMS))
    return tmp_path


def run(line: str, answer: str | None = None) -> Result:
    program, *arguments = shlex.split(line)
    assert program == "cityledger"
    return CliRunner().invoke(app, arguments, input=answer)


def done(line: str) -> str:
    result = run(line)
    assert result.exit_code == 0, f"{line}\n{result.output}"
    return result.output


def refused(result: Result, code: str, exit_code: int = 1) -> str:
    assert (result.exit_code, f"[{code}]" in result.output) == (exit_code, True), result.output
    assert not [word for text in TERMS.values() for word in text.split("\n") if word in result.output]
    return result.output


def keys(desk: Path) -> None:
    for line in KEYS:
        said = done(line)
        if "--public" in line:
            (desk / f"{shlex.split(line)[4].removesuffix('-box')}.key.json").write_text(said)


def sealed(desk: Path) -> dict[str, Any]:
    keys(desk)
    done(SEAL[0])
    found: dict[str, Any] = json.loads((desk / "sealed.json").read_bytes())
    return found


def agreement(part: dict[str, Any], **members: Any) -> dict[str, Any]:
    """What the service shows to a party, as far as it matters here."""
    leaves = disclosed_leaves(disclosed(), SALT)
    digest = agreement_digest([*(bytes.fromhex(one) for one in part["leaf_hashes"]), *leaves])
    shown = {
        "contract_hash": digest.hex(),
        "disclosed": disclosed(),
        "disclosed_salt": SALT.hex(),
        "confidential": part,
    }
    return shown | members


def opened(desk: Path, value: Any) -> Result:
    (desk / "agreement.json").write_text(json.dumps(value))
    return run(OPEN[0])


def test_walk_through(desk: Path) -> None:
    part = sealed(desk)
    assert set(part) == {"leaf_hashes", "ciphertext"} and len(part["leaf_hashes"]) == len(TERMS)
    said = done(SEAL[1])
    assert "数据合作部" in said and "合约摘要 contract hash: - (未核对 NOT checked)" in said

    result = opened(desk, agreement(part))
    assert result.exit_code == 0, result.output
    for words in ("discount: 首年八折", "discount: 次年九折", "leaf hashes: 2 (已核对 checked)", "(已核对 checked)"):
        assert words in result.output
    saved = desk / "opened.json"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert json.loads(saved.read_bytes())["confidential"] == TERMS


def test_sealed_part_holds_no_word_of_it(desk: Path) -> None:
    part = sealed(desk)
    raw = (desk / "sealed.json").read_text() + base64.b64decode(part["ciphertext"]).decode()
    assert not [word for word in ("discount", "contact", "首年", json.dumps("首年")[1:-1]) if word in raw]


def test_seal_names_the_keys_and_asks(desk: Path) -> None:
    keys(desk)
    line = SEAL[0].removesuffix(" --yes")
    result = run(line, answer="n\n")
    assert result.exit_code == 1 and not (desk / "sealed.json").exists()
    for path in ("bank.key.json", "provider.key.json"):
        assert json.loads((desk / path).read_bytes())["kid"] in result.output
    assert "91310000MA00000012" in result.output
    assert run(line, answer="y\n").exit_code == 0


def test_nothing_is_overwritten(desk: Path) -> None:
    part = sealed(desk)
    refused(run(SEAL[0]), "conflict")
    assert opened(desk, agreement(part)).exit_code == 0
    refused(opened(desk, agreement(part)), "conflict")


def test_stranger_and_wrong_password_are_refused(desk: Path) -> None:
    part = sealed(desk)
    done("cityledger sign keys new stranger --kind x25519 --password-file password.txt")
    (desk / "agreement.json").write_text(json.dumps(agreement(part)))
    refused(run("cityledger sign open agreement.json --key stranger --password-file password.txt"), "sealed_for_others")
    (desk / "password.txt").write_text("another password\n")
    refused(run(OPEN[0]), "wrong_password")
    assert not (desk / "opened.json").exists()


def test_part_that_is_not_the_agreed_one_is_not_shown(desk: Path) -> None:
    part = sealed(desk)
    hashes = part["leaf_hashes"]
    wrong = agreement({**part, "leaf_hashes": [hashes[0], "ab" * 32]})
    assert "1 of them agree" in refused(opened(desk, wrong), "seal_mismatch")
    assert "Do not sign" in refused(opened(desk, agreement(part, contract_hash="ab" * 32)), "seal_mismatch")
    refused(opened(desk, agreement(part, disclosed=disclosed(pay_basis="accrued"))), "seal_mismatch")
    assert not (desk / "opened.json").exists()


def test_changed_ciphertext_is_refused(desk: Path) -> None:
    part = sealed(desk)
    message = json.loads(base64.b64decode(part["ciphertext"]))
    message["tag"] = ("A" if message["tag"][0] != "A" else "B") + message["tag"][1:]
    raw = json.dumps(message, separators=(",", ":"), sort_keys=True).encode()
    refused(opened(desk, agreement({**part, "ciphertext": base64.b64encode(raw).decode()})), "ciphertext_changed")


@pytest.mark.parametrize(
    "change",
    [
        {"confidential": {"leaf_hashes": ["ab" * 32], "ciphertext": None}},
        {"confidential": {"leaf_hashes": ["ab" * 32], "ciphertext": "***"}},
        {"confidential": {"leaf_hashes": "ab", "ciphertext": "AAAA"}},
        {"confidential": 7},
        {"disclosed": {}},
        {"disclosed_salt": "ab"},
        {"contract_hash": 7},
    ],
    ids=str,
)
def test_document_without_a_sealed_part_is_named(desk: Path, change: dict[str, Any]) -> None:
    part = sealed(desk)
    refused(opened(desk, agreement(part) | change), "sealed_part_malformed", 2)


@pytest.mark.parametrize("value", [7, [], "x", None, {}, {"leaf_hashes": []}])
def test_document_that_is_none_is_named(desk: Path, value: Any) -> None:
    keys(desk)
    refused(opened(desk, value), "sealed_part_malformed", 2)


@pytest.mark.parametrize("terms", [[], {}, {"A": "x"}, {"a": 1}, {"a": ""}])
def test_what_is_no_confidential_part_is_not_sealed(desk: Path, terms: Any) -> None:
    keys(desk)
    (desk / "terms.json").write_text(json.dumps(terms))
    result = run(SEAL[0])
    assert result.exit_code == 2 and re.search(r"\[invalid_(input|agreement)\]", result.output), result.output
    assert not (desk / "sealed.json").exists()


def test_key_that_signs_seals_nothing_and_the_other_way_round(desk: Path) -> None:
    keys(desk)
    Keystore(desk / ".cityledger-keys", LIGHT).add("bank", SECP256K1, b"\x07" * 32, b"correct horse battery")
    refused(run(SEAL[0].replace("bank-box", "bank")), "no_recipient_key", 2)
    refused(run("cityledger sign keys show bank --public"), "invalid_input", 2)
    private = json.loads((desk / "provider.key.json").read_bytes()) | {"d": "AA"}
    (desk / "provider.key.json").write_text(json.dumps(private))
    assert "PRIVATE" in refused(run(SEAL[0]), "no_recipient_key", 2)


def test_document_says_every_refusal() -> None:
    told = set(re.findall(r"`([a-z_]+)`", text_of(PAGE).partition("| refused with")[2].partition("## The form")[0]))
    kinds = [one for one in vars(sealing_errors).values() if isinstance(one, type)]
    assert told == {one.code for one in kinds if one.__module__ == sealing_errors.__name__}
