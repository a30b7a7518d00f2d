"""The numbered verifier: what each step says, and which verdict and exit code follow."""

from dataclasses import replace
from typing import Any

import pytest
from support.formats import chain_of, entry_case, keys, load, opened, proofs, trust

from ledger.bundle import verifier
from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.verifier import NOT_PROVED, STEPS, Verdict, VerificationReport, verify_proof
from ledger.log.hashing import hash_leaf
from ledger.log.proof_file import ProofFile, parse_proof
from ledger.log.typed_data import LogIdentity

DIRECT = "anchored directly, full"
OLDER = "anchored head older than the checkpoint"
LATER = "anchored by a later head"


def outcomes(report: VerificationReport) -> dict[str, str]:
    return {step.name: str(step.outcome) for step in report.steps}


def facts(name: str = DIRECT, **changes: Any) -> ChainFacts:
    return replace(chain_of(name).facts_for(parse_proof(proofs()[name])), **changes)


def proof(name: str = DIRECT, **changes: Any) -> bytes:
    return parse_proof(proofs()[name])._replace(**changes).encode()


def test_steps_are_those_of_the_docstring() -> None:
    listed = [line.split(":")[0].strip() for line in (verifier.__doc__ or "").splitlines() if ". " in line[:5]]
    assert listed == [f"{number}. {name}" for number, name in STEPS]
    assert [number for number, _ in STEPS] == list(range(1, 12))


def test_direct_anchor_is_valid_with_trust_and_chain() -> None:
    report = verify_proof(proofs()[DIRECT], trust(), facts(), contract_head=chain_of(DIRECT).contract_head())
    assert (report.verdict, report.exit_code) == (Verdict.VALID, 0)
    assert {name for name, outcome in outcomes(report).items() if outcome != "passed"} == {"submitter"}
    assert report.value()["verdict"] == "valid"
    assert report.value()["steps"][0] == {
        "number": 1,
        "name": "canonical form",
        "outcome": "passed",
        "detail": "one proof of version 1 in RFC 8785 form",
    }


@pytest.mark.parametrize("name", proofs())
def test_without_trust_file_nothing_is_called_valid(name: str) -> None:
    anchored = parse_proof(proofs()[name]).anchor is not None
    report = verify_proof(proofs()[name], None, facts(name) if anchored else None)
    assert (report.verdict, report.exit_code) == (Verdict.CONSISTENT_NOT_TRUSTED, 3)
    assert [outcomes(report)[step] for step in ("checkpoint", "anchor", "chain")] == ["not_checked"] * 3


def test_without_chain_the_last_step_is_not_checked() -> None:
    report = verify_proof(proofs()[DIRECT], trust())
    assert report.verdict is Verdict.VALID
    assert report.steps[-1].outcome == "not_checked"
    assert report.steps[-1].detail == "the chain was not asked"


def test_not_anchored_is_said() -> None:
    report = verify_proof(proofs()["not anchored yet"], trust())
    assert [outcomes(report)[step] for step in ("consistency", "anchor", "chain")] == ["not_checked"] * 3


def test_withheld_fields_leave_sm3_not_checked() -> None:
    report = verify_proof(proofs()["redacted: group withheld"], trust())
    assert outcomes(report)["body"] == "passed"
    assert outcomes(report)["sm3"] == "not_checked"


def test_redacted_body_is_not_said_to_be_free_of_a_second_value() -> None:
    assert any("withheld field" in limit and "full opening" in limit for limit in NOT_PROVED)


def test_erased_body_is_said() -> None:
    report = verify_proof(proofs()["erased"], trust())
    assert report.verdict is Verdict.VALID
    assert [outcomes(report)[step] for step in ("body", "sm3", "submitter")] == ["not_checked"] * 3


def test_file_that_is_no_proof_fails_at_step_1_only() -> None:
    report = verify_proof(b"{}", trust(), facts())
    assert (report.verdict, report.exit_code) == (Verdict.INVALID, 1)
    assert [step.outcome for step in report.steps] == ["failed"] + ["not_checked"] * 10


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"leaf_index": 1}, "inclusion"),
        ({"leaf_index": 13}, "inclusion"),
        ({"inclusion_path": ()}, "inclusion"),
        ({"checkpoint": "not a note"}, "checkpoint"),
        ({"checkpoint": parse_proof(proofs()[LATER]).checkpoint}, "inclusion"),
    ],
)
def test_defect_is_found_by_its_step(changes: dict[str, Any], step: str) -> None:
    report = verify_proof(proof(**changes), trust(), facts())
    assert report.verdict is Verdict.INVALID
    assert outcomes(report)[step] == "failed"


@pytest.mark.parametrize("name", [LATER, OLDER])
def test_consistency_is_checked_either_way(name: str) -> None:
    assert outcomes(verify_proof(proofs()[name], trust(), facts(name)))["consistency"] == "passed"
    anchor = parse_proof(proofs()[name]).anchor
    assert anchor is not None
    for changes in (
        {"consistency_path": anchor.consistency_path[:-1]},
        {"consistency_path": (bytes(32), *anchor.consistency_path[1:])},
        {"root_hash": bytes(32)},
        {"tree_size": 2 * anchor.tree_size},
        {"tree_size": 0},
    ):
        changed = proof(name, anchor=anchor._replace(**changes))
        assert outcomes(verify_proof(changed, trust()))["consistency"] == "failed", changes


