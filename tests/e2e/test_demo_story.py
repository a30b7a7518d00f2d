"""``cityledger demo``, as the README says it: the story of the permit-status service, read back by everybody who was in it.

One run tells the story; the tests below look at the city it leaves behind, each through the desks of the bodies. The last one stops it
and starts it again.
"""

import gzip
import hashlib
import json
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support.live_service import environment_without_settings
from support.readme import DEMO, READY_LINE
from support.repository import ROOT
from support.shared import SHARED, shared_path

from ledger.client import evidence
from ledger.client.calls import get_object
from ledger.client.runners import Client
from ledger.errors import RefusedByServiceError

TOLD_WITHIN_S = 280
BAR_S = 120
REAL_RECORDS = "data/municipal-permit-events.ndjson.gz"
REAL_EVENTS = 500
INSTALLATION = (
    *("operator", "regulator", "auditor", "arbitrator"),
    *("trading_platform", "authorisation_platform", "price_authority", "line_authority"),
)
SUPERVISORS = {"operator", "regulator", "auditor", "arbitrator"}
PLATFORMS = {"trading_platform", "authorisation_platform"}
OFFICES = ("permit-office", "data-company", "assessment-centre", "bank")
JUDGES = PLATFORMS | {"price_authority"}
ADMISSION = ("applied", "identity_accepted", "role_accepted", "approved", "step_proposed", "admitted")
OFFER = (
    *("drafted", "registration_asked", "registered", "first_reviewed", "final_reviewed", "reviewed"),
    *("letter_issued", "letter_issued", "filing_asked", "filed", "listing_asked", "listed"),
)
DEMAND = ("published", "matched", "bid_received", "bid_selected", "followed_up", "followed_up")
PERSONAL = "(no person, a demonstration)"


@dataclass
class City:
    """The city after the story: its folder, what was said and in how many seconds that was seen, and a desk for everybody."""

    folder: Path
    said: str
    seen_s: float
    process: "subprocess.Popen[bytes]"
    clients: dict[str, Client] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        connection = json.loads((self.folder / "connection.json").read_text())
        self.api_url = connection["api_url"]
        api_keys = {role: connection["api_keys"][role] for role in INSTALLATION}
        for path in (self.folder / "demo" / "desks").iterdir():
            api_keys[path.name.removesuffix(".api-key")] = path.read_text().strip()
        self.clients = {desk: Client(self.api_url, api_key) for desk, api_key in api_keys.items()}

    @property
    def story(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "demo" / "story.json").read_text())
        return found

    def objects(self, what: str) -> list[dict[str, Any]]:
        """The objects that the story lists under a name."""
        found = [one for one in self.story["objects"] if one["what"].startswith(what)]
        assert found, what
        return found

    def object(self, what: str) -> dict[str, Any]:
        [found] = [one for one in self.story["objects"] if one["what"] == what]
        return found

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def read(self, path: str, desk: str, **params: str) -> Mapping[str, Any]:
        """What is there, as this desk is shown it; a refusal raises."""
        return self.clients[desk].run(get_object(path, **params)).value

    def readers(self, path: str) -> set[str]:
        """The desks that are shown it; all others are refused, or told that there is no such thing."""
        return {desk for desk in self.clients if self._is_shown(path, desk)}

    def _is_shown(self, path: str, desk: str) -> bool:
        try:
            self.read(path, desk)
        except RefusedByServiceError as refusal:
            if refusal.facts["status"] not in {403, 404}:
                raise
            return False
        return True

    def events(self, **params: Any) -> list[Mapping[str, Any]]:
        return self.clients["operator"].run(evidence.search_events(limit=1000, **params)).items

    def events_of(self, subject: str) -> list[Mapping[str, Any]]:
        return self.events(tag=("case", subject))


