"""What all steps of agreements share: the object, its parties and platforms, its moves and its events.

Object: ``agreement``, named by its 47 characters. Its document holds the disclosed part with the salt of its leaves, the confidential
part as the parties' ciphertext with the hashes of its leaves, and ``contract_hash`` over both. Who sees it: the two parties; from its
conclusion on also the platforms that reviewed the product, which file it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ledger.domain.act_json import act_from_json
from ledger.domain.acts.digital_contract_registry import Agreement
from ledger.domain.agreement import DisclosedPart
from ledger.domain.agreement_status import AGREEMENT_LIFE, STATUS_OF_STATE
from ledger.domain.records import from_json
from ledger.errors import AccessError
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.moves import moved

KIND: Final = "agreement"
EVENT: Final = "org.cityledger.agreement.{}.v1"


def get_agreement(uow: UnitOfWork, agreement_id: str, act: str) -> StoredObject:
    """The agreement, locked, when its state allows the act.

    Raises:
        NotFoundError: there is none that the actor may see.
        IllegalTransitionError: not in this state.
    """
    stored = uow.get(KIND, agreement_id)
    AGREEMENT_LIFE.next(stored.state, act)
    return stored


def is_party(stored: StoredObject, participant: str | None) -> bool:
    """Whether a body is provider or consumer of an agreement."""
    return participant is not None and participant in (stored.document["provider"], stored.document["consumer"])


def require_party(uow: UnitOfWork, stored: StoredObject) -> None:
    """Refuses whoever is neither provider nor consumer.

    Raises:
        AccessError: says who does this.
    """
    if not is_party(stored, uow.actor.participant):
        raise AccessError("A party of the agreement does this. Nothing was changed.")


def disclosed_of(stored: StoredObject) -> DisclosedPart:
    """The disclosed part."""
    return from_json(DisclosedPart, stored.document["disclosed"])


def is_ended(stored: StoredObject, now: datetime) -> bool:
    """Whether an agreement binds nobody any more: it was terminated, or its last day is over."""
    return stored.state == "terminated" or disclosed_of(stored).is_over(now)


def act_of_agreement(stored: StoredObject) -> Agreement:
    """What the parties sign."""
    act = act_from_json("DigitalContractRegistry.Agreement", stored.document["agreement"])
    assert isinstance(act, Agreement), "an agreement's document holds its act"
    return act


def move_agreement(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    """One move along the table, without its event: another object may have to move before events are recorded."""
    return moved(uow, AGREEMENT_LIFE, stored, act, changes, parties=parties)


def record_agreement(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    """The evidence of a step of an agreement: ids, digests and the status code of TC609-6-2025-14."""
    said = {
        "agreement_id": stored.object_id,
        "state": stored.state,
        "contract_status": str(STATUS_OF_STATE[stored.state]),
        "contract_hash": stored.document["contract_hash"],
        "order_id": stored.document["order_id"],
        **data,
    }
    uow.record(EVENT.format(event), said, subject=stored.object_id)
