"""The outsider's monitor: quiet on an honest log, and an alarm by name, with evidence, on every kind of dishonest one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.a_log import ALog, LogKeys, open_a_log
from support.anchor_rig import FakeRig, Rig, anvil_rig, final_fake_rig
from support.outsider import Outsider as OutsiderBase
from support.outsider import write_trust

from anchor.monitor_alarm import Alarm
from anchor.monitor_main import main
from anchor.monitor_state import MonitorState, parse_monitor_state
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.adapters.chain.gateway import ChainGateway
from ledger.errors import InputError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile
from ledger.log.typed_data import keccak256
from ledger.log.verify import verify_consistency

ROOT = Path(__file__).resolve().parents[2]


class Outsider(OutsiderBase):
    """One that keeps its state."""

    def __init__(self, rig: FakeRig) -> None:
        super().__init__(rig)
        self.state = MonitorState()

    def look(self) -> list[Alarm]:
        before = self.state
        self.state, alarms = self.alarms_from(self.state)
        assert parse_monitor_state(self.state.encode()) == self.state
        if any(alarm.code in {"fork", "shrink", "entry_tile_mismatch"} for alarm in alarms):
            assert self.state == before
        return alarms

    def codes(self) -> list[str]:
        return sorted({alarm.code for alarm in self.look()})


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


@pytest.fixture
def outsider(rig: FakeRig) -> Outsider:
    return Outsider(rig)


def rewrite(rig: FakeRig, path: str, offset: int = 40) -> dict[str, bytes]:
    """What a server that flips one bit of this file would serve."""
    data = bytearray(rig.tiles.read(path))
    data[offset] ^= 1
    return {path: bytes(data)}


def another_history(rig: FakeRig, url: str, folder: Path, count: int) -> FakeRig:
    """The operator's second database: the same keys, other events."""
    folder.mkdir()
    log: ALog = open_a_log(url, folder, keys=rig.log.keys)
    preparer = log.preparer
    identity = rig.log.preparer.identity
    object.__setattr__(preparer, "identity", identity)
    with log.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_shard SET origin = %s, log_id = %s", (identity.origin, identity.log_id))
    other = FakeRig(log, rig.chain, folder)
    other.take_over()
    other.append(count - 1)
    other.leader.publishing_cycle()
    return other


def test_monitor_of_an_honest_log_stays_quiet_while_it_grows(outsider, rig):
    for count in (0, 1, 211, 1, 700, 0):
        rig.append(count)
        rig.run_until_final()
        assert outsider.look() == []
    assert outsider.state.tree_size == 1213
    assert outsider.state.chain_block == len(rig.chain.blocks) - 1


def test_monitor_that_looks_rarely_takes_many_bundles_at_once(outsider, rig):
    outsider.look()
    rig.append(17_000)
    rig.run_until_final()
    assert outsider.look() == []
    assert outsider.state.tree_size == 17_300


def test_monitor_of_a_log_that_shows_less_alarms_shrink(outsider, rig):
    old = rig.tiles.read_checkpoint()
    rig.append(1)
    rig.run_until_final()
    outsider.look()
    rig.tiles.write_checkpoint(old)
    alarms = {alarm.code: alarm for alarm in outsider.look()}
    assert alarms["shrink"].evidence["note_2"] == old
    assert alarms["shrink"].evidence["note_1"] == outsider.state.note


def test_monitor_of_two_signed_histories_alarms_fork_with_what_the_contract_takes(
    outsider, rig, fresh_database, migrated_template, tmp_path
):
    outsider.look()
    other = another_history(rig, fresh_database(template=migrated_template), tmp_path / "other", 700)
    outsider.rig = other
    (fork,) = [alarm for alarm in outsider.look() if alarm.code in {"fork", "entry_rewritten"}]
    assert fork.evidence["note_1"] != fork.evidence["note_2"]
    other.log.engine.dispose()


