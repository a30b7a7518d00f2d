"""Receipts, trust files, entries, tags and rules: strict forms and honest refusals."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.formats import FORMATS, keys, load, trust

from ledger.errors import MalformedEvidenceError, MisuseError, NotCanonicalError, SignatureError, VerificationError
from ledger.log.canonical import encode_jcs
from ledger.log.entry import ENTRY_BYTES, Entry, commit_entry, entry_from_value, parse_entry
from ledger.log.event import event_from_value
from ledger.log.receipt import ReceiptItem, parse_receipt, receipt_from_value, sign_receipt
from ledger.log.rules import load_rules, parse_rules
from ledger.log.tags import KINDS, TagKeys
from ledger.log.trust import parse_trust_file

TIME = "2026-11-21T09:41:00.000000Z"
ITEM = ReceiptItem(0, bytes(32), TIME, TIME, TIME)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_worked_receipt_is_signed_again_to_the_same_bytes() -> None:
    worked = parse_receipt(load("formats/log_receipt.json")["receipt_jcs"].encode())
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(keys()["receipt_private_key"]))
    assert sign_receipt(worked.origin, worked.items, worked.checkpoint, key.sign) == worked


def test_receipt_of_another_key_or_other_facts_does_not_verify() -> None:
    receipt = sign_receipt("o/2026", [ITEM], None, KEY.sign)
    public = KEY.public_key().public_bytes_raw()
    receipt.verify(public)
    assert parse_receipt(receipt.encode()) == receipt
    for changed in (
        receipt._replace(origin="p/2026"),
        receipt._replace(items=(ITEM._replace(leaf_index=1),)),
        receipt._replace(items=()),
        receipt._replace(checkpoint="x"),
        receipt._replace(signature=bytes(64)),
    ):
        with pytest.raises(SignatureError):
            changed.verify(public)


def test_receipt_with_a_signature_of_another_length_is_not_made() -> None:
    with pytest.raises(SignatureError):
        sign_receipt("o/2026", [ITEM], None, lambda _: b"short")


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": True},
        {"origin": ""},
        {"checkpoint": ""},
        {"checkpoint": 1},
        {"signature": "AA=="},
        {"signature": "_" * 86 + "=="},
        {"items": None},
        {"items": [{}]},
        {"items": [{**ITEM.value(), "leaf_index": -1}]},
        {"items": [{**ITEM.value(), "leaf_index": True}]},
        {"items": [{**ITEM.value(), "leaf_hash": "AB" * 32}]},
        {"items": [{**ITEM.value(), "publish_by": "2026-11-21T09:41:00Z"}]},
        {"more": 1},
    ],
    ids=str,
)
def test_malformed_receipt_is_refused(changes: dict[str, Any]) -> None:
    value = sign_receipt("o/2026", [ITEM], None, KEY.sign).value()
    with pytest.raises(MalformedEvidenceError):
        receipt_from_value({**value, **changes})


def test_trust_file_may_be_indented() -> None:
    assert parse_trust_file(trust().encode()) == parse_trust_file((FORMATS / "trust.json").read_bytes())


def test_unknown_log_is_named() -> None:
    with pytest.raises(VerificationError, match="another/2026"):
        trust().log("another/2026")


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"witnesses": ["w"]},
        {"signatures": [{}]},
        {"profile": ""},
        {"logs": [*load("formats/trust.json")["logs"]] * 2},
        {"logs": [{**load("formats/trust.json")["logs"][0], "origin": "another/2026"}]},
        {"logs": [{**load("formats/trust.json")["logs"][0], "log_id": "0x" + "00" * 32}]},
        {"logs": [{**load("formats/trust.json")["logs"][0], "anchor_address": keys()["anchor_address"].lower()}]},
        {"logs": [{**load("formats/trust.json")["logs"][0], "receipt_key": "00"}]},
        {"logs": {}},
        {"chain": {**load("formats/trust.json")["chain"], "chain_id": 1}},
        {"chain": {**load("formats/trust.json")["chain"], "chain_id": "31337"}},
        {"chain": {**load("formats/trust.json")["chain"], "genesis_hash": "00" * 32}},
        {"chain": None},
        {"more": 1},
    ],
    ids=str,
)
def test_malformed_trust_file_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_trust_file(encode_jcs({**load("formats/trust.json"), **changes}))


def test_entry_has_one_form() -> None:
    raw = Entry(bytes(32), b"\x01" * 32, b"\xff" * 32).encode()
    assert len(raw) == ENTRY_BYTES
    for changed in (raw + b"\n", b" " + raw, raw.upper(), raw.replace(b'"v":1', b'"v": 1'), raw[:-1], b"", b"{}"):
        with pytest.raises(NotCanonicalError):
            parse_entry(changed)


def test_entry_of_an_unknown_body_kind_is_misuse() -> None:
    salts = {"body_salt": bytes(32), "envelope": b"{}", "envelope_salt": bytes(32)}
    with pytest.raises(MisuseError):
        commit_entry(_event(), b"{}", body_kind="half", **salts)


@pytest.mark.parametrize("changes", [{"v": 1.5}, {"v": "1"}, {"sm3": "00"}, {"body": None}, {"more": 1}], ids=str)
def test_malformed_entry_value_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvidenceError):
        entry_from_value({**Entry(bytes(32), bytes(32), bytes(32)).value(), **changes})


def test_tags_differ_by_kind_value_and_space() -> None:
    space, other = TagKeys(bytes(32)), TagKeys(b"\x01" * 32)
    tags = {space.tag(kind, value) for kind in KINDS for value in ("a", "b")} | {other.tag("case", "a")}
    assert len(tags) == 2 * len(KINDS) + 1
    assert space.digests().keys() == set(KINDS)


def test_unknown_kind_and_short_key_are_misuse() -> None:
    with pytest.raises(MisuseError):
        TagKeys(bytes(32)).tag("colour", "red")
    with pytest.raises(MisuseError):
        TagKeys(bytes(31))


def _event(**attributes: Any) -> Any:
    return event_from_value({"specversion": "1.0", "id": "x", "source": "/a", "type": "t", **attributes})


def test_rules_of_version_1_choose_kind_and_tags() -> None:
    rules = load_rules(1)
    permit = {"type": "org.xes.permit.v1", "subject": "case-1"}
    assert rules.apply(_event(), "office") == ("whole", [("submitter", "office")])
    assert rules.apply(_event(subject="s", data={"org:group": "g"}), "office") == (
        "whole",
        [("submitter", "office"), ("case", "s")],
    )
    assert rules.apply(_event(**permit, data={"org:group": "g"}), "office") == (
        "fields",
        [("submitter", "office"), ("case", "case-1"), ("unit", "g")],
    )


@pytest.mark.parametrize("data", [None, {}, [], {"org:group": None}, {"org:group": 7}, {"org:group": ["g"]}], ids=str)
def test_pointer_that_finds_no_string_gives_no_tag(data: Any) -> None:
    _, values = load_rules(1).apply(_event(type="org.xes.permit.v1", data=data), "office")
    assert values == [("submitter", "office")]


def test_rule_file_is_frozen() -> None:
    # The digest stands in the first entry of every log: this file is never edited, another version follows it.
    assert load_rules(1).digest.hex() == "3b6572bd2d0dc0bcb4599c178fac7f189a95d52d808f416260b6356703809d57"


def test_unknown_rule_version_and_malformed_rules_are_refused() -> None:
    for version in (0, 2):
        with pytest.raises(MisuseError):
            load_rules(version)
    default = {"body_kind": "whole", "tags": []}
    for value in (
        {"default": {**default, "body_kind": "half"}, "types": {}, "version": 2},
        {"default": {**default, "tags": [["colour", "/x"]]}, "types": {}, "version": 2},
        {"default": default, "types": [], "version": 2},
        {"default": default, "types": {}, "version": "2"},
    ):
        with pytest.raises(MisuseError):
            parse_rules(encode_jcs(value))
    with pytest.raises(NotCanonicalError):
        parse_rules(b'{"version":2,"types":{},"default":{"body_kind":"whole","tags":[]}}')
