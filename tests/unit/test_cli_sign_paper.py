"""``cityledger sign paper``: each paper is told in words, signed as the service verifies it, and refused where it cannot be explained."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.contract_steps import NAME, abstract_of
from support.life_http import create_body, negotiate_body, proof_body, strategy_of, terminate_body
from support.product_world import CODES
from support.trade_ends import SECRETS
from support.trade_steps import BANK_NODE
from typer.testing import CliRunner, Result

from ledger.adapters.files.keystore import Keystore
from ledger.adapters.key_envelope import Cost
from ledger.adapters.signing_keys import SECP256K1, SM2, public_part
from ledger.bundle.agreement_papers import CONTRACT, PROOF, VOUCHER, paper_message
from ledger.bundle.termination_voucher import termination_voucher
from ledger.cli.app import app
from ledger.domain.agreement_id import generate_agreement_id
from ledger.domain.agreement_status import Ground
from ledger.domain.codes import CodeKind, NationalCode
from ledger.domain.termination import Ended
from ledger.log.signatures import verify_sm2
from ledger.log.sm3 import sm3
from ledger.log.timestamps import parse_time

LIGHT = Cost(2)
PASSWORD = "correct horse battery"
CONTRACT_ID = generate_agreement_id(
    NationalCode(CodeKind.BUSINESS_NODE, CODES["trading"], "3101", "0" * 8),
    datetime(2026, 1, 1, tzinfo=UTC),
    "0000000A",
)
PRODUCT = "691310000MA0000007L3101000000015"
AT_TEXT = "2026-11-22T08:00:00.000000Z"
AT = parse_time(AT_TEXT)
VOUCHER_ANSWER: dict[str, Any] = {
    "agreement_id": CONTRACT_ID,
    "voucher": termination_voucher(
        (CONTRACT_ID, "ab" * 32),
        (CODES["provider"], CODES["bank"]),
        Ended(Ground.EXPIRY, None, None, AT, AT, AT),
        data_after_end="destroy",
    ),
    "voucher_digest": "cd" * 32,
    "chain": None,
    "signatures": [],
    "revision": 1,
    "state": "issued",
    "created_at": AT_TEXT,
}


OTHER_ID = generate_agreement_id(
    NationalCode(CodeKind.BUSINESS_NODE, CODES["trading"], "3101", "0" * 8),
    datetime(2026, 1, 2, tzinfo=UTC),
    "0000000A",
)
OBEYED = "\x1b[2J" + CONTRACT_ID
"""A terminal would clear its screen."""


def unsigned(body: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in body.items() if name not in {"signature", "sm2"}}


STRATEGY = strategy_of(PRODUCT)
ABSTRACT = abstract_of(CONTRACT_ID, STRATEGY)
CREATION = unsigned(create_body())
ENDING = unsigned(terminate_body({"agreement_id": CONTRACT_ID, "valid_until": "2099-12-31"}))
PROVEN = unsigned(proof_body(CONTRACT_ID)) | {"contractId": CONTRACT_ID}
NEGOTIATION = negotiate_body(CONTRACT_ID, STRATEGY)
FILING = NEGOTIATION | {"signatoryEntities": [], "signatoryTime": AT_TEXT, "contractExpansionItem": ""}

# the file, who signs, what of it is signed, and words of the screen
PAPERS: dict[str, tuple[dict[str, Any], str, str, dict[str, Any], tuple[str, ...]]] = {
    "voucher": (
        VOUCHER_ANSWER,
        "trading",
        VOUCHER,
        VOUCHER_ANSWER["voucher"],
        (
            "合约终止凭证",
            "expiry 到期 its last day is over",
            "02 到期终止 by expiry",
            "the consumer destroys the data",
            "ab" * 32,
        ),
    ),
    "proof": (PROVEN, "bank", PROOF, PROVEN, ("overwritten 覆写 overwritten", "已覆写三次", CONTRACT_ID)),
    "creation": (CREATION, "bank", CONTRACT, CREATION, ("表 B.3", NAME, "02 平台参与 with the platform", BANK_NODE)),
    "ending": (ENDING, "bank", CONTRACT, ENDING, ("表 B.7", "01 提前终止 early", ENDING["agreedEndTime"])),
    "negotiation": (
        NEGOTIATION,
        "bank",
        CONTRACT,
        ABSTRACT,
        (PRODUCT, "You may read", "at most 500"),
    ),
    "filing": (FILING, "provider", CONTRACT, ABSTRACT, (PRODUCT, "You may read", BANK_NODE)),
}


class Desk:
    """A handler's machine with the SM2 keys of some bodies."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "signed.json"
        store = Keystore(folder / "keys", LIGHT)
        for name, secret in SECRETS.items():
            store.add(name, SM2, secret, PASSWORD.encode(), CODES[name])
        store.add("nobody", SM2, b"\x07" * 32, PASSWORD.encode())
        store.add("business", SECP256K1, b"\x08" * 32, PASSWORD.encode(), CODES["bank"])
        password = folder / "password.txt"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        self.options = ["--keystore", store.folder, "--password-file", password, "--out", self.out]

    def sign(self, value: Any, key: str, *options: str, answer: str | None = None) -> Result:
        path = self.folder / "paper.json"
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        arguments = [path, "--key", key, *self.options, *options, *(["--yes"] if answer is None else [])]
        return CliRunner().invoke(app, ["sign", "paper", *map(str, arguments)], input=answer)

    def signed(self) -> Any:
        return json.loads(self.out.read_bytes())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def refused(done: Result, code: str, exit_code: int) -> None:
    assert (done.exit_code, f"[{code}]" in done.output) == (exit_code, True), done.output


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_paper_is_told_in_words_and_signed_as_the_service_takes_it(desk: Desk, name: str) -> None:
    said, who, kind, paper, words = PAPERS[name]
    done = desk.sign(said, who)
    assert done.exit_code == 0, done.output
    for word in words:
        assert word in done.output, word
    message, sent = paper_message(kind, paper), desk.signed()
    assert f"digest (SM3 of what is signed): {sm3(message).hex()}" in done.output

    public_key = public_part(SM2, SECRETS[who])
    if name in {"voucher", "proof"}:
        given = sent.pop("sm2")
        assert given["public_key"] == public_key.hex()
        assert sent == ({} if name == "voucher" else {one: said[one] for one in said if one != "contractId"})
        signature = given["signature"]
    elif name in {"negotiation", "filing"}:
        [own] = sent["signatureList" if name == "negotiation" else "signatoryEntities"]
        assert CODES[who] in own.values() and ("signatoryTime" in own) == (name == "negotiation")
        assert {one: sent[one] for one in ("contractId", "strategy")} == {
            one: said[one] for one in ("contractId", "strategy")
        }
        signature = own["signature"]
    else:
        signature = sent.pop("signature")
        assert sent == said
    verify_sm2(public_key, message, bytes.fromhex(signature))


