"""Which CloudEvents content mode a request has, and what its ``Prefer`` header asks for.

The order is that of the CloudEvents HTTP binding 1.0.2 section 3: a content type ``application/cloudevents*`` decides; else
``ce-`` headers mean binary mode; else ``application/x-ndjson`` is bulk; anything else is refused.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from starlette.datastructures import Headers

from api.strict_requests import only_value
from ledger.errors import UnsupportedMediaTypeError

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?")


class ContentMode(StrEnum):
    """How the events of a request are packed."""

    BINARY = "binary"
    STRUCTURED = "structured"
    BATCH = "batch"
    NDJSON = "ndjson"

    @property
    def is_single(self) -> bool:
        """Whether the request is one event and the answer one result."""
        return self in (ContentMode.BINARY, ContentMode.STRUCTURED)


MEDIA_TYPES = {
    "application/cloudevents+json": ContentMode.STRUCTURED,
    "application/cloudevents-batch+json": ContentMode.BATCH,
    "application/x-ndjson": ContentMode.NDJSON,
}


@dataclass(frozen=True, slots=True)
class Preference:
    """``Prefer`` (RFC 7240): answer at once, or wait at most ``wait_s`` (None: as long as the server allows)."""

    respond_async: bool = False
    wait_s: int | None = None

    @property
    def applied(self) -> str | None:
        """The value of ``Preference-Applied``, or None when nothing was asked."""
        if self.respond_async:
            return "respond-async"
        return None if self.wait_s is None else f"wait={self.wait_s}"


def media_type_of(headers: Headers) -> str:
    """The media type of the body in lower case, without parameters; empty when none is said.

    Raises:
        InputError: the header comes twice.
    """
    return _content_type(headers)[0]


def content_mode(headers: Headers) -> ContentMode:
    """The content mode of a request.

    Raises:
        UnsupportedMediaTypeError: none of the four, or a charset other than UTF-8.
        InputError: the header comes twice.
    """
    media_type, parameters = _content_type(headers)
    if media_type.startswith("application/cloudevents"):
        mode = MEDIA_TYPES.get(media_type)
    elif any(name.startswith("ce-") for name in headers):
        return ContentMode.BINARY
    else:
        mode = MEDIA_TYPES.get(media_type)
    if mode is None:
        raise UnsupportedMediaTypeError(
            "Send one of " + ", ".join(MEDIA_TYPES) + ", or an event in binary mode with ce- headers."
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaTypeError("Events are UTF-8; send charset=utf-8, or no charset.")
    return mode


def content_encoding(headers: Headers) -> str:
    """``identity`` or ``gzip``.

    Raises:
        UnsupportedMediaTypeError: any other content encoding.
        InputError: the header comes twice.
    """
    encoding = (only_value(headers, "Content-Encoding") or "identity").strip().lower() or "identity"
    if encoding == "x-gzip":
        encoding = "gzip"
    if encoding not in {"identity", "gzip"}:
        raise UnsupportedMediaTypeError("The content encodings are gzip and identity.")
    return encoding


def preference(headers: Headers) -> Preference:
    """What ``Prefer`` asks for; preferences that are unknown here are ignored, as RFC 7240 wants.

    The header may come several times; of ``wait`` the first counts (RFC 7240 section 2).
    """
    values = [part.strip().lower() for line in headers.getlist("prefer") for part in line.split(",")]
    waits = [int(found[1]) for value in values if (found := _WAIT.fullmatch(value))]
    return Preference("respond-async" in values, waits[0] if waits else None)


def _content_type(headers: Headers) -> tuple[str, str]:
    """Media type and parameters."""
    media_type, _, parameters = (only_value(headers, "Content-Type") or "").partition(";")
    return media_type.strip().lower(), parameters