def test_anchored_size_that_a_path_leaves_open_is_settled_by_the_chain() -> None:
    # A root does not commit to its size, and this path is as true for 22 leaves as for 21: only the chain can tell.
    anchor = parse_proof(proofs()[LATER]).anchor
    assert anchor is not None
    changed = proof(LATER, anchor=anchor._replace(tree_size=22))
    assert outcomes(verify_proof(changed, trust()))["consistency"] == "passed"
    assert outcomes(verify_proof(changed, trust(), facts(LATER)))["chain"] == "failed"


def test_anchored_head_that_does_not_cover_the_entry_fails() -> None:
    case = parse_proof(proofs()[OLDER])
    assert case.anchor is not None
    # The older head has 13 entries; the last entry of the later tree is not among them.
    report = verify_proof(case._replace(leaf_index=20).encode(), trust())
    assert outcomes(report)["anchor"] == "failed"
    assert outcomes(report)["consistency"] == "passed"


def test_log_that_is_not_trusted_fails() -> None:
    other = trust()
    log = other.logs[0]
    identity = LogIdentity(**{**_facts_of(log.identity), "origin": "another/2026"})
    report = verify_proof(proofs()[DIRECT], other._replace(logs=(log._replace(identity=identity),)))
    assert outcomes(report)["checkpoint"] == outcomes(report)["anchor"] == "failed"
    assert "names no log" in report.steps[7].detail


@pytest.mark.parametrize(
    "change",
    [{"checkpoint_key": bytes.fromhex(keys()["receipt_public_key"])}, {"anchor_address": bytes(20)}, {"chain_id": 1}],
)
def test_log_with_other_keys_fails(change: dict[str, Any]) -> None:
    other = trust()
    log = other.logs[0]
    identity = LogIdentity(**{**_facts_of(log.identity), **change})
    report = verify_proof(proofs()[DIRECT], other._replace(logs=(log._replace(identity=identity),)))
    assert outcomes(report)["checkpoint"] == outcomes(report)["anchor"] == "failed"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"chain_id": 1}, "chain id"),
        ({"genesis_hash": b"\x01" * 32}, "genesis block"),
        ({"code_hash": b"\x01" * 32}, "contract code"),
        ({"tx_hash": b"\x01" * 32}, "transaction"),
        ({"tx_block_number": None, "tx_block_hash": None}, "transaction"),
        ({"tx_block_number": 8}, "block number"),
        ({"tx_block_hash": b"\x01" * 32}, "block hash"),
        ({"canonical_block_hash": b"\x01" * 32}, "block hash"),
        ({"canonical_block_hash": None}, "block hash"),
        ({"anchored": ()}, "anchored head"),
    ],
)
def test_chain_that_does_not_confirm_fails_by_name(changes: dict[str, Any], named: str) -> None:
    report = verify_proof(proofs()[DIRECT], trust(), facts(**changes))
    assert report.verdict is Verdict.INVALID
    assert report.steps[-1].outcome == "failed"
    assert named in report.steps[-1].detail


def test_anchored_head_of_another_contract_does_not_count() -> None:
    held = facts().anchored[0]
    for change in ({"contract": bytes(20)}, {"log_id": bytes(32)}, {"tree_size": 12}, {"root_hash": bytes(32)}):
        report = verify_proof(proofs()[DIRECT], trust(), facts(anchored=(held._replace(**change),)))
        assert outcomes(report)["chain"] == "failed"


def _signed_proof() -> ProofFile:
    """A proof of the signed worked entry in a tree of one; its checkpoint is made up, so only step 6 is looked at."""
    entry, opening = opened(entry_case("signed by the submitter, Ed25519"))
    assert entry.leaf_hash == hash_leaf(entry.encode())
    return parse_proof(proofs()[DIRECT])._replace(entry=entry, opening=opening, anchor=None)


def test_submitter_signature_is_checked_with_its_key() -> None:
    key = bytes.fromhex(entry_case("signed by the submitter, Ed25519")["submitter_public_key"])
    signed = _signed_proof().encode()
    assert outcomes(verify_proof(signed, None, None, {"permit-office-1": key}))["submitter"] == "passed"
    assert outcomes(verify_proof(signed, None, None, {"another-key": key}))["submitter"] == "not_checked"
    wrong = bytes.fromhex(keys()["receipt_public_key"])
    assert outcomes(verify_proof(signed, None, None, {"permit-office-1": wrong}))["submitter"] == "failed"


def test_entry_of_another_origin_than_the_checkpoint_fails() -> None:
    case = parse_proof(proofs()[DIRECT])
    opening = case.opening._replace(envelope=case.opening.envelope._replace(origin="another/2026"))
    report = verify_proof(case._replace(opening=opening).encode(), None)
    assert outcomes(report)["checkpoint"] == "failed"
    assert outcomes(report)["envelope"] == "failed"


def test_every_worked_proof_has_the_same_steps() -> None:
    for case in load("formats/proofs.json"):
        steps = verify_proof(case["proof_jcs"].encode(), None).steps
        assert [(step.number, step.name) for step in steps] == list(STEPS)


def _facts_of(identity: LogIdentity) -> dict[str, Any]:
    return {
        "chain_id": identity.chain_id,
        "evidence_log": identity.evidence_log,
        "origin": identity.origin,
        "checkpoint_key": identity.checkpoint_key,
        "anchor_address": identity.anchor_address,
    }