def test_monitor_of_a_fork_behind_honest_entries_carries_the_path(
    outsider, rig, fresh_database, migrated_template, tmp_path
):
    """The first 256 entries differ, the partial bundle that the monitor holds is served as before."""
    outsider.look()
    other = another_history(rig, fresh_database(template=migrated_template), tmp_path / "other", 700)
    outsider.state = MonitorState(note=outsider.state.note, tree_size=256, edge={1: rig.tiles.read("tile/0/000")[:32]})
    outsider.rig = other
    (fork,) = [alarm for alarm in outsider.look() if alarm.code == "fork"]
    head = open_checkpoint(fork.evidence["note_2"], rig.log.preparer.identity).checkpoint
    proven, path = (
        bytes.fromhex(fork.evidence["proven_root_hash_1"]),
        [bytes.fromhex(h) for h in fork.evidence["path"]],
    )
    verify_consistency(256, head.tree_size, path, proven, head.root_hash)
    other.log.engine.dispose()


def test_monitor_of_a_forged_checkpoint_alarms(outsider):
    note = outsider.fetch("checkpoint").replace(b"\n300\n", b"\n301\n")
    outsider.served["checkpoint"] = note
    assert outsider.codes() == ["checkpoint_invalid"]


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("tile/entries/000", ["entry_tile_mismatch", "fork"]),
        ("tile/entries/001.p/45", ["entry_tile_mismatch", "fork"]),
        ("tile/0/000", ["entry_tile_mismatch"]),
        ("tile/0/001.p/45", ["entry_tile_mismatch"]),
    ],
)
def test_monitor_of_an_altered_file_names_it(outsider, rig, path, codes):
    rig.append(1)
    rig.leader.publishing_cycle()
    outsider.served |= rewrite(rig, path)
    assert outsider.codes() == codes


@pytest.mark.long
def test_monitor_of_an_altered_upper_tile_names_it(outsider, rig):
    rig.append(66_000)
    rig.leader.publishing_cycle()
    outsider.served |= rewrite(rig, "tile/1/000")
    assert "tile_mismatch" in outsider.codes()


def test_monitor_of_a_missing_bundle_names_it(outsider, rig):
    (rig.folder / "log" / "tile" / "entries" / "000").unlink()
    assert outsider.codes() == ["tile_missing"]


def test_monitor_of_an_entry_rewritten_after_it_was_seen_alarms(outsider, rig):
    outsider.look()
    rig.append(1)
    rig.run_until_final()
    outsider.served |= rewrite(rig, "tile/entries/001.p/45")
    assert "entry_rewritten" in outsider.codes()


def test_monitor_of_a_damaged_tile_under_known_entries_does_not_accuse_the_chain(outsider, rig):
    rig.append(300)
    rig.leader.publishing_cycle()
    outsider.look()
    outsider.served |= rewrite(rig, "tile/1/000.p/2")
    rig.run_until_final()  # its head is compared at the next look, by tiles whose entries were looked at before
    rig.append(1)
    rig.run_until_final()
    assert outsider.codes() == ["tile_mismatch"]


def test_monitor_of_a_head_on_the_chain_that_was_never_shown_alarms(outsider, rig):
    outsider.look()
    hidden = rig.tiles.read_checkpoint()
    rig.append(1)
    rig.run_until_final()
    rig.tiles.write_checkpoint(hidden)
    (alarm,) = [alarm for alarm in outsider.look() if alarm.code == "foreign_head_on_chain"]
    assert alarm.evidence["chain_tree_size"] == 301
    assert alarm.evidence["note"] == hidden


def test_monitor_of_a_head_on_the_chain_with_another_root_alarms(outsider, rig):
    rig.chain.blocks[-1].receipts[0].events[0].values["rootHash"] = b"\x07" * 32
    assert outsider.codes() == ["foreign_head_on_chain"]


def test_monitor_of_a_head_that_stays_off_the_chain_alarms_after_the_time(outsider, rig):
    outsider.look()
    rig.append(1)
    rig.leader.publishing_cycle()
    assert outsider.codes() == []
    outsider.now_s += 599
    assert outsider.codes() == []
    outsider.now_s += 2
    assert outsider.codes() == ["stale"]
    rig.run_until_final()
    assert outsider.codes() == []


