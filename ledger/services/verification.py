"""Judging a proof file with what this side knows: its trust, its chain, its register of submitters' keys.

The verifier itself is pure (``ledger.bundle.verifier``); this gathers its inputs. What cannot be got is left out, and the
report says "not checked" there.
"""

from collections.abc import Callable, Mapping

from ledger.bundle.verifier import ChainFacts, VerificationReport, verify_proof
from ledger.errors import UnavailableError, VerificationError
from ledger.log.proof_file import AnchorFacts, parse_proof
from ledger.log.trust import TrustFile

ReadChainFacts = Callable[[AnchorFacts], ChainFacts]
"""Asks the chain about one anchor. Raises ``UnavailableError`` when it does not answer."""

SubmitterKeysOf = Callable[[str], Mapping[str, bytes]]
"""Submitter code -> its registered public keys by key id."""


def verify_as_known(
    proof: bytes, trust: TrustFile | None, read_facts: ReadChainFacts, keys_of: SubmitterKeysOf
) -> VerificationReport:
    """The report on one proof file; a file that is no proof gets a report as well, with step 1 failed."""
    try:
        parsed = parse_proof(proof)
    except VerificationError:
        return verify_proof(proof, trust)
    facts = None
    if parsed.anchor is not None:
        try:
            facts = read_facts(parsed.anchor)
        except (UnavailableError, VerificationError):
            facts = None  # a node that is away, or that answers nonsense, says nothing about the proof
    return verify_proof(proof, trust, facts, keys_of(parsed.opening.envelope.submitter))
