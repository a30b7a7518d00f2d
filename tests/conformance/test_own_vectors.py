"""The project's own frozen vectors hold, and are what the generator makes."""

import base64
import subprocess
import sys
from typing import Any

import pytest
from support.formats import VECTORS, load

from ledger.errors import LedgerError
from ledger.log.entry import parse_entry
from ledger.log.event import event_from_binary, parse_event
from ledger.log.opening import Outcome, parse_opening, redact, verify_opening
from ledger.log.receipt import parse_receipt
from ledger.log.signatures import submitter_message, verify_submitter_signature
from ledger.services.batches import parse_batch, parse_ndjson

ROOT = VECTORS.parents[1]


def _named(subject: str) -> Any:
    return pytest.mark.parametrize("case", load(f"cityledger/{subject}.json"), ids=lambda case: case.get("name"))


def _read(form: dict[str, Any]) -> Any:
    body = base64.b64decode(form["body_base64"], validate=True)
    return event_from_binary(map(tuple, form["headers"]), body) if form["mode"] == "binary" else parse_event(body)


def test_vectors_are_what_the_generator_makes() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate_vectors.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_code_of_an_event_has_a_vector() -> None:
    codes = {case["code"] for case in load("cityledger/refusals.json")}
    assert codes == {
        "malformed_json",
        "duplicate_key",
        "lone_surrogate",
        "number_not_exact",
        "too_deep",
        "invalid_event",
        "invalid_submitter_signature",
    }


@_named("modes")
def test_every_form_is_the_same_event(case: dict[str, Any]) -> None:
    assert len(case["forms"]) > 1
    for form in case["forms"]:
        event = _read(form)
        assert event.canonical.decode() == case["event_jcs"]
        assert (event.signature and event.signature._asdict()) == case["signature"]


@_named("refusals")
def test_event_is_refused_with_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(LedgerError) as refusal:
        _read(case)
    assert refusal.value.code == case["code"]


@_named("many")
def test_items_of_a_body_have_their_own_results(case: dict[str, Any]) -> None:
    body = base64.b64decode(case["body_base64"], validate=True)

    parse = parse_batch if case["mode"] == "batch" else parse_ndjson
    if "refused_whole" in case:
        with pytest.raises(LedgerError) as refusal:
            parse(body, 9)
        assert refusal.value.code == case["refused_whole"]
        return
    results = [
        {"code": item.code} if isinstance(item, LedgerError) else {"event_jcs": item.canonical.decode()}
        for item in parse(body, 9)
    ]
    assert results == case["items"]


@_named("openings")
def test_openings_verify_and_redact_to_the_same_bytes(case: dict[str, Any]) -> None:
    entry = parse_entry(case["entry_jcs"].encode())
    assert entry.leaf_hash.hex() == case["leaf_hash"]
    full = parse_opening(case["full_jcs"].encode())
    assert [finding.outcome for finding in verify_opening(entry, full)] == [Outcome.PASSED] * 3
    for redaction in case["redacted"]:
        redacted = parse_opening(redaction["opening_jcs"].encode())
        assert redact(full, redaction["withheld"]) == redacted
        assert [finding.outcome for finding in verify_opening(entry, redacted)][:2] == [Outcome.PASSED] * 2
    erased = parse_opening(case["erased_jcs"].encode())
    assert erased.is_erased
    assert verify_opening(entry, erased)[0].outcome is Outcome.PASSED


@_named("receipts")
def test_receipt_verifies(case: dict[str, Any]) -> None:
    receipt = parse_receipt(case["receipt_jcs"].encode())
    receipt.verify(bytes.fromhex(case["receipt_key"]))
    assert receipt.encode().decode() == case["receipt_jcs"]
    assert base64.b64encode(receipt.signed_bytes()).decode() == case["signed_base64"]


@_named("signatures")
def test_submitter_signature_verifies(case: dict[str, Any]) -> None:
    event = case["event_jcs"].encode()
    assert base64.b64encode(submitter_message(case["origin"], event)).decode() == case["signed_base64"]
    verify_submitter_signature(case["alg"], bytes.fromhex(case["public_key"]), case["origin"], event, case["value"])