def test_second_party_adds_its_signature_to_the_first(desk: Desk) -> None:
    assert desk.sign(FILING, "provider").exit_code == 0
    first = desk.signed()
    desk.out.unlink()
    assert desk.sign(first, "bank").exit_code == 0
    parties = [one["signatoryEntityId"] for one in desk.signed()["signatoryEntities"]]
    assert parties == [CODES["provider"], CODES["bank"]]


def test_what_is_sent_and_not_signed_is_shown_as_such(desk: Desk) -> None:
    beside = {
        "subjectInfo": {"dataProductId": PRODUCT, "dataProductName": "施工许可状态"},
        "executionNodeInfo": {**STRATEGY["executionNodeInfo"], "consumerNodeName": "银行节点"},
    }
    other = {"signatoryEntityId": CODES["provider"], "signatoryEntityName": "提供方\x1b[2J", "signature": "ab" * 64}
    done = desk.sign({**FILING, "strategy": STRATEGY | beside, "signatoryEntities": [other]}, "bank")
    assert done.exit_code == 0, done.output
    shown = [line for line in done.output.splitlines() if "not covered by the signature" in line]
    for value in (AT_TEXT, "施工许可状态", "银行节点", CODES["provider"], "提供方\\x1b[2J", "ab" * 64):
        assert sum(line.endswith(value) for line in shown) == 1, value
    assert "Every other use" not in done.output, "other rules of the contract are not here"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("voucher", {"voucher": {**VOUCHER_ANSWER["voucher"], "penalty": "x"}}),
        ("voucher", {"voucher": {**VOUCHER_ANSWER["voucher"], "ground": "whim"}}),
        ("voucher", {"voucher": {**VOUCHER_ANSWER["voucher"], "issueTime": "yesterday"}}),
        ("voucher", {"voucher": []}),
        ("voucher", {"agreement_id": OTHER_ID}),
        ("voucher", {"voucher": {**VOUCHER_ANSWER["voucher"], "contractId": OBEYED}, "agreement_id": OBEYED}),
        ("proof", {"contractId": OBEYED}),
        ("ending", {"contractId": "../.."}),
        ("negotiation", {"contractId": CONTRACT_ID[:-1]}),
        ("filing", {"contractExpansionItem": "违约金十万元"}),
        ("filing", {"signatoryTime": "yesterday"}),
        ("filing", {"signatoryEntities": [{"signatoryEntityId": CODES["bank"], "colour": "red"}]}),
        ("proof", {"method": "burnt"}),
        ("proof", {"digest": "ab"}),
        ("proof", {"statement": {"a": 1}}),
        ("creation", {"price": "1"}),
        ("creation", {"signMode": "03"}),
        ("ending", {"scheduledEndTime": "2099-12-31"}),
        ("negotiation", {"colour": "red"}),
        ("filing", {"signatoryEntities": "all"}),
    ],
)
def test_paper_with_anything_that_has_no_words_is_not_signed(desk: Desk, name: str, change: dict[str, Any]) -> None:
    said, who, *_ = PAPERS[name]
    refused(desk.sign({**said, **change}, who), "unexplained_act", 2)
    assert not desk.out.exists()


@pytest.mark.parametrize("value", [[], {}, {"a": 1}, "x", {"voucher": {}}])
def test_what_is_no_paper_is_not_signed(desk: Desk, value: Any) -> None:
    refused(desk.sign(value, "bank"), "unexplained_act", 2)


def test_key_of_another_body_or_kind_signs_nothing(desk: Desk) -> None:
    refused(desk.sign(CREATION, "provider"), "other_body", 1)
    refused(desk.sign(CREATION, "business"), "invalid_input", 2)
    refused(desk.sign(NEGOTIATION, "nobody"), "invalid_input", 2)
    refused(desk.sign(NEGOTIATION | {"strategy": STRATEGY | {"actions": ["export"]}}, "bank"), "invalid_policy", 2)
    assert not desk.out.exists()


def test_nothing_is_signed_without_a_yes_over_another_file_or_under_another_digest(desk: Desk) -> None:
    assert desk.sign(PROVEN, "bank", answer="n\n").exit_code == 1
    refused(desk.sign(PROVEN, "bank", "--digest", "00" * 32), "document_changed", 1)
    assert not desk.out.exists()
    digest = sm3(paper_message(PROOF, PROVEN)).hex()
    assert desk.sign(PROVEN, "bank", "--digest", digest).exit_code == 0
    refused(desk.sign(PROVEN, "bank"), "conflict", 1)
