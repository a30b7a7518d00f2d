"""What follows when the chain has decided: every step that waits for a contract call, completed or refused by itself.

The anchor service calls ``complete``, ``refuse`` and ``lose`` in one transaction with the state of the call. A step is registered by the
feature that owns it, under the name that its act carries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.act_life import LIFE
from ledger.errors import MisuseError
from ledger.services.act_sm2 import Sm2Signature, require_sm2
from ledger.services.business import StoredObject, UnitOfWork

CONFIRMED_TYPE: Final = "org.cityledger.act.confirmed.v1"
REFUSED_TYPE: Final = "org.cityledger.act.refused.v1"

Completion = Callable[[UnitOfWork, StoredObject, StoredObject], None]
"""Of the unit of work, the subject and the act."""

Refusal = Callable[[UnitOfWork, StoredObject, StoredObject, str], None]
"""Of the unit of work, the subject, the act and the contract's reason."""


SignerCheck = Callable[[UnitOfWork, StoredObject, Mapping[str, Any], bytes], None]
"""Of the unit of work, the act, the signer's place in it and the key that signs; raises when that signature would be refused now."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the subject when the call is final, and when the contract refused it; and what is asked of who signs, if anything.

    Between proposal and signature a body may be suspended or change its keys. The contract judges that in any case; a check says so by
    name before the signature is taken.

    Args:
        completed: what the final call leads to.
        refused: what the contract's refusal leads to.
        check_signer: of each signature.
        needs_sm2: whether each signer signs by SM2 too.
    """

    completed: Completion
    refused: Refusal
    check_signer: SignerCheck | None = None
    needs_sm2: bool = False


_STEPS: Final[dict[str, Step]] = {}


def register_step(name: str, step: Step) -> None:
    """Registers a step; once, when the feature's module is imported."""
    if name in _STEPS:
        raise MisuseError(f"there are two steps {name}")
    _STEPS[name] = step


def step_names() -> frozenset[str]:
    """All registered steps."""
    return frozenset(_STEPS)


def check_signer(
    uow: UnitOfWork, act: StoredObject, signer: Mapping[str, Any], key: bytes, sm2: Sm2Signature | None
) -> None:
    """Holds a signature that comes in against what the act's step asks of its signers at this moment."""
    found = _STEPS.get(act.document["step"])
    if found is None:
        return
    if found.check_signer is not None:
        found.check_signer(uow, act, signer, key)
    if found.needs_sm2:
        require_sm2(uow, signer["participant"], sm2)


def complete(uow: UnitOfWork, act_id: str, *, tx_hash: bytes, block_number: int, block_hash: bytes) -> None:
    """The chain holds the call for good: the act is final, and its subject moves on."""
    act, subject = _act_and_subject(uow, act_id)
    place = {"tx_hash": tx_hash.hex(), "block_number": block_number, "block_hash": block_hash.hex()}
    is_again = "chain" in act.document
    act = uow.change(
        act, act="confirm", state=LIFE.next(act.state, "confirm"), document={**act.document, "chain": place}
    )
    if not is_again:  # after lost blocks only the place on the chain is another
        _step(act).completed(uow, subject, act)
    # Last, as everywhere: what an event locks is locked after all objects.
    uow.record(CONFIRMED_TYPE, {"act_id": act_id, "act": act.document["act"], **place}, subject=act_id)


def refuse(uow: UnitOfWork, act_id: str, reason: str) -> None:
    """The contract refused the call: the act ends, and its subject goes back to where it can be proposed again.

    A call that was final before, on a chain that lost it and now refuses it, has done its step long ago: the act says that the chain
    lacks it, and the subject stays what it has become since.
    """
    act, subject = _act_and_subject(uow, act_id)
    act = uow.change(
        act, act="refuse", state=LIFE.next(act.state, "refuse"), document={**act.document, "refused_because": reason}
    )
    if "chain" not in act.document:
        _step(act).refused(uow, subject, act, reason)
    uow.record(REFUSED_TYPE, {"act_id": act_id, "act": act.document["act"], "reason": reason}, subject=act_id)


def lose(uow: UnitOfWork, act_id: str) -> None:
    """A chain that lost blocks lacks the call: the act is being called again, its subject stays what it is."""
    act = uow.find("act", act_id)
    if act is not None and act.state == "final":
        uow.change(act, act="lose", state=LIFE.next(act.state, "lose"))


def _act_and_subject(uow: UnitOfWork, act_id: str) -> tuple[StoredObject, StoredObject]:
    """Both, locked in the order in which every use case locks them: first what an act is about, then the act."""
    seen = uow.peek("act", act_id)
    if seen is None:
        raise MisuseError(f"there is no act {act_id}")
    named = seen.document["subject"]  # never changes
    subject = uow.find(named["kind"], named["object_id"])
    act = uow.find("act", act_id)
    if subject is None or act is None:
        raise MisuseError(f"the subject of act {act_id} is gone")
    return act, subject


def _step(act: StoredObject) -> Step:
    found = _STEPS.get(act.document["step"])
    if found is None:
        raise MisuseError(f"nobody registered the step {act.document['step']}")
    return found
