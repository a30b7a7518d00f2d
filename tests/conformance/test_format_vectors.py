"""Every worked example of the formats is matched byte for byte (tests/vectors/formats, made by a second implementation)."""

import base64
from typing import Any

import pytest
from support.formats import FORMATS, entry_case, event_of, keys, load, opened, proofs, trust
from support.shared import shared_path

from ledger.bundle.verifier import Verdict, verify_proof
from ledger.errors import InputError
from ledger.log.body import commit_body_fields, encode_body, field_leaves, parse_body
from ledger.log.canonical import encode_jcs
from ledger.log.checkpoint import open_checkpoint, parse_checkpoint_body, parse_note
from ledger.log.entry import build_entry
from ledger.log.envelope import parse_envelope
from ledger.log.event import parse_event
from ledger.log.opening import Outcome, build_erased_opening, redact, verify_opening
from ledger.log.proof_file import parse_proof
from ledger.log.receipt import parse_receipt
from ledger.log.rules import load_rules
from ledger.log.signatures import verify_submitter_signature
from ledger.log.tags import TagKeys

ENTRIES = load("formats/entries.json")
REFUSED = load("formats/refused_events.json")
CODES = {
    "duplicate key": "duplicate_key",
    "duplicate key deep": "duplicate_key",
    "duplicate key by escape": "duplicate_key",
    "NaN": "number_not_exact",
    "infinity by exponent": "number_not_exact",
    "number changes: 0.1000000000000000055511151231257827": "number_not_exact",
    "number underflows": "number_not_exact",
    "integer 2^53": "number_not_exact",
    "integral value 1e16": "number_not_exact",
    "lone high surrogate": "lone_surrogate",
    "lone low surrogate in a key": "lone_surrogate",
    "bad UTF-8": "malformed_json",
    "byte order mark": "malformed_json",
    "depth 33": "too_deep",
    "no id": "invalid_event",
    "empty id": "invalid_event",
    "specversion 0.3": "invalid_event",
    "time without zone": "invalid_event",
    "data and data_base64": "invalid_event",
    "attribute name in capitals": "invalid_event",
    "not an object": "invalid_event",
    "trailing bytes": "malformed_json",
}


def _name(case: dict[str, Any]) -> str:
    return case["name"]


@pytest.mark.shared
def test_vectors_are_the_shared_ones() -> None:
    shared = shared_path("vectors/formats")
    names = sorted(path.name for path in shared.iterdir())
    assert names == sorted(path.name for path in FORMATS.iterdir())
    for name in names:
        assert (FORMATS / name).read_bytes() == (shared / name).read_bytes(), name


@pytest.mark.parametrize("case", ENTRIES, ids=_name)
def test_entry_is_built_byte_for_byte(case: dict[str, Any]) -> None:
    event = event_of(case)
    assert event.canonical.decode() == case["event_jcs"]
    assert parse_event(case["event_jcs"].encode()).canonical == event.canonical
    envelope = parse_envelope(case["envelope_jcs"].encode())
    assert envelope.encode() == encode_jcs(envelope.value()) == case["envelope_jcs"].encode()
    body_salt, envelope_salt = bytes.fromhex(case["body_salt"]), bytes.fromhex(case["envelope_salt"])
    entry = build_entry(
        event, body_kind=case["body_kind"], body_salt=body_salt, envelope=envelope, envelope_salt=envelope_salt
    )
    assert entry.encode().decode() == case["entry_jcs"]
    assert entry.encode() == encode_jcs(entry.value())
    assert entry.leaf_hash.hex() == case["leaf_hash"]


@pytest.mark.parametrize("case", ENTRIES, ids=_name)
def test_body_is_read_back_and_written_alike(case: dict[str, Any]) -> None:
    body = encode_jcs(case["opening"]["body"])
    assert encode_body(parse_body(body)) == body


@pytest.mark.parametrize("case", [case for case in ENTRIES if case["field_leaves"]], ids=_name)
def test_field_leaves_are_in_order_with_their_salts(case: dict[str, Any]) -> None:
    body, salt = case["opening"]["body"], bytes.fromhex(case["body_salt"])
    leaves = field_leaves(body, salt)
    assert [[leaf.salt.hex(), leaf.pointer, leaf.value] for leaf in leaves] == case["field_leaves"]
    assert [leaf.encode() for leaf in leaves] == [encode_jcs(leaf) for leaf in case["field_leaves"]]
    assert commit_body_fields(body, salt).hex() in case["entry_jcs"]


