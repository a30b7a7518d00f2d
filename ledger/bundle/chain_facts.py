"""What the chain says about the anchor that a proof names: pure, the first half of step 11 (FORMATS.md section 11)."""

from dataclasses import dataclass
from typing import NamedTuple

from ledger.log.opening import Outcome
from ledger.log.proof_file import AnchorFacts
from ledger.log.trust import TrustFile

StepResult = tuple[Outcome, str]
"""What one step found, and the sentence that says it."""


class AnchoredHead(NamedTuple):
    """A head that a transaction recorded (or found already recorded): the contract's 20-byte address, log id, size, root."""

    contract: bytes
    log_id: bytes
    tree_size: int
    root_hash: bytes


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What the caller read from a chain for one proof.

    Args:
        chain_id: of the chain that answered.
        genesis_hash: hash of its block 0.
        code_hash: keccak-256 of the code at the proof's contract address.
        tx_hash: the proof's transaction hash, which was asked for.
        tx_block_number: block of that transaction, None when the chain does not have it or it failed.
        tx_block_hash: hash of that block, None in the same cases.
        anchored: heads named by the transaction's events.
        canonical_block_hash: hash of the chain's block at the proof's block number, None when there is none.
    """

    chain_id: int
    genesis_hash: bytes
    code_hash: bytes
    tx_hash: bytes
    tx_block_number: int | None
    tx_block_hash: bytes | None
    anchored: tuple[AnchoredHead, ...]
    canonical_block_hash: bytes | None


def check_chain(anchor: AnchorFacts | None, trust: TrustFile | None, chain: ChainFacts | None) -> StepResult:
    """Holds the anchor of a proof against the chain. Without ``trust`` any chain could have answered, so nothing passes."""
    if anchor is None:
        return not_checked("not anchored yet")
    if chain is None:
        return not_checked("the chain was not asked")
    head = AnchoredHead(anchor.contract, anchor.log_id, anchor.tree_size, anchor.root_hash)
    checks = [
        ("chain id", chain.chain_id == anchor.chain_id),
        ("transaction", chain.tx_hash == anchor.tx_hash and chain.tx_block_number is not None),
        ("block number", chain.tx_block_number == anchor.block_number),
        ("block hash", chain.tx_block_hash == anchor.block_hash == chain.canonical_block_hash),
        ("anchored head", head in chain.anchored),
    ]
    if trust is not None:
        checks += [
            ("genesis block", chain.genesis_hash == trust.chain.genesis_hash),
            ("contract code", chain.code_hash == trust.chain.evidence_log_code_hash),
        ]
    differing = [what for what, holds in checks if not holds]
    if differing:
        return Outcome.FAILED, f"the chain does not confirm: {', '.join(differing)}"
    if trust is None:
        return not_checked("this chain holds the anchor, but without a trust file any chain could")
    return Outcome.PASSED, f"in block {anchor.block_number} of the trusted chain ({trust.profile})"


def not_checked(why: str) -> StepResult:
    """The result of a step that could not be taken."""
    return Outcome.NOT_CHECKED, why
