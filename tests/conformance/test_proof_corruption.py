"""No byte of a proof is free: every change at every position, and every other spelling, fails (with trust file and chain)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.formats import chain_of, keys, load, proofs, trust

from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.verifier import Verdict, verify_proof
from ledger.errors import VerificationError
from ledger.log.canonical import encode_jcs
from ledger.log.proof_file import parse_proof
from ledger.log.receipt import parse_receipt

LATER = "anchored by a later head"
CHANGES: dict[str, Callable[[int], bytes]] = {
    "case": lambda byte: bytes([byte ^ 0x20]),
    "high bit": lambda byte: bytes([byte ^ 0x80]),
    "another digit": lambda byte: b"A" if byte == ord("0") else b"0",
    "removed": lambda _: b"",
    "doubled": lambda byte: bytes([byte, byte]),
}
ANCHORED = [name for name, raw in proofs().items() if parse_proof(raw).anchor is not None]


def verdict(name: str, raw: bytes) -> Verdict:
    """As a caller does it: read the proof, ask the chain what the proof names, verify."""
    chain: ChainFacts | None = None
    try:
        parsed = parse_proof(raw)
    except VerificationError:
        pass
    else:
        # A proof that hides its anchor is a proof of less, not of something else; see below.
        chain = None if parsed.anchor is None else chain_of(name).facts_for(parsed)
    return verify_proof(raw, trust(), chain).verdict


@pytest.mark.parametrize("name", ANCHORED)
def test_worked_proof_is_valid_on_its_chain(name: str) -> None:
    chain = chain_of(name)
    facts = chain.facts_for(parse_proof(proofs()[name]))
    report = verify_proof(proofs()[name], trust(), facts, contract_head=chain.contract_head())
    assert report.verdict is Verdict.VALID
    assert report.steps[-1].outcome == "passed"


@pytest.mark.parametrize("name", ANCHORED)
def test_any_flipped_bit_fails(name: str) -> None:
    raw = proofs()[name]
    for position in range(len(raw)):
        changed = bytearray(raw)
        changed[position] ^= 0x01
        assert verdict(name, bytes(changed)) is Verdict.INVALID, position


# The further ways to change a byte go through one proof of each kind of opening and of each kind of anchor.
@pytest.mark.parametrize("name", [LATER, "redacted: group withheld"])
@pytest.mark.parametrize("change", CHANGES)
def test_any_changed_byte_fails(name: str, change: str) -> None:
    raw = proofs()[name]
    for position in range(len(raw)):
        changed = raw[:position] + CHANGES[change](raw[position]) + raw[position + 1 :]
        assert changed != raw
        assert verdict(name, changed) is Verdict.INVALID, position


def _respelled(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    return lambda raw: encode_jcs(change(json.loads(raw)))


def _with_anchor(**changes: Any) -> Callable[[bytes], bytes]:
    return _respelled(lambda proof: {**proof, "anchor": {**proof["anchor"], **changes}})


def _note_lines(proof: dict[str, Any], order: list[int]) -> dict[str, Any]:
    text, signatures = proof["checkpoint"].split("\n\n")
    lines = signatures.splitlines(keepends=True)
    return {**proof, "checkpoint": text + "\n\n" + "".join(lines[index] for index in order)}


NOT_CANONICAL: dict[str, Callable[[bytes], bytes]] = {
    "trailing newline": lambda raw: raw + b"\n",
    "trailing space": lambda raw: raw + b" ",
    "trailing zero byte": lambda raw: raw + b"\x00",
    "trailing value": lambda raw: raw + raw,
    "leading space": lambda raw: b" " + raw,
    "leading byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "white space inside": lambda raw: json.dumps(json.loads(raw), ensure_ascii=False, sort_keys=True).encode(),
    "indented": lambda raw: json.dumps(json.loads(raw), ensure_ascii=False, sort_keys=True, indent=1).encode(),
    "escaped characters": lambda raw: json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":")).encode(),
    "reordered members": lambda raw: json.dumps(
        dict(reversed(json.loads(raw).items())), ensure_ascii=False, separators=(",", ":")
    ).encode(),
    "duplicate member": lambda raw: raw[:-1] + b',"v":1}',
    "version as 1.0": lambda raw: raw[:-2] + b"1.0}",
    "upper-case entry": _respelled(
        lambda proof: {**proof, "entry": {**proof["entry"], "body": proof["entry"]["body"].upper()}}
    ),
    "upper-case path": _respelled(lambda proof: {**proof, "inclusion_path": [f"{2**255:064X}"]}),
    "upper-case salt": _respelled(
        lambda proof: {
            **proof,
            "opening": {**proof["opening"], "envelope_salt": proof["opening"]["envelope_salt"].upper()},
        }
    ),
    "upper-case contract": _with_anchor(contract="0x" + "AB" * 20),
    "0X prefix": _with_anchor(tx_hash="0X" + "00" * 32),
    "number as string": _with_anchor(block_number="7"),
    "negative number": _with_anchor(block_number=-7),
    "extra member": _respelled(lambda proof: {**proof, "extra": None}),
    "missing member": _respelled(lambda proof: {name: value for name, value in proof.items() if name != "anchor"}),
    "longer inclusion path": _respelled(
        lambda proof: {**proof, "inclusion_path": [*proof["inclusion_path"], "00" * 32]}
    ),
    "one signature": _respelled(lambda proof: _note_lines(proof, [0])),
    "swapped signatures": _respelled(lambda proof: _note_lines(proof, [1, 0])),
    "signature twice": _respelled(lambda proof: _note_lines(proof, [0, 0, 1])),
    "line of an unknown key": _respelled(
        lambda proof: {**proof, "checkpoint": proof["checkpoint"] + "\u2014 witness.example AAAAAAAAAAAA\n"}
    ),
    "no signatures": _respelled(lambda proof: {**proof, "checkpoint": proof["checkpoint"].split("\n\n")[0] + "\n"}),
    "other chain": _with_anchor(chain_id=1),
    "other contract": _with_anchor(contract="0x" + "00" * 20),
    "other log": _with_anchor(log_id="0x" + "00" * 32),
    "other transaction": _with_anchor(tx_hash="0x" + "00" * 32),
    "other block": _with_anchor(block_number=8),
    "other block hash": _with_anchor(block_hash="0x" + "00" * 32),
    "smaller anchored head": _with_anchor(tree_size=0),
    "empty object": lambda _: b"{}",
    "nothing": lambda _: b"",
    "null": lambda _: b"null",
    "deep": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("name", ANCHORED)
@pytest.mark.parametrize("defect", NOT_CANONICAL)
def test_non_canonical_or_forged_proof_fails(name: str, defect: str) -> None:
    changed = NOT_CANONICAL[defect](proofs()[name])
    assert changed != proofs()[name]
    assert verdict(name, changed) is Verdict.INVALID


@pytest.mark.parametrize("name", ANCHORED)
def test_parts_of_another_proof_fail(name: str) -> None:
    own = json.loads(proofs()[name])
    for other_name, raw in proofs().items():
        other = json.loads(raw)
        for part in ("entry", "opening", "checkpoint", "inclusion_path"):
            mixed = {**own, part: other[part]}
            if encode_jcs(mixed) in proofs().values() or _is_another_opening_of_the_entry(own, other, part):
                continue
            assert verdict(name, encode_jcs(mixed)) is Verdict.INVALID, (other_name, part)


def _is_another_opening_of_the_entry(own: dict[str, Any], other: dict[str, Any], part: str) -> bool:
    """The full, the redacted and the erased opening of one entry are all true."""
    return part == "opening" and own["entry"] == other["entry"]


def test_hiding_the_anchor_leaves_a_proof_that_says_so() -> None:
    name = "anchored directly, full"
    hidden = encode_jcs({**json.loads(proofs()[name]), "anchor": None})
    report = verify_proof(hidden, trust())
    assert [step.outcome for step in report.steps[8:]] == ["not_checked"] * 3


def test_any_change_of_a_log_receipt_fails() -> None:
    raw = load("formats/log_receipt.json")["receipt_jcs"].encode()
    key = bytes.fromhex(keys()["receipt_public_key"])
    for position in range(len(raw)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(raw)
            changed[position] ^= flip
            with pytest.raises(VerificationError):
                parse_receipt(bytes(changed)).verify(key)
    for changed in (raw + b"\n", b" " + raw, raw[:-1], raw.replace(b'"v":1', b'"v":1.0')):
        with pytest.raises(VerificationError):
            parse_receipt(changed)