def start(folder: Path, *arguments: str) -> "tuple[subprocess.Popen[bytes], Path]":
    """The README's command, in a folder and on a port of its own."""
    log = folder.with_name(f"{folder.name}-{time.monotonic_ns()}.log")
    command = [*shlex.split(DEMO), "--data-dir", str(folder), "--port", "0", *arguments]
    with log.open("wb") as output:
        environment = environment_without_settings()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    return process, log


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    begun = time.monotonic()
    process, log = start(folder)
    try:
        deadline = begun + TOLD_WITHIN_S
        while READY_LINE not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        city = City(folder, log.read_text(), time.monotonic() - begun, process)
        with closing(city):
            yield city
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def test_story_is_told_in_plain_words_and_ends_with_every_link(city: City) -> None:
    chapters = (
        "1. The bodies are admitted",
        "2. The records become evidence",
        "3. The product is registered, reviewed, filed and listed",
        "4. A bank's demand finds it",
        "5. Every step is evidence",
    )
    places = [city.said.index(chapter) for chapter in chapters]
    assert places == sorted(places)
    assert "development chain, no consensus" in city.said
    assert "bank applies with 1 paper, two keys" in city.said
    for one in city.story["objects"]:
        assert f"{city.api_url}{one['path']}" in city.said
        assert city.read(one["path"], one["desk"]), one


def test_command_that_it_suggests_works(city: City) -> None:
    [command] = [line.removeprefix("Try: ") for line in city.said.splitlines() if line.startswith("Try: ")]
    done = subprocess.run(command, shell=True, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["demand_id"] == city.story["demand_id"]


def test_offices_are_admitted_with_keys_of_their_own_that_stay_with_them(city: City) -> None:
    listed = {body["code"]: body for body in city.read("/v1/whitelist", "bank", limit="200")["items"]}
    for office in OFFICES:
        body = city.read(city.object(f"participant {office}")["path"], office)
        assert (body["state"], body["in_good_standing"]) == ("active", True)
        assert listed[body["code"]]["in_good_standing"]
        assert {key["state"] for key in body["keys"]} == {"valid"}
    secrets = [path for name in ("keys", "desks") for path in (city.folder / "demo" / name).iterdir()]
    assert len(secrets) == 2 * len(OFFICES) + len(OFFICES) + 1
    assert {path.stat().st_mode & 0o777 for path in (*secrets, city.folder / "demo" / "story.json")} == {0o600}
    stored = "".join(path.read_text() for path in (city.folder / "logs").iterdir())
    assert not [path for path in secrets if path.read_text().strip() in stored]


@pytest.mark.parametrize("office", OFFICES)
def test_office_is_read_by_itself_platforms_and_supervisors_alone(city: City, office: str) -> None:
    path = city.object(f"participant {office}")["path"]
    own = {office, f"{office}-records"} & set(city.clients)
    assert city.readers(path) == own | SUPERVISORS | PLATFORMS
    facts = city.read(f"{path}/facts", office)
    assert PERSONAL in facts["facts"]["legal_person"]["name"]
    assert city.readers(f"{path}/facts") == own | {"operator", "regulator"}


def test_papers_are_those_whose_digests_were_handed_in(city: City) -> None:
    there = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (city.folder / "demo" / "papers").iterdir()}
    named = set()
    for office in OFFICES:
        body = city.read(city.object(f"participant {office}")["path"], office)
        named |= {document["sha256"] for document in body["documents"]} | {body["report"]["seal_sha256"]}
    version = city.read(city.object("product version")["path"], "data-company")
    named |= {version["content"]["certificate"]["digest"], version["letter"]["digest"]}
    assert named <= there


def test_records_of_the_permit_office_are_evidence_that_it_alone_reads_beside_supervisors(city: City) -> None:
    sent = (city.folder / "demo" / "permit-events.ndjson").read_bytes().splitlines()
    found = city.events(event_type="org.xes.permit.v1")
    assert {(event["source"], event["id"]) for event in found} == {
        (event["source"], event["id"]) for event in map(json.loads, sent)
    }
    assert {event["state"] for event in found} == {"final"}
    readers = city.readers(city.object("last permit record")["path"])
    assert readers == {"permit-office-records"} | SUPERVISORS


