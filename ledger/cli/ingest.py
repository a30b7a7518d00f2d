"""``cityledger ingest``: brings files of events into the log and keeps the log receipts."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from ledger.cli.console import (
    ApiUrlOption,
    ConnectionOption,
    ExitCode,
    JsonOption,
    connection,
    errors_as_one_line,
    exit_code_of,
    messages,
    output,
    say_error,
)
from ledger.cli.progress import IngestProgress, wait_for_state
from ledger.cli.status import stated_size
from ledger.client.connection import API_KEY_VARIABLE, Connection
from ledger.client.ingest import ACCESS_STATUSES, Ingest, ReceiptFile, Tally
from ledger.client.lines import EventFile, batches
from ledger.client.service import ServiceClient
from ledger.client.transport import RetryPolicy
from ledger.errors import InputError, LedgerError, MalformedEvidenceError, RefusedByServiceError

LINE_BYTES_MAX = 16 * 1024 * 1024
REFUSALS_SHOWN_MAX = 20
DEFAULT_RECEIPTS = Path("cityledger-receipts")


class WaitFor(StrEnum):
    """How far the events must have come before the command ends."""

    PUBLISHED = "published"
    FINAL = "final"


def command(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="NDJSON files, plain or .gz; - is standard input.", show_default=False),
    ],
    *,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    role: Annotated[str, typer.Option("--role", help="Whose key of the connection file to use.")] = "platform_service",
    receipts: Annotated[
        Path, typer.Option("--receipts", metavar="DIR", help="Folder that keeps the log receipts.")
    ] = DEFAULT_RECEIPTS,
    wait: Annotated[WaitFor, typer.Option("--wait", help="Wait until every event is this far.")] = WaitFor.PUBLISHED,
    wait_timeout_s: Annotated[
        float, typer.Option("--wait-timeout", metavar="SECONDS", min=0, help="Longest wait at the end.")
    ] = 600.0,
    batch_lines: Annotated[
        int, typer.Option("--batch-lines", min=1, max=10_000, help="Most events in a request.")
    ] = 1000,
    batch_bytes: Annotated[
        int, typer.Option("--batch-bytes", min=1, max=16 << 20, help="About the most bytes in a request.")
    ] = 4 << 20,
    in_flight: Annotated[int, typer.Option("--in-flight", min=1, max=64, help="Requests under way at once.")] = 4,
    retry_for_s: Annotated[
        float, typer.Option("--retry-for", metavar="SECONDS", min=0, help="Longest time to retry one request.")
    ] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Bring files of events (NDJSON, one CloudEvent a line) into the log and keep the log receipts.

    May be stopped with Ctrl-C and run again from the start: what was acknowledged is kept and a repeat changes nothing.

    Exit code: 0 everything is in the log, 1 something was refused, 2 a file cannot be read, 4 the service does not answer,
    130 stopped.

    Example: cityledger ingest events.ndjson.gz --wait final
    """
    with errors_as_one_line(), ExitStack() as stack:
        service = connection(connection_file, api_url)
        key = service.api_key(role)
        opened = [stack.enter_context(closing(EventFile(name, sys.stdin.buffer, LINE_BYTES_MAX))) for name in files]
        keeper = ReceiptFile(_receipt_path(receipts))
        with ServiceClient(service.api_url, key, retry=RetryPolicy(give_up_after_s=retry_for_s)) as client:
            facts = client.log_facts()
            first_new_leaf = stated_size(facts, "sequenced") or 0
            progress = IngestProgress(messages(), opened)
            ingest = Ingest(
                lambda: ServiceClient(service.api_url, key, retry=RetryPolicy(retry_for_s, sleep=ingest.sleep)),
                keeper,
                first_new_leaf=first_new_leaf,
                receipt_key=_receipt_key(service, facts),
                in_flight=in_flight,
                on_progress=progress.update,
            )
            started, failure = time.monotonic(), None
            with progress, _stopped_by_interrupt(ingest):
                try:
                    ingest.run(batches(opened, batch_lines, batch_bytes))
                except LedgerError as error:
                    failure = error
            took_s = time.monotonic() - started
            state = None
            if failure is None and not ingest.is_stopped and ingest.tally.highest is not None:
                state = wait_for_state(client, ingest.tally.highest, wait.value, wait_timeout_s, messages())
        summary = _summary(ingest.tally, keeper, took_s, state)
        if as_json:
            print(json.dumps(summary, ensure_ascii=False))
        else:
            _print_summary(summary)
    raise typer.Exit(_finish(ingest, failure, state, wait))


