"""``cityledger fsck``: re-derives everything that is stored and compares it; runs ``python -m anchor fsck``."""

from typing import Annotated

import typer

from ledger.cli.children import Child, environment_of, require_server_parts
from ledger.cli.console import (
    DEVELOPMENT_CHAIN,
    ConnectionOption,
    ExitCode,
    JsonLinesOption,
    connection,
    errors_as_one_line,
    is_development,
    output,
)
from ledger.cli.findings import FindingsView


def command(
    *,
    connection_file: ConnectionOption = None,
    as_json: JsonLinesOption = False,
    no_chain: Annotated[bool, typer.Option("--no-chain", help="Do not ask the chain.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Re-hash every stored entry and compare database, keyring, tiles, checkpoints, journal and chain.

    Works on the operator's machine; changes nothing.

    Exit code: 0 clean, 1 there are findings, 4 a part that is needed does not answer, 130 stopped.

    Example: cityledger fsck
    """
    with errors_as_one_line():
        require_server_parts()
        service = connection(connection_file)
        arguments = ["fsck", "--json", *(["--no-chain"] if no_chain else [])]
        child = Child("anchor", arguments, environment_of(service))
        with FindingsView(as_json=as_json, quiet=quiet) as view:
            for line in child.lines():
                view.show(line)
        code = child.exit_code()
        if not as_json and not no_chain and is_development(service):
            output().print(f"the chain is a {DEVELOPMENT_CHAIN}")
    raise typer.Exit(ExitCode.INTERRUPTED if child.interrupted else code)
