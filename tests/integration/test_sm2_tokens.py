"""Tokens of NDI-TR-2025-03 annex D, signed by SM2; made here by the plain-integer reference and not by the library that checks them."""

import base64
import os
from typing import Any

import pytest
from support import sm2_reference
from support.oidc_issuer import AUDIENCE, claims_of, part

from ledger.adapters.clock import SystemClock
from ledger.adapters.oidc.keys import IssuerKeys
from ledger.adapters.oidc.tokens import TokenIdentity, TokenTimeError, TokenVerifier
from ledger.adapters.settings import OidcIssuer
from ledger.errors import UnauthenticatedError
from ledger.log.signatures import SM2_SIGNER_ID

ISSUER, PLAIN = "https://region.test", "https://plain.test"
PRIVATE, OTHER = int.from_bytes(os.urandom(31), "big") + 1, 12_345
HEADER = {"typ": "authToken", "alg": "SM2"}
HOLDER = "91110108000000001X"


def claims(**changes: Any) -> dict[str, Any]:
    """What annex D names; a change to None takes a claim away."""
    return claims_of(ISSUER, HOLDER, **({"aud": None, "auth": AUDIENCE} | changes))


def token(said: dict[str, Any], header: dict[str, Any] | None = None, private: int = PRIVATE) -> str:
    signed = f"{part(header or HEADER)}.{part(said)}"
    value = sm2_reference.sign(private, int.from_bytes(os.urandom(31), "big") + 1, signed.encode(), SM2_SIGNER_ID)
    return f"{signed}.{base64.urlsafe_b64encode(value).rstrip(b'=').decode()}"


def check(text: str) -> TokenIdentity:
    keys = tuple(sm2_reference.public_key(private).hex() for private in (OTHER + 1, PRIVATE))
    issuers = [OidcIssuer(issuer=ISSUER, audience=AUDIENCE, sm2_keys=keys), OidcIssuer(issuer=PLAIN, audience=AUDIENCE)]
    verifier = TokenVerifier([IssuerKeys(issuer) for issuer in issuers], SystemClock(), 30)
    unverified = verifier.read(text)
    assert unverified.algorithm == "SM2"
    return verifier.check_sm2(unverified)


@pytest.mark.parametrize("header", [HEADER, {"typ": "JWT", "alg": "SM2"}])
def test_token_of_annex_d_names_its_holder(header: dict[str, Any]) -> None:
    said = claims()
    identity = check(token(said, header))
    assert (identity.issuer, identity.subject, identity.token_id) == (ISSUER, HOLDER, said["jti"])


@pytest.mark.parametrize(
    "forged",
    [
        lambda: token(claims(), private=OTHER),
        lambda: token(claims(auth="https://elsewhere.test")),
        lambda: token(claims(auth=None)),
        lambda: token(claims(auth=None, aud=AUDIENCE)),
        lambda: token(claims(iss=PLAIN)),
        lambda: token(claims(exp=None)),
        lambda: token(claims(iat=None)),
        lambda: token(claims(jti=None)),
        lambda: token(claims(sub=None)),
        lambda: token(claims(), {"typ": "logout", "alg": "SM2"}),
        lambda: token(claims()).rpartition(".")[0] + ".",
        lambda: token(claims()).rpartition(".")[0] + "." + "A" * 86,
        lambda: token(claims()).replace(".", ".ey", 1),
        lambda: token(claims()) + "AA",
    ],
    ids=["key", "node", "no node", "aud", "issuer", "exp", "iat", "jti", "sub", "type", "none", "zero", "part", "long"],
)
def test_token_that_is_not_so_is_refused(forged: Any) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        check(forged())
    assert not isinstance(refused.value, TokenTimeError)


def test_holder_of_another_name_is_nobody() -> None:
    head, _, signature = token(claims()).split(".")
    with pytest.raises(UnauthenticatedError):
        check(f"{head}.{part(claims(sub='91110108000000002X'))}.{signature}")


def test_times_of_the_token_are_kept() -> None:
    with pytest.raises(TokenTimeError):
        check(token(claims(exp=claims()["iat"] - 31)))
    with pytest.raises(TokenTimeError):
        check(token(claims(iat=claims()["iat"] + 100)))
