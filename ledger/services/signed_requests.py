"""The check of a signed request: by whom and when (NDI-TR-2025-03; ``ledger.domain.signed_requests`` has the bytes)."""

from collections.abc import Sequence
from contextlib import suppress

from ledger.domain.signed_requests import RequestSignature, check_time, signed_bytes
from ledger.errors import InvalidRequestSignatureError, SignatureError
from ledger.log.signatures import verify_sm2
from ledger.log.sm3 import sm3


def check_request_signature(
    signature: RequestSignature,
    *,
    keys: Sequence[bytes],
    origin: str,
    method: str,
    target: str,
    body: bytes,
    now_ms: int,
    window_ms: int,
) -> None:
    """Holds the signature against the account's keys; a request outside the window is refused before any key is tried.

    Raises:
        InvalidRequestSignatureError: its time is off, or no key of the account verifies it.
    """
    check_time(signature, now_ms, window_ms)
    message = signed_bytes(signature, origin=origin, method=method, target=target, body_sm3=sm3(body))
    for key in keys:
        with suppress(SignatureError):
            verify_sm2(key, message, signature.signature)
            return
    raise InvalidRequestSignatureError(
        "No SM2 key of this account verifies the signature of the request. Nothing was written; the API's documents say which"
        " bytes are signed."
    )
