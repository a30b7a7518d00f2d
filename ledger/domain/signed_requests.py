"""Requests signed as NDI-TR-2025-03 section 8.2.3 says: five header parameters, one of them a signature over all the others.

The draft names the parameters and leaves open in which order and form they are signed. Here the signed bytes are these lines, each
ended by LF, in ASCII::

    cityledger/v1/signed-request
    origin:<origin of the log, so that a request to one space is none to another>
    msgcode:<as sent>
    msgversion:<as sent>
    timestamp:<as sent, milliseconds since 1970>
    sequenceNum:<as sent>
    method:<POST>
    target:<path and query as sent, percent encoding untouched>
    body-sm3:<SM3 of the body in lower-case hex; of nothing when there is none>

and ``signValue`` is the raw SM2 signature r || s over them (GB/T 32918.2, signer id 1234567812345678) in 128 hex digits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.errors import InvalidRequestSignatureError, MisuseError

HEADERS: Final = ("msgcode", "msgversion", "timestamp", "sequenceNum", "signValue")
FIRST_LINE: Final = "cityledger/v1/signed-request"

_FORMS: Final = {
    "msgcode": re.compile(r"[A-Za-z0-9_.-]{1,20}"),
    "msgversion": re.compile(r"[A-Za-z0-9_.-]{1,20}"),
    "timestamp": re.compile(r"[0-9]{13}"),
    "sequenceNum": re.compile(r"[A-Za-z0-9_.-]{1,32}"),
    "signValue": re.compile(r"[0-9a-fA-F]{128}"),
}
_LINE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class RequestSignature:
    """The five parameters of one request; ``signature`` is r || s, 64 bytes."""

    message_code: str
    message_version: str
    timestamp_ms: int
    sequence_num: str
    signature: bytes


def parse_request_signature(headers: Mapping[str, str | None]) -> RequestSignature | None:
    """The parameters, or None when the request has none of them.

    Args:
        headers: each name of ``HEADERS`` -> its value, None when it is not there.

    Raises:
        InvalidRequestSignatureError: some are there and others are not, or one has another form.
    """
    values = {name: headers.get(name) for name in HEADERS}
    if all(value is None for value in values.values()):
        return None
    for name, value in values.items():
        if value is None or _FORMS[name].fullmatch(value) is None:
            raise InvalidRequestSignatureError(
                f"A signed request has the headers {', '.join(HEADERS)}; {name} is missing or has another form. Nothing was written."
            )
    found = {name: value for name, value in values.items() if value is not None}
    return RequestSignature(
        found["msgcode"],
        found["msgversion"],
        int(found["timestamp"]),
        found["sequenceNum"],
        bytes.fromhex(found["signValue"]),
    )


def signed_bytes(signature: RequestSignature, *, origin: str, method: str, target: str, body_sm3: bytes) -> bytes:
    """What ``signValue`` signs; see the module.

    Raises:
        MisuseError: origin, method or target hold what no request line can.
    """
    if any(_LINE.fullmatch(text) is None for text in (origin, method, target)):
        raise MisuseError("origin, method and target of a request are visible ASCII")
    lines = (
        FIRST_LINE,
        f"origin:{origin}",
        f"msgcode:{signature.message_code}",
        f"msgversion:{signature.message_version}",
        f"timestamp:{signature.timestamp_ms:013d}",
        f"sequenceNum:{signature.sequence_num}",
        f"method:{method}",
        f"target:{target}",
        f"body-sm3:{body_sm3.hex()}",
    )
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def check_time(signature: RequestSignature, now_ms: int, window_ms: int) -> None:
    """Refuses a request that was signed too long ago, or for a time to come.

    Raises:
        InvalidRequestSignatureError: it is further from now than the window.
    """
    if abs(signature.timestamp_ms - now_ms) > window_ms:
        raise InvalidRequestSignatureError(
            f"The timestamp of the signed request is more than {window_ms // 1000} s away from this server's clock."
            " Nothing was written; sign the request anew."
        )
