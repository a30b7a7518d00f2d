"""``cityledger sign`` without a network: what it shows, what it signs, and what it refuses by name."""

import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from support import sm2_reference
from support.act_samples import BODY_ID, CHAIN_ID, CONTRACT, DEADLINE, request, sample
from support.walk_through import text_of
from typer.testing import CliRunner, Result

from ledger.adapters.chain.suite_manifest import ContractRecord, SuiteManifest, write_manifest
from ledger.adapters.files.keystore import Keystore
from ledger.adapters.key_envelope import Cost
from ledger.adapters.signing_keys import SECP256K1, SM2
from ledger.cli import sign_fetch, sign_keys, sign_steps
from ledger.cli.app import app
from ledger.domain import signing_errors
from ledger.domain.acts.orders import Order
from ledger.domain.acts.participant_registry import Admission
from ledger.domain.signing_request import request_from_json
from ledger.domain.typed_acts import Act, Tail, act_signing_digest, act_sm2_message, sm2_signature_digest
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.log.typed_data import recover_address

LIGHT = Cost(2)
PASSWORD = "correct horse battery"
SECRET = b"\x07" * 32
SM2_SECRET = (7).to_bytes(32, "big")
ADDRESS = Account.from_key(SECRET).address.lower()
BODY = "91310000MA00000012"
NO_PAPERS = sample("ParticipantRegistry.KeyAddition")
WITH_PAPERS = sample("ParticipantRegistry.Admission")


class NetworkUsedError(Exception):
    """Something reached for the network."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise NetworkUsedError

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@dataclass
class Desk:
    """A handler's machine: keys, password, a manifest of the contracts, documents."""

    folder: Path
    options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        store = Keystore(self.folder / "keys", LIGHT)
        store.add("bank", SECP256K1, SECRET, PASSWORD.encode(), BODY)
        store.add("bank-sm2", SM2, SM2_SECRET, PASSWORD.encode(), BODY)
        store.add("stranger", SECP256K1, b"\x08" * 32, PASSWORD.encode())
        self.password = self.write("password.txt", PASSWORD + "\n")
        self.password.chmod(0o600)
        self.out = self.folder / "signature.json"
        self.manifest = self.folder / "manifest.json"
        self.make_manifest(self.manifest)
        self.options = ["--keystore", str(store.folder), "--password-file", str(self.password)]

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def make_manifest(self, path: Path, *, chain_id: int = CHAIN_ID, contract: bytes = CONTRACT) -> None:
        none = bytes(32)
        record = ContractRecord(
            "ParticipantRegistry", "ParticipantRegistry", 1, contract, None, none, none, None, None, None
        )
        write_manifest(path, SuiteManifest(chain_id, none, "development", none, bytes(20), (record,), ()))

    def document(self, act: Act = NO_PAPERS, name: str = "document.json", **changes: Any) -> Path:
        return self.write(name, request(act, [ADDRESS], body=BODY, **changes))

    def show(self, document: Path, *options: object) -> Result:
        return run("show", document, *options)

    def sign(self, document: Path, *options: object, key: str = "bank") -> Result:
        place = [] if {"--manifest", "--chain-id"} & set(options) else ["--manifest", self.manifest]
        return run("act", document, "--key", key, "--out", self.out, "--yes", *place, *self.options, *options)

    def signature(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out.read_bytes())
        return found


def run(*arguments: object, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, ["sign", *map(str, arguments)], input=answer)


def refused(done: Result, code: str, exit_code: int = 1) -> str:
    assert (done.exit_code, f"[{code}]" in done.output) == (exit_code, True), done.output
    return done.output


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(sign_keys, "COST", LIGHT)
    made = Desk(tmp_path)
    yield made
    assert not list(tmp_path.rglob(".*")), "a half-written file is left"


def test_trap_for_the_network_holds() -> None:
    with pytest.raises(NetworkUsedError):
        socket.create_connection(("127.0.0.1", 9))


