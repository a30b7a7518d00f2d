"""Laws of openings: any choice of fields can be withheld and the rest still verifies; nothing else passes."""

from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given
from hypothesis import strategies as st
from support.naive_tree import range_hash

from ledger.errors import InputError, VerificationError
from ledger.log.body import FieldLeaf, body_value, commit_field_hashes, field_leaves
from ledger.log.entry import Entry, build_entry
from ledger.log.envelope import Envelope
from ledger.log.event import event_from_value
from ledger.log.opening import (
    Opening,
    Outcome,
    build_erased_opening,
    build_opening,
    disclosed_fields,
    opening_from_value,
    parse_opening,
    redact,
    verify_opening,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.just(0.5) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(["a/b", "a~b"]), inner, max_size=3)
    ),
    max_leaves=8,
)
SALT = st.binary(min_size=32, max_size=32)
SALTS = bytes(range(32)), bytes(range(32, 64))


def opened(data: Any, body_salt: bytes = SALTS[0], body_kind: str = "fields") -> tuple[Entry, Opening]:
    event = event_from_value({"specversion": "1.0", "id": "x", "source": "/a", "type": "t", "data": data})
    envelope = Envelope(body_kind, "o/2026", "2026-11-21T09:41:00.123456Z", 1, None, "office", (), "t")
    entry = build_entry(event, body_kind=body_kind, body_salt=body_salt, envelope=envelope, envelope_salt=SALTS[1])
    return entry, build_opening(event, body_salt, envelope, SALTS[1])


def outcomes(entry: Entry, opening: Opening) -> dict[str, Outcome]:
    return {finding.part: finding.outcome for finding in verify_opening(entry, opening)}


@given(JSON, SALT, st.data())
def test_any_fields_can_be_withheld(data: Any, body_salt: bytes, choice: st.DataObject) -> None:
    entry, full = opened(data, body_salt)
    leaves = field_leaves(body_value(event_from_value(full.value()["body"]["event"])), body_salt)
    withheld = choice.draw(st.sets(st.sampled_from([leaf.pointer for leaf in leaves])))
    redacted = redact(full, withheld)
    assert outcomes(entry, redacted) == {
        "envelope": Outcome.PASSED,
        "body": Outcome.PASSED,
        "sm3": Outcome.NOT_CHECKED,
    }
    assert disclosed_fields(redacted).keys() == {leaf.pointer for leaf in leaves} - withheld
    assert parse_opening(redacted.encode()) == redacted
    secret = [rfc8785.dumps(leaf.salt.hex()) for leaf in leaves if leaf.pointer in withheld]
    assert not any(salt in redacted.encode() for salt in secret)
    assert body_salt.hex().encode() not in redacted.encode()


@given(JSON, st.data())
def test_changed_disclosed_value_fails(data: Any, choice: st.DataObject) -> None:
    entry, full = opened(data)
    redacted = redact(full, [])
    assert redacted.fields is not None
    position = choice.draw(st.integers(0, len(redacted.fields) - 1))
    field = redacted.fields[position]
    assert isinstance(field, FieldLeaf)
    other = choice.draw(JSON)
    assume(rfc8785.dumps(other) != rfc8785.dumps(field.value))
    changed = [*redacted.fields[:position], field._replace(value=other), *redacted.fields[position + 1 :]]
    assert outcomes(entry, redacted._replace(fields=tuple(changed)))["body"] is Outcome.FAILED


@given(st.integers(1, 40))
def test_field_tree_is_the_rfc9162_tree(size: int) -> None:
    from hashlib import sha256  # noqa: PLC0415  the definition is spelled out here on purpose, apart from the project's hashing

    leaves = [range_hash(index, index + 1) for index in range(size)]
    expected = sha256(b"cityledger/v1/body-fields\n" + size.to_bytes(8, "big") + range_hash(0, size)).digest()
    assert commit_field_hashes(leaves) == expected


def test_inner_node_cannot_pass_as_a_withheld_leaf() -> None:
    entry, full = opened({"a": 1, "b": 2})
    redacted = redact(full, ["/event/data/a", "/event/data/b"])
    assert redacted.fields is not None
    first, second, *rest = redacted.fields
    assert isinstance(first, bytes) and isinstance(second, bytes)
    from ledger.log.hashing import hash_children  # noqa: PLC0415  used for this forgery only

    forged = redacted._replace(fields=(hash_children(first, second), *rest))
    assert outcomes(entry, forged)["body"] is Outcome.FAILED


def test_whole_subtree_is_withheld_by_its_pointer() -> None:
    entry, full = opened({"p": {"name": "x", "list": [1, {"k": 2}]}, "pq": 3})
    redacted = redact(full, ["/event/data/p"])
    assert disclosed_fields(redacted)["/event/data/pq"] == 3
    assert not any(pointer.startswith("/event/data/p/") for pointer in disclosed_fields(redacted))
    assert outcomes(entry, redact(redacted, ["/event/source"]))["body"] is Outcome.PASSED


def test_root_pointer_withholds_everything() -> None:
    entry, full = opened({"a": 1})
    hidden = redact(full, [""])
    assert disclosed_fields(hidden) == {}
    assert outcomes(entry, hidden)["body"] is Outcome.PASSED


