"""The monitor reads old entries again: what was good when it was seen and is altered or gone since raises an alarm by name."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, final_fake_rig
from support.outsider import Outsider, site_of, write_trust

from anchor.monitor_state import MonitorState, parse_monitor_state
from ledger.log.hashing import hash_leaf
from ledger.log.tiles import encode_bundle, parse_bundle

ROOT = Path(__file__).resolve().parents[2]
OLD_BUNDLE, OLD_TILE = "tile/entries/001", "tile/0/001"


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    for rig in final_fake_rig(migrated_url, tmp_path):
        rig.append(1_000)
        rig.run_until_final()
        yield rig


@pytest.fixture
def outsider(rig: FakeRig) -> Outsider:
    return Outsider(rig)


def flip(data: bytes, offset: int) -> bytes:
    return data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :]


def a_pass(outsider: Outsider, state: MonitorState, bundles: int | None) -> tuple[MonitorState, list[str]]:
    state, alarms = outsider.monitor.look_again(state, bundles)
    assert parse_monitor_state(state.encode()) == state
    return state, [alarm.code for alarm in alarms]


def test_monitor_of_an_old_bundle_altered_alarms_in_a_whole_pass(outsider, rig):
    state, _ = outsider.alarms_from(MonitorState())
    assert a_pass(outsider, state, None) == (state, [])
    outsider.served[OLD_BUNDLE] = flip(rig.tiles.read(OLD_BUNDLE), 40)
    assert outsider.alarms_from(state)[1] == []  # a look takes what is new
    assert a_pass(outsider, state, None) == (state, ["entry_tile_mismatch"])


def test_monitor_of_an_old_entry_rewritten_in_bundle_and_tiles_alarms(outsider, rig):
    state, _ = outsider.alarms_from(MonitorState())
    entries = parse_bundle(rig.tiles.read(OLD_BUNDLE), 256)
    entries[0] = flip(entries[0], 8)
    outsider.served[OLD_BUNDLE] = encode_bundle(entries)
    outsider.served[OLD_TILE] = hash_leaf(entries[0]) + rig.tiles.read(OLD_TILE)[32:]
    assert a_pass(outsider, state, None) == (state, ["entry_rewritten"])


def test_monitor_that_follows_reads_all_old_bundles_in_turn_and_stays_where_something_is_wrong(outsider, rig):
    state, _ = outsider.alarms_from(MonitorState())
    sizes = []
    for _ in range(6):
        state, codes = a_pass(outsider, state, 1)
        assert codes == []
        sizes.append(state.again_size)
    full = state.tree_size // 256
    assert sizes[:full] == [*range(256, 256 * full, 256), 0]
    (rig.folder / "log" / OLD_BUNDLE).unlink()
    found = []
    for _ in range(8):
        state, codes = a_pass(outsider, state, 1)
        found.append(codes)
    assert found[-4:] == [["tile_missing"]] * 4


def test_monitor_that_follows_believes_an_entry_that_was_put_back(outsider, rig):
    """A pass that ends in another root does not keep the hashes it came with."""
    state, _ = outsider.alarms_from(MonitorState())
    entries = parse_bundle(rig.tiles.read(OLD_BUNDLE), 256)
    entries[0] = flip(entries[0], 8)
    outsider.served[OLD_BUNDLE] = encode_bundle(entries)
    outsider.served[OLD_TILE] = hash_leaf(entries[0]) + rig.tiles.read(OLD_TILE)[32:]
    state, _ = a_pass(outsider, state, 2)
    outsider.served.clear()
    found = []
    for _ in range(6):
        state, codes = a_pass(outsider, state, 2)
        found += codes
    assert found == ["entry_rewritten"]


def test_monitor_program_with_once_reads_old_bundles_again(outsider, rig, tmp_path):
    trust = write_trust(tmp_path / "trust.json", rig, outsider.trusted)
    served = tmp_path / "served"
    served.mkdir()
    (served / "log").symlink_to(rig.folder / "log")
    command = [
        sys.executable,
        "-m",
        "anchor",
        "monitor",
        "--trust",
        str(trust),
        "--state",
        str(tmp_path / "state.json"),
    ]

    def run(url: str) -> tuple[int, list[dict[str, object]]]:
        done = subprocess.run(
            [*command, "--once", "--url", url],
            check=False,
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    with site_of(served) as site:
        for _ in range(2):
            code, lines = run(site.url)
            size = rig.marks().published
            assert code == 0
            assert lines[-1] == {
                "result": "nothing wrong",
                "entries": size,
                "entries_hashed": size,
                "chain": "not watched; name a node with --rpc",
            }
        path = rig.folder / "log" / OLD_BUNDLE
        honest = path.read_bytes()
        path.write_bytes(flip(honest, 40))
        code, lines = run(site.url)
        assert (code, {line["code"] for line in lines if "code" in line}) == (1, {"entry_tile_mismatch"})
        path.unlink()
        code, lines = run(site.url)
        assert (code, {line["code"] for line in lines if "code" in line}) == (1, {"tile_missing"})
        path.write_bytes(honest)
        assert run(site.url)[0] == 0
