"""``kill -9`` of everything at once, PostgreSQL and the chain included, at seeded moments of an ingest that is not told.

The operator only starts the service again, once even while it was still starting; the client only repeats what was not acknowledged.
At the end every event is in the log once and final, every log receipt is kept, and ``fsck`` finds nothing.
"""

import json
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support.live_service import COMMAND, environment_without_settings
from support.plug import Operator

EVENTS = 800
"""In one round, in requests of 20: some seconds of work, of which the kill takes one moment."""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(tmp_path / "data")
    yield operator
    operator.stop()
    assert operator.running() == []


class Client:
    """A platform service that ingests one file a round and keeps its receipts."""

    def __init__(self, folder: Path, connection: Path) -> None:
        self.folder = folder
        self.receipts = folder / "receipts"
        self._connection = connection

    def ingest(self, number: int) -> "subprocess.Popen[bytes]":
        file = self.folder / f"round-{number}.ndjson"
        if not file.exists():
            events = (
                {
                    "specversion": "1.0",
                    "id": f"{number}-{n}",
                    "source": "urn:test:kill",
                    "type": "org.test.kill.v1",
                    "data": n,
                }
                for n in range(EVENTS)
            )
            file.write_text("".join(json.dumps(event) + "\n" for event in events))
        arguments = ["ingest", str(file), "--batch-lines", "20", "--in-flight", "3", "--receipts", str(self.receipts)]
        return self._start([*arguments, "--retry-for", "120", "--json"])

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        process = self._start(arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def acknowledged(self) -> list[tuple[str, int]]:
        """Id and leaf index of every promise that was kept on disk, in the order of arrival."""
        found = []
        for path in sorted(self.receipts.glob("*.jsonl")):
            for line in path.read_bytes().split(b"\n")[:-1]:
                kept = json.loads(line)
                items = kept["receipt"]["items"]
                found += [(name[1], item["leaf_index"]) for name, item in zip(kept["identities"], items, strict=True)]
        return found

    def wait_for_more_than(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acknowledged()) <= count:
            assert time.monotonic() < deadline, "nothing was acknowledged"
            time.sleep(0.01)

    def _start(self, arguments: "list[str] | tuple[str, ...]") -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=environment_without_settings() | {"CITYLEDGER_CONNECTION": str(self._connection)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        pytest.param(20261121, 3, marks=pytest.mark.timeout(900)),
        pytest.param(20261122, 60, marks=[pytest.mark.long, pytest.mark.timeout(2400)]),
    ],
)
def test_everything_killed_at_any_moment_of_an_ingest_loses_nothing_acknowledged(operator, tmp_path, seed, rounds):
    moments = random.Random(seed)
    client = Client(tmp_path, operator.folder / "connection.json")
    for _ in range(2):  # even the very first start may be cut off
        operator.start()
        time.sleep(moments.uniform(0.3, 2.0))
        operator.pull_the_plug()
    operator.start()
    operator.wait_until_ready()
    interrupted = 0
    for number in range(rounds):
        before = len(client.acknowledged())
        ingest = client.ingest(number)
        client.wait_for_more_than(before)
        time.sleep(moments.uniform(0.0, 0.6))
        interrupted += ingest.poll() is None
        assert operator.pull_the_plug() >= 4
        if number % 3 == 2:  # the client's machine goes too; its receipts are on its disk
            ingest.kill()
            ingest.communicate()
        operator.start()
        if number % 3 == 1:  # and again while it was starting
            time.sleep(moments.uniform(0.2, 2.0))
            operator.pull_the_plug()
            operator.start()
        operator.wait_until_ready()
        if number % 3 == 2:
            ingest = client.ingest(number)
        _, err = ingest.communicate(timeout=120)
        assert ingest.returncode == 0, err.decode()
    assert interrupted >= rounds - 1, "the kills came too late to interrupt anything: send more events"
    check_whole(client, operator, rounds)


def check_whole(client: Client, operator: Operator, rounds: int) -> None:
    expected = rounds * EVENTS
    last = client.ingest(rounds - 1)
    out, err = last.communicate(timeout=120)
    assert last.returncode == 0, err.decode()
    assert json.loads(out)["repeated"] == EVENTS, "sending all of it again changes nothing"
    newest = str(client.folder / f"round-{rounds - 1}.ndjson")
    waited = client.run("ingest", newest, "--wait", "final", "--receipts", str(client.receipts))
    assert waited.returncode == 0, waited.stderr.decode()

    acknowledged = client.acknowledged()
    by_id = dict(acknowledged)
    assert len(by_id) == expected
    assert all(by_id[event_id] == leaf_index for event_id, leaf_index in acknowledged), "two places for one event"
    assert len(set(by_id.values())) == expected
    url = json.loads((operator.folder / "connection.json").read_text())["database_url"]
    with psycopg.connect(url) as database:
        entries, identities, final, own = database.execute(
            "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM identities), (SELECT final FROM log_status), "
            "(SELECT count(*) FROM outbox WHERE leaf_index IS NOT NULL)"
        ).fetchone()
    assert entries == identities == 1 + own + expected
    assert final > max(by_id.values())

    audit = client.run("receipt", "audit", str(client.receipts), "--json")
    assert audit.returncode == 0, (audit.stdout + audit.stderr).decode()
    assert json.loads(audit.stdout)["in_place"] == len(acknowledged)
    fsck = client.run("fsck")
    assert fsck.returncode == 0, (fsck.stdout + fsck.stderr).decode()
