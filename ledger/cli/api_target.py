"""A route of the API as it is named on the command line: path and query, and never another address."""

from typing import Annotated, Final
from urllib.parse import parse_qsl, quote

import typer

from ledger.errors import InputError

PREFIX: Final = "/v1/"
PathArgument = Annotated[
    str, typer.Argument(metavar="PATH", help="Route of the API with its query, such as /v1/orders?state=offered.")
]
BodyKeyOption = Annotated[
    str,
    typer.Option("--role", help="Whose key of the connection file to use; a body's own is in $CITYLEDGER_API_KEY."),
]


def target(path: str) -> tuple[str, list[tuple[str, str]]]:
    """The path, percent-encoded where it is not yet, and the parameters of its query.

    Raises:
        InputError: it is no route below ``/v1/``; a key goes to the service that was named and nowhere else.
    """
    if not path.startswith(PREFIX):
        raise InputError(f"{path!r} is no route of the API: it begins with {PREFIX}")
    route, _, query = path.partition("?")
    return quote(route, safe="/%:"), parse_qsl(query, keep_blank_values=True)
