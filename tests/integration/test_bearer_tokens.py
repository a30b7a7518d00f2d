"""Bearer tokens of a real issuer, and what somebody would try with them; keys that rotate, and an issuer that goes away."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from support.http_double import Answer, http_double
from support.oidc_issuer import AUDIENCE, Issuer, SigningKey, claims_of, part, running_issuer

from ledger.adapters.clock import SystemClock
from ledger.adapters.oidc.documents import DOCUMENT_BYTES_MAX, IssuerUnavailableError, fetch_object
from ledger.adapters.oidc.keys import FRESH_S, KEPT_S, REFETCH_S, RETRY_S, IssuerKeys, parse_key_set
from ledger.adapters.oidc.tokens import TOKEN_BYTES_MAX, TokenIdentity, TokenTimeError, TokenVerifier
from ledger.adapters.settings import OidcIssuer
from ledger.errors import UnauthenticatedError

SKEW_S = 30
KEYS = [SigningKey.generate("r1"), SigningKey.generate("e1", "ES256"), SigningKey.generate("d1", "EdDSA")]


@dataclass
class Steps:
    """A clock that a test moves."""

    monotonic_s: float = 1_000.0
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def monotonic(self) -> float:
        return self.monotonic_s


@dataclass
class Gate:
    """One issuer's keys and the verifier over them."""

    keys: IssuerKeys
    verifier: TokenVerifier
    clock: Steps

    def check(self, token: str) -> TokenIdentity:
        unverified = self.verifier.read(token)
        key = unverified.keys.find(unverified.kid, unverified.algorithm)
        if key is None:
            raise UnauthenticatedError("no such key is known")
        return self.verifier.check(unverified, key)


def gate_of(url: str, **settings: Any) -> Gate:
    clock = Steps()
    keys = IssuerKeys(OidcIssuer(issuer=url, audience=AUDIENCE, **settings), clock.monotonic)
    return Gate(keys, TokenVerifier([keys], clock, SKEW_S), clock)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer(["office", "bank"], KEYS) as running:
        yield running


@pytest.fixture(scope="module")
def gate(issuer: Issuer) -> Gate:
    made = gate_of(issuer.url)
    made.keys.fetch()
    assert made.keys.failure is None
    return made


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_token_of_the_issuer_names_its_subject(issuer: Issuer, gate: Gate, alg: str) -> None:
    issuer.rotate(KEYS, alg=alg)
    token = issuer.token("office")
    assert jwt.get_unverified_header(token)["alg"] == alg
    identity = gate.check(token)
    claims = jwt.decode(token, options={"verify_signature": False})

    assert (identity.issuer, identity.subject, identity.token_id) == (issuer.url, "office", claims["jti"])
    assert identity.expires_at == datetime.fromtimestamp(claims["exp"], UTC)


def test_token_for_another_audience_is_refused(issuer: Issuer, gate: Gate) -> None:
    with pytest.raises(UnauthenticatedError):
        gate.check(issuer.token("office", "https://elsewhere.test/api"))


def test_token_of_an_untrusted_issuer_is_refused_without_asking_it(gate: Gate) -> None:
    with http_double(Answer(200)) as stranger, pytest.raises(UnauthenticatedError):
        gate.check(KEYS[0].token(claims_of(stranger.url, "office")))
    assert stranger.seen == []


def changed_signature(token: str) -> str:
    head, payload, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[10] ^= 1
    return f"{head}.{payload}.{encoded(bytes(raw))}"


def changed_payload(token: str, **changes: Any) -> str:
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{part(claims | changes)}.{signature}"


def with_public_key_as_secret(url: str) -> str:
    pem = (
        KEYS[0]
        .private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    signed = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'r1'})}.{part(claims_of(url, 'office'))}"
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    mac = algorithm.sign(signed.encode(), pem)
    return f"{signed}.{encoded(mac)}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


