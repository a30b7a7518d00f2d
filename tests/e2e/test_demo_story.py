"""``cityledger demo``, as the README says it: the story of the permit-status service, read back by everybody who was in it.

One run tells the story; the tests below look at the city it leaves behind, each through the desks of the bodies. The last one stops it
and starts it again.
"""

import gzip
import hashlib
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support.demo_city import INSTALLATION, City, start
from support.readme import READY_LINE
from support.shared import SHARED, shared_path

from ledger.client.platform import get_differences, get_platform_acts, get_platform_status
from ledger.client.runners import Client
from ledger.demo.dealings import CONFIDENTIAL

pytestmark = pytest.mark.timeout(900)

TOLD_WITHIN_S = 600
BAR_S, SECOND_BAR_S = 120, 180
VERIFIER = Path(__file__).with_name("independent_agreement_verifier.py")
REAL_RECORDS = "data/municipal-permit-events.ndjson.gz"
REAL_EVENTS = 500
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
TRADE = {"Orders", "DigitalContractRegistry"}
FILED = tuple(f"agreement.{step}" for step in ("generated", "signatures_asked", "concluded", "filing_asked", "filed"))
CONFIRMED = tuple(f"order.{step}" for step in ("drafted", "placing_asked", "placed", "confirmation_asked", "confirmed"))
BY_ITSELF = "agreement.orders_closed"
ENDED = ("agreement.end_asked", "agreement.ended", "destruction.handed_in", "destruction.accepted")
DEALINGS = {
    "application": (
        *(f"application.{step}" for step in ("submitted", "first_reviewed", "approved")),
        "authorisation.granted",
    ),
    "usage token": ("usage_token.issued", "usage_token.spent"),
    "negotiation of the bank": ("negotiation.issued", "negotiation.delivered", "negotiation.received") * 4,
    "negotiation of the company": ("negotiation.received", "negotiation.issued", "negotiation.delivered") * 4,
    "order": (*CONFIRMED, "order.contracted"),
    "call-off": CONFIRMED,
    "agreement": (*FILED, "agreement.in_performance"),
    "framework": FILED,
    "trial": (*FILED, *ENDED, BY_ITSELF),
}
"""What the second part makes -> its events; an end closes orders by itself, so that one comes whenever it comes."""
PERSONAL = "(no person, a demonstration)"


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
        "6. The bank asks to use it",
        "7. Bank and company negotiate, order and agree",
        "8. An order is called off, and another agreement is dissolved",
        "9. Two platforms, one account",
        "10. Every step is evidence, again",
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
    for_agreements = {f"{office}-{kind}.key" for office in ("bank", "data-company") for kind in ("sm2", "x25519")}
    assert for_agreements <= {path.name for path in secrets}
    assert len(secrets) == 2 * len(OFFICES) + len(for_agreements) + len(OFFICES) + 1
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
    kinds: Counter[str] = Counter()
    for one in city.objects("act "):
        act = city.read(one["path"], one["desk"])
        kinds[act["act"]] += 1
        assert act["state"] == "final"
        assert all(signer["signed"] for signer in act["signers"])
        assert [call["state"] for call in act["calls"]] == ["final"]
        if act["act"].partition(".")[0] in TRADE:
            parties = {"bank", "data-company"} | PLATFORMS | SUPERVISORS
            assert {one["desk"]} | SUPERVISORS <= city.readers(one["path"]) <= parties
            continue
        is_admission = act["act"] == "ParticipantRegistry.Admission"
        sides = {desk for desk in city.clients if desk.startswith(one["desk"])} | {"authorisation_platform"}
        assert city.readers(one["path"]) == (sides if is_admission else {"data-company"} | JUDGES) | SUPERVISORS
    product = ("ProductVersion", "ProductReview", "ProductFiling", "ProductAct")
    assert {name: count for name, count in kinds.items() if name.partition(".")[0] not in TRADE} == {
        "ParticipantRegistry.Admission": 4,
        **{f"ProductRegistry.{name}": 1 for name in product},
    }
    contracts = {"Agreement": 3, "AgreementFiling": 3, "Termination": 1}
    assert {name: count for name, count in kinds.items() if name.partition(".")[0] in TRADE} == {
        "Orders.Order": 5,  # each of two orders is placed and confirmed, and one has its agreement attached
        **{f"DigitalContractRegistry.{name}": count for name, count in contracts.items()},
    }
    assert city.read("/v1/participants/differences", "auditor")["items"] == []


