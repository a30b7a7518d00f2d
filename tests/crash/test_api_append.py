"""The API's durable steps, failed from outside while clients wait: commits, the keys that seal bodies, COPY refused midway.

What a client may believe is the subject: an acknowledgement is kept whatever happened, a failure is a 503 with ``Retry-After``, and
sending the same again, until it is acknowledged, leaves every event in the log exactly once.
"""

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.a_service import BATCH, JSON, Service, _serving, running_service
from support.embedded import DatabaseFactory
from support.faults import Fault, Faults, FileSteps, watch_commits

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from api.container import ApiKeysOfLog, Container
from api.logins import KeyDay
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.log.canonical import encode_jcs
from ledger.log.receipt import parse_receipt

APPEND = "commit ledger.adapters.sql.log_store.SqlLogStore.append"
CONFLICT = "commit ledger.adapters.sql.outbox.record_conflicts"
COUNT = 40

REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.leaf_index = {leaf_index} THEN {action}; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse();
"""
DISK_FULL = "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'"
BACKEND_KILLED = "PERFORM pg_terminate_backend(pg_backend_pid())"


@dataclass
class Rig:
    service: Service
    faults: Faults
    folder: Path

    def refuse(self, table: str, action: str, leaf_index: int) -> None:
        with self.service.log.engine.begin() as connection:
            connection.execute(text(REFUSE.format(table=table, action=action, leaf_index=leaf_index)))

    def allow(self) -> None:
        with self.service.log.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION refuse CASCADE"))

    def send_until_acknowledged(self, events: list[dict[str, Any]]) -> tuple[list[int], list[dict[str, Any]]]:
        """The statuses of all tries, and the results of the one that was acknowledged."""
        statuses: list[int] = []
        for _ in range(4):
            answer = self.service.post(json.dumps(events), BATCH)
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                receipt = parse_receipt(encode_jcs(answer.json()["receipt"]))
                receipt.verify(self.service.log.keys.receipt.public_key().public_bytes_raw())
                assert len(receipt.items) == len(events)
                return statuses, answer.json()["results"]
            assert_unavailable(answer)
        raise AssertionError(statuses)

    def check_whole(self, expected: int, found: frozenset[str] = frozenset()) -> None:
        """``expected`` events beside the log's own, each once and published; ``fsck`` finds these codes, and else nothing."""
        counts = self.service.settled()
        assert counts["entries"] == counts["identities"] == 1 + expected + counts["outbox"]
        with self.service.log.engine.connect() as connection:
            head = connection.execute(text("SELECT tree_size, published FROM log_head, log_status")).one()
            entries = connection.execute(text("SELECT count(*) FROM entries")).scalar_one()
            assert tuple(head) == (entries, entries)
        findings: list[Finding] = []
        log, journal = self.service.log, FileCheckpointJournal(self.folder / "journal" / "checkpoints.jsonl")
        sources = Sources(log.engine, self.service.container.tile_store, journal, log.preparer, None)
        Fsck(sources, findings.append, lambda done, total: None).run()
        assert {finding.code for finding in findings} == found, findings


@pytest.fixture
def rig(postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path: Path) -> Iterator[Rig]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path) as service:
        faults = Faults()
        watch_commits(service.container.engine, faults)
        yield Rig(service, faults, tmp_path)
    databases.close()


def an_event(**members: Any) -> dict[str, Any]:
    value = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "org.test.thing.v1"}
    return value | members


