"""The monitor against a log that refuses, changes its answers, or alters what only upper tiles hold; and what its alarms carry."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.anchor_rig import FakeRig, final_fake_rig
from support.outsider import Outsider as OutsiderBase
from support.outsider import write_trust

from anchor import monitor_main
from anchor.monitor_alarm import Alarm, remember_unanswered
from anchor.monitor_state import MonitorState, parse_monitor_state
from ledger.adapters.chain.errors import ContractMissingError
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.errors import NotFoundError, UnavailableError
from ledger.log.typed_data import keccak256


class Outsider(OutsiderBase):
    """One that looks for the first time each time."""

    def look(self) -> dict[str, Alarm]:
        return {alarm.code: alarm for alarm in self.alarms_from(MonitorState())[1]}


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


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


@pytest.mark.parametrize("full", [False, True])
def test_monitor_program_alarms_a_file_that_is_refused_for_long(outsider, site, monkeypatch, capsys, full):
    rig = outsider.rig
    trust, state = write_trust(rig.folder / "trust.json", rig, outsider.trusted), rig.folder / "state" / "monitor.json"
    now = [1_000.0]
    monkeypatch.setattr(monitor_main.time, "time", lambda: now[0])

    def run() -> tuple[int, list[dict[str, Any]]]:
        arguments = [
            "--url",
            site.url,
            "--trust",
            str(trust),
            "--state",
            str(state),
            "--once",
            *(["--full"] if full else []),
        ]
        code = monitor_main.main(arguments)
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    site.refused = ""
    if full:  # the entries are known and looked at again: the first part of the look is answered
        assert run()[0] == 0
    refused = "tile/entries/000"
    site.refused = f"/log/{refused}"
    assert run()[0] == 4
    now[0] += 300
    assert run()[0] == 4
    now[0] += 301
    code, lines = run()
    (alarm,) = [line for line in lines if "evidence" in line]
    assert (code, alarm["code"]) == (1, "unavailable")
    assert (alarm["evidence"]["path"], alarm["evidence"]["status"]) == (refused, 503)
    site.refused = ""
    assert run()[0] == 0
    site.refused = f"/log/{refused}"
    assert parse_monitor_state(state.read_text()).unanswered_since is None
