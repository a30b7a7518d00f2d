"""``cityledger proof``: fetches the proof of one event and saves it byte for byte."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.console import ApiUrlOption, ConnectionOption, connection, errors_as_one_line, messages
from ledger.client.service import ServiceClient
from ledger.client.transport import RetryPolicy
from ledger.errors import InputError
from ledger.log.proof_file import parse_proof


def command(
    *,
    source: Annotated[str, typer.Option("--source", help="The event's source.", show_default=False)],
    event_id: Annotated[str, typer.Option("--id", help="The event's id.", show_default=False)],
    target: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to save it [default: standard output].", show_default=False
        ),
    ] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            "--redact",
            metavar="POINTER",
            help="JSON pointer of a field to withhold, such as /event/data/name; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        int | None,
        typer.Option(
            "--as-of", metavar="TREE_SIZE", min=1, help="Published checkpoint to use [default: the anchored one]."
        ),
    ] = None,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    role: Annotated[str, typer.Option("--role", help="Whose key of the connection file to use.")] = "operator",
) -> None:
    """Fetch the proof of one event: opening, entry, inclusion path, checkpoint and anchor in one file.

    The file is saved exactly as it was sent; check it with `cityledger verify`.

    Exit code: 0 saved, 1 the service refused (unknown event, not published yet), 2 it cannot be written, 4 the service does not
    answer.

    Example: cityledger proof --source urn:city:permit-office --id case-891:0 -o proof.json
    """
    with errors_as_one_line():
        service = connection(connection_file, api_url)
        patience = RetryPolicy(on_first_failure=lambda line: messages().print(line, markup=False))
        with ServiceClient(service.api_url, service.api_key(role), retry=patience) as client:
            raw = client.proof(source, event_id, redact=redact or [], as_of_tree_size=as_of)
        proof = parse_proof(raw)  # what is not a proof is not saved as one
        if target is None:
            sys.stdout.buffer.write(raw)
            sys.stdout.buffer.flush()
            return
        save(target, raw)
        anchor = "not anchored yet" if proof.anchor is None else f"anchored in block {proof.anchor.block_number}"
        messages().print(f"saved {target}: leaf {proof.leaf_index}, {anchor}", markup=False)


def save(target: Path, raw: bytes) -> None:
    """Writes the file whole or not at all.

    Raises:
        InputError: it cannot be written there.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(raw)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{target} cannot be written: {error.strerror}") from error
