"""Building what a holder of an event needs to check it: openings and proof files (formats.md section 7)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from ledger.errors import ConflictError, IntegrityError, VerificationError
from ledger.log.body import parse_body
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.entry import Entry
from ledger.log.envelope import parse_envelope
from ledger.log.opening import Opening, build_erased_opening, build_opening, redact
from ledger.log.proof import consistency_path, inclusion_path
from ledger.log.proof_file import AnchorFacts, ProofFile
from ledger.log.tiles import TileNodeReader
from ledger.log.typed_data import LogIdentity
from ledger.log.verify import verify_consistency, verify_inclusion
from ledger.services.ports import SealedBody, Sealer
from ledger.services.preparation import parse_sealed_plaintext

ReadTile = Callable[[int, int, int], bytes]
"""(level, index, width) -> the bytes of that hash tile."""


class NotPublishedYetError(ConflictError):
    """The event is in the log, but no signed checkpoint covers it yet; ask again soon."""

    code = "not_published_yet"
    title = "Not published yet"


class KeptEvent(Protocol):
    """What is kept of an event: its envelope for ever, its body sealed until it is erased."""

    @property
    def identity(self) -> bytes:
        """The keyed identity, 32 bytes."""
        ...

    @property
    def envelope(self) -> bytes:
        """JCS of the envelope."""
        ...

    @property
    def envelope_salt(self) -> bytes:
        """32 bytes."""
        ...

    @property
    def sealed(self) -> SealedBody | None:
        """The sealed body; None after erasure."""
        ...


class LoggedEvent(KeptEvent, Protocol):
    """A kept event with its place in the log."""

    @property
    def leaf_index(self) -> int:
        """0-based."""
        ...

    @property
    def entry(self) -> Entry:
        """The public entry."""
        ...


class AnchoredFacts(Protocol):
    """Where a head stands on the chain."""

    @property
    def tree_size(self) -> int:
        """Size of the anchored head."""
        ...

    @property
    def root_hash(self) -> bytes:
        """Its root."""
        ...

    @property
    def tx_hash(self) -> bytes:
        """The transaction that anchored it."""
        ...

    @property
    def block_number(self) -> int:
        """The block that holds the transaction."""
        ...

    @property
    def block_hash(self) -> bytes:
        """That block's hash."""
        ...


def open_event(event: KeptEvent, sealer: Sealer) -> Opening:
    """The opening of an event: full, or erased when its body is gone.

    Raises:
        SealBrokenError: the body is there and cannot be unsealed.
    """
    envelope = parse_envelope(event.envelope)
    if event.sealed is None:
        return build_erased_opening(envelope, event.envelope_salt)
    body_salt, body = parse_sealed_plaintext(sealer.unseal(event.identity, event.sealed))
    return build_opening(parse_body(body), body_salt, envelope, event.envelope_salt)


def build_proof(
    event: LoggedEvent,
    *,
    sealer: Sealer,
    identity: LogIdentity,
    checkpoint: str,
    anchored: AnchoredFacts | None,
    read_tile: ReadTile,
    pointers: Sequence[str] = (),
) -> ProofFile:
    """The proof of one event under a published checkpoint.

    Args:
        event: the event.
        sealer: opens its body.
        identity: the log.
        checkpoint: the note; it must cover the event.
        anchored: an anchored head of at least the event's leaf, or None while there is none.
        read_tile: reads published hash tiles.
        pointers: JSON pointers into ``B`` of the fields to withhold.

    Raises:
        InputError: the body cannot be redacted so.
        IntegrityError: tiles, entry and checkpoint contradict each other; a proof that does not verify is never given out.
        NotFoundError: a tile is missing.
    """
    opening = open_event(event, sealer)
    if pointers:
        opening = redact(opening, pointers)
    try:
        opened = open_checkpoint(checkpoint, identity)
        head = opened.checkpoint
        path = inclusion_path(event.leaf_index, head.tree_size, TileNodeReader(read_tile, head.tree_size))
        verify_inclusion(event.entry.leaf_hash, event.leaf_index, head.tree_size, path, head.root_hash)
        anchor = None if anchored is None else _anchor_facts(identity, head, anchored, read_tile)
    except VerificationError as error:
        raise IntegrityError(f"Entry, tiles and checkpoint contradict each other; run fsck: {error.detail}") from error
    return ProofFile(event.entry, event.leaf_index, tuple(path), opened.note, opening, anchor)


def _anchor_facts(identity: LogIdentity, head: Checkpoint, anchored: AnchoredFacts, read_tile: ReadTile) -> AnchorFacts:
    here, there = (head.tree_size, head.root_hash), (anchored.tree_size, anchored.root_hash)
    (size_1, root_1), (size_2, root_2) = sorted((here, there))
    path = consistency_path(size_1, size_2, TileNodeReader(read_tile, size_2)) if size_1 < size_2 else []
    verify_consistency(size_1, size_2, path, root_1, root_2)
    return AnchorFacts(
        chain_id=identity.chain_id,
        contract=identity.evidence_log,
        log_id=identity.log_id,
        tree_size=anchored.tree_size,
        root_hash=anchored.root_hash,
        consistency_path=tuple(path),
        tx_hash=anchored.tx_hash,
        block_number=anchored.block_number,
        block_hash=anchored.block_hash,
    )