DOUBLED = b'{"alg":"RS256","alg":"none"}'
FORGERIES = {
    "signature changed": lambda url: changed_signature(KEYS[0].token(claims_of(url, "office"))),
    "subject changed": lambda url: changed_payload(KEYS[0].token(claims_of(url, "office")), sub="bank"),
    "lifetime changed": lambda url: changed_payload(KEYS[0].token(claims_of(url, "office")), exp=2**36),
    "no signature, alg none": lambda url: f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(claims_of(url, 'office'))}.",
    "no signature, alg None": lambda url: f"{part({'alg': 'None', 'kid': 'r1'})}.{part(claims_of(url, 'office'))}.",
    "no signature, alg RS256": lambda url: f"{part({'alg': 'RS256', 'kid': 'r1'})}.{part(claims_of(url, 'office'))}.",
    "HS256 with the public key": with_public_key_as_secret,
    "another key under a known id": lambda url: SigningKey.generate("r1").token(claims_of(url, "office")),
    "another algorithm's key id": lambda url: KEYS[0].token(claims_of(url, "office"), kid="e1"),
    "unknown key id": lambda url: KEYS[0].token(claims_of(url, "office"), kid="r9"),
    "key id that is no text": lambda url: f"{part({'alg': 'RS256', 'kid': 7})}.{part(claims_of(url, 'office'))}.AAAA",
    "issuer with a slash": lambda url: KEYS[0].token(claims_of(url + "/", "office")),
    "issuer is a list": lambda url: (
        f"{part({'alg': 'RS256', 'kid': 'r1'})}.{part(claims_of('', 'x') | {'iss': [url]})}.AAAA"
    ),
    "no audience": lambda url: KEYS[0].token(claims_of(url, "office", aud=None)),
    "audience is a longer text": lambda url: KEYS[0].token(claims_of(url, "office", aud=AUDIENCE + "/more")),
    "no subject": lambda url: KEYS[0].token(claims_of(url, "office", sub=None)),
    "subject too long": lambda url: KEYS[0].token(claims_of(url, "x" * 256)),
    "subject with a line": lambda url: KEYS[0].token(claims_of(url, "a\nb")),
    "no expiry": lambda url: KEYS[0].token(claims_of(url, "office", exp=None)),
    "expiry is a text": lambda url: KEYS[0].token(claims_of(url, "office", exp="never")),
    "expiry beyond calendars": lambda url: KEYS[0].token(claims_of(url, "office", exp=2**60)),
    "critical extension": lambda url: KEYS[0].token(claims_of(url, "office"), crit=["exp"], exp=1),
    "proof of possession asked": lambda url: KEYS[0].token(claims_of(url, "office", cnf={"jkt": "x"})),
    "a logout token": lambda url: KEYS[0].token(claims_of(url, "office"), typ="logout+jwt"),
    "20 kB": lambda url: KEYS[0].token(claims_of(url, "office", padding="x" * 20_000)),
    "nested deeply": lambda url: f"{part({'alg': 'RS256'})}.{encoded(b'[' * 4_000)}.AAAA",
    "a name twice": lambda url: f"{encoded(DOUBLED)}.{part({'iss': url})}.AAAA",
    "not a token": lambda url: "abc",
    "dots": lambda url: "..",
    "not ASCII": lambda url: "\u5f20.\u4e09.\u674e",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_or_foreign_token_is_refused(issuer: Issuer, gate: Gate, name: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        gate.check(FORGERIES[name](issuer.url))
    assert not isinstance(refused.value, TokenTimeError)


def test_genuine_token_made_by_hand_is_taken(issuer: Issuer, gate: Gate) -> None:
    """So that the forgeries above are refused for what is wrong with them."""
    assert gate.check(KEYS[0].token(claims_of(issuer.url, "office", aud=["a", AUDIENCE]))).subject == "office"
    assert gate.check(KEYS[0].token(claims_of(issuer.url, "office"), typ=None)).subject == "office"
    assert gate.check(KEYS[0].token(claims_of(issuer.url, "office"), kid=None)).subject == "office"
    by_time = gate.check(KEYS[0].token(claims_of(issuer.url, "office", jti=None)))
    assert by_time.token_id.startswith("iat:")


@pytest.mark.parametrize(
    ("claim", "offset_s", "taken"),
    [
        ("exp", -SKEW_S + 5, True),
        ("exp", -SKEW_S - 5, False),
        ("nbf", SKEW_S - 5, True),
        ("nbf", SKEW_S + 5, False),
        ("iat", SKEW_S - 5, True),
        ("iat", SKEW_S + 5, False),
    ],
)
def test_times_are_kept_within_the_stated_skew(
    issuer: Issuer, gate: Gate, claim: str, offset_s: int, taken: bool
) -> None:
    moment = int(gate.clock.now().timestamp()) + offset_s
    token = KEYS[0].token(claims_of(issuer.url, "office", **{claim: moment}))
    if taken:
        assert gate.check(token).subject == "office"
    else:
        with pytest.raises(TokenTimeError) as refused:
            gate.check(token)
        assert refused.value.identity.subject == "office", "whose attempt it was is known"


def test_rotated_key_is_taken_after_one_fetch_and_the_old_one_ends() -> None:
    first, second = SigningKey.generate("k1"), SigningKey.generate("k2")
    with running_issuer(["office"], [first]) as issuer:
        gate = gate_of(issuer.url)
        gate.keys.fetch()
        old = issuer.token("office")
        assert gate.check(old).subject == "office"

        issuer.rotate([second, first])
        new = second.token(claims_of(issuer.url, "office"))
        with pytest.raises(UnauthenticatedError):
            gate.check(new)
        gate.keys.fetch()
        with pytest.raises(UnauthenticatedError):
            gate.check(new)  # asked a moment ago: not again yet
        gate.clock.monotonic_s += REFETCH_S
        gate.keys.fetch()
        assert gate.check(new).subject == gate.check(old).subject == "office"

        issuer.rotate([second])
        gate.clock.monotonic_s += FRESH_S
        assert not gate.keys.is_fresh
        gate.keys.fetch()
        with pytest.raises(UnauthenticatedError):
            gate.check(old)


def test_known_keys_go_on_for_a_day_while_the_issuer_is_away() -> None:
    key = SigningKey.generate("k1")
    with running_issuer(["office"], [key]) as issuer:
        gate, token = gate_of(issuer.url), issuer.token("office")
        gate.keys.fetch()
    gate.clock.monotonic_s += FRESH_S
    gate.keys.fetch()

    assert gate.keys.failure is not None and issuer.url in gate.keys.failure
    assert gate.check(token).subject == "office"
    assert not gate.keys.may_fetch
    gate.clock.monotonic_s += RETRY_S
    assert gate.keys.may_fetch
    gate.clock.monotonic_s += KEPT_S
    with pytest.raises(UnauthenticatedError):
        gate.check(token)


def key_set(*keys: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps({"keys": keys}).encode())


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404),
        Answer(200, b"not JSON"),
        Answer(200, b"[]"),
        Answer(200, b"{}"),
        Answer(200, b"[" * 100_000),
        Answer(200, b'{"keys": [' + b" " * DOCUMENT_BYTES_MAX + b"]}"),
        key_set(),
        key_set({"kty": "oct", "kid": "k", "k": "c2VjcmV0", "alg": "HS256"}),
        key_set(KEYS[0].jwk()),
        key_set(KEYS[0].public_jwk() | {"use": "enc"}),
        key_set(KEYS[0].public_jwk() | {"n": "AQAB"}),
        key_set(*[KEYS[0].public_jwk()] * 65),
        Answer(302, b"{}", {"Location": "/elsewhere"}),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:30]!r}",
)
def test_key_set_that_is_none_is_no_reason_to_believe_anybody(answer: Answer) -> None:
    with http_double(answer) as double:
        gate = gate_of("https://issuer.test", jwks_url=double.url + "/jwks")
        gate.keys.fetch()
    assert gate.keys.failure is not None
    with pytest.raises(UnauthenticatedError):
        gate.check(KEYS[0].token(claims_of("https://issuer.test", "office")))


