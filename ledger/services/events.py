"""Judging events before they are appended: may this submitter log this event?

A batch is not all-or-nothing: whatever is wrong with one event refuses that event only.
"""

from collections.abc import Sequence
from typing import Protocol

from ledger.errors import (
    LedgerError,
    SignatureError,
    SourceNotBoundError,
    SubmitterSignatureError,
    TooLargeError,
)
from ledger.log.event import Event
from ledger.log.signatures import verify_submitter_signature
from ledger.services.batches import Item

NAME_CHARACTERS_MAX = 2_048
"""Of source and of id: both stand in the URL that asks for the event, percent-encoded, within the limit of a head."""


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


def judge_event(event: Event, submitter: Submitter, *, origin: str, event_bytes_max: int) -> None:
    """Whether this submitter may log this event.

    Raises:
        TooLargeError: ``E`` has more than ``event_bytes_max`` bytes, or a name is too long to be asked for.
        SourceNotBoundError: the source begins with none of the submitter's prefixes.
        SubmitterSignatureError: signed by a key that is not registered for the submitter, or wrongly.
    """
    if max(len(event.source), len(event.id)) > NAME_CHARACTERS_MAX:
        raise TooLargeError(
            f"source and id have at most {NAME_CHARACTERS_MAX} characters each.", limit=NAME_CHARACTERS_MAX
        )
    if len(event.canonical) > event_bytes_max:
        raise TooLargeError(f"An event has at most {event_bytes_max} bytes in canonical form.", limit=event_bytes_max)
    if not submitter.allows_source(event.source):
        raise SourceNotBoundError(
            "The source begins with none of the prefixes bound to this key; the operator binds them with `cityledger keys add`."
        )
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


def judge_events(parsed: Sequence[Item], submitter: Submitter, *, origin: str, event_bytes_max: int) -> list[Item]:
    """As ``judge_event`` for every item; items that are refused already stay as they are."""
    judged: list[Item] = []
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
