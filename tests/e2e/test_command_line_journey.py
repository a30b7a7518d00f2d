"""The command line against the whole service: real API, database, anchor service and chain, started by ``cityledger up``."""

import importlib.util
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.live_service import COMMAND, LiveService, live_service
from support.shared import shared_path

from ledger.client.service import ServiceClient

VERIFIER = Path(__file__).with_name("independent_verifier.py")
TABLES = ("entries", "identities", "outbox", "conflict_marks", "checkpoints", "anchors")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    with live_service(tmp_path_factory.mktemp("a city") / "data") as live:
        yield live


def permit(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"case-{number}:0",
        "source": "urn:city:permit-office",
        "type": "org.xes.permit.v1",
        "subject": f"case-{number}",
        "time": "2010-10-02T09:20:39.266+02:00",
        "datacontenttype": "application/json",
        "data": {
            "org:group": "Group 1",
            "org:resource": f"Resource{number}",
            "concept:name": "Confirmation of receipt",
        },
        **changes,
    }


def lines(*events: dict[str, Any] | bytes) -> bytes:
    return b"".join((event if isinstance(event, bytes) else json.dumps(event).encode()) + b"\n" for event in events)


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def counts(value: dict[str, Any]) -> tuple[int, int, int, int]:
    return value["new"], value["repeated"], value["conflicting"], value["invalid"]


def ingest(service: LiveService, cwd: Path, stdin: bytes, *more: object, **environment: str) -> dict[str, Any]:
    return summary(service.run(["ingest", "-", "--json", *more], cwd=cwd, stdin=stdin, **environment))


def state_of_the_log(service: LiveService, cwd: Path) -> dict[str, Any]:
    value = json.loads(service.run(["status", "--json"], cwd=cwd).stdout)
    with psycopg.connect(service.connection["database_url"]) as connection:
        rows = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES}
        head = connection.execute("SELECT tree_size, root_hash FROM log_head").fetchone()
    return {"tree_sizes": value["tree_sizes"], "rows": rows, "head": head}