def test_product_is_read_by_its_provider_its_judges_and_supervisors_alone(city: City) -> None:
    parties = {"data-company"} | JUDGES | SUPERVISORS
    version = city.object("product version")["path"]
    assert city.readers(city.object("product")["path"]) == parties
    assert city.readers(version) == parties
    assert city.readers(f"{version}/history") == parties
    shown = city.read(version, "data-company")
    assert (shown["state"], shown["filing_number"][:4]) == ("listed", "备案演示")
    assert len(shown["letter"]["issued_by"]) == 2


def test_catalog_shows_the_product_to_everybody(city: City) -> None:
    everybody = set(city.clients)
    assert city.readers(city.object("catalog entry")["path"]) == everybody
    assert city.readers(city.object("dataset (DSP)")["path"]) == everybody
    for desk in ("bank", "assessment-centre", "line_authority"):
        found = city.read("/v1/catalog", desk, q="施工许可")["items"]
        assert [entry["identifier"] for entry in found] == [city.story["product_code"]]
    checks = city.object("regulator's check")["path"]
    assert [check["finding"] for check in city.read(checks, "data-company")["items"]] == ["conforms"]
    assert city.read(checks, "bank")["items"] == []


def test_data_map_leads_from_the_office_to_the_product(city: City) -> None:
    edges = {(edge["kind"], edge["target"]) for edge in city.read("/v1/catalog/map", "bank")["edges"]}
    assert {kind for kind, _ in edges} == {"feeds", "offers"}
    assert all(target.endswith(city.story["product_code"]) for _, target in edges)


def test_demand_and_its_bid_are_read_by_both_sides_and_supervisors_alone(city: City) -> None:
    parties = {"bank", "data-company"} | SUPERVISORS
    demand = city.object("demand")["path"]
    assert city.readers(demand) == city.readers(city.object("bids")["path"]) == parties
    shown = city.read(demand, "bank")
    assert shown["matches"][0]["product_code"] == city.story["product_code"]
    assert city.read(demand, "data-company")["contact"] == shown["contact"] is not None
    notices = city.object("inbox")["path"]
    assert [one["demand_id"] for one in city.read(notices, "data-company")["items"]] == [city.story["demand_id"]]
    assert city.read(notices, "permit-office")["items"] == []


def test_acts_are_final_on_the_chain_and_read_by_their_parties_alone(city: City) -> None:
    kinds: dict[str, int] = {}
    for one in city.objects("act "):
        act = city.read(one["path"], one["desk"])
        kinds[act["act"]] = kinds.get(act["act"], 0) + 1
        assert act["state"] == "final"
        assert all(signer["signed"] for signer in act["signers"])
        assert [call["state"] for call in act["calls"]] == ["final"]
        is_admission = act["act"] == "ParticipantRegistry.Admission"
        sides = {desk for desk in city.clients if desk.startswith(one["desk"])} | {"authorisation_platform"}
        assert city.readers(one["path"]) == (sides if is_admission else {"data-company"} | JUDGES) | SUPERVISORS
    product = ("ProductVersion", "ProductReview", "ProductFiling", "ProductAct")
    assert kinds == {"ParticipantRegistry.Admission": 4, **{f"ProductRegistry.{name}": 1 for name in product}}
    assert city.read("/v1/participants/differences", "auditor")["items"] == []


def test_every_step_has_its_event_and_each_is_final(city: City) -> None:
    expected = {city.object(f"participant {office}")["subject"]: ("participant", ADMISSION) for office in OFFICES}
    expected[city.story["product_code"]] = ("product", OFFER)
    expected[city.story["demand_id"]] = ("demand", DEMAND)
    for one in city.objects("act "):
        signers = len(city.read(one["path"], "operator")["signers"])
        expected[one["subject"]] = ("act", (*["signed"] * signers, "confirmed"))
    for subject, (kind, steps) in expected.items():
        events = city.events_of(subject)
        assert [event["type"] for event in events] == [f"org.cityledger.{kind}.{step}.v1" for step in steps]
        assert {event["state"] for event in events} == {"final"}
    for once in ("org.cityledger.metadata_check.recorded.v1", "org.cityledger.log.opened.v1"):
        assert [event["state"] for event in city.events(event_type=once)] == ["final"]
    granted = city.events(event_type="org.cityledger.access.granted.v1")
    assert len(granted) == len(OFFICES) + len(INSTALLATION) - 1  # the operator's own key stands for itself
    assert {event["state"] for event in granted} == {"final"}


