"""The signing keys of one issuer, found by its discovery document (OpenID Connect Discovery 1.0) and kept in memory (RFC 7517).

Keys that are known go on while the issuer is away, for a day at most. They are asked for anew when they are old, and at once when a
token names a key that is not known; but never more often than the limits below, whatever is sent here.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from ledger.adapters.oidc.documents import IssuerUnavailableError, fetch_object
from ledger.adapters.proxies import is_this_machine
from ledger.adapters.settings import OidcIssuer

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
"""Only these, whatever a token says: all asymmetric, none of them optional in the libraries of issuers."""

FRESH_S: Final = 600.0
"""Keys older than this are asked for anew in the background: a key that the issuer withdrew ends here so much later."""

KEPT_S: Final = 86_400.0
"""Keys that could not be asked for anew for so long are not believed any more."""

REFETCH_S: Final = 30.0
"""Between two successful fetches, however many tokens name unknown keys."""

RETRY_S: Final = 5.0
"""Between two attempts while the issuer is away."""

KEYS_MAX: Final = 64
_RSA_BITS: Final = range(2048, 4097)
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_TYPES: Final = {"RS256": ("RSA", None), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
_PRIVATE: Final = frozenset({"d", "k", "p", "q"})

_logger = structlog.get_logger("oidc")


class IssuerKeys:
    """The keys of one issuer. Safe to call from several threads; only ``fetch`` uses the network.

    Args:
        settings: the issuer.
        monotonic: seconds that only go forward.
    """

    def __init__(self, settings: OidcIssuer, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._monotonic = monotonic
        self._keys: Mapping[tuple[str | None, str], PyJWK] = {}
        self._fetched_at: float | None = None
        self._attempted_at: float | None = None
        self._failure: str | None = None
        self._fetching = threading.Lock()

    @property
    def failure(self) -> str | None:
        """Why the last attempt failed; None when it did not."""
        return self._failure

    @property
    def is_fresh(self) -> bool:
        """Whether the keys need no new look."""
        return self._fetched_at is not None and self._monotonic() - self._fetched_at < FRESH_S

    @property
    def may_fetch(self) -> bool:
        """Whether the limits allow asking the issuer now."""
        if self._attempted_at is None:
            return True
        return self._monotonic() - self._attempted_at >= (REFETCH_S if self._failure is None else RETRY_S)

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key of that id for that algorithm; without an id, the only key there is for it."""
        if self._fetched_at is None or self._monotonic() - self._fetched_at >= KEPT_S:
            return None
        if kid is not None:
            return self._keys.get((kid, algorithm))
        fitting = [key for (_, fits), key in self._keys.items() if fits == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def fetch(self) -> None:
        """Asks the issuer, if the limits allow it; one thread at a time. What went wrong is in ``failure``."""
        with self._fetching:
            if not self.may_fetch:
                return
            self._attempted_at = self._monotonic()
            try:
                keys = parse_key_set(fetch_object(self._url()))
            except IssuerUnavailableError as error:
                self._failure = error.detail
                _logger.warning("issuer_unavailable", issuer=self.settings.issuer, reason=error.detail)
                return
            self._keys, self._fetched_at, self._failure = keys, self._monotonic(), None

    def _url(self) -> str:
        issuer = self.settings.issuer
        if self.settings.jwks_url is not None:
            return self.settings.jwks_url
        document = fetch_object(issuer.removesuffix("/") + _WELL_KNOWN)
        url = document.get("jwks_uri")
        if document.get("issuer") != issuer:
            raise IssuerUnavailableError(f"The discovery document of {issuer} is that of another issuer.")
        if not isinstance(url, str) or not (
            url.startswith("https://")
            or (url.startswith("http://") and is_this_machine(url) and is_this_machine(issuer))
        ):
            raise IssuerUnavailableError(f"The discovery document of {issuer} names no key set by https.")
        return url


def parse_key_set(document: Mapping[str, Any]) -> dict[tuple[str | None, str], PyJWK]:
    """The keys of a JWK set that can check tokens here, by (kid, algorithm); others are passed over, as RFC 7517 section 5 says.

    Raises:
        IssuerUnavailableError: it is no JWK set, too large, or has no such key.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > KEYS_MAX:
        raise IssuerUnavailableError(f"The issuer's key set is no list of at most {KEYS_MAX} keys.")
    keys: dict[tuple[str | None, str], PyJWK] = {}
    for jwk in listed:
        for algorithm in ALGORITHMS:
            if isinstance(jwk, dict) and _fits(jwk, algorithm) and (key := _load(jwk, algorithm)) is not None:
                keys[jwk.get("kid"), algorithm] = key
    if not keys:
        raise IssuerUnavailableError(f"The issuer's key set has no key for {', '.join(ALGORITHMS)}.")
    return keys


def _fits(jwk: Mapping[str, Any], algorithm: str) -> bool:
    kty, curve = _TYPES[algorithm]
    return (
        jwk.get("kty") == kty
        and (curve is None or jwk.get("crv") == curve)
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and isinstance(jwk.get("kid", ""), str)
        and not _PRIVATE & jwk.keys()  # an issuer that publishes private keys has none
    )


def _load(jwk: dict[str, Any], algorithm: str) -> PyJWK | None:
    try:
        key = PyJWK.from_dict(jwk, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size not in _RSA_BITS:
        return None
    return key
