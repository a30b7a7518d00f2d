"""``cityledger status``: what runs, and how far the log is."""

import json
from collections import Counter
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
from ledger.log.trust import PROFILE_DEVELOPMENT

CALL_STATES = ("queued", "staged", "submitted", "mined")
CALENDAR_WARN_DAYS = 60
"""With fewer days of calendar left, somebody has to enter the next year."""

DIFFERENCES_SHOWN = 20
"""Of bodies and of products: differences that are named; how many more there are is said."""

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
        value: dict[str, Any] = {"api_url": service.api_url, "ready": ready, "parts": parts.get("parts", parts)}
        if not ready:
            return value
        facts = client.log_facts()
        value["log"] = facts
        value["tree_sizes"] = {stage: stated_size(facts, stage) for stage in STAGES}
        anchored = value["tree_sizes"]["anchored"]
        value["anchor"] = _anchor(client, anchored) if key is not None and anchored else None
        value["participants"] = client.participant_differences() if key is not None else None
        value["products"] = client.product_differences() if key is not None else None
    return value


def stated_size(facts: dict[str, Any], stage: str) -> int | None:
    """How many leaves have come to ``stage``, as ``GET /v1/log`` states it."""
    sizes = facts.get("tree_sizes")
    size = sizes.get(stage) if isinstance(sizes, dict) else None
    return size if isinstance(size, int) else None


def _anchor(client: ServiceClient, tree_size: int) -> dict[str, Any] | None:
    try:
        return client.anchored_head(tree_size)
    except RefusedByServiceError:
        return None  # the key's role may not ask


def _business_lines(facts: dict[str, Any]) -> list[str]:
    """What waits for the chain and since when, and which duties were not done in time; nothing of a service that does not say."""
    lines = []
    calls, deadlines = facts.get("chain_calls"), facts.get("deadlines")
    if isinstance(calls, dict):
        states = ", ".join(f"{calls.get(state)} {state}" for state in CALL_STATES)
        waiting = calls.get("waiting")
        said = f"{waiting} wait since {calls.get('waiting_since')}: {states}" if waiting else "none waits"
        lines.append(f"{'calls':<12}{said}")
    if isinstance(deadlines, dict):
        owed = f"{deadlines.get('breached')} breached, {deadlines.get('breached_and_owed')} of them not done yet"
        lines.append(f"{'deadlines':<12}{deadlines.get('open')} open, {owed}")
    calendar = facts.get("calendar")
    if isinstance(calendar, dict):
        lines.append(f"{'calendar':<12}{_calendar_state(calendar)}")
    return lines


def _calendar_state(calendar: dict[str, Any]) -> str:
    """Until when working days are known, and what to do when that is soon."""
    left, last = calendar.get("days_left"), str(calendar.get("last"))
    said = f"working days known to {last}, {left} days left"
    if isinstance(left, int) and left < CALENDAR_WARN_DAYS and last[:4].isdigit():
        said += (
            f": ENTER {int(last[:4]) + 1} as soon as the State Council's notice is there, in the file of CITYLEDGER_CALENDAR_PATH;"
            f" until then duties in working days that end after {last} are refused"
        )
    refused = calendar.get("refused")
    return f"{said}; THE FILE DOES NOT COUNT: {refused}" if refused else said


def _compared_line(name: str, path: str, compared: dict[str, Any]) -> str:
    """Whether what is recorded here is what the chain holds, and otherwise in what they differ, and what of that a step explains."""
    items = [item for item in compared["items"] if isinstance(item, dict)]
    kinds = Counter(str(item.get("kind")) for item in items)
    explained = sum(item.get("waiting") is not None for item in items)
    differing = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    waiting = f", {explained} explained by steps under way" if explained else ""
    said = f"differ: {differing}{waiting} (GET {path})" if kinds else "as on the chain"
    more = "" if compared.get("is_whole", True) else " and more that were not"
    return f"{name:<12}{compared.get('compared')} compared{more} to block {compared.get('block_number')}, {said}"


def _compared_lines(value: dict[str, Any]) -> list[str]:
    """Bodies and products against the chain; nothing where the role may not ask."""
    lines = []
    for name, compared in (("bodies", "participants"), ("products", "products")):
        if value[compared] is not None:
            path = f"/v1/{compared}/differences"
            lines += [_compared_line(name, path, value[compared]), *_difference_lines(value[compared]["items"], path)]
    return lines


def _difference_lines(items: list[Any], path: str) -> list[str]:
    """Which bodies or product versions differ, in what, and how, one line each; those that no step explains come first."""
    named = sorted((item for item in items if isinstance(item, dict)), key=lambda item: item.get("waiting") is not None)
    lines = [f"  {_difference(item)}" for item in named[:DIFFERENCES_SHOWN]]
    left = len(named) - len(lines)
    return [*lines, f"  and {left} more (GET {path})"] if left else lines


def _difference(item: dict[str, Any]) -> str:
    """A difference by the id that people know, or by that of the chain where only the chain has it."""
    code = item.get("product_code") or item.get("code") or item.get("product_id") or item.get("body_id")
    version = "" if item.get("version") is None else f" version {item['version']}"
    key = "" if item.get("key") is None else f" key {item['key']}"
    step = "" if item.get("waiting") is None else f", explained by {item['waiting']}"
    return (
        f"{code}{version}{key}: {item.get('kind')}, here {item.get('here')}, on the chain {item.get('on_chain')}{step}"
    )


def _render(value: dict[str, Any]) -> None:
    console = output()
    console.print(f"{'service':<12}{value['api_url']}  {'ready' if value['ready'] else 'NOT READY'}", markup=False)
    for part, state in value["parts"].items():
        console.print(f"  {part:<10}{state}", markup=False)
    if not value["ready"]:
        return
    facts = value["log"]
    console.print(f"{'log':<12}{facts.get('origin', '')}", markup=False)
    chain = facts.get("chain")
    if isinstance(chain, dict):
        kind = DEVELOPMENT_CHAIN if chain.get("profile") == PROFILE_DEVELOPMENT else str(chain.get("profile"))
        console.print(f"{'chain':<12}{chain.get('chain_id')}, {kind}", markup=False)
    for stage in STAGES:
        size = value["tree_sizes"][stage]
        console.print(f"{stage:<12}{'not stated' if size is None else format(size, ',')}")
    followed = facts.get("contract_events")
    if isinstance(followed, dict):
        where = f"block {followed.get('block_number')} {followed.get('block_hash')}, final to {followed.get('final_block_number')}"
        console.print(f"{'contracts':<12}{where}, {followed.get('undone_blocks')} undone", markup=False)
    for line in (*_compared_lines(value), *_business_lines(facts)):
        console.print(line, markup=False)
    anchor = value["anchor"]
    if anchor is not None:
        where = f"block {anchor.get('block_number')}, transaction {anchor.get('tx_hash')}, {anchor.get('state')}"
        console.print(f"{'last anchor':<12}{anchor.get('tree_size')} leaves, {where}", markup=False)