@pytest.mark.parametrize("case", ENTRIES, ids=_name)
def test_tags_follow_the_rules_and_keys(case: dict[str, Any]) -> None:
    tag_keys = TagKeys(bytes.fromhex(keys()["space_key"]))
    event = event_of(case)
    _, values = load_rules(1).apply(event, "permit-office")
    assert sorted(map(list, values)) == case["tag_values"]
    _, tags = load_rules(1).tags(event, "permit-office", tag_keys)
    assert [list(tag) for tag in tags] == case["opening"]["envelope"]["tags"]


def test_tag_key_digests_match() -> None:
    assert TagKeys(bytes.fromhex(keys()["space_key"])).digests() == keys()["tag_key_digests"]


@pytest.mark.parametrize("case", ENTRIES, ids=_name)
def test_opening_is_accepted_and_written_alike(case: dict[str, Any]) -> None:
    entry, opening = opened(case)
    assert opening.encode() == encode_jcs(case["opening"])
    assert [finding.outcome for finding in verify_opening(entry, opening)] == [Outcome.PASSED] * 3


def test_submitter_signature_of_the_worked_entry_verifies() -> None:
    case = entry_case("signed by the submitter, Ed25519")
    event = event_of(case)
    assert event.signature is not None
    key = bytes.fromhex(case["submitter_public_key"])
    verify_submitter_signature(event.signature.alg, key, keys()["origin"], event.canonical, event.signature.value)


def test_every_refused_event_has_a_stated_code() -> None:
    assert {case["name"] for case in REFUSED} == CODES.keys()


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_refused_event_is_refused_with_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refusal:
        parse_event(base64.b64decode(case["raw_base64"], validate=True))
    assert refusal.value.code == CODES[case["name"]]


def test_log_receipt_is_read_verified_and_written_alike() -> None:
    raw = load("formats/log_receipt.json")["receipt_jcs"].encode()
    receipt = parse_receipt(raw)
    assert receipt.encode() == raw
    receipt.verify(bytes.fromhex(keys()["receipt_public_key"]))


@pytest.mark.parametrize("name", proofs())
def test_proof_is_read_written_and_verified(name: str) -> None:
    raw = proofs()[name]
    assert parse_proof(raw).encode() == raw
    report = verify_proof(raw, trust())
    assert report.verdict is Verdict.VALID, report
    assert verify_proof(raw, None).verdict is Verdict.CONSISTENT_NOT_TRUSTED


@pytest.mark.parametrize(
    ("name", "case_name", "pointers"),
    [
        ("redacted: group withheld", "permit event, fields, two tags", ["/event/data/org:group"]),
        (
            "redacted: all data withheld",
            "pointer escapes and order by UTF-8 bytes",
            ["/event/data", "/event/datacontenttype"],
        ),
    ],
)
def test_redaction_makes_the_worked_opening(name: str, case_name: str, pointers: list[str]) -> None:
    _, opening = opened(entry_case(case_name))
    assert redact(opening, pointers) == parse_proof(proofs()[name]).opening


def test_erasure_leaves_the_worked_opening() -> None:
    erased = parse_proof(proofs()["erased"]).opening
    assert build_erased_opening(erased.envelope, erased.envelope_salt).encode() == erased.encode()


@pytest.mark.parametrize("case", load("formats/checkpoints.json"), ids=lambda case: str(case["tree_size"]))
def test_checkpoint_opens_with_the_trust_file(case: dict[str, Any]) -> None:
    head = parse_checkpoint_body(parse_note(case["note"]).text)
    assert (head.tree_size, head.root_hash.hex()) == (case["tree_size"], case["root_hash"])
    verified = open_checkpoint(case["note"], trust().log(keys()["origin"]).identity)
    assert verified.note == case["note"]
    assert "0x" + verified.anchor_signature.hex() == case["eip712_signature"]


def test_trust_file_is_read_and_written_as_jcs() -> None:
    assert trust().encode() == encode_jcs(load("formats/trust.json"))
    assert trust().logs[0].identity.log_id.hex() == keys()["log_id"][2:]
    assert trust().logs[0].identity.verifier_key == keys()["verifier_key"]