@pytest.mark.parametrize("pointer", ["/event/data/nothing", "/event/data/", "event/data/a", "/", "/event/data/a/b"])
def test_pointer_that_finds_nothing_is_refused(pointer: str) -> None:
    _, full = opened({"a": 1})
    with pytest.raises(InputError):
        redact(full, [pointer])


def test_withheld_field_cannot_be_withheld_again() -> None:
    _, full = opened({"a": 1})
    with pytest.raises(InputError):
        redact(redact(full, ["/event/data/a"]), ["/event/data/a"])


def test_whole_and_erased_bodies_cannot_be_redacted() -> None:
    _, whole = opened({"a": 1}, body_kind="whole")
    with pytest.raises(InputError, match="whole"):
        redact(whole, ["/event/data/a"])
    _, full = opened({"a": 1})
    with pytest.raises(InputError, match="erased"):
        redact(build_erased_opening(full.envelope, full.envelope_salt), ["/event/data/a"])


def test_erased_opening_verifies_its_envelope_only() -> None:
    entry, full = opened({"a": 1})
    erased = build_erased_opening(full.envelope, full.envelope_salt)
    assert outcomes(entry, erased) == {
        "envelope": Outcome.PASSED,
        "body": Outcome.NOT_CHECKED,
        "sm3": Outcome.NOT_CHECKED,
    }
    assert parse_opening(erased.encode()) == erased


@pytest.mark.parametrize("part", ["body", "envelope", "sm3"])
def test_entry_that_commits_to_something_else_fails(part: str) -> None:
    for body_kind in ("fields", "whole"):
        entry, full = opened({"a": 1}, body_kind=body_kind)
        other = entry._replace(**{part: bytes(32)})
        assert outcomes(other, full)[part] is Outcome.FAILED


def test_envelope_that_contradicts_its_body_fails() -> None:
    for changes in ({"type": "u"}, {"signer_key_id": "k"}):
        entry, full = opened({"a": 1})
        envelope = full.envelope._replace(**changes)
        entry = build_entry(
            full.event, body_kind="fields", body_salt=SALTS[0], envelope=envelope, envelope_salt=SALTS[1]
        )
        assert outcomes(entry, full._replace(envelope=envelope))["envelope"] is Outcome.FAILED
        hidden = redact(full._replace(envelope=envelope), ["/event/type", "/signature"])
        assert outcomes(entry, hidden)["envelope"] is Outcome.PASSED


def _malformed(redacted: dict[str, Any], erased: dict[str, Any], full: dict[str, Any]) -> list[dict[str, Any]]:
    first, second, *rest = redacted["body"]
    return [
        {**full, "body_salt": None},
        {**full, "envelope_salt": None},
        {**full, "v": 2},
        {**full, "v": True},
        {**full, "extra": 1},
        {**full, "body_salt": full["body_salt"].upper()},
        {**full, "body": {**full["body"], "extra": 1}},
        {**full, "body": {**full["body"], "signature": {"alg": "ed25519"}}},
        {**full, "body": {"event": {**full["body"]["event"], "traceparent": "x"}, "signature": None}},
        {**full, "body": {"event": {**full["body"]["event"], "flag": True}, "signature": None}},
        {**full, "body": {"event": {}, "signature": None}},
        {**redacted, "body_salt": full["body_salt"]},
        {**redacted, "body": [second, first, *rest]},
        {**redacted, "body": [first, first, *rest]},
        {**redacted, "body": [[*first, 1], second, *rest]},
        {**redacted, "body": [first[:2], second, *rest]},
        {**redacted, "body": [[first[0], first[1], {"x": 1}], second, *rest]},
        {**redacted, "body": [[first[0], first[1][1:], first[2]], second, *rest]},
        {**redacted, "body": [first, [second[0], first[1] + "/x", 1], *rest]},
        {**redacted, "body": ["00", second, *rest]},
        {**redacted, "envelope": {**redacted["envelope"], "body_kind": "whole"}},
        {**erased, "body_salt": full["body_salt"]},
        {**erased, "envelope": None},
        {**erased, "envelope": {**erased["envelope"], "tags": [["b", "0" * 64], ["a", "0" * 64]]}},
        {**erased, "envelope": {**erased["envelope"], "tags": [["a", "0" * 64], ["a", "0" * 64]]}},
        {**erased, "envelope": {**erased["envelope"], "tags": [["a"]]}},
        {**erased, "envelope": {**erased["envelope"], "received_at": "2026-11-21T09:41:00Z"}},
        {**erased, "envelope": {**erased["envelope"], "rule_version": "1"}},
        {**erased, "envelope": {**erased["envelope"], "body_kind": "half"}},
    ]


def test_malformed_opening_is_refused() -> None:
    _, full = opened({"a": 1, "b": 2})
    erased = build_erased_opening(full.envelope, full.envelope_salt)
    for value in _malformed(redact(full, []).value(), erased.value(), full.value()):
        with pytest.raises(VerificationError):
            opening_from_value(value)
