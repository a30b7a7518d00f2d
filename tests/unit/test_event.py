"""CloudEvents in: what is taken, what it becomes, and what is refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import to_binary_event
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent as OlderCloudEvent

from ledger.errors import InvalidEventError, LoneSurrogateError, SubmitterSignatureError, TooDeepError
from ledger.log.event import Event, event_from_binary, event_from_value, parse_event

CORE = {"specversion": "1.0", "id": "x", "source": "/a", "type": "t"}
HEADERS = [("ce-specversion", "1.0"), ("ce-id", "x"), ("ce-source", "/a"), ("ce-type", "t")]
SIGNATURE = base64.urlsafe_b64encode(bytes(64)).rstrip(b"=").decode()


def event(**attributes: Any) -> Event:
    return parse_event(json.dumps({**CORE, **attributes}).encode())


def test_identity_and_attributes_are_read() -> None:
    got = event(subject="case-1", time="2026-11-21T09:00:00+08:00")
    assert (got.source, got.id, got.type, got.subject, got.time) == (
        "/a",
        "x",
        "t",
        "case-1",
        "2026-11-21T09:00:00+08:00",
    )
    assert got.signature is None
    assert json.loads(got.canonical) == got.value


def test_extension_types_become_their_strings() -> None:
    got = event(flag=True, off=False, count=42, negative=-7, integral=1.0, text="", none=None)
    assert got.value == {
        **CORE,
        "flag": "true",
        "off": "false",
        "count": "42",
        "negative": "-7",
        "integral": "1",
        "text": "",
    }


def test_transport_attributes_and_signature_are_left_out() -> None:
    got = event(traceparent="00-1", tracestate="a=b", ledgersigalg="ed25519", ledgerkeyid="key-1", ledgersig=SIGNATURE)
    assert got.value == CORE
    assert got.canonical == event().canonical
    assert got.signature == ("ed25519", "key-1", SIGNATURE)


def test_null_attributes_are_dropped() -> None:
    assert event(subject=None, time=None, dataschema=None, datacontenttype=None, traceparent=None).value == CORE


def test_null_data_is_data() -> None:
    assert event(data=None).value == {**CORE, "data": None, "datacontenttype": "application/json"}


@pytest.mark.parametrize("media_type", ["application/json", "text/json; charset=utf-8", "application/vnd.x+JSON", None])
def test_json_data_is_the_same_in_every_form(media_type: str | None) -> None:
    declared = {} if media_type is None else {"datacontenttype": media_type}
    data = {"b": 1.0, "a": "\u8bb8\u53ef"}
    octets = json.dumps(data).encode()
    structured = event(data=data, **declared)
    in_base64 = event(data_base64=base64.b64encode(octets).decode(), **declared)
    headers = HEADERS if media_type is None else [*HEADERS, ("Content-Type", media_type)]
    assert structured == in_base64 == event_from_binary(headers, octets)
    assert structured.value["datacontenttype"] == (media_type or "application/json")
    assert structured.value["data"] == {"a": "\u8bb8\u53ef", "b": 1}


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", "application/xml;charset=utf-8"])
def test_text_data_is_the_same_in_every_form(media_type: str) -> None:
    text = "hello \u8bb8\u53ef"
    structured = event(data=text, datacontenttype=media_type)
    in_base64 = event(data_base64=base64.b64encode(text.encode()).decode(), datacontenttype=media_type)
    assert structured == in_base64 == event_from_binary([*HEADERS, ("content-type", media_type)], text.encode())
    assert "data" not in structured.value


@pytest.mark.parametrize("media_type", ["text/plain", "application/json"])
def test_no_bytes_are_no_data_in_every_form(media_type: str) -> None:
    empty = event(datacontenttype=media_type)
    assert event(data_base64="", datacontenttype=media_type) == empty
    assert event_from_binary([*HEADERS, ("Content-Type", media_type)], b"") == empty
    assert event(data="", datacontenttype="text/plain").value == {**CORE, "datacontenttype": "text/plain"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"specversion": "1.1"},
        {"specversion": 1.0},
        {"id": ""},
        {"id": 7},
        {"id": None},
        {"id": "a\u0000"},
        {"id": "a\u0085"},
        {"id": "a\ufdd0"},
        {"id": "a\U0010ffff"},
        {"source": ""},
        {"source": "a b"},
        {"source": "urn:city:%zz"},
        {"source": "http://[::1"},
        {"source": "1a:b"},
        {"source": "urn:\u57ce\u5e02"},
        {"type": ""},
        {"type": None},
        {"subject": ""},
        {"subject": 5},
        {"time": "yesterday"},
        {"time": "2026-11-21 09:00:00Z"},
        {"time": "2026-02-30T09:00:00Z"},
        {"time": 1},
        {"dataschema": "/relative"},
        {"dataschema": ""},
        {"datacontenttype": "json"},
        {"datacontenttype": "application/json; charset"},
        {"datacontenttype": ""},
        {"datacontenttype": "text/plain", "data": {"a": 1}},
        {"datacontenttype": "text/plain", "data": None},
        {"data_base64": "AA"},
        {"data_base64": "AAB="},
        {"data_base64": "AA==\n"},
        {"data_base64": "_-8=", "datacontenttype": "text/plain"},
        {"data_base64": None},
        {"data_base64": 5},
        {"data": 1, "data_base64": "MQ=="},
        {"UPPER": "x"},
        {"with-dash": "x"},
        {"with_underscore": "x"},
        {"": "x"},
        {"\u00e9": "x"},
        {"fraction": 0.5},
        {"list": []},
        {"object": {}},
        {"big": 2**31},
        {"big": -(2**31) - 1},
        {"text": "a\u0007"},
        {"traceparent": ["x"]},
    ],
    ids=str,
)
def test_what_is_no_cloudevent_is_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(InvalidEventError):
        event(**attributes)


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type"])
def test_missing_attribute_is_refused_by_name(missing: str) -> None:
    attributes = {name: value for name, value in CORE.items() if name != missing}
    with pytest.raises(InvalidEventError, match=missing):
        event_from_value(attributes)
    with pytest.raises(InvalidEventError, match=missing):
        event_from_binary([header for header in HEADERS if header[0] != f"ce-{missing}"], b"")


@pytest.mark.parametrize(
    "source",
    [
        "/",
        "a",
        "urn:city:permit-office",
        "https://user@example.org:8080/a%20b?q=1#f",
        "//host/x",
        "http://[::1]/",
        "?q",
    ],
)
def test_uri_reference_is_taken_as_source(source: str) -> None:
    assert event(source=source).source == source


@pytest.mark.parametrize(
    "attributes",
    [
        {"ledgersigalg": "ed25519"},
        {"ledgersigalg": "ed25519", "ledgerkeyid": "k"},
        {"ledgersigalg": "rsa", "ledgerkeyid": "k", "ledgersig": SIGNATURE},
        {"ledgersigalg": "ed25519", "ledgerkeyid": "k", "ledgersig": SIGNATURE + "=="},
        {"ledgersigalg": "ed25519", "ledgerkeyid": "k", "ledgersig": SIGNATURE[:-1] + "B"},
        {"ledgersigalg": "ed25519", "ledgerkeyid": "k", "ledgersig": "AAAA"},
        {"ledgersigalg": "ed25519", "ledgerkeyid": "k", "ledgersig": "!" * 86},
    ],
    ids=str,
)
def test_malformed_submitter_signature_is_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(SubmitterSignatureError):
        event(**attributes)


@pytest.mark.parametrize("value", [None, 1, "x", [], [CORE], True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(InvalidEventError):
        event_from_value(value)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("case-1", "case-1"),
        ("%E8%AE%B8%e5%8f%af", "\u8bb8\u53ef"),
        ("50%25", "50%"),
        ("%2541", "%41"),
        ("a b", "a b"),
        ('"quoted \\"text\\""', 'quoted "text"'),
        ('"%41"', "A"),
        (" padded\t", "padded"),
    ],
)
def test_header_value_is_decoded_once(header: str, value: str) -> None:
    assert event_from_binary([*HEADERS, ("CE-Subject", header)], b"").subject == value


@pytest.mark.parametrize("header", ["50%", "%C0%A0", "%ED%A0%80", "caf\u00e9", '"open', "%0A", "%00", "%C2%85", ""])
def test_header_value_that_cannot_be_decoded_is_refused(header: str) -> None:
    with pytest.raises(InvalidEventError):
        event_from_binary([*HEADERS, ("ce-subject", header)], b"")


@pytest.mark.parametrize(
    "headers",
    [
        [("ce-id", "y")],
        [("CE-ID", "x")],
        [("ce-data", "1")],
        [("ce-datacontenttype", "text/plain")],
        [("ce-data_base64", "AA==")],
        [("ce-a-b", "1")],
        [("ce-", "1")],
        [("content-type", "text/plain"), ("Content-Type", "text/plain")],
    ],
    ids=str,
)
def test_header_that_is_no_attribute_or_comes_twice_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidEventError):
        event_from_binary([*HEADERS, *headers], b"")


def test_other_headers_are_ignored() -> None:
    headers = [*HEADERS, ("Host", "x"), ("Accept", "*/*"), ("cef", "1"), ("Content-Length", "0")]
    assert event_from_binary(headers, b"") == event()


def test_depth_is_counted_from_the_event_in_every_mode() -> None:
    deepest = json.loads("[" * 31 + "]" * 31)
    assert event(data=deepest) == event_from_binary(HEADERS, json.dumps(deepest).encode())
    for refused in (lambda: event(data=[deepest]), lambda: event_from_binary(HEADERS, json.dumps([deepest]).encode())):
        with pytest.raises(TooDeepError):
            refused()
    with pytest.raises(TooDeepError):
        event_from_value({**CORE, "data": [deepest]})


def test_value_with_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(LoneSurrogateError):
        event_from_value({**CORE, "data": "\ud800"})


def test_standard_library_client_is_understood_in_every_mode() -> None:
    attributes = {
        "id": "\u8ba2\u5355 1%",
        "source": "urn:city:permit-office",
        "type": "org.example.v1",
        "subject": 'a "b"',
        "time": "2010-10-02T09:20:39.266+02:00",
        "datacontenttype": "application/json",
    }
    data = {"name": "\u8bb8\u53ef", "n": 1}
    headers, body = to_structured(OlderCloudEvent(attributes, data))
    structured = parse_event(body)
    assert headers["content-type"] == "application/cloudevents+json"
    assert structured.value == {**attributes, "specversion": "1.0", "data": data}
    plain = {**attributes, "id": "order-1", "subject": "a"}
    headers, body = to_binary(OlderCloudEvent(plain, data))
    assert event_from_binary(headers.items(), body).value == {**plain, "specversion": "1.0", "data": data}
    newer = {**attributes, "specversion": "1.0", "time": datetime(2010, 10, 2, 7, 20, 39, tzinfo=UTC)}
    message = to_binary_event(CloudEvent(newer, data))
    got = event_from_binary(message.headers.items(), message.body)
    assert got.value == {**newer, "time": "2010-10-02T07:20:39Z", "data": data}