def test_monitor_of_an_equivocated_log_alarms(outsider, rig):
    head = rig.chain.head_now
    rig.chain.head_now = ChainHead(head.tree_size, head.root_hash, equivocated=True)
    assert outsider.codes() == ["log_equivocated"]


def test_monitor_of_another_contract_alarms(outsider, rig):
    rig.chain.code = lambda: b"other code"
    assert outsider.codes() == ["wrong_chain"]


def test_monitor_of_a_chain_that_lost_blocks_reads_it_again_from_the_start(outsider, rig):
    outsider.look()
    rig.chain.reorganise(1)
    assert outsider.codes() == []
    rig.leader.chain_cycle()
    rig.run_until_final()
    assert outsider.codes() == []


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"v": 2}', '{"v": 1, "note": null}'])
def test_monitor_state_damaged_is_refused(damage):
    with pytest.raises(InputError, match="damaged"):
        parse_monitor_state(damage)


def test_monitor_with_what_it_remembers_of_another_log_refuses_and_accuses_nobody(outsider, rig, tmp_path, capsys):
    outsider.look()
    state = tmp_path / "monitor.json"
    state.write_text(outsider.state.encode())
    trust = tmp_path / "other.json"
    identity = replace(rig.log.preparer.identity, origin="another.example/log")
    receipt_key = rig.log.keys.receipt.public_key().public_bytes_raw()
    chain = TrustedChain(31337, identity.evidence_log, bytes(32), bytes(32))
    trust.write_bytes(TrustFile(chain, (TrustedLog(identity, receipt_key),)).encode())

    code = main(["--url", "http://127.0.0.1:1", "--trust", str(trust), "--state", str(state), "--once"])

    assert code == 2
    said = capsys.readouterr()
    assert (said.out, "--state" in said.err) == ("", True)
    assert f"{state} remembers another log than another.example/log" in said.err
    assert state.read_text() == outsider.state.encode()


def test_monitor_program_over_http_and_rpc(migrated_url, tmp_path, chain, site):
    rig: Rig = anvil_rig(migrated_url, tmp_path, chain, LogKeys.generate())
    rig.append(300)
    rig.run_until_final()
    identity = rig.log.preparer.identity
    gateway = ChainGateway(chain.url, 31337, identity.evidence_log)
    trusted = TrustedChain(31337, identity.evidence_log, keccak256(gateway.code()), gateway.genesis_hash())
    trust = write_trust(tmp_path / "trust.json", rig, trusted)
    command = [sys.executable, "-m", "anchor", "monitor", "--url", site.url, "--trust", str(trust), "--rpc", chain.url]
    command += ["--state", str(tmp_path / "state" / "monitor.json"), "--once"]

    def run(*more: str) -> tuple[int, list[dict[str, object]]]:
        done = subprocess.run(
            [*command, *more], check=False, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60
        )
        assert done.stderr == ""
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    code, lines = run()
    assert (code, [line.get("notice") for line in lines]) == (0, ["baseline", None, None])
    assert lines[-2] == {"progress": 301, "alarms": 0, "chain": "watched"}
    seen = f"watched up to block {gateway.block_number()} of a development chain, no consensus"
    fine = {"result": "nothing wrong", "entries": 301, "entries_hashed": 301, "chain": seen}
    assert lines[-1] == fine
    for options in ([], ["--full"]):
        code, lines = run(*options)
        assert (code, lines[-1]) == (0, fine)
    old = rig.tiles.read_checkpoint()
    rig.append(1)
    rig.run_until_final()
    assert run()[0] == 0
    rig.tiles.write_checkpoint(old)
    code, lines = run()
    assert code == 1
    assert "shrink" in {line.get("code") for line in lines}
    assert lines[-1]["result"] == "alarms"
    chain.stop()
    code, lines = run()
    assert code == 4
    assert not any("result" in line for line in lines)
    rig.log.engine.dispose()