def test_act_is_shown_in_words(desk: Desk) -> None:
    act = sample("Payouts.PayoutInstruction")
    said = desk.show(desk.document(replace(act, amount=1_234_567)), "--chain-id", CHAIN_ID)
    assert said.exit_code == 0, said.output
    for words in (
        "指示付款 - Instruct a bank to pay",
        "12,345.67 CNY",
        f"0x{BODY_ID.hex()}",
        f"{BODY}, BUSINESS key (服务方所称 as the service says)",
        "Payouts 0x5FbDB2315678afecb367f032d93F642f64180aa3 (未核对 NOT checked: 清单 manifest)",
        f"chain id: {CHAIN_ID} (已核对 checked)",
        "2096-10-02 15:06:40 Asia/Shanghai",
        "未见原件 PAPER NOT SEEN (instructionDigest)",
    ):
        assert words in said.output
    assert request_from_json(request(replace(act, amount=1_234_567), [], body=BODY)).digest.hex() in said.output


def test_body_that_signs_too_has_its_name(desk: Desk) -> None:
    act = sample("Orders.Order")
    assert isinstance(act, Order)
    said = desk.show(desk.document(replace(act, provider=BODY_ID, consumer=b"\x0c" * 32))).output
    assert f"提供方 provider: 0x{BODY_ID.hex()} = {BODY} (服务方所称 as the service says)" in said
    assert f"使用方 consumer: 0x{'0c' * 32} = other (服务方所称 as the service says)" in said


def test_contract_of_the_manifest_is_named(desk: Desk) -> None:
    said = desk.show(desk.document(), "--manifest", desk.manifest).output
    assert "ParticipantRegistry 0x5FbDB2315678afecb367f032d93F642f64180aa3 (已核对 checked: 清单 manifest)" in said


def test_words_of_the_service_cannot_play_with_the_terminal(desk: Desk) -> None:
    value = request(NO_PAPERS, [ADDRESS], body="\x1b[2J\nchain id: 1 :key:\u202e")
    said = desk.show(desk.write("hostile.json", value)).output
    assert "\\x1b[2J\\nchain id: 1 :key:\\u202e" in said


def test_signature_is_what_the_service_takes(desk: Desk) -> None:
    done = desk.sign(desk.document())
    assert done.exit_code == 0, done.output
    signature = desk.signature()
    digest = request_from_json(request(NO_PAPERS, [], body=BODY)).digest
    assert set(signature) == {"place", "key", "deadline", "signature"}
    assert (signature["place"], signature["key"], signature["deadline"]) == (0, ADDRESS, DEADLINE)
    assert "0x" + recover_address(digest, bytes.fromhex(signature["signature"][2:])).hex() == ADDRESS
    assert SECRET.hex() not in done.output + desk.out.read_text()


def test_sm2_signature_is_over_the_same_act_and_inside_the_other(desk: Desk) -> None:
    assert desk.sign(desk.document(), "--sm2-key", "bank-sm2").exit_code == 0
    signature, asked = desk.signature(), request_from_json(request(NO_PAPERS, [], body=BODY))
    public_key, signed = (bytes.fromhex(signature["sm2"][name]) for name in ("public_key", "signature"))
    assert public_key == sm2_reference.public_key(7)
    message = act_sm2_message(NO_PAPERS, asked.tail, asked.domain)
    assert sm2_reference.is_valid(public_key, message, signed, SM2_SIGNER_ID)
    tail = Tail(BODY_ID, DEADLINE, sm2_signature_digest(public_key[1:], signed))
    digest = act_signing_digest(NO_PAPERS, tail, asked.domain)
    assert "0x" + recover_address(digest, bytes.fromhex(signature["signature"][2:])).hex() == ADDRESS


def test_nothing_is_signed_without_a_yes(desk: Desk) -> None:
    command = ["act", desk.document(), "--key", "bank", "--out", desk.out, "--chain-id", CHAIN_ID, *desk.options]
    assert run(*command, answer="n\n").exit_code == 1
    assert not desk.out.exists()
    assert run(*command, answer="y\n").exit_code == 0
    assert desk.out.exists()


