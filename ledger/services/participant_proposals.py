"""How a step of a participant is proposed to the chain: the way made clear, the act with its signers, and the step kept open."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from ledger.domain.act_life import KIND as ACT
from ledger.domain.acts.participant_registry import (
    Admission,
    Departure,
    KeyAddition,
    KeyRevocation,
    QualificationRenewal,
    Reinstatement,
    RoleChange,
    Suspension,
)
from ledger.domain.participant import OpenStep
from ledger.domain.typed_acts import Act
from ledger.errors import ConflictError
from ledger.log.timestamps import format_time
from ledger.services.act_withdrawal import require_open, withdraw_act
from ledger.services.acts import SIGN_DUTY, Signer, propose_act
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_counts import next_nonce
from ledger.services.participant_records import Begun, finish, salt_of

STEP_PREFIX: Final = "participant."
STEP_PROPOSED: Final = "step_proposed"
ALONE: Final = frozenset({"add_key", "revoke_key"})
"""Steps that the body signs alone: with one after the other it could hold off whatever waited for them."""

GIVING_WAY: Final = frozenset({"renew_qualification", "change_roles"})
"""Steps of an authority beside which another authority's goes on: each is counted for its own signer, and both leave the standing."""

SIGN_WITHIN: Final = timedelta(days=5)
"""Who is asked for a signature has so long; a breach is evidence, and the body may then take back what is held over it unsigned."""

STEPS: Final[Mapping[type[Act], str]] = {
    Admission: "admit",
    Suspension: "suspend",
    Reinstatement: "reinstate",
    Departure: "depart",
    QualificationRenewal: "renew_qualification",
    RoleChange: "change_roles",
    KeyAddition: "add_key",
    KeyRevocation: "revoke_key",
}
"""Act -> step, which is also the name of the contract's function."""


def make_way(uow: UnitOfWork, begun: Begun, by: Signer) -> Begun:
    """For what must not wait: the open step is taken back, or goes on beside where the chain decides about it.

    Raises:
        ConflictError: the chain decides about a step that comes first (``barring_step``).
    """
    barring = barring_step(uow, begun, by)
    if barring is not None:
        require_open(uow, barring.act_id)  # which it is not
    participant = begun.participant
    step = participant.open_step
    if step is None:
        return begun
    if _act_at_the_chain(uow, step) is not None:
        participant = replace(participant, overtaken_step=step)
    else:
        withdraw_act(uow, step.act_id)
    return replace(begun, participant=replace(participant, open_step=None))


def barring_step(uow: UnitOfWork, begun: Begun, by: Signer) -> OpenStep | None:
    """The step at the chain beside which this signer's cannot be proposed: it takes the same count, or changes the standing."""
    for step in (begun.participant.open_step, begun.participant.overtaken_step):
        act = None if step is None else _act_at_the_chain(uow, step)
        if step is not None and act is not None and not _goes_on_beside(step, act, by):
            return step
    return None


def _act_at_the_chain(uow: UnitOfWork, step: OpenStep) -> StoredObject | None:
    act = uow.find(ACT, step.act_id)  # locked after its subject; who waits the other way round begins anew
    return act if act is not None and act.state == "calling" else None


def _goes_on_beside(step: OpenStep, act: StoredObject, by: Signer) -> bool:
    is_anothers = act.document["signers"][0]["body_id"] != by.body_id.hex()
    return step.step in ALONE or (step.step in GIVING_WAY and is_anothers)


def place_of(
    uow: UnitOfWork, begun: Begun, *, by: Signer | None = None, overtakes: bool = False
) -> tuple[bytes, int, bytes]:
    """Body id, nonce of the next act of ``by`` (of the body itself) about it, and the salt.

    Raises:
        ConflictError: the chain does not hold the body, or another step is open; one that ``overtakes`` begins beside an overtaken one.
    """
    chain = begun.participant.chain
    if chain is None:
        raise ConflictError("The chain does not hold this body. Nothing was changed.")
    step = begun.participant.open_step or (None if overtakes else begun.participant.overtaken_step)
    if step is not None:
        raise ConflictError(
            f"The step {step.step} of this participant is open; it is signed or withdrawn first. Nothing was changed."
        )
    nonce = next_nonce(uow, chain, chain.body_id if by is None else "0x" + by.body_id.hex())
    return bytes.fromhex(chain.body_id[2:]), nonce, salt_of(uow, begun.stored)


def propose_step(
    uow: UnitOfWork,
    begun: Begun,
    act: Act,
    signers: Sequence[Signer],
    *,
    event: str = STEP_PROPOSED,
    parties: tuple[str, ...] | None = None,
    **members: Any,
) -> StoredObject:
    """Proposes the act and keeps its step open; ``members`` are those of the ``OpenStep``, ``event`` the past tense of what is told."""
    step = STEPS[type(act)]
    proposed = propose_act(uow, begun.stored, act, function=step, step=STEP_PREFIX + step, signers=signers)
    due_at = uow.now + SIGN_WITHIN
    uow.set_deadline(proposed, SIGN_DUTY, due_at)
    opened = OpenStep(step, proposed.object_id, due_at=format_time(due_at), **members)
    changed = replace(begun.participant, open_step=opened, refused_step=None)
    data = {"step": step, "act_id": proposed.object_id}
    return finish(uow, begun, changed, event, data, parties=parties)
