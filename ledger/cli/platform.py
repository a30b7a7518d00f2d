"""``cityledger platform``: run an authorisation platform of one's own, read its books, act in its name."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.children import require_server_parts
from ledger.cli.console import ExitCode, JsonOption, errors_as_one_line, output, read_json
from ledger.cli.platform_client import FileArgument, PlatformOption, client_of, do_act
from ledger.cli.platform_run import PlatformOptions, run_platform
from ledger.client.platform import (
    file_platform_agreement,
    get_differences,
    get_platform_status,
    grant_list,
    issue_platform_token,
    make_final_review,
    resume_list,
    revoke_platform_token,
    suspend_list,
    widen_list,
    withdraw_list,
)
from ledger.domain.authorisation import VIOLATIONS

command = typer.Typer(
    name="platform",
    help="Run an authorisation platform of one's own, read its books, act in its name.\n\n"
    "Example: cityledger platform differences --owner trading_platform",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

AuthorisationArgument = Annotated[str, typer.Argument(metavar="AUTHORISATION", help="That of its application.")]
ReasonsOption = Annotated[str, typer.Option("--reasons", help="Why, for the holder to read.")]
ViolationOption = Annotated[str, typer.Option("--kind", help=f"{', '.join(sorted(VIOLATIONS))}.")]
EvidenceOption = Annotated[str, typer.Option("--evidence-digest", help="SHA-256, hex, of what shows it.")]


@command.command()
def run(
    *,
    peer: Annotated[str, typer.Option("--peer", metavar="URL", help="API of the trading platform.")],
    data_dir: Annotated[
        str, typer.Option("--data-dir", metavar="DIR", help="Folder of everything it keeps: new, empty or its own.")
    ] = "cityledger-platform",
    body: Annotated[
        str | None,
        typer.Option(
            "--body",
            metavar="CODE",
            help="Subject code of the body that runs it; needed at its first start.",
            show_default=False,
        ),
    ] = None,
    peer_key_file: Annotated[
        Path | None,
        typer.Option(
            "--peer-key-file",
            metavar="FILE",
            help="API key at the trading platform, first line, mode 0600; kept from then on. Otherwise $CITYLEDGER_API_KEY.",
            show_default=False,
        ),
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option("--rpc", metavar="URL", help="Node at which it reads the contracts itself.", show_default=False),
    ] = None,
    contracts: Annotated[
        Path | None,
        typer.Option(
            "--contracts", metavar="FILE", help="Manifest of the contract suite, with --rpc.", show_default=False
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of its own API; 0 picks a free one.")
    ] = 8085,
    host: Annotated[str, typer.Option("--host", help="Address its own API listens on.")] = "127.0.0.1",
) -> None:
    """Run an authorisation platform: a database, keys and an API of its own; it speaks with the trading platform by HTTP alone.

    Goes on where the last run on the same folder ended. Ctrl-C stops everything in order. Needs the extra `server`.

    Exit code: 0 stopped as asked, 4 folder, port or key cannot be used, or a part cannot be started or ends again and again.

    Example: cityledger platform run --peer http://127.0.0.1:8080 --body CODE --peer-key-file key
    """
    with errors_as_one_line():
        require_server_parts()
        run_platform(PlatformOptions(data_dir, peer, body, peer_key_file, rpc, contracts, host, port))
    raise typer.Exit(ExitCode.OK)


@command.command()
def status(*, connection_file: PlatformOption = None, as_json: JsonOption = False) -> None:
    """Show how far the platform has read, what differs, and which of its acts wait.

    Exit code: 0 both platforms agree, 1 something differs, 4 the platform does not answer.
    """
    with errors_as_one_line(), client_of(connection_file, "reader") as client:
        value = client.run(get_platform_status()).value
        if as_json:
            print(json.dumps(dict(value), ensure_ascii=False))
        else:
            _render_status(value)
    raise typer.Exit(ExitCode.REFUSED if value["differing"] else ExitCode.OK)


@command.command()
def differences(
    *,
    connection_file: PlatformOption = None,
    phase: Annotated[str, typer.Option("--phase", help="differing, under_way, open or ended.")] = "differing",
    kind: Annotated[str | None, typer.Option("--kind", help="Of this kind only.", show_default=False)] = None,
    cause: Annotated[str | None, typer.Option("--cause", help="Of this cause only.", show_default=False)] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Of this owner only.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line instead of text.")] = False,
) -> None:
    """List what differs between both platforms by cause, age and owner.

    Exit code: 0 nothing is listed, 1 something is, 4 the platform does not answer.
    """
    count = 0
    with errors_as_one_line(), client_of(connection_file, "reader") as client:
        for item in client.each(
            lambda cursor: get_differences(phase=phase, kind=kind, cause=cause, owner=owner, cursor=cursor)
        ):
            count += 1
            print(json.dumps(dict(item), ensure_ascii=False)) if as_json else _render_difference(item)
        if count == 0 and not as_json:
            output().print("nothing is listed", markup=False)
    raise typer.Exit(ExitCode.REFUSED if count else ExitCode.OK)


@command.command()
def review(
    application: Annotated[str, typer.Argument(metavar="APPLICATION")],
    file: FileArgument,
    *,
    connection_file: PlatformOption = None,
) -> None:
    """Make the final review of an application; FILE is the list of findings, one about each aspect."""
    do_act(connection_file, lambda: make_final_review(application, read_json(file, list)[1]))


@command.command()
def grant(
    application: Annotated[str, typer.Argument(metavar="APPLICATION")],
    file: FileArgument,
    *,
    connection_file: PlatformOption = None,
) -> None:
    """Grant the authorisation list of an approved application; FILE is the list."""
    do_act(connection_file, lambda: grant_list(application, read_json(file, dict)[1]))


@command.command()
def suspend(
    authorisation: AuthorisationArgument,
    *,
    kind: ViolationOption,
    reasons: ReasonsOption,
    evidence_digest: EvidenceOption,
    connection_file: PlatformOption = None,
) -> None:
    """Suspend an authorisation of the platform's for a violation; no token of it is spent until it is resumed."""
    said = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    do_act(connection_file, lambda: suspend_list(authorisation, **said))