def test_chain_must_be_named(desk: Desk) -> None:
    done = run("act", desk.document(), "--key", "bank", "--out", desk.out, "--yes", *desk.options)
    assert "--manifest" in refused(done, "invalid_input", 2)


def test_another_chain_is_refused(desk: Desk) -> None:
    refused(desk.sign(desk.document(), "--chain-id", 1), "wrong_chain")
    desk.make_manifest(desk.manifest, chain_id=1)
    refused(desk.sign(desk.document()), "wrong_chain")
    refused(desk.show(desk.document(), "--manifest", desk.manifest), "wrong_chain")


def test_another_contract_is_refused(desk: Desk) -> None:
    desk.make_manifest(desk.manifest, contract=b"\x01" * 20)
    refused(desk.sign(desk.document()), "wrong_contract")


def test_unknown_act_is_refused_and_there_is_no_way_round(desk: Desk) -> None:
    value = request(NO_PAPERS, [ADDRESS], body=BODY)
    value["typed_data"]["primaryType"] = "Permit"
    assert "'Permit'" in refused(desk.sign(desk.write("permit.json", value)), "unexplained_act", 2)
    assert "blind" not in run("act", "--help").output


def test_deadline_that_is_over_is_refused(desk: Desk) -> None:
    path = desk.document(deadline=1_000_000_000)
    assert "已过期 over" in refused(desk.show(path), "deadline_over")
    refused(desk.sign(path), "deadline_over")


def test_key_that_is_no_signer_is_refused(desk: Desk) -> None:
    refused(desk.sign(desk.document(), key="stranger"), "key_not_signer")
    refused(desk.sign(desk.document(), key="nobody"), "not_found")
    assert "secp256k1 is needed" in refused(desk.sign(desk.document(), key="bank-sm2"), "invalid_input", 2)


def test_act_of_another_body_is_refused(desk: Desk) -> None:
    value = request(NO_PAPERS, [ADDRESS], body="91310000MA0000002X")
    assert BODY in refused(desk.sign(desk.write("other.json", value)), "other_body")
    Keystore(desk.folder / "keys", LIGHT).add("other-sm2", SM2, b"\x09" * 32, PASSWORD.encode(), "91310000MA0000002X")
    refused(desk.sign(desk.document(), "--sm2-key", "other-sm2"), "other_body")


def test_bare_document_is_shown_and_not_signed(desk: Desk) -> None:
    path = desk.write("bare.json", request(NO_PAPERS, [], body=BODY)["typed_data"])
    assert desk.show(path).exit_code == 0
    assert "sign fetch" in refused(desk.sign(path), "unexplained_act", 2)


def test_wrong_password_is_refused(desk: Desk) -> None:
    desk.password.write_text("another password\n")
    refused(desk.sign(desk.document()), "wrong_password")
    assert not desk.out.exists()


def test_password_file_of_others_is_refused(desk: Desk) -> None:
    desk.password.chmod(0o644)
    assert "chmod 600" in refused(desk.sign(desk.document()), "settings", 4)


def test_damaged_key_file_is_refused(desk: Desk) -> None:
    (desk.folder / "keys" / "bank.json").write_text("{")
    refused(desk.sign(desk.document()), "keystore_damaged", 2)


def test_document_that_changed_after_it_was_shown_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.document()
    read = sign_steps.read_password

    def change(file: Path | None, what: str) -> bytes:
        desk.document(deadline=DEADLINE - 1)
        return read(file, what)

    monkeypatch.setattr(sign_steps, "read_password", change)
    refused(desk.sign(path), "document_changed")
    assert not desk.out.exists()


def test_document_with_another_digest_than_the_one_shown_is_refused(desk: Desk) -> None:
    digest = request_from_json(request(NO_PAPERS, [], body=BODY)).digest.hex()
    refused(desk.sign(desk.document(deadline=DEADLINE - 1), "--digest", f"0x{digest}"), "document_changed")
    assert desk.sign(desk.document(), "--digest", f"0x{digest}").exit_code == 0


