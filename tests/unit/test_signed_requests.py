"""Signed requests: the bytes are the documented ones, every part of them counts, and time is kept."""

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import sm2_reference

from ledger.domain.signed_requests import HEADERS, parse_request_signature, signed_bytes
from ledger.errors import InvalidRequestSignatureError, MisuseError
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.signed_requests import check_request_signature

PRIVATE, NONCE = 0x1F0E2D3C4B5A69788796A5B4C3D2E1F00112233445566778899AABBCCDDEEFF1, 0x123456789ABCDEF
PUBLIC = sm2_reference.public_key(PRIVATE)
OTHER = sm2_reference.public_key(PRIVATE + 1)
NOW_MS = 1_795_296_000_000
REQUEST: dict[str, Any] = {
    "origin": "space.test/2026",
    "method": "POST",
    "target": "/v1/accounts?a=%2F",
    "body": '{"name":"张三"}'.encode(),
}


def headers(**changes: str | None) -> dict[str, str | None]:
    sent = {"msgcode": "GrantAccount", "msgversion": "1.0.0", "timestamp": str(NOW_MS), "sequenceNum": "n" * 32}
    return sent | {"signValue": "00" * 64} | changes


def document(sent: dict[str, str | None], request: dict[str, Any]) -> bytes:
    """The bytes, written by hand from the documents."""
    body = hashlib.new("sm3", request["body"]).hexdigest()
    return (
        f"cityledger/v1/signed-request\norigin:{request['origin']}\nmsgcode:{sent['msgcode']}\nmsgversion:{sent['msgversion']}\n"
        f"timestamp:{sent['timestamp']}\nsequenceNum:{sent['sequenceNum']}\nmethod:{request['method']}\n"
        f"target:{request['target']}\nbody-sm3:{body}\n"
    ).encode()


def signed(**changes: str | None) -> dict[str, str | None]:
    sent = headers(**changes)
    value = sm2_reference.sign(PRIVATE, NONCE, document(sent, REQUEST), SM2_SIGNER_ID)
    return sent | {"signValue": value.hex()}


def check(
    sent: dict[str, str | None], *, now_ms: int = NOW_MS, keys: tuple[bytes, ...] = (PUBLIC,), **changes: Any
) -> None:
    signature = parse_request_signature(sent)
    assert signature is not None
    check_request_signature(signature, keys=keys, now_ms=now_ms, window_ms=300_000, **(REQUEST | changes))


def test_request_signed_by_hand_over_the_documented_bytes_verifies() -> None:
    check(signed())
    check(signed(), keys=(OTHER, PUBLIC))
    check(signed(sequenceNum="1"))


def test_signed_bytes_are_the_documented_ones() -> None:
    signature = parse_request_signature(headers())
    assert signature is not None
    parts = {name: REQUEST[name] for name in ("origin", "method", "target")}
    digest = hashlib.new("sm3", REQUEST["body"]).digest()
    assert signed_bytes(signature, body_sm3=digest, **parts) == document(headers(), REQUEST)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "other.test/2026"},
        {"method": "PUT"},
        {"target": "/v1/accounts"},
        {"target": "/v1/accounts?a=/"},
        {"body": b""},
        {"keys": (OTHER,)},
        {"keys": ()},
    ],
)
def test_signature_is_for_one_request_and_one_key(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestSignatureError):
        check(signed(), **changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("msgcode", "Other"), ("msgversion", "1.0.1"), ("timestamp", str(NOW_MS + 1)), ("sequenceNum", "n" * 31)],
)
def test_every_header_parameter_is_signed(name: str, value: str) -> None:
    with pytest.raises(InvalidRequestSignatureError):
        check(signed() | {name: value})


@settings(max_examples=40)
@given(st.integers(min_value=0, max_value=511))
def test_any_flipped_bit_of_the_signature_is_refused(bit: int) -> None:
    sent = signed()
    flipped = int(str(sent["signValue"]), 16) ^ (1 << bit)
    with pytest.raises(InvalidRequestSignatureError):
        check(sent | {"signValue": f"{flipped:0128x}"})


@pytest.mark.parametrize(
    ("off_ms", "taken"), [(0, True), (300_000, True), (-300_000, True), (300_001, False), (-300_001, False)]
)
def test_time_window_is_kept_on_both_sides(off_ms: int, taken: bool) -> None:
    if taken:
        check(signed(), now_ms=NOW_MS + off_ms)
    else:
        with pytest.raises(InvalidRequestSignatureError, match="timestamp"):
            check(signed(), now_ms=NOW_MS + off_ms)


@pytest.mark.parametrize("name", HEADERS)
def test_request_with_some_of_the_parameters_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidRequestSignatureError, match=name):
        parse_request_signature(headers(**{name: None}))


def test_request_without_any_parameter_is_not_signed() -> None:
    assert parse_request_signature(dict.fromkeys(HEADERS)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp", "179529600000"),
        ("timestamp", "1795296000.00"),
        ("timestamp", "\uff11" * 13),
        ("sequenceNum", ""),
        ("sequenceNum", "n" * 33),
        ("sequenceNum", "a\nb"),
        ("msgcode", "x" * 21),
        ("msgcode", "a b"),
        ("msgversion", ""),
        ("signValue", "0" * 127),
        ("signValue", "0" * 129),
        ("signValue", "g" * 128),
    ],
)
def test_parameter_of_another_form_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidRequestSignatureError, match=name):
        parse_request_signature(headers(**{name: value}))


@pytest.mark.parametrize("name", ["origin", "method", "target"])
def test_line_that_could_be_two_is_never_signed(name: str) -> None:
    signature = parse_request_signature(headers())
    assert signature is not None
    parts = {part: REQUEST[part] for part in ("origin", "method", "target")} | {name: "a\nmsgcode:b"}
    with pytest.raises(MisuseError):
        signed_bytes(signature, body_sm3=bytes(32), **parts)