def test_story_says_how_long_it_took(city: City) -> None:
    took = city.story["took_s"]
    assert min(took.values()) > 0
    assert took["start"] + took["story"] <= city.seen_s
    said = f"The story took {took['story']:.1f} s after a start of {took['start']:.1f} s"
    assert said in " ".join(city.said.split())


@pytest.mark.long  # a bar for two cores that do nothing else: of a machine that is busy it says nothing
def test_fresh_folder_comes_to_the_end_of_the_story_in_under_two_minutes(city: City) -> None:
    assert sum(city.story["took_s"].values()) < BAR_S


@dataclass
class SecondRun:
    """What was there before, and what a second run on the same folder said; ``records`` is the file of events that it was given."""

    before: dict[str, Any]
    trust: bytes
    said: str
    records: Path | None


@pytest.fixture(scope="module")
def again(city: City, tmp_path_factory: pytest.TempPathFactory) -> SecondRun:
    """Ends the first run and starts a second, with real records where they are: the city is still there to be looked at, its API not."""
    before, trust = city.story, (city.folder / "trust.json").read_bytes()
    city.process.send_signal(signal.SIGINT)
    assert city.process.wait(60) == 0
    records = part_of_the_real_records(tmp_path_factory.mktemp("records")) if (SHARED / REAL_RECORDS).exists() else None
    process, log = start(city.folder, "--exit", *(["--events", str(records)] if records else []))
    assert process.wait(TOLD_WITHIN_S) == 0, log.read_text()
    return SecondRun(before, trust, log.read_text(), records)


def part_of_the_real_records(folder: Path) -> Path:
    part = folder / "municipal-permit-events.ndjson.gz"
    with gzip.open(SHARED / REAL_RECORDS) as whole, gzip.open(part, "wb") as file:
        file.writelines(islice(whole, REAL_EVENTS))
    return part


def told_objects(story: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Path and number of events of everything but the records, which a second run may have brought."""
    return {(one["path"], one["events"]) for one in story["objects"] if one["what"] != "last permit record"}


def test_second_run_goes_on_where_the_first_ended(city: City, again: SecondRun) -> None:
    assert told_objects(city.story) == told_objects(again.before)
    assert len(city.story["objects"]) == len(again.before["objects"])
    assert {
        name: again.before[name] for name in ("product_code", "demand_id", "begun_on")
    }.items() <= city.story.items()
    assert (city.folder / "trust.json").read_bytes() == again.trust
    for done in ("applies", "drafts", "publishes"):
        assert done in city.said
        assert done not in again.said


@pytest.mark.shared
def test_real_records_of_a_municipality_become_evidence(city: City, again: SecondRun) -> None:
    shared_path(REAL_RECORDS)
    assert again.records is not None
    with gzip.open(again.records) as file:
        sent = [(event["source"], event["id"]) for event in map(json.loads, file)]
    assert len(sent) == REAL_EVENTS

    receipts = [json.loads(line) for line in (city.folder / "demo" / "receipts.jsonl").read_text().splitlines()]
    promised = [tuple(identity) for receipt in receipts for identity in receipt["identities"]]
    made = len((city.folder / "demo" / "permit-events.ndjson").read_bytes().splitlines())
    assert promised[made:] == sent
    assert f"the permit office's records are evidence: {REAL_EVENTS} events" in again.said
    assert tuple(city.story["last_record"]) == sent[-1]
    assert city.object("last permit record")["state"] == "final"
