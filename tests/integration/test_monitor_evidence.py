"""The monitor against a log that refuses, changes its answers, or alters what only upper tiles hold; and what its alarms carry."""

import json
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support.anchor_rig import FakeRig, fake_rig

from anchor import monitor_main
from anchor.monitor import Monitor
from anchor.monitor_alarm import Alarm, remember_unanswered
from anchor.monitor_state import MonitorState, parse_monitor_state
from ledger.adapters.chain.errors import ContractMissingError
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.errors import NotFoundError, UnavailableError
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile
from ledger.log.typed_data import keccak256


class Outsider:
    """A monitor whose log answers a path otherwise once ``refusals`` names it: (error, how many answers are good first)."""

    def __init__(self, rig: FakeRig) -> None:
        self.rig = rig
        self.identity = rig.log.preparer.identity
        self.refusals: dict[str, tuple[Exception | bytes, int]] = {}
        trusted = TrustedChain(31337, self.identity.evidence_log, keccak256(b"code"), rig.chain.genesis_hash())
        self.monitor = Monitor(self.identity, trusted, self.fetch, chain=rig.chain, stale_after_s=600)

    def fetch(self, path: str) -> bytes:
        if path in self.refusals:
            answer, good = self.refusals[path]
            self.refusals[path] = (answer, good - 1)
            if good <= 0 and isinstance(answer, bytes):
                return answer
            if good <= 0 and isinstance(answer, Exception):
                raise answer
        if path == "checkpoint":
            return (self.rig.tiles.read_checkpoint() or "").encode()
        return self.rig.tiles.read(path)

    def look(self) -> dict[str, Alarm]:
        return {alarm.code: alarm for alarm in self.monitor.look(MonitorState(), 1_000.0)[1]}

    def where(self) -> dict[str, Any]:
        chain = self.rig.chain
        block_hash = chain.block_hash_at(chain.block_number())
        assert block_hash is not None
        return {
            "chain_id": 31337,
            "evidence_log": "0x" + self.identity.evidence_log.hex(),
            "log_id": self.identity.log_id.hex(),
            "block_number": chain.block_number(),
            "block_hash": "0x" + block_hash.hex(),
        }


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(299)
    rig.run_until_final()
    yield rig
    rig.log.engine.dispose()


@pytest.fixture
def outsider(rig: FakeRig) -> Outsider:
    return Outsider(rig)


def test_alarm_of_an_equivocated_log_says_where_to_ask(outsider, rig):
    head = rig.chain.head_now
    rig.chain.head_now = ChainHead(head.tree_size, head.root_hash, equivocated=True)
    expected = {**outsider.where(), "chain_tree_size": 300, "chain_root_hash": head.root_hash.hex()}
    assert outsider.look()["log_equivocated"].evidence == expected


def test_alarm_of_missing_contracts_says_where_to_ask(outsider, rig, monkeypatch):
    def missing(_: bytes) -> ChainHead:
        raise ContractMissingError("none")

    monkeypatch.setattr(rig.chain, "head", missing)
    evidence = outsider.look()["contracts_missing"].evidence
    assert evidence == {**outsider.where(), "code_hash": keccak256(b"code").hex()}


@pytest.mark.parametrize("error", [NotFoundError("gone"), UnavailableError("refused")])
def test_foreign_head_stays_an_alarm_when_the_log_stops_serving_its_path(outsider, rig, error):
    rig.append(300)
    rig.run_until_final()
    heads = rig.chain.heads_anchored(outsider.identity.log_id, 0, rig.chain.block_number())
    assert [event.values["treeSize"] for event in heads] == [300, 600]
    heads[0].values["rootHash"] = b"\x07" * 32
    tile = "tile/0/001"
    outsider.refusals[tile] = (error, 10**6)
    assert set(outsider.look()) == {"foreign_head_on_chain"}
    answers = 10**6 - outsider.refusals[tile][1]
    outsider.refusals[tile] = (error, answers - 1)  # the last answer of such a look is a part of the path
    evidence = outsider.look()["foreign_head_on_chain"].evidence
    assert (evidence["path"], evidence["path_error"]) == (None, error.detail)