def assert_unavailable(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(("applied", "written"), [(False, 0), (True, COUNT)], ids=["before it", "after it"])
def test_group_commit_that_breaks_is_503_and_the_repeat_is_acknowledged_once(rig, applied, written):
    rig.service.settled()
    events, before = [an_event() for _ in range(COUNT)], rig.service.tree_size()
    rig.faults.arm(Fault(APPEND, 1, applied=applied, crash=False))
    assert_unavailable(rig.service.post(json.dumps(events), BATCH))
    assert rig.service.tree_size() == before + written
    assert rig.send_until_acknowledged(events)[0] == [200]
    assert rig.service.tree_size() == before + COUNT
    rig.check_whole(COUNT)


@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
def test_group_of_many_requests_that_breaks_fails_for_all_and_loses_none(rig, applied):
    """Requests that share the transaction share its fate; later ones do not notice."""
    rig.faults.arm(Fault(APPEND, 2, applied=applied, crash=False))
    sent = [[an_event() for _ in range(3)] for _ in range(24)]
    with ThreadPoolExecutor(12) as pool:
        done = list(pool.map(rig.send_until_acknowledged, sent))
    assert rig.faults.struck == APPEND
    assert any(statuses == [503, 200] for statuses, _ in done)
    indexes = [item["leaf_index"] for _, results in done for item in results]
    assert len(set(indexes)) == 72
    rig.check_whole(72)


@pytest.mark.parametrize("action", [DISK_FULL, BACKEND_KILLED], ids=["disk full", "backend killed"])
@pytest.mark.parametrize("table", ["entries", "identities"])
def test_copy_refused_midway_leaves_nothing_and_is_repeated(rig, table, action):
    rig.service.settled()
    events, before = [an_event() for _ in range(COUNT)], rig.service.log.counts()
    rig.refuse(table, action, rig.service.tree_size() + COUNT // 2)
    assert_unavailable(rig.service.post(json.dumps(events), BATCH))
    assert rig.service.log.counts() == before
    rig.allow()
    assert rig.send_until_acknowledged(events)[0] == [200]
    rig.check_whole(COUNT)


@pytest.mark.parametrize("step", ["write", "fsync", "link", "fsync folder of"])
@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
def test_month_of_keys_that_cannot_be_written_is_503_until_it_can(rig, step, applied, monkeypatch):
    FileSteps(rig.folder, rig.faults).install(monkeypatch)
    rig.faults.arm(Fault(f"{step} keyring month", 1, applied=applied, crash=False))
    later = datetime.now(UTC) + timedelta(days=32)
    clock = type("NextMonth", (), {"now": lambda _self: later})()
    object.__setattr__(rig.service.container, "clock", clock)
    rig.service.container._log = None  # a worker that starts in the new month
    use = KeyDay("platform-service", later.date())  # whose log has no room for the login either, which keeps no key out
    rig.service.container.logins.remember(f"key:{use.key_id}", use)
    statuses, _ = rig.send_until_acknowledged([an_event() for _ in range(COUNT)])
    assert rig.faults.struck is not None
    assert statuses == [503, 200]
    # only the API has the later clock, so its receipts are from after their publication
    rig.check_whole(COUNT, found=frozenset({"time_contradicted"}))


@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
def test_record_of_a_conflict_that_breaks_is_503_and_is_made_once(rig, applied):
    event = an_event(data={"n": 1})
    assert rig.service.post(json.dumps(event), JSON).status_code == 201
    other = json.dumps(event | {"data": {"n": 2}})
    before = rig.service.settled()["outbox"]
    rig.faults.arm(Fault(CONFLICT, 1, applied=applied, crash=False))
    assert_unavailable(rig.service.post(other, JSON))
    assert [rig.service.post(other, JSON).status_code for _ in range(3)] == [409] * 3
    assert rig.service.settled()["outbox"] == before + 1
    rig.check_whole(1)


def test_two_workers_with_one_event_at_one_instant_give_one_answer(rig):
    """Two processes' worth of committers on one database, each with connections and memory of its own."""
    with _serving(second_worker(rig.service)) as url:
        for number in range(8):
            same, answers = json.dumps(an_event()), []
            gate = threading.Barrier(8)

            def send(worker: int, same: str = same, gate: threading.Barrier = gate) -> httpx.Response:
                gate.wait()
                base = rig.service.url if worker % 2 else url
                return httpx.post(f"{base}/v1/events", content=same, headers=rig.service.auth() | JSON, timeout=30)

            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(send, range(8)))
            assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201], number
            facts = {(a.json()["result"]["leaf_index"], a.json()["result"]["leaf_hash"]) for a in answers}
            assert len(facts) == 1
    rig.check_whole(8)


def test_two_workers_with_one_identity_and_two_contents_take_one_and_refuse_the_other(rig):
    with _serving(second_worker(rig.service)) as url:
        for _ in range(8):
            event, gate = an_event(), threading.Barrier(2)

            def send(worker: int, event: dict[str, Any] = event, gate: threading.Barrier = gate) -> httpx.Response:
                sent = json.dumps(event | {"data": {"worker": worker}})
                gate.wait()
                base = rig.service.url if worker else url
                return httpx.post(f"{base}/v1/events", content=sent, headers=rig.service.auth() | JSON, timeout=30)

            with ThreadPoolExecutor(2) as pool:
                taken, refused = sorted(pool.map(send, range(2)), key=lambda answer: answer.status_code)
            assert (taken.status_code, refused.status_code) == (201, 409)
            assert refused.json()["leaf_index"] == taken.json()["result"]["leaf_index"]
    rig.check_whole(8)


def second_worker(service: Service) -> Container:
    keys = service.log.keys
    return Container(service.container.settings, ApiKeysOfLog(keys.receipt, keys.space, keys.identity))
