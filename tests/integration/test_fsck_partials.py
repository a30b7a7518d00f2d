"""``fsck`` of partial tiles beside wider ones: what a crash leaves is clean, what somebody forged is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, final_fake_rig
from support.checked_log import fsck

LEFT = ["tile/entries/000.p/40", "tile/entries/001.p/30", "tile/0/000.p/40", "tile/0/001.p/30"]
"""Narrower than the log's tiles of 300 entries."""


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


def put(rig: FakeRig, path: str, data: bytes) -> None:
    target = rig.folder / "log" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def flip(data: bytes) -> bytes:
    return data[:40] + bytes([data[40] ^ 1]) + data[41:]


def test_fsck_of_narrower_partials_that_a_crash_left_is_clean(rig):
    for path in LEFT:
        put(rig, path, rig.tiles.read(path))
    put(rig, "tile/0/001.p/.30.tmp", b"half")
    assert sorted(rig.tiles.partials()) == sorted([*LEFT, "tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"])
    assert fsck(rig) == []


@pytest.mark.parametrize("path", LEFT)
@pytest.mark.parametrize("forge", [flip, lambda data: data[:-1], lambda data: b""])
def test_fsck_of_a_forged_narrower_partial_names_it(rig, path, forge):
    put(rig, path, forge(rig.tiles.read(path)))
    code = "bundle_altered" if "entries" in path else "tile_altered"
    assert [(finding.code, finding.facts["where"]) for finding in fsck(rig)] == [(code, path)]


def test_fsck_of_tiles_ahead_of_the_checkpoint_is_clean_and_of_forged_ones_is_not(rig):
    """A crash before the journal leaves them; they must still begin with what was signed."""
    ahead = rig.tiles.read("tile/0/001.p/44") + bytes(64)
    put(rig, "tile/0/001.p/46", ahead)
    assert fsck(rig) == []
    put(rig, "tile/0/001.p/46", flip(ahead))
    assert [(finding.code, finding.facts["where"]) for finding in fsck(rig)] == [("tile_altered", "tile/0/001.p/46")]
