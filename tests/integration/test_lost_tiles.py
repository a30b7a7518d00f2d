"""The runbook's row for a tile folder that lost a file or had one changed: move it away, start, and everything is there again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig
from support.checked_log import checked_log, codes, fsck


@pytest.fixture
def rig(fresh_database: Callable[..., str], migrated_template: str, tmp_path: Path) -> Iterator[FakeRig]:
    rig = checked_log(fresh_database(template=migrated_template), tmp_path / "log of its own")
    yield rig
    rig.log.engine.dispose()


def lose(path: Path) -> None:
    path.unlink()


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "name", "found"),
    [
        (lose, "tile/0/001", {"tile_missing"}),
        (lose, "tile/entries/000", {"tile_missing"}),
        (change, "tile/0/000", {"tile_altered"}),
        (change, "tile/entries/001", {"bundle_altered"}),
    ],
)
def test_tile_folder_is_made_again_when_it_was_moved_away(rig, damage, name, found):
    folder, aside = rig.folder / "log", rig.folder / "aside"
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    damage(folder / name)
    assert codes(rig) == found

    shutil.move(folder, aside)
    rig.start()
    rig.leader.publishing_cycle()

    after = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    # Partial tiles of earlier heads are not made again: nobody needs them who has the newest checkpoint.
    assert after.items() <= before.items()
    assert Path("checkpoint") in after
    assert fsck(rig) == []
