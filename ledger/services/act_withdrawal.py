"""Taking back an act that waits for signatures."""

from typing import Final

from ledger.domain.act_life import KIND, LIFE
from ledger.errors import ConflictError, MisuseError
from ledger.services.acts import SIGN_DUTY
from ledger.services.business import StoredObject, UnitOfWork

WITHDRAWN_TYPE: Final = "org.cityledger.act.withdrawn.v1"


def withdraw_act(uow: UnitOfWork, act_id: str) -> StoredObject:
    """Takes back an act that waits for signatures, for the use case that proposed it.

    Raises:
        ConflictError: its signatures are all there, and the chain decides about it.
        MisuseError: there is no such act.
    """
    stored = require_open(uow, act_id)
    withdrawn = uow.change(stored, act="withdraw", state=LIFE.next(stored.state, "withdraw"))
    uow.meet_deadline(withdrawn, SIGN_DUTY)  # nobody owes a signature any more
    uow.record(WITHDRAWN_TYPE, {"act_id": act_id, "act": stored.document["act"]}, subject=act_id)
    return withdrawn


def require_open(uow: UnitOfWork, act_id: str) -> StoredObject:
    """The act, locked, while it waits for signatures: for a use case that changes other objects before it takes the act back.

    Raises:
        As ``withdraw_act``.
    """
    stored = uow.find(KIND, act_id)
    if stored is None:
        raise MisuseError(f"there is no act {act_id}")
    if stored.state != "open":
        raise ConflictError(
            "The act has all its signatures and is being called; what the chain decides comes by itself. Nothing was changed."
        )
    return stored
