"""The command line against the whole service: real API, database, anchor service and chain, started by ``cityledger up``."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support.live_service import COMMAND, LiveService, live_service
from support.shared import shared_path
from support.suite import NAMES

from ledger.client.service import ServiceClient

SETTLED_S = 120.0
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


def settled_state_of_the_log(service: LiveService, cwd: Path) -> dict[str, Any]:
    """The state once nothing is on its way; the first use of a key on a day is an event, published and anchored like any other."""
    deadline = time.monotonic() + SETTLED_S
    before = state_of_the_log(service, cwd)
    while (after := state_of_the_log(service, cwd)) != before or len(set(after["tree_sizes"].values())) > 1:
        assert time.monotonic() < deadline, (before, after)
        before = after
    return after


def proof(service: LiveService, cwd: Path, event_id: str, *more: object) -> Path:
    path = cwd / f"proof-{len(list(cwd.iterdir()))}.json"
    arguments = ["proof", "--source", "urn:city:permit-office", "--id", event_id, "-o", path, *more]
    done = service.run(arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.shared
def test_ingest_all_real_events_become_final_and_a_second_run_changes_nothing(
    service: LiveService, tmp_path: Path
) -> None:
    file = shared_path("data/municipal-permit-events.ndjson.gz")
    first = summary(service.run(["ingest", file, "--wait", "final", "--json"], cwd=tmp_path))
    assert (counts(first), first["state"]) == ((8577, 0, 0, 0), "final")
    before = settled_state_of_the_log(service, tmp_path)
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


def test_ingest_from_a_slow_pipe_sends_without_waiting_for_a_full_batch(service: LiveService, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "ingest", "-", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=service.environment(),
    )
    assert process.stdin is not None
    process.stdin.write(lines(permit(250_001)))
    process.stdin.flush()
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in tmp_path.glob("cityledger-receipts/*.jsonl")):
        assert time.monotonic() < deadline, "nothing was acknowledged while the pipe was open"
        time.sleep(0.05)
    out, err = process.communicate(lines(permit(250_002)), timeout=60)
    assert (process.returncode, counts(json.loads(out))) == (0, (2, 0, 0, 0)), err


def verified(service: LiveService, cwd: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return service.run(["verify", path, "--trust", service.trust_path, "--rpc", service.rpc_url], cwd=cwd)


def test_proof_of_a_final_event_is_valid_on_the_chain_and_changed_it_is_not(
    service: LiveService, tmp_path: Path
) -> None:
    ingest(service, tmp_path, lines(permit(300_001)), "--wait", "final")
    path = proof(service, tmp_path, "case-300001:0")
    done = verified(service, tmp_path, path)
    assert (done.returncode, "Verdict: VALID\n" in done.stdout) == (0, True), done.stdout
    path.write_bytes(path.read_bytes().replace(b"Resource300001", b"Resource300002"))
    done = verified(service, tmp_path, path)
    assert (done.returncode, "Verdict: INVALID\n" in done.stdout) == (1, True), done.stdout


def test_proof_as_of_a_checkpoint_is_under_that_checkpoint(service: LiveService, tmp_path: Path) -> None:
    key = service.connection["api_keys"]["platform_service"]
    with ServiceClient(service.connection["api_url"], key) as client:
        receipt = client.submit_lines([json.dumps(permit(300_100)).encode()]).receipt
    ingest(service, tmp_path, lines(permit(300_101)), "--wait", "final")  # a later checkpoint, which covers both
    assert receipt.checkpoint is not None
    tree_size = receipt.checkpoint.split("\n")[1]
    path = proof(service, tmp_path, "case-300100:0", "--as-of", tree_size)
    assert json.loads(path.read_bytes())["checkpoint"].split("\n")[1] == tree_size
    assert verified(service, tmp_path, path).returncode == 0


def test_proof_with_withheld_fields_is_valid_and_hides_them(service: LiveService, tmp_path: Path) -> None:
    ingest(service, tmp_path, lines(permit(300_002)), "--wait", "final")
    redact = ["--redact", "/event/data/org:resource", "--redact", "/event/data/org:group"]
    path = proof(service, tmp_path, "case-300002:0", *redact)
    assert b"Resource300002" not in path.read_bytes()
    assert verified(service, tmp_path, path).returncode == 0


def test_receipt_audit_of_everything_sent_finds_nothing(service: LiveService, tmp_path: Path) -> None:
    ingest(service, tmp_path, lines(*[permit(400_000 + number) for number in range(600)]), "--wait", "final")
    done = service.run(["receipt", "audit", "cityledger-receipts", "--json"], cwd=tmp_path)
    value = json.loads(done.stdout)
    assert (done.returncode, value["findings"]) == (0, [])
    assert value["promises"] == value["in_place"] == value["anchored_in_time"] == 600


def test_keys_scoped_key_works_for_its_sources_until_it_is_revoked(service: LiveService, tmp_path: Path) -> None:
    scope = ["--role", "platform_service", "--submitter", "permit-office", "--source-prefix", "urn:city:permit-office"]
    added = service.run(["keys", "add", *scope, "--json"], cwd=tmp_path)
    assert (
        "warning: the prefix urn:city:permit-office is plain text and also allows urn:city:permit-office2"
        in added.stderr
    )
    assert "warning" not in service.run(["keys", "add", *scope[:-1], "urn:city:permit-office:"], cwd=tmp_path).stderr
    made = json.loads(added.stdout)
    key = {"CITYLEDGER_API_KEY": made["api_key"]}
    inside = ingest(service, tmp_path, lines(permit(500_001)), **key)
    outside = ingest(service, tmp_path, lines(permit(500_002, source="urn:city:tax-office")), **key)
    assert counts(inside) == (1, 0, 0, 0)
    assert [refused["code"] for refused in outside["refused"]] == ["source_not_bound"]
    assert made["key_id"] in service.run(["keys", "list"], cwd=tmp_path).stdout
    revoked = service.run(["keys", "revoke", made["key_id"]], cwd=tmp_path)
    assert (revoked.returncode, revoked.stderr) == (0, f"key {made['key_id']} is revoked\n")
    again = service.run(["keys", "revoke", made["key_id"]], cwd=tmp_path)
    assert again.returncode == 0
    assert re.search(r"is revoked already, since 20[0-9-]+T[0-9:.]+Z; nothing was changed\n$", again.stderr), (
        again.stderr
    )
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
    assert re.search(r"^contracts +block \d+ 0x[0-9a-f]{64}, final to \d+, 0 undone$", done.stdout, re.MULTILINE)
    assert re.search(r"^bodies +9 compared to block \d+, as on the chain$", done.stdout, re.MULTILINE)


def test_contracts_verify_of_the_running_service_agrees_with_the_sources(service: LiveService, tmp_path: Path) -> None:
    manifest = service.folder / "contracts" / "manifest.json"
    sources = Path(__file__).resolve().parents[2]
    arguments = ["contracts", "verify", "--manifest", manifest, "--rpc", service.rpc_url, "--sources", sources]
    done = service.run([*arguments, "--config", manifest.with_name("suite.toml")], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    agreed = re.findall(r"^(\w+): agrees$", done.stdout, re.MULTILINE)
    assert agreed == [*service.connection["contracts"], "deployment"] == [*NAMES, "deployment"]


def test_fsck_of_the_running_service_is_clean(service: LiveService, tmp_path: Path) -> None:
    done = service.run(["fsck"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^result +clean$", done.stdout, re.MULTILINE)
    assert "development chain, no consensus" in done.stdout


def test_monitor_looks_once_and_finds_nothing(service: LiveService, tmp_path: Path) -> None:
    done = service.run(["monitor", "--once"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^result +nothing wrong$", done.stdout, re.MULTILINE)
    assert re.search(r"^entries hashed +[1-9]", done.stdout, re.MULTILINE)
    assert re.search(
        r"^chain +watched up to block \d+ of a development chain, no consensus$", done.stdout, re.MULTILINE
    )
    assert (tmp_path / "cityledger-monitor.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ingest", "nowhere.ndjson"], 2, "cannot be read"),
        (["ingest"], 2, "Missing argument"),
        (["ingest", "-", "--role", "nobody"], 4, "has no key for the role nobody"),
        (["ingest", "-", "--connection", "nowhere.json"], 2, "there is no connection file"),
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
        (["status", "--api-url", "ftp://x"], 2, "http://"),
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
