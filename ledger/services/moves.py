"""One move of an object along its transition table, without its event: another object may have to move before events are recorded."""

from collections.abc import Mapping
from typing import Any

from ledger.domain.transitions import TransitionTable
from ledger.services.business import StoredObject, UnitOfWork


def moved(
    uow: UnitOfWork,
    life: TransitionTable,
    stored: StoredObject,
    act: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    """The object after the act.

    Args:
        uow: the transaction.
        life: of objects of this kind.
        stored: as it was read, locked.
        act: one of the table's.
        changes: members of the document that become others.
        parties: who may see it from now on; None leaves them.

    Raises:
        IllegalTransitionError: its state does not allow the act.
    """
    state = life.next(stored.state, act)
    return uow.change(stored, act=act, state=state, document={**stored.document, **changes}, parties=parties)