def test_every_step_has_its_event_and_each_is_final(city: City) -> None:
    expected: dict[str, tuple[str, tuple[str, ...]]] = {
        city.object(f"participant {office}")["subject"]: ("participant", ADMISSION) for office in OFFICES
    }
    for party in ("bank", "data-company"):
        expected[city.object(f"participant {party}")["subject"]] = ("participant", (*ADMISSION, "sm2_key_added"))
    expected[city.story["product_code"]] = ("product", OFFER)
    expected[city.story["demand_id"]] = ("demand", DEMAND)
    for one in city.objects("act "):
        signers = len(city.read(one["path"], "operator")["signers"])
        expected[one["subject"]] = ("act", (*["signed"] * signers, "confirmed"))
    for subject, (kind, steps) in expected.items():
        events = city.events_of(subject)
        assert [event["type"] for event in events] == [f"org.cityledger.{kind}.{step}.v1" for step in steps]
        assert {event["state"] for event in events} == {"final"}
    for what, types in DEALINGS.items():
        events = city.events_of(city.object(what)["subject"])
        found = [event["type"].removeprefix("org.cityledger.").removesuffix(".v1") for event in events]
        assert [one for one in found if one != BY_ITSELF] == [one for one in types if one != BY_ITSELF], what
        assert found.count(BY_ITSELF) == types.count(BY_ITSELF)
        assert {event["state"] for event in events} == {"final"}
    for once in ("org.cityledger.metadata_check.recorded.v1", "org.cityledger.log.opened.v1"):
        assert [event["state"] for event in city.events(event_type=once)] == ["final"]
    granted = city.events(event_type="org.cityledger.access.granted.v1")
    assert len(granted) == len(OFFICES) + len(INSTALLATION) - 1  # the operator's own key stands for itself
    assert {event["state"] for event in granted} == {"final"}


def test_application_is_reviewed_twice_with_reasons_and_less_is_granted_than_was_asked_for(city: City) -> None:
    application = city.told("application")
    assert application["state"] == "approved"
    for review in application["reviews"]:
        assert all(finding["passed"] and finding["reasons"] for finding in review["findings"])
    assert len(application["reviews"]) == 2
    [asked], [granted] = application["content"]["items"], city.told("authorisation")["listed"]["items"]
    assert set(granted["fields"]) < set(asked["fields"]) and granted["calls"] < asked["calls"]


def test_both_sides_keep_the_same_two_rounds_and_the_agreement_has_their_outcome(city: City) -> None:
    sides = [city.told(f"negotiation of the {who}") for who in ("bank", "company")]
    steps = [[(one["act"], one["digest"], one["policy_digest"]) for one in side["steps"]] for side in sides]
    assert steps[0] == steps[1]
    assert " ".join(act for act, *_ in steps[0]) == "request offer request offer accept agree verify finalize"
    order, agreement = city.told("order"), city.told("agreement")
    assert order["negotiated"] == agreement["negotiated"]
    assert order["negotiated"]["messages"] == [digest for _, digest, _ in steps[0]]
    [policy] = agreement["disclosed"]["policies"]
    assert policy["permission"][0]["constraint"][0]["rightOperand"] == 10_000


@pytest.mark.parametrize(
    ("what", "code", "end"), [("agreement", 0, "FILED AND IN FORCE\n"), ("trial", 5, "")], ids=["agreement", "trial"]
)
def test_program_that_knows_nothing_of_the_project_checks_an_agreement(
    city: City, what: str, code: int, end: str, tmp_path: Path
) -> None:
    """Digest, signatures and filing, from what a regulator is shown and the chain."""
    shown = city.read(city.object(what)["path"], "regulator")
    (tmp_path / "agreement.json").write_text(json.dumps(shown))
    files = ["--agreement", "agreement.json", "--manifest", str(city.folder / "contracts" / "manifest.json")]
    command = [sys.executable, "-I", str(VERIFIER), *files, "--rpc", city.rpc_url]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (code, ""), done.stdout
    assert done.stdout.endswith(end)


