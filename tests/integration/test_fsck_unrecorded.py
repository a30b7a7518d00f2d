"""``fsck`` when the chain holds heads that the database does not record: the newest may wait, but not past the anchor promise."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, final_fake_rig
from support.checked_log import tamper

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding


class LaterClock:
    """The machine's clock, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._later = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    for rig in final_fake_rig(migrated_url, tmp_path):
        rig.append(5)
        rig.run_until_final()
        yield rig


def findings_after(rig: FakeRig, seconds: float) -> list[tuple[str, object]]:
    found: list[Finding] = []
    sources = Sources(
        rig.log.engine,
        rig.tiles,
        rig.journal,
        rig.log.preparer,
        rig.chain,
        anchor_within_s=600,
        clock=LaterClock(seconds),
    )
    Fsck(sources, found.append, lambda done, total: None).run()
    return [(finding.code, finding.facts.get("tree_size")) for finding in found]


def test_fsck_of_a_log_whose_heads_are_recorded_is_clean_at_any_time(rig):
    assert findings_after(rig, 0) == findings_after(rig, 10_000) == []


def test_fsck_of_deleted_anchors_names_every_head_once_the_promise_has_passed(rig):
    for table in ("chain_blocks", "anchors", "anchor_jobs"):
        tamper(rig, f"DELETE FROM {table}")
    tamper(rig, "UPDATE log_status SET anchored = 0, final = 0")
    assert findings_after(rig, 0) == []  # they may wait to be recorded
    assert findings_after(rig, 700) == [("anchor_unrecorded", 305), ("anchor_unrecorded", 300)]


def test_fsck_of_an_older_anchor_deleted_names_it_at_once(rig):
    tamper(rig, "DELETE FROM anchors WHERE tree_size = 300")
    assert ("anchor_unrecorded", 300) in findings_after(rig, 0)