def test_signature_that_is_there_is_not_overwritten(desk: Desk) -> None:
    desk.out.write_text("mine")
    refused(desk.sign(desk.document()), "conflict")
    assert desk.out.read_text() == "mine"


def test_interrupted_signing_leaves_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    done = desk.sign(desk.document())
    assert (done.exit_code, desk.out.exists()) == (130, False)


def test_paper_of_another_act_is_refused(desk: Desk) -> None:
    paper = desk.write("paper.pdf", "%PDF")
    refused(desk.sign(desk.document(WITH_PAPERS), "--document", paper), "paper_not_in_act")
    assert isinstance(WITH_PAPERS, Admission)
    known = replace(WITH_PAPERS, profile_digest=sha256(b"%PDF").digest())
    said = refused(desk.sign(desk.document(known), "--document", paper), "paper_unseen")
    assert "not shown: qualificationDigest." in said


def test_paper_that_was_not_seen_is_named_one_by_one(desk: Desk) -> None:
    path = desk.document(WITH_PAPERS)
    said = refused(desk.sign(path), "paper_unseen")
    assert "--unseen profileDigest --unseen qualificationDigest" in said
    assert "qualificationDigest" in refused(desk.sign(path, "--unseen", "profileDigest"), "paper_unseen")
    assert "no such digest" in refused(desk.sign(path, "--unseen", "reasonDigest"), "invalid_input", 2)
    assert desk.sign(path, "--unseen", "profileDigest", "--unseen", "qualificationDigest").exit_code == 0


def keys(desk: Desk, *arguments: object, answer: str | None = None) -> Result:
    return run("keys", *arguments, "--keystore", desk.folder / "keys", answer=answer)


def test_new_keys_are_listed_and_open(desk: Desk) -> None:
    for kind in ("secp256k1", "sm2"):
        done = keys(desk, "new", f"new-{kind}", "--kind", kind, "--body", BODY, "--password-file", desk.password)
        assert done.exit_code == 0, done.output
        assert len(Keystore(desk.folder / "keys").open(f"new-{kind}", PASSWORD.encode())) == 32
    assert stat.S_IMODE((desk.folder / "keys" / "new-sm2.json").stat().st_mode) == 0o600
    listed = {one["name"]: one for one in json.loads(keys(desk, "list", "--json").output)["keys"]}
    assert set(listed) == {"bank", "bank-sm2", "stranger", "new-secp256k1", "new-sm2"}
    assert listed["bank"] == {
        "name": "bank",
        "kind": "secp256k1",
        "public": Account.from_key(SECRET).address,
        "body": BODY,
    }
    assert json.loads(keys(desk, "show", "bank", "--json").output) == listed["bank"]
    assert listed["new-sm2"]["public"] in keys(desk, "list").output


def test_damaged_key_file_hides_no_other(desk: Desk) -> None:
    (desk.folder / "keys" / "bank.json").write_text("{")
    (desk.folder / "keys" / "folder.json").mkdir(mode=0o700)

    done = keys(desk, "list")

    assert refused(done, "keystore_damaged", 2).count("[keystore_damaged]") == 2
    assert all(f"{name}  " in done.output for name in ("bank-sm2", "stranger"))
    told = CliRunner().invoke(app, ["sign", "keys", "list", "--json", "--keystore", str(desk.folder / "keys")])
    listed = json.loads(told.stdout)
    assert [one["name"] for one in listed["keys"]] == ["bank-sm2", "stranger"]
    assert (listed["damaged"], told.exit_code) == (["bank", "folder"], 2)


def fetch(desk: Desk, out: Path) -> Result:
    return run("fetch", "6f" * 20, "--place", 0, "--with-salt", "--out", out, "--api-url", "http://127.0.0.1:9")


