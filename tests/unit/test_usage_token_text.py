"""The signed form of usage tokens: one spelling, verified offline, against a second implementation of SM2."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support import sm2_reference

from ledger.adapters.signing_keys import SM2, public_part, sign_usage_token
from ledger.bundle.usage_token_text import (
    encode_usage_token,
    parse_usage_token,
    usage_token_digest,
    usage_token_message,
    verify_usage_token,
)
from ledger.domain.usage_token import InvalidUsageTokenError, UsageToken, UsageTokenTimeError
from ledger.errors import InputError, SignatureError
from ledger.log.signatures import SM2_SIGNER_ID

SECRET = b"\x21" * 32
KEY = public_part(SM2, SECRET)
OTHER = public_part(SM2, b"\x22" * 32)
NODE = "91310000MA0000010X"
FIRST, LAST = 1_793_610_000, 1_793_696_400
TOKEN = UsageToken(
    token_id="tok-00000001",
    issuer="91310000MA0000020X",
    subject="91310000MA0000030X/gateway-1",
    node=NODE,
    authorisation="app-1",
    entry="0/施工许可",
    product_code="6" * 32,
    version=1,
    interface=0,
    parameters={"region": "310115"},
    item="施工许可",
    fields=("许可证号",),
    mode="read",
    scenario="贷后管理",
    purpose="loan-review",
    quota=100,
    issued_at=FIRST,
    valid_from=FIRST,
    valid_until=LAST,
)
TEXT = sign_usage_token(TOKEN, SECRET)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def spelled(value: Any) -> str:
    raw = (
        value
        if isinstance(value, bytes)
        else json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    )
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims() -> dict[str, Any]:
    part = TEXT.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_text_is_read_back_and_verified_offline() -> None:
    token, signature = parse_usage_token(TEXT)
    assert token == TOKEN and encode_usage_token(token, signature) == TEXT
    assert token.holder == "91310000MA0000030X"
    assert verify_usage_token(TEXT, [OTHER, KEY], node=NODE, at=at(FIRST)) == TOKEN
    assert len(usage_token_digest(TEXT)) == 32


def test_second_implementation_signs_and_checks_the_same() -> None:
    private = int.from_bytes(SECRET, "big")
    signature = sm2_reference.sign(private, 77_777, usage_token_message(TOKEN), SM2_SIGNER_ID)
    assert verify_usage_token(encode_usage_token(TOKEN, signature), [KEY], node=NODE, at=at(FIRST)) == TOKEN
    assert sm2_reference.public_key(private) == KEY


def test_signed_bytes_are_frozen() -> None:
    payload = (
        '{"auth":"91310000MA0000010X","exp":1793696400,"iat":1793610000,"iss":"91310000MA0000020X",'
        '"jti":"tok-00000001","nbf":1793610000,"sub":"91310000MA0000030X/gateway-1","use":{"authorisation":"app-1",'
        '"entry":"0/施工许可","fields":["许可证号"],"interface":0,"item":"施工许可","mode":"read",'
        '"parameters":{"region":"310115"},"product_code":"66666666666666666666666666666666","purpose":"loan-review",'
        '"quota":100,"scenario":"贷后管理","version":1}}'
    )
    header = '{"alg":"SM2","typ":"cityledger-usage-token"}'
    assert usage_token_message(TOKEN).decode() == f"{spelled(header.encode())}.{spelled(payload.encode())}"


def test_claims_have_the_names_of_annex_d() -> None:
    assert {"iss", "sub", "auth", "iat", "exp", "jti"} <= claims().keys()
    assert claims()["use"]["quota"] == 100


def test_every_change_of_a_character_is_seen() -> None:
    for place in range(0, len(TEXT), 7):
        other = "A" if TEXT[place] != "A" else "B"
        with pytest.raises((InvalidUsageTokenError, SignatureError)):
            verify_usage_token(TEXT[:place] + other + TEXT[place + 1 :], [KEY], node=NODE, at=at(FIRST))


@pytest.mark.parametrize("keys", [[], [OTHER]])
def test_token_by_another_key_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(SignatureError):
        verify_usage_token(TEXT, keys, node=NODE, at=at(FIRST))


def test_token_for_another_node_or_out_of_its_time_is_refused() -> None:
    with pytest.raises(InvalidUsageTokenError, match="another node"):
        verify_usage_token(TEXT, [KEY], node="91310000MA0000020X", at=at(FIRST))
    for moment in (FIRST - 1, LAST):
        with pytest.raises(UsageTokenTimeError):
            verify_usage_token(TEXT, [KEY], node=NODE, at=at(moment))
    assert verify_usage_token(TEXT, [KEY], node=NODE, at=at(LAST - 1)) == TOKEN


HEAD, PAYLOAD, SIGNATURE = TEXT.split(".")
MALFORMED = {
    "nothing": "",
    "two parts": f"{HEAD}.{PAYLOAD}",
    "padding": f"{HEAD}=.{PAYLOAD}.{SIGNATURE}",
    "no base64": f"{HEAD}.{PAYLOAD}.é",
    "no json": f"{HEAD}.{spelled(b'x')}.{SIGNATURE}",
    "another order": f"{HEAD}.{spelled(json.dumps(dict(reversed(claims().items()))).encode())}.{SIGNATURE}",
    "another type": f"{spelled({'alg': 'SM2', 'typ': 'authToken'})}.{PAYLOAD}.{SIGNATURE}",
    "no algorithm": f"{spelled({'alg': 'none', 'typ': 'cityledger-usage-token'})}.{PAYLOAD}.{SIGNATURE}",
    "a short signature": f"{HEAD}.{PAYLOAD}.{SIGNATURE[:40]}",
    "an array": f"{HEAD}.{spelled([])}.{SIGNATURE}",
    "one claim more": f"{HEAD}.{spelled(claims() | {'aud': 'x'})}.{SIGNATURE}",
    "no use": f"{HEAD}.{spelled(claims() | {'use': 1})}.{SIGNATURE}",
    "a use too many": f"{HEAD}.{spelled(claims() | {'use': claims()['use'] | {'x': 1}})}.{SIGNATURE}",
    "a claim said twice": f"{HEAD}.{spelled(claims() | {'use': claims()['use'] | {'issuer': 'x'}})}.{SIGNATURE}",
    "a quota as text": f"{HEAD}.{spelled(claims() | {'use': claims()['use'] | {'quota': '1'}})}.{SIGNATURE}",
    "a huge text": "a" * 70_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_text_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidUsageTokenError):
        parse_usage_token(MALFORMED[name])


@pytest.mark.parametrize(
    "members",
    [
        {"token_id": "x"},
        {"issuer": "x"},
        {"subject": "x"},
        {"subject": "91310000MA0000030X-gateway"},
        {"subject": "91310000MA0000030X/"},
        {"node": ""},
        {"product_code": "6"},
        {"version": 0},
        {"interface": -1},
        {"parameters": {"": "x"}},
        {"parameters": {"x": 1}},
        {"fields": ()},
        {"fields": ("a", "a")},
        {"mode": "steal"},
        {"scenario": ""},
        {"quota": 0},
        {"quota": 10**16},
        {"valid_until": FIRST},
        {"valid_until": FIRST + 400 * 86_400},
        {"issued_at": 0},
    ],
)
def test_token_that_lacks_something_is_none(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidUsageTokenError):
        replace(TOKEN, **members)


def test_wrong_private_key_signs_nothing() -> None:
    with pytest.raises(InputError):
        sign_usage_token(TOKEN, b"\x00" * 32)
