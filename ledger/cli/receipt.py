"""``cityledger receipt audit``: asks the log, its tiles and the chain whether every promise was kept."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.adapters.chain.facts import read_block_time, read_chain_identity, read_mined_heads
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.cli.console import (
    DEVELOPMENT_CHAIN,
    ApiUrlOption,
    ConnectionOption,
    ExitCode,
    JsonOption,
    connection,
    errors_as_one_line,
    output,
    read_input,
    trust_file_path,
)
from ledger.client.audit import CODES, AnchoredAt, AuditReport, NamedReceipt, audit_receipts
from ledger.client.public_log import PublicLog
from ledger.client.service import ServiceClient
from ledger.errors import (
    InputError,
    LedgerError,
    MalformedEvidenceError,
    RefusedByServiceError,
    VerificationError,
)
from ledger.log.checkpoint import Checkpoint
from ledger.log.receipt import parse_receipt, receipt_from_value
from ledger.log.strict import parse_canonical, read_object
from ledger.log.trust import PROFILE_DEVELOPMENT, TrustedLog, TrustFile, parse_trust_file

FINDINGS_SHOWN_MAX = 50

command = typer.Typer(
    no_args_is_help=True, help="Work with log receipts.\n\nExample: cityledger receipt audit cityledger-receipts/"
)


@command.callback()
def _group() -> None:
    """Work with log receipts."""


@command.command("audit")
def audit(
    receipts: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECEIPTS...", help="Receipt files as `cityledger ingest` keeps them, single receipts, or folders."
        ),
    ],
    *,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust", metavar="FILE", help="Trust file [default: beside the connection file].", show_default=False
        ),
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option(
            "--rpc", metavar="URL", help="Node of the chain [default: of the connection file].", show_default=False
        ),
    ] = None,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the log to its receipts: is every promised entry in place, covered by signed heads, and anchored in time?

    Reads public tiles and the chain only; needs no API key.

    Without a node (--rpc, or a connection file that names one) anchors are not checked, and the verdict says so.

    Exit code: 0 every promise that is due and was checked was kept, 1 there are findings, 2 a file cannot be read, 4 the log or the chain does
    not answer.

    Example: cityledger receipt audit cityledger-receipts/ --trust trust.json
    """
    with errors_as_one_line():
        service = connection(connection_file, api_url)
        trust_path = trust_file_path(service, trust)
        trust_file = _read_trust(trust_path)
        rpc_url = rpc or service.rpc_url
        report = AuditReport()
        by_origin = _by_origin(receipts, report)
        with ServiceClient(service.api_url) as client:
            for origin, named in by_origin.items():
                try:
                    trusted = trust_file.log(origin)
                except VerificationError as error:
                    for item in named:
                        report.add("foreign_receipt", item.where, error.detail)
                    continue
                _audit_log(trust_file, trusted, named=named, client=client, rpc_url=rpc_url, report=report)
        if as_json:
            print(json.dumps(_value(report, rpc_url), ensure_ascii=False))
        else:
            _render(report, trust_file, rpc_url)
    raise typer.Exit(ExitCode.REFUSED if report.findings else ExitCode.OK)


def _audit_log(
    trust: TrustFile,
    trusted: TrustedLog,
    *,
    named: list[NamedReceipt],
    client: ServiceClient,
    rpc_url: str | None,
    report: AuditReport,
) -> None:
    note = client.checkpoint()
    if note is None:
        raise InputError("the log has published no checkpoint yet; ask again in a moment")
    try:
        log = PublicLog(trusted.identity, note, lambda path: _read_tile(client, path))
    except VerificationError as error:
        report.add("foreign_checkpoint", "log", f"the published checkpoint: {error.detail}")
        return
    anchored = None if rpc_url is None else _anchored(trust, trusted, JsonRpc(rpc_url), report)
    audit_receipts(named, log, receipt_key=trusted.receipt_key, anchored=anchored, now=datetime.now(UTC), report=report)


def _read_tile(client: ServiceClient, path: str) -> bytes:
    """A tile that the log does not give is a fault of the log, not of the moment."""
    try:
        return client.tile(path)
    except RefusedByServiceError as error:
        raise MalformedEvidenceError(f"the log does not give {path}: {error.detail}") from error