def test_key_set_url_of_the_settings_needs_no_discovery() -> None:
    with http_double(key_set({"kty": "XYZ"}, KEYS[0].public_jwk())) as double:
        gate = gate_of("https://issuer.test", jwks_url=double.url + "/jwks")
        gate.keys.fetch()
        assert gate.check(KEYS[0].token(claims_of("https://issuer.test", "office"))).subject == "office"
    assert [seen.target for seen in double.seen] == ["/jwks"]


@pytest.mark.parametrize(
    "changes", [{"issuer": "https://other.test"}, {"jwks_uri": "http://other.test/jwks"}, {"jwks_uri": 7}]
)
def test_discovery_document_of_another_issuer_or_without_https_is_refused(changes: dict[str, Any]) -> None:
    with http_double() as double:
        document = {"issuer": double.url, "jwks_uri": double.url + "/jwks"} | changes
        double.answers = [Answer(200, json.dumps(document).encode()), key_set(KEYS[0].public_jwk())]
        gate = gate_of(double.url)
        gate.keys.fetch()
    assert gate.keys.failure is not None
    assert len(double.seen) == 1


def test_document_that_drips_is_given_up_in_time() -> None:
    """The socket's own timeout never runs out while bytes come."""
    import socket  # noqa: PLC0415
    import threading  # noqa: PLC0415
    import time  # noqa: PLC0415

    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
                while not ended.wait(0.1):
                    connection.sendall(b" ")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(IssuerUnavailableError):
            fetch_object(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout_s=0.5)
        took = time.monotonic() - started
        ended.set()
        thread.join()
    assert took < 3


def test_keys_are_told_apart_by_algorithm() -> None:
    keys = parse_key_set({"keys": [key.public_jwk() for key in KEYS]})
    assert set(keys) == {("r1", "RS256"), ("e1", "ES256"), ("d1", "EdDSA")}
    assert TOKEN_BYTES_MAX < 20_000