def test_facts_that_it_prints_are_those_of_the_filing(city: City) -> None:
    filing = city.told("filing of the agreement")
    for fact in (
        filing["agreement_id"],
        filing["contract_hash"],
        filing["chain_agreement_id"],
        filing["filed"]["tx_hash"],
    ):
        assert fact in city.said


def test_agreement_is_performed_and_one_use_is_spent(city: City) -> None:
    assert city.told("agreement")["state"] == "in_performance"
    assert [one["state"] for one in city.told("instructions of the agreement")["items"]] == ["in_force"] * 2
    token = city.told("usage token")
    assert (token["counter"]["spent"], token["counter"]["quota"], token["is_usable"]) == (1, 100, True)
    assert city.told("voucher of the order")["voucher"]["quantity"] == 1_000


def test_confidential_words_are_shown_to_nobody_and_written_nowhere(city: City) -> None:
    agreement = city.object("agreement")["path"]
    parties = {"bank", "data-company"}
    assert city.readers(agreement) == parties | PLATFORMS | SUPERVISORS
    for desk in city.readers(agreement):
        assert (city.read(agreement, desk)["confidential"]["ciphertext"] is not None) == (desk in parties)
    kept = [path for path in (city.folder / "demo").rglob("*") if path.is_file()]
    written = city.said + "".join(path.read_text() for path in (*kept, *(city.folder / "logs").iterdir()))
    assert not [text for text in CONFIDENTIAL.values() if text in written]


def test_order_is_called_off_and_the_other_agreement_is_dissolved(city: City) -> None:
    framework, call_off = city.told("framework"), city.told("call-off")
    assert (call_off["state"], call_off["agreement_id"]) == ("in_force", framework["agreement_id"])
    assert (city.told("trial")["state"], city.told("trial")["contract_status"]) == ("terminated", "06")
    voucher, destruction = city.told("termination of the trial"), city.told("destruction of its data")
    assert (voucher["state"], len(voucher["signatures"])) == ("signed", 2)
    assert (destruction["state"], destruction["proof"]["method"]) == ("accepted", "deleted")


def test_other_platform_has_books_of_its_own_and_they_agree(city: City) -> None:
    value = json.loads((city.folder / "authorisation-platform" / "connection.json").read_text())
    assert value["database_url"] != json.loads((city.folder / "connection.json").read_text())["database_url"]
    assert "both books agree, and with the contracts" in city.said
    with closing(Client(value["platform_url"], value["api_keys"]["reader"])) as reader:
        status = reader.run(get_platform_status()).value
        assert status["reads_chain"]
        assert {kind["kind"]: kind["copies"] for kind in status["kinds"]} == {
            "application": 1,
            "authorisation": 1,
            "usage_token": 1,
            "order": 2,
            "agreement": 3,
        }
        assert reader.run(get_differences(phase="open")).items == []
        assert {act["state"] for act in reader.run(get_platform_acts()).items} == {"acknowledged"}


def test_story_says_how_long_it_took(city: City) -> None:
    took = city.story["took_s"]
    assert min(took.values()) > 0
    assert took["start"] + took["story"] <= city.seen_s
    said = f"The story took {took['story']:.1f} s after a start of {took['start']:.1f} s"
    assert said in " ".join(city.said.split())


@pytest.mark.long  # a bar for two cores that do nothing else: of a machine that is busy it says nothing
def test_fresh_folder_comes_to_a_matched_demand_in_under_two_minutes_and_to_the_end_in_three_more(city: City) -> None:
    took_s = city.story["took_s"]
    assert took_s["start"] + took_s["story"] < BAR_S
    assert took_s["platform_start"] + took_s["second_part"] < SECOND_BAR_S


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
    for done in ("bank applies", "drafts", "publishes", "accepts", "the bank orders", "draws up", "spends", "proves"):
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
