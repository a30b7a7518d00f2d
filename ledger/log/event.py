"""CloudEvents 1.0 events in every HTTP content mode, and ``E``, their one canonical form (FORMATS.md section 1).

Structured, binary and batch mode and NDJSON lines all end in ``event_from_value`` or in the same two steps (attributes, then
data), so the same event has the same bytes whichever way it came. Nothing is repaired: what would have to change its meaning
to become canonical is refused with the error that names the reason.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from ledger.errors import InvalidEventError, SubmitterSignatureError
from ledger.log.attributes import (
    JSON_MEDIA_TYPE,
    check_data_schema,
    check_name,
    check_source,
    check_string,
    check_time,
    extension_text,
    is_json_media_type,
)
from ledger.log.canonical import DEPTH_MAX, JsonValue, check_depth, encode_jcs, encode_plain, load_json
from ledger.log.signatures import VERIFIERS, decode_signature_value

SIGNATURE_ATTRIBUTES: Final = ("ledgersigalg", "ledgerkeyid", "ledgersig")
EXCLUDED_ATTRIBUTES: Final = frozenset({"traceparent", "tracestate", *SIGNATURE_ATTRIBUTES})
"""Attributes that never enter ``E``."""

_REQUIRED: Final = ("specversion", "id", "source", "type")
_CORE_STRINGS: Final = frozenset(
    {*_REQUIRED, "subject", "time", "datacontenttype", "dataschema", *SIGNATURE_ATTRIBUTES}
)
_CHECKS: Final[tuple[tuple[str, Callable[[str], object]], ...]] = (
    ("source", check_source),
    ("time", check_time),
    ("dataschema", check_data_schema),
    ("datacontenttype", is_json_media_type),
)
_HEADER_PREFIX: Final = "ce-"
_HEADER_TEXT: Final = re.compile(r"[\t\x20-\x7e]*")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})|%")


class SubmitterSignature(NamedTuple):
    """A submitter's detached signature as it was sent; checked for form here, for truth by ``signatures``."""

    alg: str
    key_id: str
    value: str
    """base64url without padding"""


class Event(NamedTuple):
    """One event. ``canonical`` is ``E``, ``value`` the same as an object; (``source``, ``id``) is its identity."""

    source: str
    id: str
    type: str
    subject: str | None
    time: str | None
    value: dict[str, JsonValue]
    canonical: bytes
    signature: SubmitterSignature | None


def parse_event(raw: bytes) -> Event:
    """The event in one JSON object: a structured mode body, a batch item or an NDJSON line.

    Raises:
        InputError: its subclasses say what is wrong (FORMATS.md section 10).
    """
    value, plain = load_json(raw)
    return _event_from_object(value, plain=plain)


def event_from_value(value: JsonValue) -> Event:
    """As ``parse_event``, from an object that ``parse_json`` has made."""
    check_depth(value)
    return _event_from_object(value, plain=False)


def event_from_binary(headers: Iterable[tuple[str, str]], body: bytes) -> Event:
    """The event of a binary mode request (CloudEvents HTTP binding 1.0.2 section 3.1).

    Args:
        headers: all headers of the request, names in any case, values decoded as Latin-1; others than ``ce-*`` and
            ``content-type`` are ignored.
        body: the data; no bytes mean no data.
    """
    attributes: dict[str, JsonValue] = {}
    for name, text in headers:
        lowered = name.lower()
        if lowered == "content-type":
            _add_attribute(attributes, "datacontenttype", text.strip(" \t"))
        elif lowered.startswith(_HEADER_PREFIX):
            attribute = lowered[len(_HEADER_PREFIX) :]
            if attribute in {"data", "datacontenttype"}:
                raise InvalidEventError(f"{attribute} has no ce- header in binary mode")
            check_name(attribute)
            _add_attribute(attributes, attribute, _decode_header(attribute, text))
    event, signature = _checked_attributes(attributes)
    if body:
        _set_data_from_bytes(event, body)
    return _assemble(event, signature, plain=False)


def _event_from_object(value: JsonValue, *, plain: bool) -> Event:
    if not isinstance(value, dict):
        raise InvalidEventError("an event is a JSON object")
    data_given, data64_given = "data" in value, "data_base64" in value
    if not data_given and not data64_given:
        event, signature = _checked_attributes(value)
        return _assemble(event, signature, plain=plain)
    if data_given and data64_given:
        raise InvalidEventError("an event has data or data_base64, not both")
    attributes = dict(value)
    data = attributes.pop("data" if data_given else "data_base64")
    event, signature = _checked_attributes(attributes)
    if data64_given:
        octets = _decode_base64(data)
        if octets:
            _set_data_from_bytes(event, octets)
            plain = False
        return _assemble(event, signature, plain=plain)
    media_type = event.get("datacontenttype")
    if media_type is None:
        event["datacontenttype"] = JSON_MEDIA_TYPE
        event["data"] = data
    elif is_json_media_type(media_type):
        event["data"] = data
    elif isinstance(data, str):
        # Text in structured mode is the same data as its UTF-8 bytes in binary mode; no bytes are no data.
        if data:
            event["data_base64"] = base64.b64encode(data.encode("utf-8")).decode("ascii")
    else:
        raise InvalidEventError("data that is not JSON by its datacontenttype must be a string, or data_base64")
    return _assemble(event, signature, plain=plain)


