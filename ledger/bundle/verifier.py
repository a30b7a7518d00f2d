"""The verifier of proof files: pure, no network, no clock; numbered steps that anybody can repeat (FORMATS.md section 11).

Steps, in the order in which they are taken and under the numbers that reports and the command line print:

 1. canonical form: the file is one proof of version 1 in RFC 8785 form, with nothing around it
 2. entry: the entry has its form; its leaf hash is computed
 3. envelope: the entry commits to the envelope that the opening shows
 4. body: the entry commits to the body, or to the disclosed and withheld fields, that the opening shows
 5. sm3: the entry's SM3 commitment fits the body as well
 6. submitter: the submitter's own signature over the event verifies
 7. inclusion: the entry stands at its index in the tree of the checkpoint
 8. checkpoint: the log signed the checkpoint with both of its keys, and no other signature line stands in it
 9. consistency: the checkpoint's tree and the anchored tree are one history
10. anchor: the anchor names the trusted log, contract and chain
11. chain: the chain holds that anchor, in that transaction and block, and its contract contradicts nothing

Every step that can be taken is taken, even after another one failed. Steps 6, 8 and 10 need keys or the trust file, step 11
needs what its caller read from the chain; what is missing is reported as not checked, never as passed. Trust never travels
inside a proof: without a trust file nothing is called valid, only consistent.

Of a log that the contract has marked as equivocated only what the chain itself holds stays valid, under a verdict of its own:
else a thief of the log's keys, who can have it marked, would spoil every honest proof for ever.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from ledger.bundle.chain_facts import ChainFacts, StepResult, check_chain, not_checked
from ledger.bundle.contract_head import ContractHead, with_contract_head
from ledger.errors import LedgerError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint_body, parse_note
from ledger.log.opening import Outcome, disclosed_fields, verify_opening
from ledger.log.proof_file import AnchorFacts, ProofFile, parse_proof
from ledger.log.signatures import verify_submitter_signature
from ledger.log.trust import TrustFile
from ledger.log.verify import verify_consistency, verify_inclusion

STEPS: Final = (
    (1, "canonical form"),
    (2, "entry"),
    (3, "envelope"),
    (4, "body"),
    (5, "sm3"),
    (6, "submitter"),
    (7, "inclusion"),
    (8, "checkpoint"),
    (9, "consistency"),
    (10, "anchor"),
    (11, "chain"),
)
"""Number and name of every step; the module's docstring says what each proves."""

NOT_PROVED: Final = (
    "that what the event says happened: only that it was submitted and logged, unchanged since",
    "that no event is missing: what was never submitted leaves no trace",
    "who the submitter is beyond the code in the envelope, unless step 6 passed",
    "of a redacted body: that a withheld field does not repeat or contradict a shown one; ask for the full opening",
)
"""What no proof file shows, whatever its verdict."""


class Verdict(StrEnum):
    """The verdict on a proof; ``exit_code`` of a report gives its process exit code."""

    VALID = "valid"
    VALID_LOG_EQUIVOCATED = "valid_log_equivocated"
    INVALID = "invalid"
    CONSISTENT_NOT_TRUSTED = "consistent_not_trusted"


EXIT_CODES: Final = {
    Verdict.VALID: 0,
    Verdict.INVALID: 1,
    Verdict.CONSISTENT_NOT_TRUSTED: 3,
    Verdict.VALID_LOG_EQUIVOCATED: 5,
}


class Step(NamedTuple):
    """One step of a report."""

    number: int
    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """All steps in order, the verdict that follows from them, and what must be read with it."""

    steps: tuple[Step, ...]
    verdict: Verdict
    remarks: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 valid, 1 invalid, 3 consistent but not trusted, 5 valid but the log is marked as equivocated."""
        return EXIT_CODES[self.verdict]

    def value(self) -> dict[str, Any]:
        """The report as an object."""
        steps = [step._asdict() for step in self.steps]
        return {"remarks": list(self.remarks), "steps": steps, "verdict": str(self.verdict)}


SubmitterKeys = Mapping[str, bytes]
"""Key id -> public key, in the form that ``ledger.log.signatures`` states for its algorithm."""


def verify_proof(
    proof: bytes,
    trust: TrustFile | None,
    chain: ChainFacts | None = None,
    submitter_keys: SubmitterKeys | None = None,
    contract_head: ContractHead | None = None,
) -> VerificationReport:
    """Takes all steps on one proof file.

    Args:
        proof: the file's bytes.
        trust: whom to believe, got separately; None leaves the verdict at "consistent, not trusted".
        chain: what was read from the chain for this proof; None leaves step 11 not checked.
        submitter_keys: public keys of submitters, got separately.
        contract_head: what the trusted contract says about the log; without ``trust`` it is not looked at. Step 11 needs it: None
            leaves an anchor that the chain holds not checked.
    """
    try:
        parsed = parse_proof(proof)
    except VerificationError as error:
        results = [(Outcome.FAILED, error.detail)] + [not_checked("step 1 failed")] * (len(STEPS) - 1)
        return _report(results, trust, None)
    results, marked = _take_steps(parsed, trust, chain, submitter_keys or {}), None
    if contract_head is not None and trust is not None:
        results[-1], marked = with_contract_head(results[-1], parsed, contract_head, trust)
    elif (
        results[-1][0] is Outcome.PASSED
    ):  # half of the step: the contract may have marked the log, or hold another head
        results[-1] = not_checked("the chain holds the anchor, but the contract was not asked about the log")
    if results[-1][0] is not Outcome.PASSED:
        results[-3:-1] = [_as_claimed(result) for result in results[-3:-1]]
    return _report(results, trust, marked)


def _take_steps(
    proof: ProofFile, trust: TrustFile | None, chain: ChainFacts | None, keys: SubmitterKeys
) -> list[StepResult]:
    results: list[StepResult] = [
        (Outcome.PASSED, "one proof of version 1 in RFC 8785 form"),
        (Outcome.PASSED, f"leaf hash {proof.entry.leaf_hash.hex()}"),
    ]
    results += [(finding.outcome, finding.detail) for finding in verify_opening(proof.entry, proof.opening)]
    results.append(_attempt(lambda: _check_submitter(proof, keys)))
    try:
        head = parse_checkpoint_body(parse_note(proof.checkpoint).text)
    except VerificationError as error:
        unread = not_checked("the checkpoint cannot be read")
        results += [unread, (Outcome.FAILED, error.detail), unread]
    else:
        results.append(_attempt(lambda: _check_inclusion(proof, head)))
        results.append(_attempt(lambda: _check_checkpoint(proof, head, trust)))
        results.append(_attempt(lambda: _check_consistency(proof.anchor, head)))
    results.append(_attempt(lambda: _check_anchor(proof, trust)))
    results.append(check_chain(proof.anchor, trust, chain))
    return results


def _as_claimed(result: StepResult) -> StepResult:
    """A passed step about an anchor that only the proof vouches for: its size, transaction and block are anybody's."""
    outcome, detail = result
    return (outcome, f"{detail}; as claimed, step 11 did not pass") if outcome is Outcome.PASSED else result


