"""Passwords and secrets on the command line: asked for without echo or read from a file, never an argument, never printed."""

import getpass
import resource
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.adapters.files.private_files import require_private
from ledger.errors import InputError

NEW_CHARACTERS_MIN: Final = 10

PasswordFileOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="Read the password from the first line of this file, mode 0600, instead of asking for it.",
        show_default=False,
    ),
]


def protect_memory() -> None:
    """No core file of this process: it would hold keys. What the system swaps out or another root process reads is beyond us."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read_password(file: Path | None, what: str) -> bytes:
    """A password, UTF-8, from the file or else from the terminal.

    Raises:
        InputError: there is neither, or it is empty.
        SettingsError: other users can read the file.
    """
    text = _from_file(file) if file is not None else _ask(f"Password of {what}: ")
    if not text:
        raise InputError("The password is empty.")
    return text.encode()


def read_new_password(file: Path | None, what: str) -> bytes:
    """A password for a key that is written now; asked for twice; raises as ``read_password``, and when it is short."""
    password = read_password(file, what)
    if len(password.decode()) < NEW_CHARACTERS_MIN:
        raise InputError(f"A new password has at least {NEW_CHARACTERS_MIN} characters.")
    if file is None and _ask("The same password again: ").encode() != password:
        raise InputError("The two passwords differ; nothing was written.")
    return password


def read_secret(path: Path, what: str) -> str:
    """The first line of a file of mode 0600.

    Raises:
        InputError: it cannot be read, or the line is empty.
        SettingsError: other users can read the file.
    """
    text = _from_file(path).strip()
    if not text:
        raise InputError(f"{path} is empty; its first line is {what}.")
    return text


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            require_private(file, path, "change the password")
            return file.readline().rstrip("\r\n")
    except OSError as error:
        raise InputError(f"the password file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InputError(f"the password file {path} is not UTF-8") from None


def _ask(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise InputError("There is no terminal to ask for a password; name a file with --password-file.")
    return getpass.getpass(prompt)
