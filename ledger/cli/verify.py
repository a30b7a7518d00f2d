"""``cityledger verify``: checks a proof on this machine, without the service."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ledger.adapters.chain.facts import read_chain_facts, read_contract_head
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.contract_head import ContractHead
from ledger.bundle.verifier import NOT_PROVED, Step, Verdict, VerificationReport, verify_proof
from ledger.cli.console import DEVELOPMENT_CHAIN, ExitCode, JsonOption, errors_as_one_line, output, read_input
from ledger.errors import InputError, VerificationError
from ledger.log.checkpoint import parse_checkpoint_body, parse_note
from ledger.log.opening import Outcome
from ledger.log.proof_file import parse_proof
from ledger.log.trust import PROFILE_DEVELOPMENT, TrustFile, parse_trust_file

PROVES = {
    1: "the file is one proof, in the only spelling that it has",
    2: "the public entry is well formed",
    3: "the log recorded these facts about the event: time, type, submitter, tags",
    4: "the log recorded this event, or these fields of it",
    5: "the same, by a second hash function",
    6: "the submitter signed the event with its own key",
    7: "the entry stands in the tree that the checkpoint names",
    8: "the log signed that tree with both of its keys",
    9: "the anchored root that the proof claims and the checkpoint's tree are one history",
    10: "the anchor names the contract, chain and log that you trust (step 11 checks that it is there)",
    11: "the chain holds the anchor, in this transaction and block, and marks no fork of the log",
}
"""What a passed step shows, by its number in ``ledger.bundle.verifier``."""

WORDS = {
    Outcome.PASSED: ("passed", "green"),
    Outcome.FAILED: ("FAILED", "bold red"),
    Outcome.NOT_CHECKED: ("not checked", "yellow"),
}
VERDICTS = {
    Verdict.VALID: ("VALID", "bold green"),
    Verdict.VALID_LOG_EQUIVOCATED: ("VALID, BUT THIS LOG IS MARKED AS EQUIVOCATED", "bold red"),
    Verdict.INVALID: ("INVALID", "bold red"),
    Verdict.CONSISTENT_NOT_TRUSTED: ("CONSISTENT, NOT TRUSTED", "bold yellow"),
}


def command(
    proof: Annotated[
        Path, typer.Argument(metavar="PROOF", help="Proof file; - is standard input.", show_default=False)
    ],
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="FILE", help="Trust file, got separately from the proof.", show_default=False),
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option(
            "--rpc", metavar="URL", help="Node of the chain; without it the chain is not asked.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a proof step by step, on this machine and without the service.

    Exit code: 0 valid, 1 invalid, 2 a file cannot be read, 3 consistent but not trusted (no trust file), 4 the chain node
    does not answer, 5 valid, but the contract has marked the log as equivocated (only with --rpc).

    Example: cityledger verify proof.json --trust trust.json --rpc http://127.0.0.1:8545
    """
    with errors_as_one_line():
        raw = read_input(proof, "the proof")
        trust_file = None if trust is None else _read_trust(trust)
        chain, head = (None, None) if rpc is None else _ask_chain(raw, trust_file, rpc)
        report = verify_proof(raw, trust_file, chain, contract_head=head)
        if as_json:
            print(json.dumps({**report.value(), "not_proved": list(NOT_PROVED)}, ensure_ascii=False))
        else:
            render(output(), report, trust_file, rpc)
    raise typer.Exit(report.exit_code)


def _read_trust(path: Path) -> TrustFile:
    try:
        return parse_trust_file(read_input(path, "the trust file"))
    except VerificationError as error:
        raise InputError(f"{path} is not a trust file: {error.detail}") from error


def _ask_chain(raw: bytes, trust: TrustFile | None, url: str) -> tuple[ChainFacts | None, ContractHead | None]:
    """The facts for the proof's anchor, and what the trusted contract says about the log; None where nothing can be asked."""
    rpc = JsonRpc(url)
    try:
        proof = parse_proof(raw)
        parse_checkpoint_body(parse_note(proof.checkpoint).text)
        origin = proof.opening.envelope.origin
    except VerificationError:
        return None, None  # step 1 or 8 says so
    facts = None if proof.anchor is None else read_chain_facts(rpc, proof.anchor)
    is_known = trust is not None and any(log.identity.origin == origin for log in trust.logs)
    return facts, read_contract_head(rpc, proof, trust) if trust is not None and is_known else None


def render(console: Console, report: VerificationReport, trust: TrustFile | None, rpc: str | None) -> None:
    """Prints the report for a person: readable without colour."""
    for step in report.steps:
        word, style = WORDS[step.outcome]
        line = Text(f"{step.number:>3}  {step.name:<15} ")
        line.append(f"{word:<12}", style)
        line.append(_finding(step, report.verdict))
        console.print(line)
        if step.outcome is not Outcome.PASSED:
            console.print(Text(f"{'':33}would show: {PROVES[step.number]}"))
    word, style = VERDICTS[report.verdict]
    verdict = Text("Verdict: ").append(word, style)
    if report.exit_code in {ExitCode.OK, ExitCode.EQUIVOCATED} and report.steps[-1].outcome is not Outcome.PASSED:
        verdict.append(
            ", the anchor on the chain was not checked" if rpc is None else ", NO ANCHOR WAS CHECKED: see step 11"
        )
    console.print()
    console.print(verdict)
    for remark in _remarks(report, trust, rpc):
        console.print(Text(f"  - {remark}"))
    console.print("A proof does not show:")
    for limit in NOT_PROVED:
        console.print(Text(f"  - {limit}"))


def _finding(step: Step, verdict: Verdict) -> str:
    """What a step shows. Of a marked log the last one does not show all that it else would, so its own words stand."""
    is_whole = verdict is not Verdict.VALID_LOG_EQUIVOCATED or step.number != max(PROVES)
    return PROVES[step.number] if step.outcome is Outcome.PASSED and is_whole else step.detail


def _remarks(report: VerificationReport, trust: TrustFile | None, rpc: str | None) -> list[str]:
    remarks = [f"WARNING: {remark}" for remark in report.remarks]
    if report.verdict is Verdict.INVALID:
        failed = ", ".join(str(step.number) for step in report.steps if step.outcome is Outcome.FAILED)
        remarks.append(f"failed: step {failed}; do not rely on this file")
    if trust is None:
        remarks.append(
            "no trust file was given, so nobody vouches for the keys; get it separately and name it with --trust"
        )
    if rpc is None:
        remarks.append("the anchor on the chain was not checked; --rpc URL of a node checks it")
    if trust is not None and trust.profile == PROFILE_DEVELOPMENT:
        remarks.append(f"the trust file names a {DEVELOPMENT_CHAIN}")
    return remarks
