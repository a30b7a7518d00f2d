"""The check of a bearer token of one of the issuers in the settings.

It is a JWT access token (RFC 9068, RFC 7519, RFC 8725), or the token of NDI-TR-2025-03 annex D: the same three parts with ``alg`` SM2,
``auth`` for the node that the holder may deal with, ``iat`` and ``jti``, signed by SM2 over the first two parts. The annex leaves the
signature's form and the key's name open: here it is r || s, 64 bytes, under one of the keys that the settings name for the issuer.
"""

import base64
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from ledger.adapters.oidc.keys import ALGORITHMS, IssuerKeys
from ledger.errors import InputError, SignatureError, UnauthenticatedError
from ledger.log.canonical import parse_json
from ledger.log.signatures import verify_sm2
from ledger.services.ports import Clock

TOKEN_BYTES_MAX: Final = 8 * 1024
SM2: Final = "SM2"

_TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""A logout token or a proof of possession is signed by the same keys and is no permission to call."""

_SM2_TYPES: Final = frozenset({"authtoken", "jwt"})
_SUBJECT: Final = re.compile(r"[\x20-\x7e]{1,255}")
_OPAQUE: Final = "The bearer token is no API key and no JWT of an issuer that this service trusts."
_BAD: Final = "The bearer token is not valid here: signature, audience, issuer or type. Get a new one for this service."


@dataclass(frozen=True, slots=True)
class TokenIdentity:
    """Whom a valid token names. ``token_id`` is its ``jti``, or its ``iat``: the same for every use of one token."""

    issuer: str
    subject: str
    token_id: str
    expires_at: datetime


class TokenTimeError(UnauthenticatedError):
    """The token is genuine and its time is over, or has not come; ``identity`` says whose it is, for the record of the attempt."""

    def __init__(self, detail: str, identity: TokenIdentity) -> None:
        super().__init__(detail)
        self.identity = identity


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself: enough to find the key, and nothing to rely on."""

    text: str
    keys: IssuerKeys
    kid: str | None
    algorithm: str


class TokenVerifier:
    """Checks tokens against the issuers of the settings.

    Args:
        issuers: their keys.
        clock: of this service.
        skew_s: how far an issuer's clock may be off.
    """

    def __init__(self, issuers: Sequence[IssuerKeys], clock: Clock, skew_s: float) -> None:
        self._issuers = {keys.settings.issuer: keys for keys in issuers}
        self._clock = clock
        self._skew_s = skew_s

    def read(self, token: str) -> UnverifiedToken:
        """Which issuer and key a token names.

        Raises:
            UnauthenticatedError: too long, no JWT, another algorithm, another type, or an issuer that is not trusted.
        """
        if len(token) > TOKEN_BYTES_MAX or token.count(".") != 2:
            raise UnauthenticatedError(_OPAQUE)
        header, claims = (_read_part(part) for part in token.split(".")[:2])
        issuer = claims.get("iss")
        keys = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise UnauthenticatedError(_OPAQUE)
        algorithm, token_type, kid = header.get("alg"), header.get("typ", "JWT"), header.get("kid")
        texts = isinstance(algorithm, str) and isinstance(token_type, str) and isinstance(kid, str | None)
        types = _SM2_TYPES if algorithm == SM2 else _TYPES
        if not texts or algorithm not in {*ALGORITHMS, SM2} or token_type.lower() not in types:
            raise UnauthenticatedError(_BAD)
        if "crit" in header or "cnf" in claims:
            raise UnauthenticatedError(
                "The bearer token asks for checks that this service does not make (`crit` or `cnf`). Get a plain one."
            )
        return UnverifiedToken(token, keys, kid, algorithm)

    def check(self, token: UnverifiedToken, key: PyJWK) -> TokenIdentity:
        """Whom the token names, by its signature.

        Raises:
            UnauthenticatedError: signature, audience, issuer, subject or a claim's form is wrong.
            TokenTimeError: all that is right, and its time is not.
        """
        settings = token.keys.settings
        try:
            claims = jwt.decode(
                token.text,
                key,
                algorithms=[token.algorithm],
                audience=settings.audience,
                issuer=settings.issuer,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,  # times below, by this service's clock
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (PyJWTError, ValueError) as error:
            raise UnauthenticatedError(_BAD) from error
        return self._identity(settings.issuer, claims)

    def check_sm2(self, token: UnverifiedToken) -> TokenIdentity:
        """As ``check``, for a token by SM2; its keys are in the settings."""
        settings = token.keys.settings
        signed, _, encoded = token.text.rpartition(".")
        claims = _read_part(signed.partition(".")[2])
        if claims.get("auth") != settings.audience or not {"exp", "iat", "jti", "sub"} <= claims.keys():
            raise UnauthenticatedError(_BAD)
        signature = _decode(encoded)
        for key in settings.sm2_keys:
            with suppress(SignatureError):
                verify_sm2(bytes.fromhex(key), signed.encode("ascii"), signature)
                return self._identity(settings.issuer, claims)
        raise UnauthenticatedError(_BAD)

    def _identity(self, issuer: str, claims: dict[str, Any]) -> TokenIdentity:
        subject = claims["sub"]
        if not isinstance(subject, str) or _SUBJECT.fullmatch(subject) is None:
            raise UnauthenticatedError(_BAD)
        expires, begins, issued = _time(claims, "exp"), _time(claims, "nbf"), _time(claims, "iat")
        assert expires is not None  # required above
        token_id = claims.get("jti")
        if not isinstance(token_id, str) or not token_id:
            token_id = f"iat:{issued if issued is not None else expires}"
        identity = TokenIdentity(issuer, subject, token_id, datetime.fromtimestamp(expires, UTC))
        now, skew = self._clock.now().timestamp(), self._skew_s
        if now >= expires + skew:
            raise TokenTimeError("The bearer token has expired; get a new one.", identity)
        if any(moment is not None and moment > now + skew for moment in (begins, issued)):
            raise TokenTimeError("The bearer token is not valid yet; mind the clocks.", identity)
        return identity


def _read_part(part: str) -> dict[str, Any]:
    """One of the JSON parts, read strictly before any library sees it: no name twice, no nesting that exhausts a parser."""
    try:
        value = parse_json(_decode(part))
    except InputError as error:
        raise UnauthenticatedError(_OPAQUE) from error
    if not isinstance(value, dict):
        raise UnauthenticatedError(_OPAQUE)
    return value


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part.encode("ascii") + b"=" * (-len(part) % 4))
    except ValueError as error:
        raise UnauthenticatedError(_OPAQUE) from error


def _time(claims: dict[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2) in the years that a calendar has."""
    value = claims.get(name)
    if value is None and name != "exp":
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not 0 <= value < 2**37
    ):
        raise UnauthenticatedError(_BAD)
    return float(value)
