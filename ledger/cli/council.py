"""``cityledger council``: what a body of the council does with its own key, on its own machine, without a chain."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.children import require_server_parts
from ledger.cli.console import errors_as_one_line, messages, output
from ledger.errors import InputError
from ledger.log.timestamps import format_time
from ledger.log.typed_data import to_checksum_address

if TYPE_CHECKING:
    from ledger.adapters.chain.council_acts import CouncilAct

command = typer.Typer(
    no_args_is_help=True,
    help="Read and sign the acts of the council, as one of its bodies.\n\n"
    "Example: cityledger council sign --key body.key acts/7.json",
)

ActsArgument = Annotated[
    list[Path], typer.Argument(metavar="ACT...", help="Files of acts, as `contracts deploy` writes them.")
]


@command.command("show")
def show(acts: ActsArgument) -> None:
    """Show acts: which call they make, decoded from the call data itself, and the digest that is signed.

    Example: cityledger council show acts/7.json
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.adapters.chain.council_acts import read_act  # noqa: PLC0415 - needs the extra `server`

        for path in acts:
            _print_act(read_act(path))


@command.command("sign")
def sign(
    acts: ActsArgument,
    *,
    key: Annotated[
        Path, typer.Option("--key", metavar="FILE", help="The body's secp256k1 key: 64 hex digits, mode 0600.")
    ],
) -> None:
    """Sign acts; each signature is put beside its act, for `contracts deploy` to take.

    Example: cityledger council sign --key body.key acts/7.json
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.adapters.chain.council_acts import sign_act_file  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.files.keys import load_key_file  # noqa: PLC0415 - needs the extra `server`

        secret = load_key_file(key)
        for path in acts:
            try:
                act, signature = sign_act_file(path, secret)
            except ValueError as error:
                raise InputError(f"{key} is no secp256k1 key") from error
            _print_act(act)
            messages().print(f"signed: {signature}", markup=False)


def _print_act(act: "CouncilAct") -> None:
    from ledger.adapters.chain.suite_calls import describe_call, printable  # noqa: PLC0415 - needs the extra `server`

    try:
        until = format_time(datetime.fromtimestamp(act.deadline, UTC))
    except (OverflowError, ValueError, OSError):  # beyond the year 9999
        until = f"the second {act.deadline} of Unix time"
    for line in (
        f"act {act.nonce} of the council {to_checksum_address(act.council)} on chain {act.chain_id}, until {until}",
        f"  said to be: {printable(act.text)}",  # whoever wrote the file is not believed, nor given the terminal
        f"  target:     {to_checksum_address(act.target)}",
        f"  call:       {printable(describe_call(act.data))}",
        f"  digest:     0x{act.digest.hex()}",
    ):
        output().print(line, markup=False)
