"""The command ``cityledger``: one module a command, imported when that command runs and not before.

So ``cityledger verify`` works with the base install, where most of what ``up`` needs is not there, and help is quick.
"""

import sys
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "up": "Run the whole service in one folder: database, development chain, contracts, API, anchor.",
    "demo": "Run the whole service and play the story of one data product on it, from admission to a filed agreement and its use.",
    "api": "Run the HTTP API alone, with settings from the environment.",
    "anchor": "Run the anchor service alone, with settings from the environment.",
    "ingest": "Bring files of events (NDJSON, one CloudEvent a line) into the log and keep the log receipts.",
    "status": "Show whether the service is ready, and how many events are sequenced, published, anchored and final.",
    "proof": "Fetch the proof of one event: opening, entry, inclusion path, checkpoint and anchor in one file.",
    "verify": "Check a proof step by step, on this machine and without the service.",
    "fsck": "Re-hash every stored entry and compare database, keyring, tiles, checkpoints, journal and chain.",
    "receipt": "Work with log receipts.",
    "keys": "Make, list and revoke scoped API keys (on the operator's machine; works on the database).",
    "contracts": "Deploy the contract suite from a reviewed configuration, and check it against its sources.",
    "council": "Read and sign the acts of the council, as one of its bodies.",
    "read": "Read one object, list or paper of the API, as its reader may see it.",
    "write": "Do one step of a body at the API: apply, order, negotiate, confirm; sending it again does not do it twice.",
    "sign": "Read and sign the acts of a body with its own encrypted keys, offline, without writing code.",
    "platform": "Run an authorisation platform of one's own, read its books, act in its name.",
    "monitor": "Follow tiles and chain as an outsider: re-hash everything, check that the log only grew, alarm on any inconsistency.",
}
"""Every command and the line that the overview shows, in that order."""


class LazyGroup(TyperGroup):
    """A group whose commands are modules ``ledger.cli.<name>`` with an attribute ``command``: a function or a ``Typer``."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now; None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"ledger.cli.{cmd_name}").command
        if not isinstance(found, typer.Typer):
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command()(found)
            found = single
        found.rich_markup_mode = None
        found._add_completion = False  # noqa: SLF001 - completion is the root command's
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The overview, written from the table above, so that it imports no command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - the shape that typer calls
    if wanted:
        print(f"cityledger {metadata.version('cityledger')}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    name="cityledger",
    help="CityLedger: an append-only evidence log, anchored on a chain, checkable without trusting its operator.",
    epilog="Help on one command: cityledger COMMAND --help",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """CityLedger: an append-only evidence log, anchored on a chain, checkable without trusting its operator."""
    del version


if __name__ == "__main__":
    sys.exit(app())
