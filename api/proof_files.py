"""Proof files of stored events, as any route gives them out: byte for byte as they are to be kept."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from api.container import Container
from ledger.adapters.sql import anchoring, checkpoints, reading
from ledger.errors import InputError, NotFoundError
from ledger.log.tiles import tile_path
from ledger.services.proofs import NotPublishedYetError, build_proof

_REDACT: Final = (
    "The event cannot be redacted so: only bodies of kind fields can, and every pointer must find a field or an object that is "
    "there, such as /event/data/name."
)


def proof_file(
    connection: Connection,
    container: Container,
    event: reading.StoredEvent,
    *,
    redact: Sequence[str] = (),
    as_of: int | None = None,
) -> bytes:
    """The proof of an event.

    Args:
        connection: on which the event was found.
        container: of this process.
        event: as it is stored.
        redact: JSON pointers into the body, of fields to withhold.
        as_of: size of the checkpoint that it is to use; None for the anchored one that covers the event, else the first published one.

    Raises:
        InputError: nothing can be redacted so.
        NotFoundError: no such checkpoint was published.
        NotPublishedYetError: no checkpoint covers the event yet.
    """
    checkpoint, anchored = _heads(connection, event.leaf_index + 1, as_of)
    try:
        proof = build_proof(
            event,
            sealer=container.sealer,
            identity=container.open_log(connection).identity,
            checkpoint=checkpoint.note,
            anchored=anchored,
            read_tile=lambda level, index, width: container.tile_store.read(tile_path(level, index, width)),
            pointers=redact,
        )
    except InputError as error:  # whose detail repeats the pointers
        raise InputError(_REDACT) from error
    return proof.encode()


def _heads(
    connection: Connection, tree_size: int, as_of: int | None
) -> tuple[checkpoints.StoredCheckpoint, anchoring.AnchoredHead | None]:
    """The checkpoint of a proof and the anchored head it is tied to."""
    if as_of is not None:
        checkpoint = checkpoints.checkpoint_at(connection, as_of)
        if checkpoint is None or as_of < tree_size:
            raise NotFoundError("No checkpoint of that size that covers the event was published.")
        return checkpoint, anchoring.anchored_head_covering(connection, as_of)
    anchored = anchoring.anchored_head_covering(connection, tree_size)
    if anchored is not None:
        checkpoint = checkpoints.checkpoint_at(connection, anchored.tree_size)
        if checkpoint is not None:
            return checkpoint, anchored
    checkpoint = checkpoints.checkpoint_covering(connection, tree_size)
    if checkpoint is None:
        raise NotPublishedYetError("The event is in the log; no signed checkpoint covers it yet. Ask again soon.")
    return checkpoint, anchored
