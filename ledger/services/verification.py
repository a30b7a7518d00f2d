"""Judging a proof file with what this side knows: its trust, its chain, its register of submitters' keys.

The verifier itself is pure (``ledger.bundle.verifier``); this gathers its inputs. What cannot be got is left out, and the
report says "not checked" there.
"""

from collections.abc import Callable, Mapping

from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.contract_head import ContractHead
from ledger.bundle.verifier import VerificationReport, verify_proof
from ledger.errors import LedgerError, VerificationError
from ledger.log.proof_file import AnchorFacts, ProofFile, parse_proof
from ledger.log.trust import TrustFile

ReadChainFacts = Callable[[AnchorFacts], ChainFacts]
"""Asks the chain about one anchor. Raises ``LedgerError`` when it does not answer, refuses, or answers nonsense."""

ReadContractHead = Callable[[ProofFile], ContractHead]
"""Asks the trusted contract about the proof's log. Raises as ``ReadChainFacts``."""

SubmitterKeysOf = Callable[[str], Mapping[str, bytes]]
"""Submitter code -> its registered public keys by key id."""


def verify_as_known(
    proof: bytes,
    trust: TrustFile | None,
    read_facts: ReadChainFacts,
    read_head: ReadContractHead,
    keys_of: SubmitterKeysOf,
) -> VerificationReport:
    """The report on one proof file; a file that is no proof gets a report as well, with step 1 failed."""
    try:
        parsed = parse_proof(proof)
    except VerificationError:
        return verify_proof(proof, trust)
    facts = head = None
    try:
        if parsed.anchor is not None:
            facts = read_facts(parsed.anchor)
        head = read_head(parsed)
    except LedgerError:
        pass  # a node that is away, refuses or answers nonsense says nothing about the proof; step 11 does not pass without it
    return verify_proof(proof, trust, facts, keys_of(parsed.opening.envelope.submitter), head)
