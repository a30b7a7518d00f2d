"""``python -m anchor`` as a process: leads, stands by, stops, takes over after a kill, refuses to go on."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.anchor_rig import Anvil, Rig, anvil_rig, key_files

from ledger.adapters.embedded.ports import free_port
from ledger.adapters.files.keys import KeyName
from ledger.adapters.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, chain: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, chain, key_files(tmp_path / "keys"))
    rig.lease.release()
    yield rig
    rig.log.engine.dispose()


@pytest.fixture
def start(rig: Rig, chain: Anvil, migrated_url: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    identity = rig.log.preparer.identity
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_url,
        rpc_url=chain.url,
        evidence_log="0x" + identity.evidence_log.hex(),
        council="0x" + "00" * 20,
        origin=identity.origin,
        chain_state_path=tmp_path / "chain" / "state.json",
        anchor_interval_s=0.1,
        lease_ttl_s=1,
    )
    started: list[subprocess.Popen[str]] = []

    def run() -> subprocess.Popen[str]:
        log = (tmp_path / f"anchor-{len(started)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "anchor"],
            cwd=ROOT,
            env=os.environ | run.environment,
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        log.close()
        started.append(process)
        return process

    run.environment = settings.environment()
    yield run
    for process in started:
        process.kill()
        process.wait(timeout=10)


def scraped(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return answer.read().decode()


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"did not happen in {timeout_s} s: {what}"
        time.sleep(0.05)


def is_final(rig: Rig) -> bool:
    marks = rig.marks()
    return marks.final == marks.sequenced


def test_process_leads_serves_its_metrics_then_stops_cleanly(rig, start, tmp_path):
    port = free_port()
    start.environment["CITYLEDGER_ANCHOR_METRICS_PORT"] = str(port)
    process = start()
    rig.append(10)
    wait_until(lambda: is_final(rig), "final")
    wait_until(lambda: 'cityledger_tree_size{stage="final"} 11.0' in scraped(port), "final in the metrics")
    assert "cityledger_anchor_leading 1.0" in scraped(port)
    second = start()
    assert second.wait(timeout=15) == 4
    assert f"port {port} cannot be used" in (tmp_path / "anchor-1.log").read_text()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    log = (tmp_path / "anchor-0.log").read_text()
    assert '"event": "stopped"' in log
    assert "cycle_failed" not in log


def test_process_killed_is_followed_by_the_standby(rig, start, tmp_path):
    leader = start()
    rig.append(3)
    wait_until(lambda: is_final(rig), "final by the first")
    start()
    wait_until(lambda: '"event": "standby"' in (tmp_path / "anchor-1.log").read_text(), "standby")
    leader.kill()
    leader.wait(timeout=10)
    rig.append(3)
    wait_until(lambda: is_final(rig), "final by the second")
    assert "leading" in (tmp_path / "anchor-1.log").read_text()


def test_process_stopped_inside_a_fenced_transaction_is_followed_by_the_standby(rig, start, tmp_path):
    """It holds the lease's row and cannot let go of it: the server ends its session. When it goes on, it stands by."""
    processes = [start()]
    rig.append(3)
    wait_until(lambda: is_final(rig), "final by the first")
    processes.append(start())
    wait_until(lambda: '"event": "standby"' in (tmp_path / "anchor-1.log").read_text(), "standby")
    with rig.log.engine.connect() as connection:
        # The leader's next checkpoint waits here, inside its transaction, with the lease's row in its hands.
        connection.exec_driver_sql("LOCK TABLE checkpoints IN SHARE MODE")
        rig.append(3)
        wait_until(
            lambda: in_its_transaction(rig, "wait_event_type = 'Lock'") is not None, "the leader in its transaction"
        )
        session = in_its_transaction(rig, "wait_event_type = 'Lock'")
        # On a loaded machine the lease may have changed hands since; while its row is held, it does not.
        leading = int(str(scalar(rig, "SELECT holder FROM leases WHERE name = 'anchor'")).split(":")[1])
        number = [process.pid for process in processes].index(leading)
        processes[number].send_signal(signal.SIGSTOP)
    stood_by = standby_count(tmp_path, number)
    # Seen holding the row, or already ended by the server for it: nothing else ends the session of a stopped process.
    wait_until(
        lambda: in_its_transaction(rig, "wait_event_type = 'Lock'") is None, "the lock was given to the stopped leader"
    )
    wait_until(
        lambda: scalar(rig, f"SELECT 1 FROM pg_stat_activity WHERE pid = {session}") is None,
        "the server ends the session",
    )
    rig.append(3)
    wait_until(lambda: is_final(rig), "final by the second")
    shown = rig.tiles.read_checkpoint()
    processes[number].send_signal(signal.SIGCONT)
    wait_until(lambda: standby_count(tmp_path, number) == stood_by + 1, "the first stands by")
    assert processes[number].poll() is None
    assert rig.tiles.read_checkpoint() == shown
    rig.append(1)
    wait_until(lambda: is_final(rig), "final by the second again")
    assert "cycle_failed" not in (tmp_path / f"anchor-{number}.log").read_text()


