"""``cityledger demo``: the whole service in one folder, and on it the story of one data product, played by its bodies."""

import json
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.adapters.stop_request import StopRequest
from ledger.cli.children import SERVICE_VARIABLES, require_server_parts
from ledger.cli.console import DEVELOPMENT_CHAIN, ExitCode, errors_as_one_line, output
from ledger.cli.platform_beside import platform_beside
from ledger.cli.serving import CHECK_INTERVAL_S, Serving, say, serve, stop_on_signals
from ledger.client.connection import Connection, read_connection
from ledger.client.service import ServiceClient
from ledger.domain.acts.kinds import BodyRole
from ledger.domain.roles import AUTHORISATION_PLATFORM
from ledger.domain.working_days import day_in_shanghai
from ledger.errors import ConflictError, InputError

if TYPE_CHECKING:
    from ledger.adapters.embedded.running import RunningStack
    from ledger.demo.city import City
    from ledger.demo.ending import Told
    from ledger.demo.offices import Papers
    from ledger.demo.platform import Platform

DEFAULT_PORT = 8090  # beside `up`
SEED = 2026
CASES = 60
EVENTS_FILE = "permit-events.ndjson"
PLATFORM_FOLDER = "authorisation-platform"
NETWORKS_VARIABLE, NETWORK = "CITYLEDGER_DSP_NETWORKS", "127.0.0.1/32"


def command(
    *,
    data_dir: Annotated[
        str,
        typer.Option("--data-dir", metavar="DIR", help="Folder of everything: new, empty, or that of an earlier run."),
    ] = "cityledger-demo",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the API; 0 picks a free one.")
    ] = DEFAULT_PORT,
    events: Annotated[
        str | None,
        typer.Option(
            "--events",
            metavar="FILE",
            help="The permit office's records: NDJSON of CloudEvents with the source urn:city:permit-office, plain or .gz "
            "[default: made from a seed]",
            show_default=False,
        ),
    ] = None,
    leave: Annotated[bool, typer.Option("--exit", help="Stop when the story is told, instead of serving on.")] = False,
) -> None:
    """Run the whole service and play the story of one data product on it, from admission to a filed agreement and its use.

    A permit office, a data company, an assessment centre and a bank are admitted; the office's records become evidence; the company's
    permit-status service is registered, reviewed, filed and listed; a bank's demand finds it. The bank applies and is authorised,
    negotiates two rounds, orders, and both sign an agreement, which is filed and used; an order is called off under another agreement,
    and a third one is dissolved. The authorisation platform is a program of its own, whose books agree with the service's at the end.
    Every step goes over HTTP, is signed by the bodies' own keys where the contracts ask for it, and ends as a final event. Then the
    objects are listed with their links, and everything runs on until Ctrl-C. A run on the same folder goes on where the one before
    ended, however that was. Needs the extra `server`.

    Exit code: 0 told, or stopped as asked, 1 a step was refused, 2 the file of events cannot be read, 4 folder or port cannot be used, or a part fails.

    Example: cityledger demo --data-dir ./cityledger-demo --port 8090
    """
    begun = time.monotonic()
    stop = stop_on_signals()
    with errors_as_one_line():
        require_server_parts()
        if events is not None and (not os.access(events, os.R_OK) or Path(events).is_dir()):
            raise InputError(f"{events} cannot be read")  # before minutes of work
        for name in (*SERVICE_VARIABLES, "CITYLEDGER_KEYS_DIR", "CITYLEDGER_PUBLIC_URL"):
            os.environ.pop(name, None)  # another service's; this one is what is started here
        os.environ[NETWORKS_VARIABLE] = json.dumps([NETWORK])  # where the connectors of both sides are: here

        def once_ready(serving: Serving) -> None:
            with closing(_city(serving)) as city:
                _tell(city, serving, events, started_s=time.monotonic() - begun, stop=stop, leave=leave)

        serve(data_dir, "127.0.0.1", port, stop, once_ready)
    raise typer.Exit(ExitCode.OK)


def _tell(
    city: "City", serving: Serving, records: str | None, *, started_s: float, stop: StopRequest, leave: bool
) -> None:
    """``started_s``: how long the service took to start, in seconds."""
    from ledger.demo import dealings, ending, offices, second_part  # noqa: PLC0415 - needs the extra `server`

    papers = offices.Papers(city.memory.begun_on)
    city.memory.write_papers(papers.all())
    begun = time.monotonic()
    _tell_first_part(city, serving, papers, records)
    told = time.monotonic()
    with _platform(city, serving, stop) as platform:
        beside = time.monotonic()
        dealt = offices.Papers(city.memory.day_of("second_part", _today()))
        city.memory.write_papers(dealings.papers_of_dealings(dealt))
        second_part.tell(city, platform, dealt)
        say("10. Every step is evidence, again")
        objects, counts = ending.count_when_final(city)
        events = sum(counts.values())
        say(f"  {events} events of {len(counts)} objects and all records before them are final on the chain")
        took = {"start": started_s, "story": told - begun, "platform_start": beside - told}
        took_s = {name: round(each, 3) for name, each in {**took, "second_part": time.monotonic() - beside}.items()}
        city.memory.keep(objects=[ending.told_value(one, counts) for one in objects], took_s=took_s)
        _show(city, serving.running, objects, counts, took_s)
        connection = shlex.quote(str(_platform_folder(serving) / "connection.json"))
        output().print(
            f"Authorisation platform at {platform.url}: cityledger platform status --connection {connection}"
        )
        if not leave:
            output().print("Ctrl-C stops it.")
            while not stop.wait(CHECK_INTERVAL_S):
                city.look()


