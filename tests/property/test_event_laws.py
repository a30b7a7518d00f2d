"""Laws of events: one canonical form whichever way an event came, and a canonical form that is its own."""

import base64
import json
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from ledger.log.body import (
    body_value,
    commit_body_fields,
    commit_body_whole,
    encode_body,
    event_from_body_value,
    parse_body,
)
from ledger.log.canonical import encode_jcs, parse_json
from ledger.log.entry import Entry, parse_entry
from ledger.log.envelope import Envelope, parse_envelope
from ledger.log.event import Event, SubmitterSignature, event_from_binary, event_from_value, parse_event
from ledger.log.tags import KINDS

ATTRIBUTE_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: not number.is_integer()
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
EXTENSION_NAME = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True).map(lambda name: f"x{name}")
ATTRIBUTES = st.fixed_dictionaries(
    {
        "specversion": st.just("1.0"),
        "id": ATTRIBUTE_TEXT,
        "source": ATTRIBUTE_TEXT.map(lambda text: "urn:" + quote(text, safe="")),
        "type": ATTRIBUTE_TEXT,
    },
    optional={"subject": ATTRIBUTE_TEXT, "time": st.just("2010-10-02T09:20:39.266+02:00")},
)
EXTENSIONS = st.dictionaries(
    EXTENSION_NAME, ATTRIBUTE_TEXT | st.booleans() | st.integers(-(2**31), 2**31 - 1), max_size=3
)
HEX32 = st.binary(min_size=32, max_size=32).map(bytes.hex)


def _header_text(value: Any) -> str:
    """The binding's own encoding: space, quote, percent and all but printable ASCII as percent escapes."""
    text = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else str(value)
    octets = text.encode()
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E and byte not in b'"%' else f"%{byte:02X}" for byte in octets)


def _in_binary_mode(attributes: dict[str, Any], body: bytes, media_type: str | None) -> Event:
    headers = [(f"Ce-{name.title()}", _header_text(value)) for name, value in attributes.items()]
    return event_from_binary(headers if media_type is None else [*headers, ("Content-Type", media_type)], body)


@given(ATTRIBUTES, EXTENSIONS, JSON, st.sampled_from([None, "application/json", "text/json;charset=utf-8"]))
def test_json_event_is_the_same_in_every_mode(
    attributes: dict[str, Any], extensions: dict[str, Any], data: Any, media_type: str | None
) -> None:
    everything = {**attributes, **extensions}
    sent = everything if media_type is None else {**everything, "datacontenttype": media_type}
    structured = parse_event(json.dumps({**sent, "data": data}).encode())
    body = json.dumps(data, indent=1, ensure_ascii=False).encode()
    assert structured == _in_binary_mode(everything, body, media_type)
    assert structured == parse_event(encode_jcs({**sent, "data_base64": base64.b64encode(body).decode()}))
    assert structured == event_from_value(parse_json(encode_jcs({"data": data, **sent})))


@given(ATTRIBUTES, st.binary(max_size=20), st.sampled_from(["text/plain", "application/octet-stream"]))
def test_binary_data_is_the_same_in_every_mode(attributes: dict[str, Any], octets: bytes, media_type: str) -> None:
    sent = {**attributes, "datacontenttype": media_type}
    structured = parse_event(json.dumps({**sent, "data_base64": base64.b64encode(octets).decode()}).encode())
    assert structured == _in_binary_mode(attributes, octets, media_type)
    assert structured.value.get("data_base64", "") == base64.b64encode(octets).decode()


@given(ATTRIBUTES, EXTENSIONS, JSON)
def test_canonical_form_is_its_own(attributes: dict[str, Any], extensions: dict[str, Any], data: Any) -> None:
    event = event_from_value({**attributes, **extensions, "data": data})
    again = parse_event(event.canonical)
    assert again == event
    assert event.canonical == encode_jcs(event.value)


@given(ATTRIBUTES, JSON, st.none() | st.tuples(st.just("sm2"), ATTRIBUTE_TEXT, st.just("A" * 86)))
def test_body_is_written_by_concatenation_as_by_definition(
    attributes: dict[str, Any], data: Any, signature: tuple[str, str, str] | None
) -> None:
    event = event_from_value({**attributes, "data": data})
    if signature is not None:
        event = event._replace(signature=SubmitterSignature(*signature))
    body = encode_body(event)
    assert body == encode_jcs(body_value(event))
    assert parse_body(body) == event == event_from_body_value(body_value(event))
    salt = bytes(32)
    assert commit_body_whole(body, salt) != commit_body_fields(body_value(event), salt)


ENVELOPE = st.builds(
    Envelope,
    body_kind=st.sampled_from(["whole", "fields"]),
    origin=ATTRIBUTE_TEXT,
    received_at=st.just("2026-11-21T09:41:00.123456Z"),
    rule_version=st.integers(0, 2**53 - 1),
    signer_key_id=st.none() | ATTRIBUTE_TEXT,
    submitter=ATTRIBUTE_TEXT,
    tags=st.sets(st.tuples(st.sampled_from(KINDS), HEX32), max_size=4).map(lambda tags: tuple(sorted(tags))),
    type=ATTRIBUTE_TEXT,
)


@given(ENVELOPE)
def test_envelope_is_written_by_template_as_by_definition(envelope: Envelope) -> None:
    assert envelope.encode() == encode_jcs(envelope.value())
    assert parse_envelope(envelope.encode()) == envelope


@given(*[st.binary(min_size=32, max_size=32)] * 3)
def test_entry_is_written_by_template_as_by_definition(body: bytes, envelope: bytes, sm3: bytes) -> None:
    entry = Entry(body, envelope, sm3)
    assert entry.encode() == encode_jcs(entry.value())
    assert parse_entry(entry.encode()) == entry
