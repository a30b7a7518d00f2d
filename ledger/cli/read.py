"""``cityledger read``: one object, list or paper of the API, as its reader may see it."""

import json
import sys

import typer

from ledger.cli.api_target import BodyKeyOption, PathArgument, target
from ledger.cli.console import ApiUrlOption, ConnectionOption, connection, errors_as_one_line
from ledger.client.transport import Response, RetryPolicy, Transport
from ledger.errors import InputError

GIVE_UP_AFTER_S = 5.0


def command(
    path: PathArgument,
    *,
    role: BodyKeyOption = "consumer",
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
) -> None:
    """Read one object, list or paper of the API, as its reader may see it.

    JSON is printed indented, anything else as it comes: send a PDF to a file.

    Exit code: 0 read, 1 the service refuses it, 2 no such route, 4 no answer.

    Example: cityledger read "/v1/orders?state=offered"
    """
    with errors_as_one_line():
        route, query = target(path)
        service = connection(connection_file, api_url)
        retry = RetryPolicy(give_up_after_s=GIVE_UP_AFTER_S)
        transport = Transport(service.api_url, service.api_key(role), retry=retry)
        try:
            show(transport.request("GET", route, query=query, headers={"Accept": "*/*"}))
        finally:
            transport.close()


def show(response: Response) -> None:
    """Prints an answer.

    Raises:
        InputError: it is no text, and would go to a terminal.
    """
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if media_type.endswith("json"):
        typer.echo(json.dumps(response.json(), ensure_ascii=False, indent=1))
    elif sys.stdout.isatty() and not media_type.startswith("text/"):
        raise InputError(f"the answer is {media_type or 'no text'}: send it to a file with > FILE")
    else:
        typer.echo(response.body, nl=False)