def _finish(ingest: Ingest, failure: LedgerError | None, state: str | None, wait: WaitFor) -> ExitCode:
    """Says what ended the run early, if anything, and gives the exit code."""
    kept = f"{ingest.tally.accepted:,} acknowledged events are kept; run the same command again to go on"
    if not ingest.tally.accepted:
        kept = "nothing was acknowledged; run the same command again"
    if failure is not None:
        say_error(failure)
        if isinstance(failure, InputError | RefusedByServiceError):  # the same again would be refused again
            kept = (
                f"{ingest.tally.accepted:,} acknowledged events are kept; {_mend(failure)}, then run the command again"
            )
        messages().print(kept)
        return exit_code_of(failure)
    if ingest.is_stopped:
        messages().print(f"stopped; {kept}")
        return ExitCode.INTERRUPTED
    if ingest.tally.refused:
        return ExitCode.REFUSED
    if state is not None and state not in _reached_by(wait):
        messages().print(
            f"error: the events are {state} and not {wait} in the time given; they are kept [not_{wait}_yet]"
        )
        return ExitCode.UNAVAILABLE
    return ExitCode.OK


def _mend(failure: LedgerError) -> str:
    if isinstance(failure, InputError):
        return "mend the file or leave it out"
    if int(failure.facts.get("status", 0)) in ACCESS_STATUSES:
        return f"use a key that may submit these events (--connection, --role or {API_KEY_VARIABLE})"
    return "mend what the service refuses"


def _reached_by(wait: WaitFor) -> set[str]:
    return {"final"} if wait is WaitFor.FINAL else {"published", "anchored", "final"}


@contextmanager
def _stopped_by_interrupt(ingest: Ingest) -> Iterator[None]:
    """Ctrl-C ends the run in order; a second one ends it at once."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if ingest.is_stopped:
            messages().print("stopped at once; run the same command again to go on")
            messages().show_cursor(show=True)  # the progress bar had hidden it and is not ended any more
            os._exit(ExitCode.INTERRUPTED)
        messages().print("stopping: waiting for the requests under way (Ctrl-C again: at once)")
        ingest.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _receipt_path(folder: Path) -> Path:
    """One file a run; the process id keeps two runs of the same moment apart."""
    return folder / f"receipts-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.jsonl"


def _receipt_key(service: Connection, facts: dict[str, Any]) -> bytes:
    """The log's receipt key: of the connection file, which was written beside the service, else as the service states it."""
    text = service.log.get("receipt_key") or facts.get("receipt_key") or ""
    try:
        key = bytes.fromhex(str(text))
    except ValueError:
        key = b""
    if len(key) != 32:
        raise MalformedEvidenceError("neither the connection file nor the service names the log's receipt key")
    return key


def _summary(tally: Tally, keeper: ReceiptFile, took_s: float, state: str | None) -> dict[str, Any]:
    return {
        "lines": tally.lines,
        "new": tally.new,
        "repeated": tally.repeated,
        "conflicting": tally.conflicting,
        "invalid": tally.invalid,
        "state": state,
        "seconds": round(took_s, 3),
        "events_per_s": round(tally.lines / took_s) if took_s > 0 else 0,
        "receipts": str(keeper.path) if keeper.count else None,
        "refused": [
            {"file": refusal.file, "line": refusal.line, "code": refusal.code, "detail": refusal.detail}
            for refusal in sorted(tally.refusals, key=lambda refusal: (refusal.file, refusal.line))
        ],
    }


def _print_summary(summary: dict[str, Any]) -> None:
    console = output()
    for name in ("new", "repeated", "conflicting", "invalid"):
        console.print(f"{name:<12}{summary[name]:>10,}")
    console.print(
        f"{'lines':<12}{summary['lines']:>10,}  in {summary['seconds']:.1f} s, {summary['events_per_s']:,} events/s"
    )
    if summary["state"]:
        console.print(f"{'state':<12}{summary['state']:>10}")
    if summary["receipts"]:
        console.print(f"log receipts: {summary['receipts']}", markup=False)
    for refused in summary["refused"][:REFUSALS_SHOWN_MAX]:
        console.print(f"{refused['file']}:{refused['line']}: {refused['code']} {refused['detail']}", markup=False)
    hidden = summary["conflicting"] + summary["invalid"] - min(len(summary["refused"]), REFUSALS_SHOWN_MAX)
    if hidden:
        console.print(f"... and {hidden:,} more refused lines (--json lists them)")
