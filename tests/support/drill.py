"""A city whose operator can be dishonest: a running service, its database, keys and files, and the three detectors.

The detectors are the programs themselves, run inside the test's process for speed; that the commands of the same name give the
same answers and say them in words is shown by running each as a process of its own (``LiveService.run``).
"""

import contextlib
import io
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from support.live_service import LiveService
from typer.testing import CliRunner

from anchor import fsck_main, monitor_main
from anchor.signing import CheckpointSigner
from ledger.adapters.embedded.processes import processes_marked
from ledger.adapters.files.keys import KeyName, load_or_create_keys
from ledger.adapters.settings import load_settings
from ledger.cli.app import app
from ledger.cli.children import environment_of
from ledger.client.connection import read_connection
from ledger.client.service import BatchAnswer, ServiceClient
from ledger.errors import LedgerError
from ledger.log.merkle import CompactRange
from ledger.log.receipt import LogReceipt

SOURCE = "urn:city:permit-office"


class Detected(NamedTuple):
    """What a detector said. ``findings`` are its findings or alarms by code, the last one of each code."""

    exit_code: int
    findings: dict[str, dict[str, Any]]

    @property
    def codes(self) -> set[str]:
        return set(self.findings)


class City:
    """One running service as its operator holds it. ``close`` before it is stopped."""

    def __init__(self, live: LiveService, cwd: Path) -> None:
        self.live, self.cwd = live, cwd
        self.folder = live.folder
        self.keys = load_or_create_keys(self.folder / "keys")
        self._variables = environment_of(read_connection(live.connection_path))
        with self._environment():
            self.sources = fsck_main.build_sources(load_settings(), with_chain=True)
        self.tiles, self.preparer = self.sources.tiles, self.sources.preparer
        self.identity = self.preparer.identity
        self.database = psycopg.connect(live.connection["database_url"], autocommit=True)
        self.client = ServiceClient(live.connection["api_url"], live.connection["api_keys"]["platform_service"])
        self.signer = CheckpointSigner(self.identity, self.keys[KeyName.CHECKPOINT], self.keys[KeyName.ANCHOR])

    def close(self) -> None:
        self.database.close()
        self.client.__exit__()
        self.sources.engine.dispose()

    # --- the honest life ------------------------------------------------------------------------------------------

    def send(self, *numbers: int, **changes: Any) -> BatchAnswer:
        """Sends permit events; the answer holds their receipt."""
        return self.client.submit_lines([json.dumps(permit(number, **changes)).encode() for number in numbers])

    def leaf_index(self, number: int) -> int:
        """Where the permit of this number stands."""
        return int(self.value("SELECT leaf_index FROM identities WHERE identity = %s", self.identity_of(number)))

    def identity_of(self, number: int) -> bytes:
        return self.preparer.identity_of(SOURCE, f"case-{number}:0")

    def add_key(self, submitter: str) -> str:
        """Makes a scoped key by the command line; its id."""
        scope = ["--role", "platform_service", "--submitter", submitter, "--source-prefix", f"urn:city:{submitter}"]
        done = self.live.run(["keys", "add", *scope, "--json"], cwd=self.cwd)
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["key_id"])

    def marks(self) -> dict[str, int]:
        sizes: dict[str, int] = self.client.log_facts()["tree_sizes"]
        return sizes

    def wait_until_final(self) -> int:
        """Waits until everything sequenced is final; its size."""
        deadline = time.monotonic() + 60
        while (marks := self.marks())["final"] < marks["sequenced"]:
            assert time.monotonic() < deadline, marks
            time.sleep(0.1)
        return marks["final"]

    def keep(self, name: str, *receipts: LogReceipt) -> Path:
        """A receipt file as a submitter keeps it."""
        path = self.cwd / f"{name}.jsonl"
        path.write_bytes(b"".join(receipt.encode() + b"\n" for receipt in receipts))
        return path

    # --- the detectors --------------------------------------------------------------------------------------------

    def fsck(self) -> Detected:
        with self._environment():
            return _run(lambda: fsck_main.main(["--json"]))

    def monitor(self, state: Path, *, url: str | None = None, with_chain: bool = True) -> Detected:
        arguments = ["--url", url or self.live.connection["api_url"], "--trust", str(self.live.trust_path)]
        arguments += ["--state", str(state), "--once", *(["--rpc", self.live.rpc_url] if with_chain else [])]
        return _run(lambda: monitor_main.main(arguments))

    def audit(self, *receipts: Path) -> Detected:
        arguments = ["receipt", "audit", *map(str, receipts), "--connection", str(self.live.connection_path), "--json"]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code in {0, 1}, done.output
        return Detected(done.exit_code, {found["code"]: found for found in json.loads(done.stdout)["findings"]})

    # --- what an operator can reach -------------------------------------------------------------------------------

    def execute(self, statement: str, *values: Any) -> None:
        self.database.execute(statement, values)

    def row(self, query: str, *values: Any) -> tuple[Any, ...]:
        row = self.database.execute(query, values).fetchone()
        assert row is not None
        return row

    def value(self, query: str, *values: Any) -> Any:
        return self.row(query, *values)[0]

    @contextmanager
    def kept(self, *tables: str) -> Iterator[None]:
        """Puts these tables back as they were at the end of the block, whatever was done to them."""
        for table in tables:
            self.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")
        try:
            yield
        finally:
            with self.database.transaction():
                for table in tables:
                    self.execute(f"DELETE FROM {table}")
                    self.execute(f"INSERT INTO {table} TABLE kept_{table}")
            for table in tables:
                self.execute(f"DROP TABLE kept_{table}")

    @contextmanager
    def anchor_paused(self) -> Iterator[None]:
        """The anchor service stands still: nothing is drained, published or anchored while the block runs."""
        (pid,) = [pid for pid in processes_marked(self.folder) if _arguments(pid)[-2:] == ["-m", "anchor"]]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def restart_api(self) -> None:
        """Ends the API; the supervisor starts another, which knows nothing of what this one has seen."""
        (pid,) = [pid for pid in processes_marked(self.folder) if _arguments(pid)[-2:] == ["-m", "api"]]
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(LedgerError):
                if self.client.readiness()[1]["parts"]["history"] == "ready":
                    return
            time.sleep(0.2)
        raise AssertionError("the API is not ready again")

    def wait_until_ready_says(self, part: str, state: str) -> None:
        """Waits for a look of the API that began after what the test did; one may be under way."""
        deadline = time.monotonic() + 60
        while (found := self.client.readiness()[1]["parts"][part]) != state:
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def leaf_hashes(self) -> list[bytes]:
        return [row[0] for row in self.database.execute("SELECT leaf_hash FROM entries ORDER BY leaf_index")]

    def rewrite_head(self) -> None:
        """Makes the head row that of the entries which are there, so that the database agrees with itself."""
        compact = CompactRange()
        compact.extend(self.leaf_hashes())
        self.execute(
            "UPDATE log_head SET tree_size = %s, compact_range = %s, root_hash = %s",
            compact.size,
            compact.encode(),
            compact.root_hash(),
        )

    def _environment(self) -> contextlib.AbstractContextManager[None]:
        return _environment(self._variables)


def permit(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"case-{number}:0",
        "source": SOURCE,
        "type": "org.xes.permit.v1",
        "subject": f"case-{number}",
        "time": "2010-10-02T09:20:39.266+02:00",
        "data": {"org:group": "Group 1", "org:resource": f"Resource{number}", "amount": number},
        **changes,
    }


@contextmanager
def file_kept(path: Path) -> Iterator[Path]:
    """Puts one file back as it was at the end of the block; it may be changed or removed inside."""
    data, mode = path.read_bytes(), path.stat().st_mode
    try:
        path.chmod(0o600)
        yield path
    finally:
        path.write_bytes(data)
        path.chmod(mode)


def flip(path: Path, offset: int) -> None:
    """Changes one bit."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def _run(program: Any) -> Detected:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(io.StringIO()) as complained:
        exit_code = program()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert complained.getvalue() == ""
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    return Detected(exit_code, {line["code"]: line for line in lines if "code" in line})


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def _arguments(pid: int) -> Sequence[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
