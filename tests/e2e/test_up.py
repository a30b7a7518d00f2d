"""``cityledger up``: one command starts everything; Ctrl-C stops it; a second start goes on, whatever ended the first."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
from support.suite import NAMES

from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.suite_manifest import SuiteManifest, read_manifest
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.processes import is_running, processes_marked, processes_working_in
from ledger.domain.roles import ROLES
from ledger.log.note import parse_note
from ledger.log.trust import parse_trust_file
from ledger.log.typed_data import keccak256, to_checksum_address

READY_LINE = "Ctrl-C stops it."
START_TIMEOUT_S = 120
EVENT = {
    "specversion": "1.0",
    "source": "urn:test:up",
    "type": "org.example.test.v1",
    "data": {"text": "kept"},
}


class Copy:
    """One ``cityledger up`` as a person starts it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        arguments = [sys.executable, "-m", "ledger.cli.app", "up", "--data-dir", str(folder), "--port", str(port)]
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.lines: list[str] = []

    def wait_until_ready(self) -> "Copy":
        deadline = time.monotonic() + START_TIMEOUT_S
        while READY_LINE not in self.lines:
            line = self.process.stdout.readline()
            assert line, f"ended with {self.process.wait()}: {self.lines}"
            assert time.monotonic() < deadline, self.lines
            self.lines.append(line.rstrip("\n"))
        return self

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        if not self.process.stdout.closed:
            self.lines += self.process.communicate(timeout=90)[0].splitlines()
        return self.process.returncode

    @property
    def connection(self) -> dict:
        return json.loads((self.folder / "connection.json").read_text())

    def running(self) -> list[int]:
        return processes_marked(self.folder) + processes_working_in(self.folder / "postgres" / "data", "postgres")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.connection["api_url"] + path, timeout=10) as answer:
            return answer.read()

    def post_event(self, event_id: str = "1") -> dict:
        request = urllib.request.Request(
            self.connection["api_url"] + "/v1/events",
            json.dumps(EVENT | {"id": event_id}).encode(),
            {
                "Content-Type": "application/cloudevents+json",
                "Authorization": f"Bearer {self.connection['api_keys']['platform_service']}",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return {"status": answer.status, **json.load(answer)["result"]}

    def wait_until_final(self, tree_size: int) -> None:
        deadline = time.monotonic() + 60
        while json.loads(self.get("/v1/log"))["tree_sizes"]["final"] < tree_size:
            assert time.monotonic() < deadline, "not final within a minute"
            time.sleep(0.2)


def check_contracts(copy: Copy) -> SuiteManifest:
    """All contracts stand where ``connection.json`` and the manifest say; the manifest."""
    manifest = read_manifest(copy.folder / "contracts" / "manifest.json")
    addresses = {record.name: to_checksum_address(record.address) for record in manifest.contracts}
    assert copy.connection["contracts"] == addresses
    assert list(addresses) == NAMES
    node = JsonRpc(copy.connection["rpc_url"])
    for record in manifest.contracts:
        code = bytes.fromhex(node.call("eth_getCode", addresses[record.name], "latest")[2:])
        assert keccak256(code) == record.code_hash, record.name
        assert record.version == 1
    return manifest


def wait_until_followed(copy: Copy, block_number: int) -> dict:
    """The position in the contract suite's events, when it has come to this block."""
    deadline = time.monotonic() + 60
    while True:
        position = json.loads(copy.get("/v1/log"))["contract_events"]
        if position is not None and position["block_number"] >= block_number:
            return position
        assert time.monotonic() < deadline, position
        time.sleep(0.2)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="city ledger ") as name:
        yield Path(name) / "data dir"


@pytest.fixture
def copies(folder):  # the folder goes after the copies in it have stopped
    """Starts copies and stops them all at the end; ``copies(folder, port)`` returns when it is ready."""
    started: list[Copy] = []

    def start(folder: Path, port: int) -> Copy:
        started.append(Copy(folder, port))
        return started[-1].wait_until_ready()

    yield start
    for copy in started:
        copy.end()


class LivedIn:
    """A data folder that many tests use one after another; each finds it with whatever those before it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self._copy: Copy | None = None

    def copy(self) -> Copy:
        """The copy that runs on it; started when none does."""
        if self._copy is None or self._copy.process.poll() is not None:
            self.close()
            self._copy = self.begin()
            self._copy.wait_until_ready()
        return self._copy

    def begin(self) -> Copy:
        """A start that need not come to its end."""
        return Copy(self.folder, self._port)

    def close(self) -> None:
        if self._copy is not None:
            self._copy.end()


@pytest.fixture(scope="module")
def lived_in():
    with tempfile.TemporaryDirectory(prefix="city ledger ") as name:
        lived_in = LivedIn(Path(name) / "data dir")
        yield lived_in
        lived_in.close()


def test_up_writes_where_everything_is_and_stops_cleanly(copies, folder):
    port = free_port()
    copy = copies(folder, port)
    facts = copy.connection
    assert (folder / "connection.json").stat().st_mode & 0o777 == 0o600
    assert facts["api_url"] == f"http://127.0.0.1:{port}"
    assert set(facts) == {"api_url", "database_url", "rpc_url", "chain_id", "contracts", "log", "api_keys"}
    assert set(facts["api_keys"]) == set(ROLES)
    with psycopg.connect(facts["database_url"]) as database:
        assert database.execute("SELECT origin FROM log_shard").fetchone() == (facts["log"]["origin"],)
    check_contracts(copy)
    trust = parse_trust_file((folder / "trust.json").read_bytes())
    log = trust.log(facts["log"]["origin"])
    assert "0x" + log.identity.log_id.hex() == facts["log"]["id"]
    assert log.identity.verifier_key == facts["log"]["verifier_key"]
    assert any("development chain, no consensus" in line for line in copy.lines)
    assert not any(key in line for line in copy.lines for key in facts["api_keys"].values())
    for pid in copy.running():
        arguments = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(key in arguments for key in facts["api_keys"].values())
    assert copy.end() == 0
    assert copy.running() == []
    assert (folder / "connection.json").exists()


def test_up_again_on_the_same_folder_goes_on(lived_in):
    first, folder = lived_in.copy(), lived_in.folder
    sent = first.post_event("again")
    assert (sent["status"], sent["state"]) == (201, "published")
    first.wait_until_final(sent["leaf_index"] + 1)
    before, checkpoint = first.connection, parse_note(first.get("/log/checkpoint")).text
    trust = (folder / "trust.json").read_bytes()
    suite = {path.name: path.read_bytes() for path in (folder / "contracts").iterdir()}
    blocks = JsonRpc(before["rpc_url"]).call("eth_blockNumber")
    wait_until_followed(first, int(blocks, 16))
    assert first.end(signal.SIGTERM) == 0

    second = lived_in.copy()
    assert second is not first
    assert second.connection == before
    assert (folder / "trust.json").read_bytes() == trust
    assert parse_note(second.get("/log/checkpoint")).text == checkpoint
    assert JsonRpc(before["rpc_url"]).call("eth_blockNumber") == blocks
    assert {path.name: path.read_bytes() for path in (folder / "contracts").iterdir()} == suite
    repeated = second.post_event("again")
    assert (repeated["status"], repeated["leaf_index"]) == (200, sent["leaf_index"])


def test_up_after_everything_was_killed_goes_on(lived_in):
    first = lived_in.copy()
    sent = first.post_event("killed")
    assert sent["status"] == 201
    facts = first.connection
    first.process.kill()
    for pid in first.running():
        os.kill(pid, signal.SIGKILL)
    first.process.wait()

    second = lived_in.copy()
    assert second.connection == facts
    check_contracts(second)
    assert second.post_event("killed")["status"] == 200
    second.wait_until_final(sent["leaf_index"] + 1)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_up_ended_while_it_deployed_the_contract_suite_goes_on(copies, folder, number):
    """In order: the chain keeps the steps that were done. Killed: its blocks are lost, and the next start makes the same contracts."""
    port = free_port()
    first = Copy(folder, port)
    manifest = folder / "contracts" / "manifest.json"
    while not manifest.exists():
        assert first.process.poll() is None
        time.sleep(0.01)
    first.process.send_signal(number)
    first.end(number)
    assert not (folder / "connection.json").exists()
    begun = {record.name: record.address for record in read_manifest(manifest).contracts}
    assert len(begun) < len(NAMES)
    second = copies(folder, port)
    done = {record.name: record.address for record in check_contracts(second).contracts}
    assert begun.items() <= done.items()
    assert second.post_event()["status"] == 201


@pytest.mark.long
def test_up_on_a_folder_of_a_time_before_the_suite_deploys_it(copies, folder):
    port = free_port()
    first = Copy(folder, port)
    while "contract suite ..." not in first.lines:
        first.lines.append(first.process.stdout.readline().rstrip("\n"))
        assert first.lines[-1]
    assert first.end() == 0
    shutil.rmtree(folder / "contracts", ignore_errors=True)
    shutil.rmtree(folder / "keys" / "bodies", ignore_errors=True)
    second = copies(folder, port)
    newest = max(record.block_number or 0 for record in check_contracts(second).contracts)
    position = wait_until_followed(second, newest)
    assert position["undone_blocks"] == 0


@pytest.mark.long
def test_up_after_only_the_supervisor_was_killed_replaces_what_it_left(lived_in):
    first = lived_in.copy()
    first.process.kill()
    first.process.wait()
    left_behind = first.running()
    assert len(left_behind) >= 4
    second = lived_in.copy()
    assert not set(left_behind) & set(second.running())


def test_up_restarts_each_part_that_is_killed(lived_in):
    copy = lived_in.copy()
    for pid in copy.running():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # PostgreSQL's children end with it
            continue
    deadline = time.monotonic() + 60
    while True:
        try:
            if copy.post_event("restarted")["status"] in {200, 201}:
                break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert copy.end() == 0
    ended = [line for line in copy.lines if "ended by itself" in line]
    assert sorted(line.split()[0] for line in ended) == ["anchor", "anvil", "api", "postgres"]


@pytest.mark.long
def test_up_on_a_folder_that_lost_its_keys_says_so_and_makes_none(lived_in):
    first, folder = lived_in.copy(), lived_in.folder
    sent = first.post_event("keys")
    assert first.end() == 0
    (folder / "keys").rename(folder / "keys elsewhere")
    refused = lived_in.begin()
    assert refused.process.wait(60) == 4
    refused.end()
    assert not any("PostgreSQL" in line for line in refused.lines)  # nothing was started
    assert f"the keys in {folder / 'keys'} are gone" in refused.lines[-1]
    assert not (folder / "keys").exists()
    assert not (folder / "keys.new").exists()
    (folder / "keys elsewhere").rename(folder / "keys")
    assert lived_in.copy().post_event("keys")["leaf_index"] == sent["leaf_index"]


def test_two_copies_run_beside_each_other(copies, folder, lived_in):
    first, second = lived_in.copy(), copies(folder, free_port())
    assert first.connection["log"]["id"] != second.connection["log"]["id"]
    assert first.post_event("beside")["status"] == second.post_event("beside")["status"] == 201


def test_second_copy_on_the_same_folder_is_refused(lived_in):
    first = lived_in.copy()
    refused = Copy(lived_in.folder, free_port())
    assert refused.process.wait(60) == 4
    assert "another copy runs" in refused.process.communicate()[0]
    assert first.post_event("second copy")["status"] == 201


def test_taken_port_is_refused_by_name(folder, lived_in):
    port = int(lived_in.copy().connection["api_url"].rpartition(":")[2])
    refused = Copy(folder, port)
    assert refused.process.wait(60) == 4
    assert f"port {port}" in refused.process.communicate()[0]


def test_ctrl_c_during_the_start_stops_what_was_started(folder):
    copy = Copy(folder, free_port())
    line = copy.process.stdout.readline()
    assert "PostgreSQL" in line
    assert copy.end() == 0
    assert copy.running() == []
    assert not (folder / "connection.json").exists()


@pytest.mark.long
def test_up_whose_reader_has_gone_still_stops_everything(lived_in):
    copy = lived_in.copy()
    copy.process.stdout.close()
    copy.process.send_signal(signal.SIGHUP)
    copy.process.wait(90)
    assert copy.running() == []


def test_up_that_cannot_dump_its_chain_still_stops_everything(lived_in):
    copy, folder = lived_in.copy(), lived_in.folder
    (folder / "chain").rename(folder / "chain elsewhere")
    assert copy.end() == 0
    assert copy.running() == []
    assert any("could not be dumped" in line for line in copy.lines)
    (folder / "chain elsewhere").rename(folder / "chain")


@pytest.mark.long
def test_up_whose_data_folder_is_deleted_stops_and_says_so(lived_in):
    """The last test: nobody goes on with this folder."""
    copy, folder = lived_in.copy(), lived_in.folder
    running = copy.running()
    shutil.rmtree(folder, ignore_errors=True)
    assert copy.process.wait(60) == 4
    copy.end()
    assert any(f"the data folder {folder} was removed, moved or replaced" in line for line in copy.lines), copy.lines
    assert not any("ended by itself" in line for line in copy.lines)
    assert [pid for pid in running if is_running(pid)] == []
