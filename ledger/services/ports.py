"""The ports: what the use cases need from the world, with the behaviour an adapter must have.

A method list alone is not an interface, so each docstring says what is durable on return, what may be called at the same
time, and which error means what.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

# Values that are made once an event are named tuples: a frozen dataclass of twelve fields costs ten times as much to make.

Randomness = Callable[[int], bytes]
"""``n -> n`` bytes from the system generator."""


class Clock(Protocol):
    """Wall clock. Never used to decide truth, only to stamp and to set deadlines."""

    def now(self) -> datetime:
        """The time now, timezone-aware UTC."""
        ...


class EventState(StrEnum):
    """The states of an event (design section 4), the same words everywhere, in order."""

    PENDING = "pending"
    SEQUENCED = "sequenced"
    PUBLISHED = "published"
    ANCHORED = "anchored"
    FINAL = "final"


class SealedBody(NamedTuple):
    """Body and body salt at rest: ``blob`` is nonce || AES-256-GCM ciphertext under the key (month, bucket, generation).

    ``month`` is YYYYMM; the bucket is the identity mod 4096 and is not stored twice.
    """

    month: int
    generation: int
    blob: bytes


class Sealer(Protocol):
    """Seals bodies under keys kept outside the database (formats.md section 9). Safe to call from several threads."""

    def seal(self, identity: bytes, at: datetime, plaintext: bytes) -> SealedBody:
        """Seals under the bucket's newest key; that key is on disk and fsynced before this returns.

        Raises ``UnavailableError`` when the keys cannot be written now: a full disk. Repeating is safe.
        """
        ...

    def seal_all(self, at: datetime, bodies: Sequence[tuple[bytes, bytes]]) -> list[SealedBody]:
        """As ``seal``, for pairs of identity and plaintext that were received at the same time."""
        ...

    def unseal(self, identity: bytes, sealed: SealedBody) -> bytes:
        """The plaintext. Raises ``SealBrokenError`` when the key is gone or the blob was altered."""
        ...

    def holds(self, month: int) -> bool:
        """Whether the keys of this month (YYYYMM) are there; sealing makes those of the present month when they are not."""
        ...


class PreparedEvent(NamedTuple):
    """One event with everything computed that needs no lock: ready for the append.

    ``identity`` is HMAC-SHA-256(identity key, (source, id)), ``event_mac`` HMAC-SHA-256(identity key, E), so that a stolen
    database answers no guesses. Commitments, salts and hashes are 32 bytes.
    """

    source: str
    event_id: str
    identity: bytes
    event_mac: bytes
    body_commitment: bytes
    envelope_commitment: bytes
    sm3_commitment: bytes
    leaf_hash: bytes
    envelope_salt: bytes
    envelope: bytes
    sealed: SealedBody
    received_at: datetime


class AppendOutcome(StrEnum):
    """What the append did with one event."""

    NEW = "new"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    ERASED = "erased"


class Promise(NamedTuple):
    """How soon an acknowledged event is published and anchored; stored once per distinct pair, in seconds."""

    publish_within_s: int
    anchor_within_s: int


class SequencedEvent(NamedTuple):
    """Where an event stands in the log, with the promise given at its first acknowledgement."""

    leaf_index: int
    leaf_hash: bytes
    received_at: datetime
    promise: Promise


class AppendResult(NamedTuple):
    """One result, in the order of the batch. Unless NEW, ``event`` is what was first recorded under that identity."""

    outcome: AppendOutcome
    event: SequencedEvent


class LogAppender(Protocol):
    """The one commit point of the log (``adapters/sql/log_store.py``)."""

    def append(self, batch: Sequence[PreparedEvent], promise: Promise) -> list[AppendResult]:
        """Sequences a batch in one transaction that holds the head row.

        On return every NEW event is durable with its leaf index. Duplicates inside the batch obey the same rule as duplicates
        across batches. May be called from several threads and processes; they queue on the head row. If it raises, either
        nothing or everything was applied; repeating the same batch is safe, because identities are checked again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Watermarks:
    """How far each stage has come, as tree sizes; an event's state follows from its leaf index and these."""

    sequenced: int
    published: int
    anchored: int
    final: int

    def state_of(self, leaf_index: int) -> EventState:
        """The furthest stage that covers this leaf."""
        if leaf_index < self.final:
            return EventState.FINAL
        if leaf_index < self.anchored:
            return EventState.ANCHORED
        if leaf_index < self.published:
            return EventState.PUBLISHED
        return EventState.SEQUENCED


class TileStore(Protocol):
    """The published log as C2SP tlog-tiles. Immutable but for right-edge tiles and the checkpoint.

    Written by the anchor's leader only; read by anyone at any time. Paths are those of ``ledger.log.tiles``.
    """

    def read(self, path: str) -> bytes:
        """The bytes at ``path`` (also a partial tile cut from a wider one). Raises ``NotFoundError``."""
        ...

    def write(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Writes all files durably (temporary file, fsync, rename, fsync of the folder).

        Writing other bytes over a full tile raises ``IntegrityError``; the same bytes again change nothing.
        """
        ...

    def read_checkpoint(self) -> str | None:
        """The published checkpoint note, or None before the first."""
        ...

    def write_checkpoint(self, note: str, confirm: Callable[[], None] | None = None) -> None:
        """Replaces the published checkpoint durably.

        ``confirm`` is called when nothing is left to do but the replacement itself; if it raises, the old checkpoint stays.
        """
        ...


class CheckpointJournal(Protocol):
    """The second store: every checkpoint is recorded here, on other media, before it leaves the process."""

    def last(self) -> str | None:
        """The note recorded last, or None."""
        ...

    def record(self, previous: str | None, note: str, confirm: Callable[[], None] | None = None) -> None:
        """Compare-and-swap: durable on return; raises ``IntegrityError`` unless ``last()`` still equals ``previous``.

        Recording the note that is already last changes nothing. ``confirm`` is called while nobody else can record, when nothing is
        left to do but the write itself; if it raises, the journal stays as it was.
        """
        ...
