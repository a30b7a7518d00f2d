"""What all commands share: exit codes, options, and errors as one clear line."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ledger.client.connection import Connection, find_connection
from ledger.errors import (
    AccessError,
    ConflictError,
    InputError,
    LedgerError,
    NotFoundError,
    RefusedByServiceError,
    SettingsError,
)

DEVELOPMENT_CHAIN = "development chain, no consensus"


class ExitCode(IntEnum):
    """What a command's exit code means; the same for every command, but for 3."""

    OK = 0
    REFUSED = 1  # an event was refused, a proof is invalid, a promise was broken, an alarm was raised
    USAGE = 2  # the command line or a file named on it is wrong
    NOT_TRUSTED = (
        3  # consistent, but there was no trust file to say whose it is; of `anchor`: its stores contradict each other
    )
    UNAVAILABLE = 4  # a service, a port or a setting that is needed is not there, or wrong
    EQUIVOCATED = 5  # a proof is valid, but its log has been marked as equivocated
    INTERRUPTED = 130  # stopped by Ctrl-C


ConnectionOption = Annotated[
    Path | None,
    typer.Option(
        "--connection",
        metavar="FILE",
        help="connection.json of the service [default: $CITYLEDGER_CONNECTION or ./cityledger-data/connection.json]",
        show_default=False,
    ),
]
ApiUrlOption = Annotated[
    str | None,
    typer.Option(
        "--api-url",
        metavar="URL",
        help="Service without a connection file; the API key is then taken from $CITYLEDGER_API_KEY.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
JsonLinesOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object a line instead of text: progress, each finding, the result."),
]


def connection(path: Path | None, api_url: str | None = None) -> Connection:
    """The connection that the options and the environment name.

    Raises:
        InputError: an option names no connection.
        SettingsError: there is no option, and what the environment or the default names is none.
    """
    try:
        return find_connection(os.environ, path, api_url)
    except SettingsError as error:
        if path is None and api_url is None:
            raise
        raise InputError(error.detail) from error


def trust_file_path(service: Connection, trust: Path | None) -> Path:
    """The trust file that the option names, else the one beside the connection file.

    Raises:
        SettingsError: there is neither.
    """
    path = trust or service.trust_path
    if path is None:
        where = "" if service.path is None else f" beside {service.path}"
        raise SettingsError(f"there is no trust file{where}; name one with --trust FILE")
    return path


def is_development(service: Connection) -> bool:
    """Whether the service's own trust file says that its chain has no consensus."""
    return service.trust_path is not None and b'"profile":"development"' in service.trust_path.read_bytes()


def output() -> Console:
    """Standard output; colour and width only when it is a terminal."""
    return Console(highlight=False, soft_wrap=True)


def messages() -> Console:
    """Standard error, for progress and errors."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def read_input(path: Path, what: str) -> bytes:
    """The bytes of a file named on the command line; ``-`` is standard input.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise InputError(f"{what} {path} cannot be read: {error.strerror}") from error


def read_json(path: Path, kind: type) -> tuple[bytes, Any]:
    """The bytes of a JSON file named on the command line, and their value.

    Raises:
        InputError: it cannot be read, or is no JSON of this kind.
    """
    content = read_input(path, "the file")
    try:
        value = json.loads(content)
    except ValueError:
        raise InputError(f"{path} is not JSON") from None
    if not isinstance(value, kind):
        raise InputError(f"{path} does not hold a JSON {'array' if kind is list else 'object'}")
    return content, value


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Prints any of our errors as one line on standard error and leaves with the exit code of its group."""
    try:
        yield
    except LedgerError as error:
        say_error(error)
        raise typer.Exit(exit_code_of(error)) from error
    except KeyboardInterrupt:
        messages().print("stopped")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:  # whoever read the output has gone; nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(ExitCode.UNAVAILABLE) from None
    except OSError as error:  # a full disk, a folder without permission: the system's words say what to do
        where = f"{error.filename}: " if error.filename else ""
        messages().print(f"error: {where}{error.strerror or error} [system]", markup=False)
        raise typer.Exit(ExitCode.UNAVAILABLE) from error


def say_error(error: LedgerError) -> None:
    """One line: what happened, with the stable code."""
    code = error.problem_code if isinstance(error, RefusedByServiceError) else error.code
    messages().print(f"error: {error.detail} [{code}]", markup=False)


def exit_code_of(error: LedgerError) -> ExitCode:
    """The exit code of an error that ended a command."""
    if isinstance(error, SettingsError):
        return ExitCode.UNAVAILABLE
    if isinstance(error, InputError):
        return ExitCode.USAGE
    if isinstance(error, RefusedByServiceError | AccessError | ConflictError | NotFoundError):
        return ExitCode.REFUSED
    return ExitCode.UNAVAILABLE
