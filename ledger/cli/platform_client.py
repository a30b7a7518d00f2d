"""What the commands of ``cityledger platform`` share: the connection, files, and acts that are waited for."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.cli.console import ExitCode, errors_as_one_line
from ledger.client.calls import Call, RemoteObject
from ledger.client.platform import find_platform, get_platform_act
from ledger.client.runners import Client
from ledger.client.transport import RetryPolicy
from ledger.errors import InputError, RefusedByServiceError, SettingsError

WAIT_S: Final = 30.0
POLL_S: Final = 0.2

PlatformOption = Annotated[
    Path | None,
    typer.Option(
        "--connection",
        metavar="FILE",
        help="connection.json of the platform [default: $CITYLEDGER_PLATFORM_CONNECTION or ./cityledger-platform/connection.json]",
        show_default=False,
    ),
]
FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="JSON, as the platform's OpenAPI document has it; - reads standard input."),
]


def client_of(path: Path | None, role: str) -> Client:
    """A client of the platform's own API, with the key of a role. Raises ``SettingsError`` or ``InputError`` when there is none."""
    try:
        found = find_platform(os.environ, path)
    except SettingsError as error:
        if path is None:
            raise
        raise InputError(error.detail) from error
    return Client(found.platform_url, found.api_keys.get(role), retry=RetryPolicy(give_up_after_s=5))


def do_act(path: Path | None, make: Callable[[], Call[RemoteObject]]) -> None:
    """Asks for an act, and waits for the trading platform's answer for a while.

    Exit code: 0 acknowledged, 1 refused, 4 not answered yet: it is sent until it is, whether somebody waits or not.
    """
    with errors_as_one_line(), client_of(path, "handler") as client:
        value = client.run(make()).value
        deadline = time.monotonic() + WAIT_S
        while value["state"] == "intended" and time.monotonic() < deadline:
            time.sleep(POLL_S)
            value = client.run(get_platform_act(value["act_id"])).value
        if value["state"] == "refused":
            problem = value["problem"]
            raise RefusedByServiceError(problem["detail"], problem_code=problem["code"])
        print(json.dumps({name: value[name] for name in ("act_id", "act", "kind", "object_id", "state", "last_error")}))
    raise typer.Exit(ExitCode.OK if value["state"] == "acknowledged" else ExitCode.UNAVAILABLE)
