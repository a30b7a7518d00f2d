"""What the contract says about the log itself: pure, the second half of step 11 (FORMATS.md section 11).

A proof names a transaction, and the chain can hold that transaction while the contract knows more: that the log signed two
contradicting heads, or that another root was anchored at the size of the proof's checkpoint.

A mark does not say which of the two heads is true, and whoever steals the log's keys can set it. So it takes nothing from what
the contract recorded, which is one history: a proof whose head is in it stands, with a remark. A proof whose head cannot be
told from the other history's fails.
"""

from typing import NamedTuple

from ledger.bundle.chain_facts import StepResult, not_checked
from ledger.errors import VerificationError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint_body, parse_note
from ledger.log.opening import Outcome
from ledger.log.proof_file import AnchorFacts, ProofFile
from ledger.log.trust import TrustFile


class HeadState(NamedTuple):
    """The contract's view ``head`` of one log."""

    tree_size: int
    root_hash: bytes
    is_equivocated: bool


class ContractHead(NamedTuple):
    """What the caller read at the trust file's contract for one log.

    ``state`` is None when no contract there knows the log; ``root_at_checkpoint`` is the root that was anchored at the size
    of the proof's checkpoint, None when none was or when the events were not searched. ``marked_in_block`` is the block in which
    the log was first marked as equivocated, None when it is not marked or the events were not searched.
    """

    chain_id: int
    genesis_hash: bytes
    code_hash: bytes
    state: HeadState | None
    root_at_checkpoint: bytes | None = None
    marked_in_block: int | None = None


def with_contract_head(
    chain: StepResult, proof: ProofFile, contract_head: ContractHead, trust: TrustFile
) -> tuple[StepResult, str | None]:
    """Step 11 with what the contract says about the log, and the remark about its mark; a failure of either half is the step's.

    Args:
        chain: what the step found about the anchor that the proof names.
        proof: the proof.
        contract_head: as read.
        trust: whose chain and contract were asked.
    """
    try:
        checkpoint = parse_checkpoint_body(parse_note(proof.checkpoint).text)
    except VerificationError:
        return chain, None  # step 8 says so
    outcome, detail = chain
    contradiction = _contradiction(contract_head, proof.anchor, checkpoint, trust)
    if contradiction is None and contract_head.state is not None and contract_head.state.is_equivocated:
        if outcome is Outcome.PASSED or (proof.anchor is None and _holds(contract_head, checkpoint)):
            seen = (
                detail if proof.anchor is not None else "the proof names no anchor, but the chain holds its checkpoint"
            )
            return (outcome, f"{seen}; {_marked(contract_head)}"), _remark(contract_head, proof.anchor)
        contradiction = f"{_marked(contract_head)}, and nothing shows that this proof's head is the one the chain holds"
        if proof.anchor is None:
            contradiction += "; get a newer proof, which names its anchor"
    if contradiction is not None:
        return (Outcome.FAILED, f"{detail}; {contradiction}" if outcome is Outcome.FAILED else contradiction), None
    if proof.anchor is not None or contract_head.state is None:
        return chain, None
    return not_checked(_left_out(contract_head, contract_head.state, checkpoint)), None


def _contradiction(
    contract_head: ContractHead, anchor: AnchorFacts | None, checkpoint: Checkpoint, trust: TrustFile
) -> str | None:
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
    root = _root_at_checkpoint(contract_head, checkpoint)
    if root is not None and root != checkpoint.root_hash:
        return f"the chain anchors another root at size {checkpoint.tree_size}: {root.hex()}"
    if anchor is not None and anchor.tree_size > state.tree_size:
        return f"the contract's head has {state.tree_size} entries, fewer than the anchored head of {anchor.tree_size}"
    if anchor is not None and anchor.tree_size == state.tree_size and anchor.root_hash != state.root_hash:
        return f"the contract's head of size {state.tree_size} has another root: {state.root_hash.hex()}"
    return None


def _root_at_checkpoint(contract_head: ContractHead, checkpoint: Checkpoint) -> bytes | None:
    """The root that the chain holds at the checkpoint's size, None when it holds none or that was not looked up."""
    state = contract_head.state
    if state is not None and state.tree_size == checkpoint.tree_size:
        return state.root_hash
    return contract_head.root_at_checkpoint


def _holds(contract_head: ContractHead, checkpoint: Checkpoint) -> bool:
    return _root_at_checkpoint(contract_head, checkpoint) == checkpoint.root_hash


def _marked(contract_head: ContractHead) -> str:
    return f"the contract has marked this log as equivocated for ever{_where(contract_head)}"


def _where(contract_head: ContractHead) -> str:
    return "" if contract_head.marked_in_block is None else f" at block {contract_head.marked_in_block}"


def _remark(contract_head: ContractHead, anchor: AnchorFacts | None) -> str:
    """What a reader of a proof that stands must know about its log."""
    remark = (
        f"this log has been marked as equivocated{_where(contract_head)}: two heads signed by its key cannot both be true;"
        " this proof's head is the one the chain holds, but its keys are misused or stolen: believe nothing of this log that"
        " the chain does not hold"
    )
    marked = contract_head.marked_in_block
    if anchor is not None and marked is not None and anchor.block_number > marked:
        remark += f"; this head was anchored after the mark, at block {anchor.block_number}"
    return remark


def _left_out(contract_head: ContractHead, state: HeadState, checkpoint: Checkpoint) -> str:
    """What a proof without anchor leaves out, when nothing contradicts it."""
    if _holds(contract_head, checkpoint):
        return "the proof names no anchor, but the chain holds its checkpoint; get a newer proof"
    if state.tree_size > checkpoint.tree_size:
        grown = f"the chain's head has {state.tree_size} entries, past this checkpoint of {checkpoint.tree_size}"
        return f"the proof is NOT ANCHORED although {grown}; get a newer proof"
    return f"not anchored yet: the chain's head has {state.tree_size} entries, and no fork is marked"