def scalar(rig: Rig, query: str) -> object:
    with rig.log.engine.connect() as connection:
        return connection.exec_driver_sql(query).scalar()


def in_its_transaction(rig: Rig, how: str) -> object:
    """The server's process id of the session that writes a checkpoint, when it is in that condition."""
    return scalar(rig, f"SELECT pid FROM pg_stat_activity WHERE {how} AND query LIKE 'INSERT INTO checkpoints%%'")


def standby_count(tmp_path: Path, number: int) -> int:
    return (tmp_path / f"anchor-{number}.log").read_text().count('"event": "standby"')


def test_process_killed_and_started_again_does_not_wait_for_the_lease(rig, start):
    start.environment["CITYLEDGER_LEASE_TTL_S"] = "300"
    first = start()
    rig.append(3)
    wait_until(lambda: is_final(rig), "final by the first")
    first.kill()
    first.wait(timeout=10)
    rig.append(3)
    start()
    wait_until(lambda: is_final(rig), "final by the second")


def test_process_with_a_database_behind_the_journal_refuses(rig, start, tmp_path):
    rig.take_over()
    rig.append(3)
    rig.leader.recover()
    rig.leader.publishing_cycle()
    with rig.log.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_head SET tree_size = 0, compact_range = '', root_hash = ''")
    rig.lease.release()
    process = start()
    assert process.wait(timeout=15) == 3
    log = (tmp_path / "anchor-0.log").read_text()
    assert "Refused to start: the database is behind the journal" in log
    assert "All heads: database: size 0" in log


def test_fsck_program_says_clean_then_names_another_receipt_key_and_a_deleted_row(rig, start, tmp_path):
    start()
    rig.append(10)
    wait_until(lambda: is_final(rig), "final")

    def fsck() -> tuple[int, list[dict[str, object]]]:
        done = subprocess.run(
            [sys.executable, "-m", "anchor", "fsck", "--json"],
            check=False,
            cwd=ROOT,
            env=os.environ | start.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    code, lines = fsck()
    assert code == 0
    assert lines[-1]["result"] == "clean"
    assert lines[-1]["entries"] == 11
    receipt_key = tmp_path / "keys" / f"{KeyName.RECEIPT}.key"
    own = receipt_key.read_bytes()
    receipt_key.write_bytes((tmp_path / "keys" / f"{KeyName.CHECKPOINT}.key").read_bytes())
    code, lines = fsck()
    assert (code, {line["code"] for line in lines if "code" in line}) == (1, {"log_altered"})
    receipt_key.write_bytes(own)
    kept = receipt_key.rename(
        receipt_key.with_suffix(".elsewhere")
    )  # it is the API's: without it, leaf 0 says the same
    assert fsck()[0] == 0
    kept.rename(receipt_key)
    with rig.log.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM entries WHERE leaf_index = 4")
    code, lines = fsck()
    assert code == 1
    assert {line["code"] for line in lines if "code" in line} == {"entry_missing", "identity_dangling"}
    assert lines[-1]["findings"] == {"entry_missing": 1, "identity_dangling": 1}


def test_program_without_settings_says_which():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYLEDGER_")}
    done = subprocess.run(
        [sys.executable, "-m", "anchor"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 4
    assert "CITYLEDGER_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
