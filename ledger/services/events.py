"""Taking events in, without HTTP and without a database: unpack a request body, judge each event, build openings.

A batch is not all-or-nothing: whatever is wrong with one event refuses that event only. The whole is refused only when it
cannot be taken apart: the bytes are not UTF-8, or not one JSON array.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from ledger.errors import (
    InputError,
    LedgerError,
    MalformedJsonError,
    SignatureError,
    SourceNotBoundError,
    SubmitterSignatureError,
    TooLargeError,
)
from ledger.log.event import Event, parse_event
from ledger.log.signatures import verify_submitter_signature

_WHITESPACE = b" \t\n\r"
# A string, or a structural character outside of strings; whatever lies between is left to the parser of the item.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},"]', re.DOTALL)
_OPENING = (ord("["), ord("{"))
_CLOSING = (ord("]"), ord("}"))


class SignatureKey(Protocol):
    """A submitter's registered public key."""

    @property
    def key_id(self) -> str:
        """Its name in ``ledgerkeyid``."""
        ...

    @property
    def alg(self) -> str:
        """``ed25519``, ``secp256k1`` or ``sm2``."""
        ...

    @property
    def public_key(self) -> bytes:
        """In the one form of its algorithm (``ledger.log.signatures``)."""
        ...


class Submitter(Protocol):
    """Who sends events: what an API key is bound to."""

    @property
    def submitter(self) -> str:
        """The body's code in this system."""
        ...

    @property
    def signature_keys(self) -> Sequence[SignatureKey]:
        """The keys that its events may be signed with."""
        ...

    def allows_source(self, source: str) -> bool:
        """Whether an event may have this source."""
        ...


def split_array(raw: bytes, items_max: int) -> list[bytes]:
    """The raw items of one JSON array, unparsed, so that one bad item does not lose the others.

    Raises:
        MalformedJsonError: not UTF-8, or not one array with balanced brackets and items between its commas.
        TooLargeError: more than ``items_max`` items.
    """
    _check_utf8(raw)
    body = raw.strip(_WHITESPACE)
    if not body.startswith(b"["):
        raise MalformedJsonError("a batch is one JSON array")
    items: list[bytes] = []
    depth = 0
    start = 1
    end = None
    for token in _TOKEN.finditer(body):
        position = token.start()
        character = body[position]
        if end is not None:
            raise MalformedJsonError("something follows the array")
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
            if depth == 0:
                end = position
        elif character == ord(",") and depth == 1:
            items.append(body[start:position])
            start = position + 1
            if len(items) >= items_max:
                raise TooLargeError(f"A batch has at most {items_max} events.", limit=items_max)
        elif character == ord('"') and token.end() - position == 1:
            raise MalformedJsonError("a string has no end")
    if end != len(body) - 1 or body[end] != ord("]"):
        raise MalformedJsonError("the array is not closed, or something follows it")
    last = body[start:end]
    if items or last.strip(_WHITESPACE):
        items.append(last)
    return [item.strip(_WHITESPACE) for item in items]


def split_lines(raw: bytes, items_max: int) -> list[bytes]:
    """The lines of an NDJSON body; the index of a line is its number counted from 0, and only the end may be empty.

    Raises:
        MalformedJsonError: not UTF-8.
        TooLargeError: more than ``items_max`` lines.
    """
    _check_utf8(raw)
    lines = raw.split(b"\n", items_max + 1)
    if not lines[-1].strip(_WHITESPACE):
        lines.pop()
    if len(lines) > items_max:
        raise TooLargeError(f"A request has at most {items_max} events.", limit=items_max)
    return [line.rstrip(b"\r") for line in lines]


def parse_batch_items(raw_items: Sequence[bytes]) -> list[Event | LedgerError]:
    """Each item of an array as an event, or the reason why it is refused.

    Raises:
        MalformedJsonError: an item is no JSON, so the array as a whole is none.
    """
    parsed = parse_lines(raw_items)
    for index, item in enumerate(parsed):
        if isinstance(item, MalformedJsonError):
            raise MalformedJsonError(f"the array is not JSON at item {index}") from item
    return parsed


def parse_lines(raw_items: Sequence[bytes]) -> list[Event | LedgerError]:
    """Each NDJSON line as an event, or the reason why it is refused."""
    parsed: list[Event | LedgerError] = []
    for raw in raw_items:
        try:
            parsed.append(parse_event(raw))
        except InputError as error:
            parsed.append(error)
    return parsed


def judge_event(event: Event, submitter: Submitter, *, origin: str, event_bytes_max: int) -> None:
    """Whether this submitter may log this event.

    Raises:
        TooLargeError: ``E`` has more than ``event_bytes_max`` bytes.
        SourceNotBoundError: the source begins with none of the submitter's prefixes.
        SubmitterSignatureError: signed by a key that is not registered for the submitter, or wrongly.
    """
    if len(event.canonical) > event_bytes_max:
        raise TooLargeError(f"An event has at most {event_bytes_max} bytes in canonical form.", limit=event_bytes_max)
    if not submitter.allows_source(event.source):
        raise SourceNotBoundError("The source begins with none of the prefixes bound to this key.")
    if event.signature is None:
        return
    for key in submitter.signature_keys:
        if key.key_id == event.signature.key_id and key.alg == event.signature.alg:
            try:
                verify_submitter_signature(key.alg, key.public_key, origin, event.canonical, event.signature.value)
            except SignatureError as error:
                raise SubmitterSignatureError("The submitter's signature does not verify.") from error
            return
    raise SubmitterSignatureError("The submitter has no registered key of that algorithm and key id.")


def judge_events(
    parsed: Sequence[Event | LedgerError], submitter: Submitter, *, origin: str, event_bytes_max: int
) -> list[Event | LedgerError]:
    """As ``judge_event`` for every item; items that are refused already stay as they are."""
    judged: list[Event | LedgerError] = []
    for item in parsed:
        if isinstance(item, LedgerError):
            judged.append(item)
            continue
        try:
            judge_event(item, submitter, origin=origin, event_bytes_max=event_bytes_max)
        except LedgerError as error:
            judged.append(error)
        else:
            judged.append(item)
    return judged


def _check_utf8(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJsonError(f"not UTF-8 at byte {error.start}") from error