def proof(service: LiveService, cwd: Path, event_id: str, *more: object) -> Path:
    path = cwd / f"proof-{len(list(cwd.iterdir()))}.json"
    arguments = ["proof", "--source", "urn:city:permit-office", "--id", event_id, "-o", path, *more]
    done = service.run(arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return path


def confirm(
    service: LiveService, cwd: Path, event: dict[str, Any], proof_path: Path
) -> subprocess.CompletedProcess[str]:
    """Runs the independent program as a third party would."""
    (cwd / "event.json").write_text(json.dumps(event))
    arguments = [sys.executable, "-I", VERIFIER, "--event", cwd / "event.json", "--proof", proof_path]
    arguments += ["--trust", service.trust_path, "--rpc", service.rpc_url]
    return subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.shared
def test_ingest_all_real_events_become_final_and_a_second_run_changes_nothing(
    service: LiveService, tmp_path: Path
) -> None:
    file = shared_path("data/municipal-permit-events.ndjson.gz")
    first = summary(service.run(["ingest", file, "--wait", "final", "--json"], cwd=tmp_path))
    assert (counts(first), first["state"]) == ((8577, 0, 0, 0), "final")
    before = state_of_the_log(service, tmp_path)
    second = summary(service.run(["ingest", file, "--wait", "final", "--json"], cwd=tmp_path))
    assert (counts(second), second["state"]) == ((0, 8577, 0, 0), "final")
    assert state_of_the_log(service, tmp_path) == before


def test_ingest_bad_lines_are_named_and_never_stop_good_ones(service: LiveService, tmp_path: Path) -> None:
    ingest(service, tmp_path, lines(permit(100_001)))
    (tmp_path / "events.ndjson").write_bytes(
        lines(
            permit(100_001),
            permit(100_002),
            b"",
            b'{"a":1,"a":2}',
            permit(100_001, data={"org:group": "Group 2"}),
            b"\xff\xfe",
            permit(100_003, time="yesterday"),
            permit(100_004),
        )
    )
    done = service.run(["ingest", "events.ndjson"], cwd=tmp_path)
    assert done.returncode == 1
    refused = re.findall(r"^events\.ndjson:([0-9]+): ([a-z_]+) ", done.stdout, re.MULTILINE)
    assert refused == [("4", "duplicate_key"), ("5", "event_conflict"), ("6", "malformed_json"), ("7", "invalid_event")]
    assert re.findall(r"^(new|repeated|conflicting|invalid) +([0-9]+)$", done.stdout, re.MULTILINE) == [
        ("new", "2"),
        ("repeated", "1"),
        ("conflicting", "1"),
        ("invalid", "3"),
    ]


def test_ingest_stopped_by_interrupt_keeps_what_was_acknowledged_and_goes_on(
    service: LiveService, tmp_path: Path
) -> None:
    events = [permit(200_000 + number) for number in range(3_000)]
    process = subprocess.Popen(
        [*COMMAND, "ingest", "-", "--json", "--batch-lines", "100"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=service.environment(),
    )
    assert process.stdin is not None
    process.stdin.write(lines(*events[:2_000]))
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("cityledger-receipts/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)  # it waits for more input now, or has requests under way
    out, err = process.communicate(timeout=60)
    stopped = json.loads(out)
    assert process.returncode == 130
    assert b"run the same command again to go on" in err
    kept = [
        json.loads(line)
        for path in tmp_path.glob("cityledger-receipts/*.jsonl")
        for line in path.read_bytes().splitlines()
    ]
    assert sum(len(line["identities"]) for line in kept) == stopped["new"] > 0
    again = ingest(service, tmp_path, lines(*events))
    assert again["new"] + stopped["new"] == 3_000
    assert again["repeated"] == stopped["new"]


def test_proof_of_an_event_anchored_directly_is_confirmed_by_the_independent_program(
    service: LiveService, tmp_path: Path
) -> None:
    ingest(service, tmp_path, lines(permit(300_001)), "--wait", "final")
    path = proof(service, tmp_path, "case-300001:0")
    assert json.loads(path.read_bytes())["anchor"]["consistency_path"] == []
    done = confirm(service, tmp_path, permit(300_001), path)
    assert done.stdout.endswith("CONFIRMED\n"), done.stdout + done.stderr
    verified = service.run(["verify", path, "--trust", service.trust_path, "--rpc", service.rpc_url], cwd=tmp_path)
    assert (verified.returncode, "Verdict: VALID\n" in verified.stdout) == (0, True)
    other = confirm(service, tmp_path, permit(300_001, time="2010-10-02T09:20:39.267+02:00"), path)
    assert (other.returncode, other.stdout) == (1, "REFUSED: the event differs at /event/time\n")


def anchored_later(service: LiveService, tmp_path: Path) -> tuple[int, Path]:
    """A proof whose checkpoint is smaller than the anchored head: several publications before one anchor."""
    with ServiceClient(service.connection["api_url"], service.connection["api_keys"]["platform_service"]) as client:
        for first in range(300_100, 301_000, 10):
            numbers = range(first, first + 5)
            answers = [client.submit_lines([json.dumps(permit(number)).encode()]) for number in numbers]
            ingest(service, tmp_path, lines(permit(first + 4)), "--wait", "final")
            for number, answer in zip(numbers, answers, strict=True):
                assert answer.receipt.checkpoint is not None
                tree_size = int(answer.receipt.checkpoint.split("\n")[1])
                path = proof(service, tmp_path, f"case-{number}:0", "--as-of", tree_size)
                if json.loads(path.read_bytes())["anchor"]["tree_size"] > tree_size:
                    return number, path
    pytest.fail("every publication was anchored by itself")


def test_proof_of_an_event_anchored_by_a_later_head_is_confirmed(service: LiveService, tmp_path: Path) -> None:
    number, path = anchored_later(service, tmp_path)
    assert json.loads(path.read_bytes())["anchor"]["consistency_path"] != []
    done = confirm(service, tmp_path, permit(number), path)
    assert done.stdout.endswith("CONFIRMED\n"), done.stdout + done.stderr


def test_proof_with_withheld_fields_is_confirmed_and_hides_them(service: LiveService, tmp_path: Path) -> None:
    ingest(service, tmp_path, lines(permit(300_002)), "--wait", "final")
    redact = ["--redact", "/event/data/org:resource", "--redact", "/event/data/org:group"]
    path = proof(service, tmp_path, "case-300002:0", *redact)
    assert b"Resource300002" not in path.read_bytes()
    done = confirm(service, tmp_path, permit(300_002), path)
    assert done.stdout.endswith("CONFIRMED\n"), done.stdout + done.stderr
    assert "(2 of its fields withheld)" in done.stdout


def test_proof_with_any_changed_byte_is_refused_by_both_verifiers(service: LiveService, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("independent_verifier", VERIFIER)
    assert spec is not None and spec.loader is not None
    independent = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(independent)
    ask, answers = independent.http_rpc(service.rpc_url), {}

    def rpc(method: str, params: list[Any]) -> Any:
        key = json.dumps([method, params])
        if key not in answers:
            answers[key] = ask(method, params)
        return answers[key]

    ingest(service, tmp_path, lines(permit(300_003)), "--wait", "final")
    raw, trust = proof(service, tmp_path, "case-300003:0").read_bytes(), service.trust_path.read_bytes()
    event = json.dumps(permit(300_003)).encode()
    assert independent.verify(raw, trust, rpc, event)
    for position, byte in enumerate(raw):
        changed = raw[:position] + bytes([byte ^ 1]) + raw[position + 1 :]
        with pytest.raises(independent.Refused):
            independent.verify(changed, trust, rpc, event)


def test_receipt_audit_of_everything_sent_finds_nothing(service: LiveService, tmp_path: Path) -> None:
    ingest(service, tmp_path, lines(*[permit(400_000 + number) for number in range(600)]), "--wait", "final")
    done = service.run(["receipt", "audit", "cityledger-receipts", "--json"], cwd=tmp_path)
    value = json.loads(done.stdout)
    assert (done.returncode, value["findings"]) == (0, [])
    assert value["promises"] == value["in_place"] == value["anchored_in_time"] == 600


def test_keys_scoped_key_works_for_its_sources_until_it_is_revoked(service: LiveService, tmp_path: Path) -> None:
    scope = ["--role", "platform_service", "--submitter", "permit-office", "--source-prefix", "urn:city:permit-office"]
    made = json.loads(service.run(["keys", "add", *scope, "--json"], cwd=tmp_path).stdout)
    key = {"CITYLEDGER_API_KEY": made["api_key"]}
    inside = ingest(service, tmp_path, lines(permit(500_001)), **key)
    outside = ingest(service, tmp_path, lines(permit(500_002, source="urn:city:tax-office")), **key)
    assert counts(inside) == (1, 0, 0, 0)
    assert [refused["code"] for refused in outside["refused"]] == ["source_not_bound"]
    assert made["key_id"] in service.run(["keys", "list"], cwd=tmp_path).stdout
    assert service.run(["keys", "revoke", made["key_id"]], cwd=tmp_path).returncode == 0
    done = service.run(["ingest", "-"], cwd=tmp_path, stdin=lines(permit(500_003)), **key)
    assert done.returncode == 1
    assert "[unauthenticated]" in done.stderr
    assert made["api_key"] not in service.run(["keys", "list", "--json"], cwd=tmp_path).stdout


def test_status_shows_every_stage_and_what_chain_it_is(service: LiveService, tmp_path: Path) -> None:
    done = service.run(["status"], cwd=tmp_path)
    assert done.returncode == 0
    for stage in ("sequenced", "published", "anchored", "final"):
        assert re.search(rf"^{stage} +[0-9,]+$", done.stdout, re.MULTILINE)
    assert "development chain, no consensus" in done.stdout


def test_fsck_of_the_running_service_is_clean(service: LiveService, tmp_path: Path) -> None:
    done = service.run(["fsck"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^result +clean$", done.stdout, re.MULTILINE)
    assert "development chain, no consensus" in done.stdout


def test_monitor_looks_once_and_finds_nothing(service: LiveService, tmp_path: Path) -> None:
    done = service.run(["monitor", "--once"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "cityledger-monitor.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ingest", "nowhere.ndjson"], 2, "cannot be read"),
        (["ingest"], 2, "Missing argument"),
        (["ingest", "-", "--role", "nobody"], 4, "has no key for the role nobody"),
        (["ingest", "-", "--connection", "nowhere.json"], 4, "there is no connection file"),
        (["proof", "--source", "urn:x", "--id", "none"], 1, "[not_found]"),
        (
            ["proof", "--source", "urn:city:permit-office", "--id", "case-300001:0", "-o", "no/such/folder/p"],
            2,
            "cannot be written",
        ),
        (["keys", "revoke", "none"], 1, "There is no key none"),
        (["keys", "add", "--role", "king", "--submitter", "x"], 2, "Unknown role"),
        (["keys", "add", "--role", "auditor", "--submitter", "x", "--expires", "soon"], 2, "RFC 3339"),
        (
            ["keys", "add", "--role", "auditor", "--submitter", "x", "--expires", "2020-01-01T00:00:00Z"],
            2,
            "in the past",
        ),
        (["keys", "add", "--role", "auditor", "--submitter", "x", "--signature-key", "rsa:k:00"], 2, "ALG:KEYID:HEX"),
        (["receipt", "audit", "nowhere"], 2, "cannot be read"),
        (["status", "--api-url", "http://127.0.0.1:9"], 4, "does not answer"),
        (["status", "--api-url", "ftp://x"], 4, "http://"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_command_with_wrong_input_says_so_in_words(
    arguments: list[str], code: int, said: str, service: LiveService, tmp_path: Path
) -> None:
    if arguments[0] == "proof":
        ingest(service, tmp_path, lines(permit(300_001)))
    done = service.run(arguments, cwd=tmp_path, stdin=b"")
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