def _anchored(trust: TrustFile, trusted: TrustedLog, rpc: JsonRpc, report: AuditReport) -> list[AnchoredAt] | None:
    """The heads on the chain, smallest first, with their blocks' times; None when it is not the trusted chain."""
    found = read_chain_identity(rpc, trust.chain.evidence_log)
    expected = (trust.chain.chain_id, trust.chain.genesis_hash, trust.chain.evidence_log_code_hash)
    if tuple(found) != expected:
        report.add("wrong_chain", "chain", "chain id, genesis block or contract code differ from the trust file")
        return None
    heads = read_mined_heads(rpc, trust.chain.evidence_log, trusted.identity.log_id)
    return [
        AnchoredAt(
            Checkpoint(trusted.identity.origin, head.tree_size, head.root_hash),
            datetime.fromtimestamp(read_block_time(rpc, head.block_number), UTC),
        )
        for head in sorted(heads, key=lambda head: head.tree_size)
    ]


def _read_trust(path: Path) -> TrustFile:
    try:
        return parse_trust_file(read_input(path, "the trust file"))
    except VerificationError as error:
        raise InputError(f"{path} is not a trust file: {error.detail}") from error


def _by_origin(paths: list[Path], report: AuditReport) -> dict[str, list[NamedReceipt]]:
    by_origin: dict[str, list[NamedReceipt]] = {}
    for path in _files(paths):
        for where, raw in _documents(path):
            try:
                value = parse_canonical(raw, "log receipt")
                if isinstance(value, dict) and "receipt" in value:
                    value = read_object(value, ("identities", "receipt"), "the kept log receipt")
                    receipt = receipt_from_value(value["receipt"])
                else:
                    receipt = parse_receipt(raw)
            except LedgerError as error:
                report.add("receipt_malformed", where, error.detail)
                continue
            by_origin.setdefault(receipt.origin, []).append(NamedReceipt(where, receipt))
    return by_origin


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.glob("*.jsonl"))
        if not found:
            raise InputError(f"the folder {path} holds no receipt files (*.jsonl)")
        yield from found


def _documents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The documents of one file with their places: one on each line."""
    for number, line in enumerate(read_input(path, "the receipt file").split(b"\n"), 1):
        if line:
            yield f"{path}:{number}", line


def _value(report: AuditReport, rpc_url: str | None) -> dict[str, Any]:
    return {
        "receipts": report.receipts,
        "promises": report.promises,
        "in_place": report.in_place,
        "anchored_in_time": report.anchored_in_time,
        "publication_not_yet_due": report.publication_not_yet_due,
        "anchor_not_yet_due": report.anchor_not_yet_due,
        "anchor_not_checked": report.anchor_not_checked,
        "chain_checked": rpc_url is not None,
        "findings": [finding._asdict() for finding in report.findings],
    }


def _render(report: AuditReport, trust: TrustFile, rpc_url: str | None) -> None:
    console = output()
    rows = [
        ("receipts", report.receipts),
        ("promises", report.promises),
        ("entry in place, under a signed head", report.in_place),
        ("anchored in time", report.anchored_in_time),
        ("publication not due yet", report.publication_not_yet_due),
        ("anchor not due yet", report.anchor_not_yet_due),
        ("anchor not checked", report.anchor_not_checked),
    ]
    for name, count in rows:
        console.print(f"{name:<38}{count:>10,}")
    if rpc_url is None:
        console.print("the chain was not checked; --rpc URL of a node checks it")
    elif trust.profile == PROFILE_DEVELOPMENT:
        console.print(f"times of anchors are those of a {DEVELOPMENT_CHAIN}")
    for finding in report.findings[:FINDINGS_SHOWN_MAX]:
        leaf = "" if finding.leaf_index is None else f"leaf {finding.leaf_index}: "
        console.print(f"{finding.where}: {finding.code}: {leaf}{finding.detail}", markup=False)
    if len(report.findings) > FINDINGS_SHOWN_MAX:
        console.print(f"... and {len(report.findings) - FINDINGS_SHOWN_MAX:,} more findings (--json lists them)")
    if report.findings:
        console.print("Verdict: PROMISES BROKEN OR UNPROVEN")
        for code in sorted({finding.code for finding in report.findings}):
            console.print(f"  - {code}: {CODES[code]}", markup=False)
    elif rpc_url is None:
        console.print("Verdict: every place that is due was kept, THE ANCHORS ON THE CHAIN WERE NOT CHECKED")
    else:
        console.print("Verdict: every promise that is due was kept")