def _checked_attributes(attributes: dict[str, JsonValue]) -> tuple[dict[str, Any], SubmitterSignature | None]:
    """The attributes that enter ``E``, checked and in their string form, and the submitter's signature."""
    event: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in _CORE_STRINGS:
            # The first test is what most values pass; the function says what is wrong with the others.
            if type(value) is str and value and value.isascii() and value.isprintable():
                event[name] = value
            elif value is not None:
                event[name] = _core_text(name, value)
        else:
            check_name(name)
            if value is not None:
                text = extension_text(name, value)
                if name not in EXCLUDED_ATTRIBUTES:
                    event[name] = text
    _check_core(event)
    return event, _take_signature(event)


def _check_core(event: dict[str, Any]) -> None:
    for name in _REQUIRED:
        if name not in event:
            raise InvalidEventError(f"attribute {name!r} is missing")
    if event["specversion"] != "1.0":
        raise InvalidEventError('specversion is not "1.0"')
    for name, check in _CHECKS:
        if name in event:
            check(event[name])


def _core_text(name: str, value: JsonValue) -> str:
    if not isinstance(value, str):
        raise InvalidEventError(f"attribute {name!r} is not a string")
    if not value:
        raise InvalidEventError(f"attribute {name!r} is empty")
    check_string(name, value)
    return value


def _take_signature(event: dict[str, Any]) -> SubmitterSignature | None:
    parts = [event.pop(name, None) for name in SIGNATURE_ATTRIBUTES]
    if parts == [None, None, None]:
        return None
    alg, key_id, value = parts
    if alg is None or key_id is None or value is None:
        raise SubmitterSignatureError("ledgersigalg, ledgerkeyid and ledgersig come together")
    if alg not in VERIFIERS:
        raise SubmitterSignatureError(f"ledgersigalg is none of {', '.join(VERIFIERS)}")
    decode_signature_value(value)
    return SubmitterSignature(alg, key_id, value)


def _decode_base64(data: JsonValue) -> bytes:
    if not isinstance(data, str):
        raise InvalidEventError("data_base64 is not a string")
    try:
        octets = base64.b64decode(data.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidEventError("data_base64 is not base64 (RFC 4648 section 4)") from error
    if base64.b64encode(octets).decode("ascii") != data:
        raise InvalidEventError("data_base64 is not canonical base64")
    return octets


def _set_data_from_bytes(event: dict[str, Any], octets: bytes) -> None:
    """JSON by its media type, or without one, becomes ``data``; anything else stays bytes."""
    media_type = event.get("datacontenttype")
    if media_type is not None and not is_json_media_type(media_type):
        event["data_base64"] = base64.b64encode(octets).decode("ascii")
        return
    # The event object around the data counts as one level.
    event["data"] = load_json(octets, depth_max=DEPTH_MAX - 1)[0]
    if media_type is None:
        event["datacontenttype"] = JSON_MEDIA_TYPE


def _assemble(event: dict[str, Any], signature: SubmitterSignature | None, *, plain: bool) -> Event:
    canonical = encode_plain(event) if plain else encode_jcs(event)
    return Event(
        event["source"],
        event["id"],
        event["type"],
        event.get("subject"),
        event.get("time"),
        event,
        canonical,
        signature,
    )


def _add_attribute(attributes: dict[str, JsonValue], name: str, value: str) -> None:
    if name in attributes:
        raise InvalidEventError(f"attribute {name!r} is given twice")
    attributes[name] = value


def _decode_header(name: str, text: str) -> str:
    """HTTP binding 1.0.2 section 3.1.3.2: unquote a quoted value, then one round of percent-decoding, strict UTF-8."""
    text = text.strip(" \t")
    if _HEADER_TEXT.fullmatch(text) is None:
        raise InvalidEventError(f"header ce-{name} holds characters that must be percent-encoded")
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise InvalidEventError(f"header ce-{name} has an unfinished quoted string")
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if "%" not in text:
        return text
    try:
        return _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), text.encode("ascii")).decode("utf-8")
    except (AttributeError, UnicodeDecodeError) as error:
        raise InvalidEventError(f"header ce-{name} is not percent-encoded UTF-8") from error
