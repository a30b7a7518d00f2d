"""Messages of a negotiation as bytes, and the digests by which its versions are kept as evidence. Pure.

Bytes are RFC 8785 (formats.md section 1); a digest is SHA-256 over them. What came in another spelling has the digest of what it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.domain.agreement_status import NegotiationState
from ledger.domain.negotiation.life import Side
from ledger.domain.negotiation.messages import Message, MessageType, message_value, read_message
from ledger.domain.negotiation.negotiation import Negotiation
from ledger.errors import TooLargeError
from ledger.log.canonical import encode_jcs, parse_json

MESSAGE_BYTES_MAX: Final = 65_536


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """What is kept of one message: number from 1, sender, type, state after it, digest of the message, and of its policy if it has one."""

    number: int
    sender: Side
    type: MessageType
    state: NegotiationState
    digest: bytes
    policy_digest: bytes | None


def parse_message(raw: bytes, *expected: MessageType) -> Message:
    """The message in ``raw``, strict JSON of at most 65,536 bytes.

    Args:
        raw: UTF-8.
        *expected: the types that are taken; without any, every type.

    Raises:
        TooLargeError: it is longer.
        InputError: no strict JSON, or no message (``read_message``).
    """
    if len(raw) > MESSAGE_BYTES_MAX:
        raise TooLargeError(f"A message has at most {MESSAGE_BYTES_MAX} bytes.")
    return read_message(parse_json(raw), *expected)


def encode_message(message: Message) -> bytes:
    """The message in RFC 8785 form; the inverse of ``parse_message`` on such bytes."""
    return encode_jcs(message_value(message))


def message_digest(message: Message) -> bytes:
    """SHA-256 of the message, 32 bytes."""
    return sha256(encode_message(message)).digest()


def policy_digest(policy: Mapping[str, Any]) -> bytes:
    """SHA-256 of one version of an offer, or of an agreement, 32 bytes."""
    return sha256(encode_jcs(dict(policy))).digest()


def recorded_steps(negotiation: Negotiation) -> tuple[RecordedStep, ...]:
    """Every message of a negotiation with its digests, oldest first."""
    return tuple(
        RecordedStep(
            number,
            step.sender,
            step.message.type,
            step.state,
            message_digest(step.message),
            None if (policy := step.message.offer or step.message.agreement) is None else policy_digest(policy),
        )
        for number, step in enumerate(negotiation.steps, 1)
    )
