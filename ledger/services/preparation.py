"""Everything about one event that needs no lock: identity, tags, envelope, commitments, sealed body.

Pure CPU work apart from random bytes and the sealer; API workers do it in parallel, before the append takes the head row.
"""

import hmac
from collections.abc import Sequence
from typing import Final

from ledger.errors import SealBrokenError
from ledger.log.body import encode_body
from ledger.log.canonical import encode_string
from ledger.log.entry import commit_entry
from ledger.log.envelope import Envelope
from ledger.log.event import Event
from ledger.log.rules import Rules
from ledger.log.tags import TagKeys
from ledger.log.timestamps import format_time
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import Clock, PreparedEvent, Randomness, Sealer

DOMAIN_IDENTITY: Final = b"cityledger/v1/identity\n"
DOMAIN_EVENT: Final = b"cityledger/v1/event\n"
DOMAIN_SUBJECT: Final = b"cityledger/v1/subject\n"

_SALT_BYTES = 32


def build_sealed_plaintext(body_salt: bytes, body: bytes) -> bytes:
    """What is sealed at rest: body salt (32 bytes) || JCS(B)."""
    return body_salt + body


def parse_sealed_plaintext(plaintext: bytes) -> tuple[bytes, bytes]:
    """The body salt and JCS(B). Raises ``SealBrokenError`` when it is too short to be one."""
    if len(plaintext) <= _SALT_BYTES:
        raise SealBrokenError("The unsealed body is too short.")
    return plaintext[:_SALT_BYTES], plaintext[_SALT_BYTES:]


class Preparer:
    """Prepares events for one log.

    Args:
        identity: the log they go to.
        rules: the rule file that says body kind and tags of each event type.
        tag_keys: keys of the stream tags (space key).
        identity_key: 32-byte key of the keyed identity; lost or changed, repeats could no longer be recognised.
        sealer: seals bodies at rest.
        clock: stamps ``received_at``.
        randomness: salts.
    """

    def __init__(
        self,
        *,
        identity: LogIdentity,
        rules: Rules,
        tag_keys: TagKeys,
        identity_key: bytes,
        sealer: Sealer,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self.identity = identity
        self.rules = rules
        self.tag_keys = tag_keys
        self.sealer = sealer
        self.clock = clock
        # Copied for every event: a third cheaper than starting from the key.
        self._identity_mac = hmac.new(identity_key, DOMAIN_IDENTITY, "sha256")
        self._event_mac = hmac.new(identity_key, DOMAIN_EVENT, "sha256")
        self._subject_mac = hmac.new(identity_key, DOMAIN_SUBJECT, "sha256")
        self._randomness = randomness

    def identity_of(self, source: str, event_id: str) -> bytes:
        """HMAC-SHA-256(identity key, D("identity") || JCS[source, id]): 32 bytes."""
        name = b"[%b,%b]" % (encode_string(source), encode_string(event_id))
        return _finish(self._identity_mac, name)

    def event_mac(self, canonical: bytes) -> bytes:
        """HMAC-SHA-256(identity key, D("event") || E): tells a repeat from a conflict without opening the body."""
        return _finish(self._event_mac, canonical)

    def subject_mac(self, *names: str) -> bytes:
        """HMAC-SHA-256(identity key, D("subject") || JCS[names]): says in evidence that it was the same one, and not who."""
        return _finish(self._subject_mac, b"[%b]" % b",".join(encode_string(name) for name in names))

    def prepare(self, event: Event, submitter: str) -> PreparedEvent:
        """Computes salts, tags, envelope, commitments and the sealed body of one event."""
        return self.prepare_all((event,), submitter)[0]

    def prepare_all(self, events: Sequence[Event], submitter: str) -> list[PreparedEvent]:
        """As ``prepare``, for events that were received together and so have one ``received_at``."""
        received_at = self.clock.now()
        identities = [self.identity_of(event.source, event.id) for event in events]
        bodies = [encode_body(event) for event in events]
        salts = self._salts(len(events))
        plaintexts = [build_sealed_plaintext(salt, body) for (salt, _), body in zip(salts, bodies, strict=True)]
        sealed = self.sealer.seal_all(received_at, list(zip(identities, plaintexts, strict=True)))
        drafts = zip(events, identities, bodies, salts, sealed, strict=True)
        time_text = format_time(received_at)
        prepared: list[PreparedEvent] = []
        for event, identity, body, (body_salt, envelope_salt), sealed_body in drafts:
            body_kind, tags = self.rules.tags(event, submitter, self.tag_keys)
            envelope = Envelope(
                body_kind,
                self.identity.origin,
                time_text,
                self.rules.version,
                event.signature.key_id if event.signature else None,
                submitter,
                tags,
                event.type,
            ).encode()
            entry = commit_entry(
                event, body, body_kind=body_kind, body_salt=body_salt, envelope=envelope, envelope_salt=envelope_salt
            )
            prepared.append(
                PreparedEvent(
                    source=event.source,
                    event_id=event.id,
                    identity=identity,
                    event_mac=self.event_mac(event.canonical),
                    body_commitment=entry.body,
                    envelope_commitment=entry.envelope,
                    sm3_commitment=entry.sm3,
                    leaf_hash=entry.leaf_hash,
                    envelope_salt=envelope_salt,
                    envelope=envelope,
                    sealed=sealed_body,
                    received_at=received_at,
                )
            )
        return prepared

    def _salts(self, count: int) -> list[tuple[bytes, bytes]]:
        """A fresh body salt and envelope salt for each event, from one call of the generator."""
        octets = self._randomness(2 * _SALT_BYTES * count)
        starts = range(0, len(octets), 2 * _SALT_BYTES)
        middle, end = _SALT_BYTES, 2 * _SALT_BYTES
        return [(octets[start : start + middle], octets[start + middle : start + end]) for start in starts]


def _finish(begun: hmac.HMAC, message: bytes) -> bytes:
    mac = begun.copy()
    mac.update(message)
    return mac.digest()
