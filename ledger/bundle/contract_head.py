"""What the contract says about the log itself: pure, the second half of step 11 (FORMATS.md section 11).

A proof names a transaction, and the chain can hold that transaction while the contract knows more: that the log signed two
contradicting heads, or that another root was anchored at the size of the proof's checkpoint.
"""

from typing import NamedTuple

from ledger.errors import VerificationError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_body, parse_note
from ledger.log.opening import Outcome
from ledger.log.proof_file import ProofFile
from ledger.log.trust import TrustFile


class HeadState(NamedTuple):
    """The contract's view ``head`` of one log."""

    tree_size: int
    root_hash: bytes
    is_equivocated: bool


class ContractHead(NamedTuple):
    """What the caller read at the trust file's contract for one log.

    ``state`` is None when no contract there knows the log; ``root_at_checkpoint`` is the root that was anchored at the size
    of the proof's checkpoint, None when none was or when the events were not searched.
    """

    chain_id: int
    genesis_hash: bytes
    code_hash: bytes
    state: HeadState | None
    root_at_checkpoint: bytes | None = None


def with_contract_head(
    chain: tuple[Outcome, str], proof: ProofFile, contract_head: ContractHead, trust: TrustFile
) -> tuple[Outcome, str]:
    """Step 11 with what the contract says about the log; a failure of either half is the step's.

    Args:
        chain: what the step found about the anchor that the proof names.
        proof: the proof.
        contract_head: as read.
        trust: whose chain and contract were asked.
    """
    try:
        checkpoint = parse_checkpoint_body(parse_note(proof.checkpoint).text)
    except VerificationError:
        return chain  # step 8 says so
    contradiction = _contradiction(contract_head, checkpoint, trust)
    if contradiction is not None:
        outcome, detail = chain
        return Outcome.FAILED, f"{detail}; {contradiction}" if outcome is Outcome.FAILED else contradiction
    if proof.anchor is not None or contract_head.state is None:
        return chain
    return Outcome.NOT_CHECKED, _left_out(contract_head.state, contract_head.root_at_checkpoint, checkpoint)


def _contradiction(contract_head: ContractHead, checkpoint: Checkpoint, trust: TrustFile) -> str | None:
    chain = trust.chain
    named = (contract_head.chain_id, contract_head.genesis_hash, contract_head.code_hash)
    trusted = (chain.chain_id, chain.genesis_hash, chain.evidence_log_code_hash)
    labels = ("chain id", "genesis block", "contract code")
    differing = [label for label, got, want in zip(labels, named, trusted, strict=True) if got != want]
    if differing:
        return f"another chain than the trusted one answers: {', '.join(differing)}"
    state = contract_head.state
    if state is None:
        return "the trusted contract does not know this log"
    if state.is_equivocated:
        return "the contract marks this log as equivocated for ever: it signed two contradicting heads"
    root = state.root_hash if state.tree_size == checkpoint.tree_size else contract_head.root_at_checkpoint
    if root is not None and root != checkpoint.root_hash:
        return f"the chain anchors another root at size {checkpoint.tree_size}: {root.hex()}"
    return None


def _left_out(state: HeadState, root_at_checkpoint: bytes | None, checkpoint: Checkpoint) -> str:
    """What a proof without anchor leaves out, when nothing contradicts it."""
    if state.tree_size == checkpoint.tree_size or root_at_checkpoint is not None:
        return "the proof names no anchor, but the chain holds its checkpoint; get a newer proof"
    if state.tree_size > checkpoint.tree_size:
        grown = f"the chain's head has {state.tree_size} entries, past this checkpoint of {checkpoint.tree_size}"
        return f"the proof is NOT ANCHORED although {grown}; get a newer proof"
    return f"not anchored yet: the chain's head has {state.tree_size} entries, and no fork is marked"