def _tell_first_part(city: "City", serving: Serving, papers: "Papers", events: str | None) -> None:
    from ledger.demo import admission, ending, trade  # noqa: PLC0415 - needs the extra `server`

    service = read_connection(serving.running.folder / "connection.json")
    admission.seat_installation(city, dict(service.api_keys))
    say("1. The bodies are admitted")
    admission.open_desks(city, _KeyMaker(service))
    admission.admit_offices(city, papers)
    admission.compare_with_chain(city)
    say("2. The records become evidence")
    _record_permits(city, events)
    say("3. The product is registered, reviewed, filed and listed")
    product_code = trade.offer_product(city, papers)
    trade.check_entry(city, papers, product_code)
    trade.compare_with_chain(city)
    say("4. A bank's demand finds it")
    demand_id = trade.meet_demand(city, papers, product_code)
    say("5. Every step is evidence")
    ending.wait_until_final(city, demand_id)
    say("  the demand's last step and all events before it are final on the chain")


@contextmanager
def _platform(city: "City", serving: Serving, stop: StopRequest) -> Iterator["Platform"]:
    """The authorisation platform, as a program of its own with its own keys and database, for as long as the block lasts."""
    from ledger.adapters.embedded.reserved_bodies import reserved_code  # noqa: PLC0415 - needs the extra `server`
    from ledger.demo.platform import Platform  # noqa: PLC0415 - needs the extra `server`
    from ledger.demo.sm2 import put_on_file  # noqa: PLC0415 - needs the extra `server`

    code = reserved_code(BodyRole.AUTHORISATION_PLATFORM)
    with platform_beside(serving.running.folder, _platform_folder(serving), code, stop) as beside:

        def look() -> None:
            serving.look()
            beside.look()

        city.look = look
        with closing(Platform(city, beside.connection)) as platform:
            put_on_file(city.desk(AUTHORISATION_PLATFORM), beside.token_key)
            yield platform


def _platform_folder(serving: Serving) -> Path:
    """Data folder of the authorisation platform."""
    return serving.running.folder / PLATFORM_FOLDER


def _city(serving: Serving) -> "City":
    from ledger.demo.city import City, Place  # noqa: PLC0415 - needs the extra `server`
    from ledger.demo.memory import Memory  # noqa: PLC0415 - needs the extra `server`

    running = serving.running
    memory = Memory(running.folder, _today())
    place = Place(running.api_url, running.rpc_url, running.deployment.chain_id, running.contracts)
    return City(place, memory, say, serving.look)


def _today() -> date:
    return day_in_shanghai(datetime.now(UTC))


class _KeyMaker:
    """Makes the desks' API keys as ``cityledger keys add`` does."""

    def __init__(self, service: Connection) -> None:
        self._service = service

    def __call__(self, *, role: str, submitter: str, source_prefixes: list[str], account_id: str, api_key: str) -> None:
        """Stores the key, unless an earlier run did."""
        from ledger.cli.key_store import add_key  # noqa: PLC0415 - needs the extra `server`

        try:
            add_key(
                self._service,
                role=role,
                submitter=submitter,
                source_prefixes=source_prefixes,
                signature_keys=[],
                expires_at=None,
                account_id=account_id,
                api_key=api_key,
            )
        except ConflictError:
            return  # an earlier run of the story made it


def _record_permits(city: "City", events: str | None) -> None:
    from ledger.demo import admission, trade  # noqa: PLC0415 - needs the extra `server`
    from ledger.demo.permit_events import permit_lines  # noqa: PLC0415 - the others of its package need `server`

    name = "made from a seed" if events is None else str(Path(events).absolute())
    if city.memory.get("records_of") == name:
        return
    path = events or str(city.memory.write_file(EVENTS_FILE, permit_lines(SEED, CASES)))
    key = city.memory.kept_api_key(admission.RECORDS_DESK)
    with ServiceClient(city.place.api_url, key) as records:
        last = trade.record_permits(city, path, records)
    city.memory.keep(records_of=name, last_record=[last.source, last.event_id])


def _show(
    city: "City", running: "RunningStack", objects: "list[Told]", counts: dict[str, int], took_s: dict[str, float]
) -> None:
    console = output()
    console.print(
        f"\nThe story took {took_s['story']:.1f} s after a start of {took_s['start']:.1f} s ({DEVELOPMENT_CHAIN});"
        f" its second part {took_s['second_part']:.1f} s, after {took_s['platform_start']:.1f} s for the other platform."
        " Its objects, each with a desk that may read it:"
    )
    for one in objects:
        events = f"{counts[one.subject]} events" if one.subject in counts else ""
        line = f"  {one.what:<31}{one.state:<16}{events:<10} {one.desk:<23}{running.api_url}{one.path}"
        console.print(line, markup=False)
    example = next(one for one in objects if one.what == "demand")
    own = city.memory.api_key_path(example.desk)
    console.print(
        f"The desks' API keys: {shlex.quote(str(own.parent))}, connection.json for bodies of the installation."
    )
    header = f'-H "Authorization: Bearer $(cat {shlex.quote(str(own))})"'
    console.print(f"Try: curl -sf {header} {running.api_url}{example.path}", markup=False)
    proof = Path(running.folder) / "trust.json"
    console.print(f"Trust file: {proof}", markup=False)
