"""``cityledger fsck``: re-derives everything that is stored and compares it; runs ``python -m anchor fsck``."""

import json
from typing import Annotated, Any

import typer

from ledger.cli.children import Child, environment_of, require_server_parts
from ledger.cli.console import (
    ConnectionOption,
    ExitCode,
    JsonOption,
    connection,
    errors_as_one_line,
    messages,
    output,
)


def command(
    *,
    connection_file: ConnectionOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Re-hash every stored entry and compare database, keyring, tiles, checkpoints, journal and chain.

    Works on the operator's machine; changes nothing.

    Exit code: 0 clean, 1 there are findings, 4 a part that is needed does not answer, 130 stopped.

    Example: cityledger fsck
    """
    with errors_as_one_line():
        require_server_parts()
        child = Child("anchor", ["fsck", "--json"], environment_of(connection(connection_file)))
        for line in child.lines():
            if as_json:
                print(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False), flush=True)
            else:
                show(line, quiet=quiet)
        code = child.exit_code()
    raise typer.Exit(ExitCode.INTERRUPTED if child.interrupted else code)


def show(line: dict[str, Any] | str, *, quiet: bool) -> None:
    """Renders one line of the child: findings and the summary on standard output, progress on standard error."""
    console = output()
    if isinstance(line, str):
        console.print(line, markup=False)
    elif "code" in line:
        place = line.get("where") or line.get("leaf_index")
        named = f"{place}: " if place is not None else ""
        console.print(f"{named}{line['code']}: {line.get('detail', '')}", markup=False)
    elif "progress" in line or "done" in line:
        if not quiet:
            messages().print(" ".join(f"{name}={value}" for name, value in line.items()), markup=False)
    else:
        for name, value in line.items():
            console.print(f"{name:<20}{value if isinstance(value, str) else json.dumps(value)}", markup=False)