def _check_submitter(proof: ProofFile, keys: SubmitterKeys) -> StepResult:
    event = proof.opening.event
    if event is None:
        signed = disclosed_fields(proof.opening).get("/signature", "") is not None
        if proof.opening.is_erased or signed:
            return not_checked("the signature covers the whole event, which is not shown")
    if event is None or event.signature is None:
        return not_checked("the submitter did not sign this event")
    key = keys.get(event.signature.key_id)
    if key is None:
        return not_checked(f"signed with key {event.signature.key_id!r}, whose public key was not given")
    signature = event.signature
    verify_submitter_signature(signature.alg, key, proof.opening.envelope.origin, event.canonical, signature.value)
    return Outcome.PASSED, f"signed by the submitter with key {signature.key_id!r} ({signature.alg})"


def _check_inclusion(proof: ProofFile, head: Checkpoint) -> StepResult:
    verify_inclusion(proof.entry.leaf_hash, proof.leaf_index, head.tree_size, proof.inclusion_path, head.root_hash)
    return Outcome.PASSED, f"entry {proof.leaf_index} of the tree of {head.tree_size}, root hash {head.root_hash.hex()}"


def _check_checkpoint(proof: ProofFile, head: Checkpoint, trust: TrustFile | None) -> StepResult:
    if head.origin != proof.opening.envelope.origin:
        return Outcome.FAILED, f"a checkpoint of {head.origin!r}, but an entry of {proof.opening.envelope.origin!r}"
    if trust is None:
        return not_checked("no trust file, so the log's keys are not known")
    verified = open_checkpoint(proof.checkpoint, trust.log(head.origin).identity)
    if verified.note != proof.checkpoint:
        return Outcome.FAILED, "the checkpoint holds other lines than the log's two verified signatures in their order"
    return Outcome.PASSED, f"signed by both keys of the trusted log {head.origin!r}"


def _check_consistency(anchor: AnchorFacts | None, head: Checkpoint) -> StepResult:
    if anchor is None:
        return not_checked("no anchored head covers this entry yet")
    older, newer = (head.tree_size, head.root_hash), (anchor.tree_size, anchor.root_hash)
    if anchor.tree_size < head.tree_size:
        older, newer = newer, older
    verify_consistency(older[0], newer[0], anchor.consistency_path, older[1], newer[1])
    if anchor.tree_size == head.tree_size:
        return Outcome.PASSED, "the anchored head is the checkpoint's"
    return Outcome.PASSED, f"the tree of {newer[0]} extends the tree of {older[0]} and changes nothing in it"


def _check_anchor(proof: ProofFile, trust: TrustFile | None) -> StepResult:
    anchor = proof.anchor
    if anchor is None:
        return not_checked("not anchored yet")
    if proof.leaf_index >= anchor.tree_size:
        return Outcome.FAILED, f"the anchored head of size {anchor.tree_size} does not cover entry {proof.leaf_index}"
    if trust is None:
        return not_checked("no trust file, so log, contract and chain are not known")
    identity = trust.log(proof.opening.envelope.origin).identity
    named = (anchor.chain_id, anchor.contract, anchor.log_id)
    trusted = (identity.chain_id, identity.evidence_log, identity.log_id)
    for what, got, expected in zip(("chain", "contract", "log id"), named, trusted, strict=True):
        if got != expected:
            return Outcome.FAILED, f"anchored for another {what} than the trusted one"
    return Outcome.PASSED, f"names the trusted log and contract on chain {anchor.chain_id} ({trust.profile})"


def _attempt(check: Callable[[], StepResult]) -> StepResult:
    """A check's result; an error that says what does not verify is a failure, anything else is a defect and not caught."""
    try:
        return check()
    except LedgerError as error:
        return Outcome.FAILED, error.detail


def _report(results: list[StepResult], trust: TrustFile | None, marked: str | None) -> VerificationReport:
    steps = tuple(Step(*step, *result) for step, result in zip(STEPS, results, strict=True))
    if any(step.outcome is Outcome.FAILED for step in steps):
        return VerificationReport(steps, Verdict.INVALID)
    if trust is None:
        return VerificationReport(steps, Verdict.CONSISTENT_NOT_TRUSTED)
    if marked is not None:
        return VerificationReport(steps, Verdict.VALID_LOG_EQUIVOCATED, (marked,))
    return VerificationReport(steps, Verdict.VALID)
