"""``cityledger up``: the whole service in one folder, until Ctrl-C."""

import contextlib
import shlex
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from ledger.adapters.stop_request import StopRequest
from ledger.cli.children import require_server_parts
from ledger.cli.console import DEVELOPMENT_CHAIN, ExitCode, errors_as_one_line, output
from ledger.errors import SettingsError

DEFAULT_PORT = 8080
CHECK_INTERVAL_S = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _StoppedError(Exception):
    """The person asked to stop while the parts were being started."""


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
    stop = StopRequest()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()  # a second Ctrl-C changes nothing: the parts are stopping already

    for number in SIGNALS:
        signal.signal(number, ask_to_stop)
    with errors_as_one_line():
        require_server_parts()
        if not data_dir.strip():  # as a path it would be the folder that the person happens to stand in
            raise SettingsError("the data folder's name is empty: name a folder with --data-dir")
        _run(Path(data_dir), host, port, stop)
    raise typer.Exit(ExitCode.OK)


def _run(data_dir: Path, host: str, port: int, stop: StopRequest) -> None:
    from ledger.adapters.embedded.installation import load_or_create_installation, locked  # noqa: PLC0415 - server
    from ledger.adapters.embedded.ports import check_listenable, free_port  # noqa: PLC0415 - needs the extra `server`
    from ledger.adapters.embedded.stack import EmbeddedStack  # noqa: PLC0415 - needs the extra `server`

    def check_stopped() -> None:
        if stop.is_set():
            raise _StoppedError

    if port != 0 and not data_dir.exists():
        check_listenable(host, port)  # before a folder is made for nothing
    with locked(data_dir) as folder:
        if port != 0:
            check_listenable(host, port)
        stack = EmbeddedStack(load_or_create_installation(folder.path), host, port or free_port(), _say)
        try:
            running = stack.start(check_stopped)
            _show(folder.path, running.api_url, running.rpc_url, running.identity.origin)
            while not stop.wait(CHECK_INTERVAL_S):
                folder.check_in_place()  # first: a part that is restarted would make a missing folder anew
                stack.check()
        except _StoppedError:
            pass
        finally:
            _say("stopping ...")
            stack.stop()
    _say("stopped; start it again with the same --data-dir to go on")


def _say(line: str) -> None:
    # The terminal or the pipe may have gone, and the parts must be stopped all the same; rich would leave the process here.
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _show(folder: Path, api_url: str, rpc_url: str, origin: str) -> None:
    rows = {
        "API": f"{api_url}  (described by {api_url}/openapi.json)",
        "log": f"{origin}  ({api_url}/log/checkpoint)",
        "chain": f"{rpc_url}  ({DEVELOPMENT_CHAIN})",
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
