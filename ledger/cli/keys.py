"""``cityledger keys``: makes, lists and revokes scoped API keys, on the operator's machine."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ledger.cli.children import require_server_parts
from ledger.cli.console import ConnectionOption, JsonOption, connection, errors_as_one_line, messages, output
from ledger.domain.roles import ROLES
from ledger.errors import InputError
from ledger.log.timestamps import format_time, parse_rfc3339

command = typer.Typer(
    no_args_is_help=True,
    help="Make, list and revoke scoped API keys (on the operator's machine; works on the database).\n\n"
    "Example: cityledger keys add --role platform_service --submitter permit-office "
    "--source-prefix urn:city:permit-office:",
)


@command.command("add")
def add(
    *,
    role: Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")],
    submitter: Annotated[str, typer.Option("--submitter", help="The body's code in this system.")],
    source_prefix: Annotated[
        list[str] | None,
        typer.Option(
            "--source-prefix",
            help="Sources that this key may submit begin with this text, so end it with : or / (urn:city also allows urn:city2, and "
            "urn:city: does not allow urn:city); may be repeated.",
        ),
    ] = None,
    signature_key: Annotated[
        list[str] | None,
        typer.Option(
            "--signature-key",
            metavar="ALG:KEYID:HEX",
            help="A key by which the submitter signs its events: ed25519, secp256k1 or sm2; may be repeated.",
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="WHEN", help="RFC 3339 time, such as 2027-01-01T00:00:00+08:00.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account", help="The account that the key acts for, such as acc-1f0e...; it ends with the account."
        ),
    ] = None,
    connection_file: ConnectionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key; it is shown this once and kept nowhere in clear.

    Example: cityledger keys add --role platform_service --submitter permit-office --source-prefix urn:city:permit-office:
    --signature-key ed25519:office-1:812520159b09...
    """
    with errors_as_one_line():
        expires_at = None if expires is None else _expiry(expires)
        require_server_parts()
        from ledger.cli.key_store import add_key, parse_signature_key  # noqa: PLC0415 - needs the extra `server`

        parsed = [parse_signature_key(text) for text in signature_key or []]
        key = add_key(
            connection(connection_file),
            role=role,
            submitter=submitter,
            source_prefixes=source_prefix or [],
            signature_keys=parsed,
            expires_at=expires_at,
            account_id=account,
        )
        for prefix in source_prefix or []:
            if prefix[-1].isalnum():
                messages().print(
                    f"warning: the prefix {prefix} is plain text and also allows {prefix}2: end it with : or / unless you mean that",
                    markup=False,
                )
        if as_json:
            print(json.dumps({"key_id": key.key_id, "api_key": key.api_key}))
            return
        output().print(key.api_key, markup=False)
        messages().print(f"key {key.key_id} for {submitter} ({role}); keep it now, it is not shown again", markup=False)


@command.command("list")
def list_all(*, connection_file: ConnectionOption = None, as_json: JsonOption = False) -> None:
    """List all keys, revoked and expired ones included.

    Example: cityledger keys list
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.cli.key_store import list_keys  # noqa: PLC0415 - needs the extra `server`

        rows = list_keys(connection(connection_file))
        if as_json:
            print(json.dumps({"keys": rows}, ensure_ascii=False))
            return
        now = datetime.now(UTC)
        table: list[tuple[str, ...]] = [("key", "role", "submitter", "sources", "signature keys", "state")]
        table += [_cells(row, now) for row in rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for cells in table:
            print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


@command.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As `cityledger keys list` shows it.")],
    *,
    connection_file: ConnectionOption = None,
) -> None:
    """Revoke a key; it is refused from the next request on. A key that is revoked already stays so, which is no error.

    Example: cityledger keys revoke 4f1c22aa
    """
    with errors_as_one_line():
        require_server_parts()
        from ledger.cli.key_store import revoke_key  # noqa: PLC0415 - needs the extra `server`

        since = revoke_key(connection(connection_file), key_id)
        already = "" if since is None else f" already, since {format_time(since)}; nothing was changed"
        messages().print(f"key {key_id} is revoked{already}", markup=False)


def _expiry(text: str) -> datetime:
    try:
        moment = parse_rfc3339(text)
    except InputError as error:
        raise InputError(f"--expires {text} is not an RFC 3339 time with a zone") from error
    if moment <= datetime.now(UTC):
        raise InputError(f"--expires {text} is in the past")
    return moment


def _cells(row: dict[str, Any], now: datetime) -> tuple[str, ...]:
    sources = "any" if row["unrestricted"] else ",".join(row["source_prefixes"]) or "none"
    signature_keys = ",".join(row["signature_keys"]) or "-"
    return row["key_id"], row["role"], row["submitter"], sources, signature_keys, _state(row, now)


def _state(row: dict[str, Any], now: datetime) -> str:
    if row["revoked_at"]:
        return f"revoked {row['revoked_at']}"
    if row["expires_at"]:
        word = "expired" if row["expires_at"] <= format_time(now) else "until"
        return f"{word} {row['expires_at']}"
    return "valid"