@command.command()
def resume(
    authorisation: AuthorisationArgument, *, reasons: ReasonsOption, connection_file: PlatformOption = None
) -> None:
    """Let a suspended authorisation of the platform's go on."""
    do_act(connection_file, lambda: resume_list(authorisation, reasons=reasons))


@command.command()
def withdraw(
    authorisation: AuthorisationArgument,
    *,
    kind: ViolationOption,
    reasons: ReasonsOption,
    evidence_digest: EvidenceOption,
    connection_file: PlatformOption = None,
) -> None:
    """Withdraw an authorisation of the platform's for a violation; every token of it ends."""
    said = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    do_act(connection_file, lambda: withdraw_list(authorisation, **said))


@command.command()
def widen(
    authorisation: AuthorisationArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the holder's request at the trading platform.")],
    file: FileArgument,
    *,
    reasons: ReasonsOption,
    connection_file: PlatformOption = None,
) -> None:
    """Grant a request to widen an authorisation of the platform's; FILE is the list of its items, as they are granted."""
    do_act(connection_file, lambda: widen_list(authorisation, number, read_json(file, list)[1], reasons=reasons))


@command.command()
def token(file: FileArgument, *, connection_file: PlatformOption = None) -> None:
    """Issue a usage token, stated and signed by the platform; FILE says for what."""
    do_act(connection_file, lambda: issue_platform_token(read_json(file, dict)[1]))


@command.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="TOKEN")],
    *,
    reasons: ReasonsOption,
    connection_file: PlatformOption = None,
) -> None:
    """Revoke a usage token that the platform issued."""
    do_act(connection_file, lambda: revoke_platform_token(token_id, reasons=reasons))


@command.command()
def file(
    agreement: Annotated[str, typer.Argument(metavar="AGREEMENT")], *, connection_file: PlatformOption = None
) -> None:
    """File an agreement on the platform's side, once its own arithmetic leads to the agreement's digest."""
    do_act(connection_file, lambda: file_platform_agreement(agreement))


def _render_status(value: Mapping[str, Any]) -> None:
    console = output()
    chain = "read by itself" if value["reads_chain"] else "NOT READ: no node is named"
    console.print(f"{'platform':<15}{value['subject_code']}, follows {value['peer_url']}", markup=False)
    console.print(f"{'chain':<15}{chain}", markup=False)
    for kind in value["kinds"]:
        lag = "never read" if kind["lag_s"] is None else f"read {kind['lag_s']:.0f} s ago, all of it {kind['swept_at']}"
        failure = "" if kind["failure"] is None else f"; NOW NOT: {kind['failure']}"
        console.print(f"{kind['kind']:<15}{kind['copies']} copies, {lag}{failure}", markup=False)
    waiting = value["acts_waiting"]
    if waiting["count"]:
        why = "" if waiting["last_error"] is None else f": {waiting['last_error']}"
        console.print(f"{'acts':<15}{waiting['count']} wait for an answer since {waiting['oldest']}{why}", markup=False)
    for row in value["differing"]:
        said = f"{row['count']} {row['cause']} since {row['oldest']}, to be mended by {row['owner']}"
        console.print(f"{'differ':<15}{said}", markup=False)
    if not value["differing"]:
        console.print(f"{'differ':<15}nothing; {value['under_way']} under way", markup=False)


def _render_difference(item: Mapping[str, Any]) -> None:
    age = f"{item['age_s']:.0f} s"
    ended = "" if item["ended_at"] is None else f", ended {item['ended_at']}"
    where = f" at {', '.join(item['fields'])}" if item["fields"] else ""
    said = f"{item['kind']} {item['object_id']}: {item['cause']}{where}; here {item['here']}, there {item['there']}"
    output().print(f"{said}; {age}{ended}; {item['owner']} has to act", markup=False)
