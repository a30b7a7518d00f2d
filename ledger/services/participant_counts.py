"""The count that an act about a body names (``nonce``): of the acts that its signer has done about that body.

A body may relay its own acts directly, so it is taken from the followed events of the contract (``ledger.domain.chain_counts``).
"""

from typing import Final

from ledger.domain.acts.participant_registry import ParticipantRegistryAct
from ledger.domain.chain_counts import count_of_acts, newest_count
from ledger.domain.participant import OnChain
from ledger.services.business import UnitOfWork

REGISTRY: Final = ParticipantRegistryAct.CONTRACT


def next_nonce(uow: UnitOfWork, chain: OnChain, signer: str) -> int:
    """Of the next act of this signer (``0x`` and hex; the body itself, or an authority) about the body."""
    followed = uow.followed_changes(REGISTRY, ("body", "act_count"), chain.body_id)
    counted = count_of_acts(followed, chain.body_id, signer)
    return newest_count(chain.count_of(signer), chain.block_number, followed, counted)