def test_altered_partial_upper_tile_is_named(outsider, rig):
    rig.append(300)
    rig.run_until_final()
    path = "tile/1/000.p/2"
    outsider.refusals[path] = (b"\x07" * 64, 0)
    assert outsider.look()["tile_mismatch"].evidence["path"] == path


def test_alarm_found_before_the_log_stops_answering_is_raised(outsider, rig):
    rig.chain.head_now = ChainHead(300, rig.chain.head_now.root_hash, equivocated=True)
    outsider.refusals["checkpoint"] = (UnavailableError("no"), 0)
    assert set(outsider.look()) == {"log_equivocated"}


def test_log_that_does_not_answer_alarms_after_the_time():
    error = UnavailableError("no", path="tile/0/000", status=503)
    state, alarms = remember_unanswered(MonitorState(), error, 1_000.0, 600)
    assert alarms == []
    state = parse_monitor_state(state.encode())
    state, alarms = remember_unanswered(state, error, 1_600.0, 600)
    assert alarms == []
    state, (alarm,) = remember_unanswered(state, error, 1_601.0, 600)
    assert (alarm.code, alarm.evidence["path"], alarm.evidence["status"]) == ("unavailable", "tile/0/000", 503)
    assert (alarm.evidence["unanswered_since"], state.unanswered_since) == (1_000.0, 1_000.0)


def test_monitor_state_of_an_older_program_is_still_read():
    value = json.loads(MonitorState().encode())
    del value["unanswered_since"]
    assert parse_monitor_state(json.dumps(value)) == MonitorState()


class Refusing(SimpleHTTPRequestHandler):
    """The log's folder; answers one path with 503."""

    refused = ""

    def do_GET(self) -> None:
        if self.path == type(self).refused:
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            super().do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Refusing, directory=str(tmp_path))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("full", [False, True])
def test_monitor_program_alarms_a_file_that_is_refused_for_long(outsider, site, monkeypatch, capsys, full):
    rig = outsider.rig
    trusted = TrustedChain(31337, outsider.identity.evidence_log, keccak256(b"code"), rig.chain.genesis_hash())
    receipt_key = rig.log.keys.receipt.public_key().public_bytes_raw()
    trust, state = rig.folder / "trust.json", rig.folder / "state" / "monitor.json"
    trust.write_bytes(TrustFile(trusted, (TrustedLog(outsider.identity, receipt_key),)).encode())
    now = [1_000.0]
    monkeypatch.setattr(monitor_main.time, "time", lambda: now[0])

    def run() -> tuple[int, list[dict[str, Any]]]:
        arguments = [
            "--url",
            site,
            "--trust",
            str(trust),
            "--state",
            str(state),
            "--once",
            *(["--full"] if full else []),
        ]
        code = monitor_main.main(arguments)
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    monkeypatch.setattr(Refusing, "refused", "")
    if full:  # the entries are known and looked at again: the first part of the look is answered
        assert run()[0] == 0
    refused = "tile/entries/000"
    monkeypatch.setattr(Refusing, "refused", f"/log/{refused}")
    assert run()[0] == 4
    now[0] += 300
    assert run()[0] == 4
    now[0] += 301
    code, lines = run()
    (alarm,) = [line for line in lines if "evidence" in line]
    assert (code, alarm["code"]) == (1, "unavailable")
    assert (alarm["evidence"]["path"], alarm["evidence"]["status"]) == (refused, 503)
    monkeypatch.setattr(Refusing, "refused", "")
    assert run()[0] == 0
    monkeypatch.setattr(Refusing, "refused", f"/log/{refused}")
    assert parse_monitor_state(state.read_text()).unanswered_since is None
