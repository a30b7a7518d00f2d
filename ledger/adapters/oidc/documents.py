"""JSON documents of an issuer: small, in time, from where they were asked for, or not at all."""

import http.client
import time
import urllib.request
from http.client import HTTPResponse
from typing import Any, Final

from ledger.adapters.proxies import open_url
from ledger.errors import InputError, UnavailableError
from ledger.log.canonical import parse_json

DOCUMENT_BYTES_MAX: Final = 256 * 1024
TIMEOUT_S: Final = 5.0
_PIECE: Final = 16 * 1024


class IssuerUnavailableError(UnavailableError):
    """An issuer's documents cannot be had, or are not what they should be."""


def fetch_object(url: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
    """The JSON object at a URL, whole, within ``timeout_s`` seconds.

    Raises:
        IssuerUnavailableError: it does not answer in time, with 200, with an object of bounded size, from this very URL.
    """
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - settings allow https only
    deadline = time.monotonic() + timeout_s
    try:
        with open_url(request, timeout_s) as answer:
            if answer.status != 200 or answer.url != url:
                raise IssuerUnavailableError(f"{url} does not answer itself with 200.")
            value = parse_json(_read(answer, url, deadline))
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise IssuerUnavailableError(f"{url} does not answer: {reason}.") from error
    except InputError as error:
        raise IssuerUnavailableError(f"{url} answers with something else than JSON as it should be.") from error
    if not isinstance(value, dict):
        raise IssuerUnavailableError(f"{url} answers with something else than a JSON object.")
    return value


def _read(answer: HTTPResponse, url: str, deadline: float) -> bytes:
    body = bytearray()
    while piece := answer.read1(_PIECE):
        body += piece
        if len(body) > DOCUMENT_BYTES_MAX:
            raise IssuerUnavailableError(f"{url} answers with more than {DOCUMENT_BYTES_MAX} bytes.")
        if time.monotonic() > deadline:  # one that drips would never run into the socket's own timeout
            raise IssuerUnavailableError(f"{url} does not answer in time.")
    if answer.length:
        raise http.client.IncompleteRead(bytes(body), answer.length)
    return bytes(body)
