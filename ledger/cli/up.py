"""``cityledger up``: the whole service in one folder, until Ctrl-C."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.children import require_server_parts
from ledger.cli.console import DEVELOPMENT_CHAIN, ExitCode, errors_as_one_line, output
from ledger.cli.serving import Serving, serve, stop_on_signals

DEFAULT_PORT = 8080


def command(
    data_dir: Annotated[
        str,
        typer.Option("--data-dir", metavar="DIR", help="Folder of everything this copy keeps: new, empty or its own."),
    ] = "cityledger-data",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the API; 0 picks a free one.")
    ] = DEFAULT_PORT,
    host: Annotated[str, typer.Option("--host", help="Address the API listens on.")] = "127.0.0.1",
) -> None:
    """Run the whole service in one folder: database, development chain, contracts, API, anchor.

    Starts where the last run on the same folder ended: same chain, same log, same keys. Ctrl-C stops everything in order.
    Needs the extra `server`.

    Exit code: 0 stopped as asked, 4 folder or port cannot be used, or a part cannot be started or ends again and again.

    Example: cityledger up --data-dir ./cityledger-data --port 8080
    """
    stop = stop_on_signals()

    def once_ready(serving: Serving) -> None:
        running = serving.running
        _show(running.folder, running.api_url, running.rpc_url, running.identity.origin)
        serving.wait_until_stopped()

    with errors_as_one_line():
        require_server_parts()
        serve(data_dir, host, port, stop, once_ready)
    raise typer.Exit(ExitCode.OK)


def _show(folder: Path, api_url: str, rpc_url: str, origin: str) -> None:
    rows = {
        "API": f"{api_url}  (described by {api_url}/openapi.json)",
        "log": f"{origin}  ({api_url}/log/checkpoint)",
        "chain": f"{rpc_url}  ({DEVELOPMENT_CHAIN})",
        "contracts": folder / "contracts" / "manifest.json",
        "keys, addresses": folder / "connection.json",
        "trust file": folder / "trust.json",
        "program logs": folder / "logs",
    }
    console = output()
    console.print("\nCityLedger runs.")
    for name, value in rows.items():
        console.print(f"  {name:<16}{value}", markup=False)
    program = str(Path(sys.argv[0]).absolute())  # works in another terminal, whatever its search path
    command_line = shlex.join([program, "ingest", "FILE", "--connection", str(folder / "connection.json")])
    console.print(f"Try: {command_line}", markup=False)
    console.print("Ctrl-C stops it.")
