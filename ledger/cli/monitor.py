"""``cityledger monitor``: follows a log as an outsider and alarms; runs ``python -m anchor monitor``."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.children import Child, require_server_parts
from ledger.cli.console import (
    ApiUrlOption,
    ConnectionOption,
    ExitCode,
    JsonLinesOption,
    connection,
    errors_as_one_line,
    read_input,
    trust_file_path,
)
from ledger.cli.findings import FindingsView


def command(
    *,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust", metavar="FILE", help="Trust file [default: beside the connection file].", show_default=False
        ),
    ] = None,
    state: Annotated[
        Path, typer.Option("--state", metavar="FILE", help="Keeps the last checkpoint seen; never delete it.")
    ] = Path("cityledger-monitor.json"),
    rpc: Annotated[
        str | None,
        typer.Option(
            "--rpc", metavar="URL", help="Node of the chain [default: of the connection file].", show_default=False
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    origin: Annotated[
        str | None,
        typer.Option(
            "--origin", metavar="ORIGIN", help="Which log, when the trust file names several.", show_default=False
        ),
    ] = None,
    interval: Annotated[float, typer.Option("--interval", metavar="SECONDS", min=0, help="Between two looks.")] = 5.0,
    stale_after: Annotated[
        float,
        typer.Option(
            "--stale-after",
            metavar="SECONDS",
            min=0,
            help="How long a head may stay off the chain, or a look unanswered.",
        ),
    ] = 600.0,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    as_json: JsonLinesOption = False,
) -> None:
    """Follow tiles and chain as an outsider: re-hash everything, check that the log only grew, alarm on any inconsistency.

    Needs no API key and no access to the operator's machine. Each alarm carries its evidence.

    Exit code: 0 nothing wrong, 1 an alarm was raised, 4 the log or the chain does not answer, 130 stopped.

    Example: cityledger monitor --api-url https://ledger.example --trust trust.json --rpc https://node.example --once
    """
    with errors_as_one_line():
        service = connection(connection_file, api_url)
        trust_path = trust_file_path(service, trust)
        read_input(trust_path, "the trust file")  # said here and not by the child
        require_server_parts()
        arguments = ["monitor", "--url", service.api_url, "--trust", str(trust_path), "--state", str(state)]
        rpc_url = rpc or service.rpc_url
        arguments += ["--rpc", rpc_url] if rpc_url else []
        arguments += ["--once"] if once else []
        arguments += ["--origin", origin] if origin is not None else []
        arguments += ["--interval", str(interval), "--stale-after", str(stale_after)]
        child = Child("anchor", arguments, os.environ)
        with FindingsView(as_json=as_json) as view:
            for line in child.lines():
                view.show(line)
        code = child.exit_code()
    raise typer.Exit(ExitCode.INTERRUPTED if child.interrupted else code)
