"""``cityledger write``: one step of a body at the API, which a repeat does not do twice."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.api_target import BodyKeyOption, PathArgument, target
from ledger.cli.console import ApiUrlOption, ConnectionOption, connection, errors_as_one_line, messages, read_json
from ledger.cli.read import show
from ledger.client.calls import write_object
from ledger.client.transport import RetryPolicy, Transport

GIVE_UP_AFTER_S = 30.0


def command(
    path: PathArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="The request's JSON object, as /openapi.json has it; - reads standard input [default: the empty object].",
            show_default=False,
        ),
    ] = None,
    *,
    revision: Annotated[
        int | None,
        typer.Option("--revision", metavar="N", min=1, help="Revision of the object that was read, for an edit."),
    ] = None,
    repeat: Annotated[
        str | None,
        typer.Option("--repeat", metavar="KEY", help="Idempotency-Key of the earlier try that this one repeats."),
    ] = None,
    is_put: Annotated[bool, typer.Option("--put", help="PUT instead of POST, for the routes that have it.")] = False,
    role: BodyKeyOption = "consumer",
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
) -> None:
    """Do one step of a body at the API: apply, order, negotiate, confirm; sending it again does not do it twice.

    The Idempotency-Key is said first, on standard error. Whoever does not know what became of a step gives it with --repeat, and is
    answered as the first time. What has to be signed comes with `cityledger sign`.

    Exit code: 0 done, 1 the service refuses it, 2 no such route or no such file, 4 no answer: repeat it.

    Example: cityledger write /v1/orders order.json
    """
    with errors_as_one_line():
        route, query = target(path)
        content = b"{}" if file is None else read_json(file, dict)[0]
        service = connection(connection_file, api_url)
        method = "PUT" if is_put else "POST"
        call = write_object(route, {}, revision=revision, idempotency_key=repeat, method=method)
        transport = Transport(service.api_url, service.api_key(role), retry=RetryPolicy(GIVE_UP_AFTER_S))
        messages().print(f"to repeat this step: --repeat {call.headers['Idempotency-Key']}", markup=False)
        try:
            # the file's bytes as they are, so that what was read by a person is what is sent
            show(transport.request(call.method, call.path, query=query, body=content, headers=call.headers))
        finally:
            transport.close()
