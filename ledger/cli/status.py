"""``cityledger status``: what runs, and how far the log is."""

import json
from typing import Annotated, Any

import typer

from ledger.cli.console import (
    DEVELOPMENT_CHAIN,
    ApiUrlOption,
    ConnectionOption,
    ExitCode,
    JsonOption,
    connection,
    errors_as_one_line,
    output,
)
from ledger.client.connection import Connection
from ledger.client.service import ServiceClient
from ledger.client.transport import RetryPolicy
from ledger.errors import RefusedByServiceError, SettingsError
from ledger.log.checkpoint import parse_checkpoint_body, parse_note
from ledger.log.trust import PROFILE_DEVELOPMENT, parse_trust_file

STAGES = ("sequenced", "published", "anchored", "final")


def command(
    *,
    connection_file: ConnectionOption = None,
    api_url: ApiUrlOption = None,
    role: Annotated[str, typer.Option("--role", help="Whose key of the connection file to use.")] = "operator",
    as_json: JsonOption = False,
) -> None:
    """Show whether the service is ready, and how many events are sequenced, published, anchored and final.

    Exit code: 0 ready, 4 it does not answer or is not ready.

    Example: cityledger status
    """
    with errors_as_one_line():
        service = connection(connection_file, api_url)
        value = _status(service, role)
        if as_json:
            print(json.dumps(value, ensure_ascii=False))
        else:
            _render(value)
    raise typer.Exit(ExitCode.OK if value["ready"] else ExitCode.UNAVAILABLE)


def _status(service: Connection, role: str) -> dict[str, Any]:
    try:
        key = service.api_key(role)
    except SettingsError:
        key = None  # everything but the anchors is public
    with ServiceClient(service.api_url, key, retry=RetryPolicy(give_up_after_s=3)) as client:
        ready, parts = client.readiness()
        value: dict[str, Any] = {"api_url": service.api_url, "ready": ready, "readiness": parts, "log": None}
        if not ready:
            return value
        facts = client.log_facts()
        note = client.checkpoint()
        published = 0 if note is None else parse_checkpoint_body(parse_note(note).text).tree_size
        value["log"] = facts
        value["watermarks"] = {**dict.fromkeys(STAGES), "published": published, **_stated(facts)}
        value["anchor"] = _newest_anchor(client) if key is not None else None
    value["profile"] = facts.get("profile") or _profile(service)
    return value


def _stated(facts: dict[str, Any]) -> dict[str, int]:
    """The sizes that the service itself states."""
    marks = facts.get("watermarks")
    return {stage: size for stage, size in marks.items() if stage in STAGES} if isinstance(marks, dict) else {}


def _newest_anchor(client: ServiceClient) -> dict[str, Any] | None:
    try:
        anchors = client.newest_anchors()
    except RefusedByServiceError:
        return None  # the key's role may not ask
    return anchors[0] if anchors else None


def _profile(service: Connection) -> str | None:
    return parse_trust_file(service.trust_path.read_bytes()).profile if service.trust_path else None


def _render(value: dict[str, Any]) -> None:
    console = output()
    console.print(f"{'service':<12}{value['api_url']}  {'ready' if value['ready'] else 'NOT READY'}", markup=False)
    if not value["ready"]:
        console.print(json.dumps(value["readiness"], indent=2, ensure_ascii=False), markup=False)
        return
    facts = value["log"]
    console.print(f"{'log':<12}{facts.get('origin', '')}", markup=False)
    if value["profile"] == PROFILE_DEVELOPMENT:
        console.print(f"{'chain':<12}{DEVELOPMENT_CHAIN}")
    for stage in STAGES:
        size = value["watermarks"][stage]
        console.print(f"{stage:<12}{'not stated' if size is None else format(size, ',')}")
    anchor = value["anchor"]
    if anchor is not None:
        where = f"block {anchor.get('block_number')}, transaction {anchor.get('tx_hash')}, {anchor.get('state')}"
        console.print(f"{'last anchor':<12}{anchor.get('tree_size')} leaves, {where}", markup=False)