@pytest.fixture
def _service(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers with a document of the desk, with the deadline that was asked for."""

    def answer(_client: object, _act_id: str, _place: int, deadline: int, **_: object) -> dict[str, Any]:
        return request(NO_PAPERS, [ADDRESS], body=BODY, deadline=deadline)

    monkeypatch.setattr(sign_fetch, "fetch_request", answer)
    monkeypatch.setenv("CITYLEDGER_API_KEY", "key")


@pytest.mark.usefixtures("_service")
def test_fetched_request_is_its_owners_alone_and_overwrites_nothing(desk: Desk) -> None:
    out = desk.folder / "fetched.json"
    done = fetch(desk, out)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert desk.show(out, "--chain-id", CHAIN_ID).exit_code == 0

    out.write_text("of another act")
    assert "nothing was saved" in refused(fetch(desk, out), "conflict")
    assert out.read_text() == "of another act"


def test_key_is_imported_from_a_file_and_never_said(desk: Desk) -> None:
    raw = desk.write("raw.key", f"0x{'0a' * 32}\n")
    done = keys(desk, "import", "old", raw, "--password-file", desk.password)
    assert done.exit_code == 0, done.output
    assert Account.from_key(b"\x0a" * 32).address in done.output
    piped = keys(desk, "import", "piped", "-", "--password-file", desk.password, answer="0b" * 32)
    assert piped.exit_code == 0, piped.output
    assert not {"0a" * 32, "0b" * 32} & set((done.output + piped.output).split())
    refused(keys(desk, "import", "old", raw, "--password-file", desk.password), "conflict")
    refused(keys(desk, "import", "bad", desk.write("bad", "xyz"), "--password-file", desk.password), "invalid_input", 2)


def test_weak_new_password_and_no_terminal_are_refused(desk: Desk) -> None:
    desk.password.write_text("short\n")
    assert "at least 10" in refused(keys(desk, "new", "own", "--password-file", desk.password), "invalid_input", 2)
    assert "--password-file" in refused(keys(desk, "new", "own"), "invalid_input", 2)
    refused(keys(desk, "new", "own", "--body", "no code", "--password-file", desk.password), "invalid_code", 2)


def test_password_is_changed(desk: Desk) -> None:
    fresh = desk.write("fresh.txt", "an entirely new one\n")
    fresh.chmod(0o600)
    command = ["change-password", "bank", "--password-file", desk.password, "--new-password-file", fresh]
    assert keys(desk, *command).exit_code == 0
    assert Keystore(desk.folder / "keys").open("bank", b"an entirely new one") == SECRET
    refused(keys(desk, *command), "wrong_password")


def test_terminal_is_asked_twice_for_a_new_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter(["first password", "other password", "third password", "third password"])
    monkeypatch.setattr("ledger.cli.passwords.getpass.getpass", lambda _: next(given))
    monkeypatch.setattr(
        "ledger.cli.passwords.sys", type("Sys", (), {"stdin": type("Tty", (), {"isatty": lambda _: True})()})
    )
    assert "differ" in refused(keys(desk, "new", "own"), "invalid_input", 2)
    assert keys(desk, "new", "own").exit_code == 0


@pytest.mark.parametrize(
    "command", [["keys", "new"], ["keys", "import"], ["keys", "change-password"], ["act"]], ids=" ".join
)
def test_no_option_takes_a_password_or_a_key(command: list[str]) -> None:
    options = {word for word in run(*command, "--help").output.split() if word.startswith("--")}
    assert not options & {"--password", "--secret", "--private-key", "--raw"}


def test_document_says_every_refusal() -> None:
    refusals = text_of("ledger/cli/SIGNING.md").partition("| refused with")[2].partition("## Key files")[0]
    told = set(re.findall(r"`([a-z_]+)`", refusals))
    kinds = [
        kind
        for kind in vars(signing_errors).values()
        if isinstance(kind, type) and kind.__module__ == signing_errors.__name__
    ]
    assert told == {kind.code for kind in kinds}


def test_what_is_no_signature_is_not_sent(desk: Desk) -> None:
    for value in ([], {"place": 0}, {"place": 0, "key": "", "deadline": 1, "signature": "", "secret": "0x00"}):
        done = run("send", "ab" * 20, desk.write("wrong.json", value), "--api-url", "http://127.0.0.1:9")
        assert "no signature" in refused(done, "invalid_input", 2)
