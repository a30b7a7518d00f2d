"""What is owed to the database outlives its process: slots on disk, their locks, and a disk or a process that fails in between."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.faults import Crash

from ledger.adapters.files import owed_records
from ledger.adapters.files.owed_records import OwedRecords
from ledger.errors import UnavailableError

NAMES = ("refusals", "key_uses")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], OwedRecords]]:
    """Starts a process; ``close`` is what its end does, however it ends."""
    started: list[OwedRecords] = []

    def make() -> OwedRecords:
        started.append(OwedRecords(tmp_path / "owed"))
        return started[-1]

    yield make
    for records in started:
        records.close()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "owed").iterdir())


def test_nothing_is_made_before_something_is_owed(start: Callable[[], OwedRecords], tmp_path: Path) -> None:
    assert start().take_over(NAMES) == {"refusals": [], "key_uses": []}
    assert list(tmp_path.iterdir()) == []


def test_next_process_has_what_the_last_one_owed(start: Callable[[], OwedRecords], tmp_path: Path) -> None:
    first = start()
    first.save("refusals", [{"times": 1}])
    first.save("refusals", [{"times": 2}])
    first.save("key_uses", [{"day": "2026-11-21"}])
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "owed").iterdir()} == {0o600}
    first.close()

    second = start()
    assert second.take_over(NAMES) == {"refusals": [{"times": 2}], "key_uses": [{"day": "2026-11-21"}]}
    for name in NAMES:
        second.save(name, [])
    assert files(tmp_path) == ["0.lock"]


def test_slot_of_a_process_that_lives_is_not_taken(start: Callable[[], OwedRecords], tmp_path: Path) -> None:
    living, gone = start(), start()
    living.save("refusals", ["living"])
    gone.save("refusals", ["gone"])
    gone.close()

    third = start()
    assert third.take_over(NAMES)["refusals"] == ["gone"]
    third.save("refusals", ["gone", "third"])
    assert files(tmp_path) == ["0.lock", "0.refusals.json", "1.lock", "1.refusals.json"]
    assert (tmp_path / "owed" / "0.refusals.json").read_text() == '["living"]'


def test_slots_of_several_that_are_gone_become_one(start: Callable[[], OwedRecords], tmp_path: Path) -> None:
    several = [start() for _ in range(3)]
    for number, records in enumerate(several):
        records.save("refusals", [number])
    for records in several:
        records.close()

    assert start().take_over(NAMES)["refusals"] == [0, 1, 2]
    assert files(tmp_path) == ["0.lock", "0.refusals.json", "1.lock", "2.lock"]


@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("step", ["replace", "unlink"])
def test_crash_while_a_slot_is_taken_over_loses_nothing(
    start: Callable[[], OwedRecords], monkeypatch: pytest.MonkeyPatch, step: str, applied: bool
) -> None:
    blocker, gone = start(), start()
    blocker.save("refusals", ["blocks the first slot"])
    gone.save("refusals", ["left"])
    gone.close()
    blocker.close()

    real = getattr(Path, step)

    def dies(path: Path, *arguments: object, **options: object) -> None:
        if applied:
            real(path, *arguments, **options)
        raise Crash

    dying = start()
    with monkeypatch.context() as patched:
        patched.setattr(Path, step, dies)
        with pytest.raises(Crash):
            dying.take_over(NAMES)
    dying.close()

    found = start().take_over(NAMES)["refusals"]
    is_twice = (step == "unlink" and not applied) or (step == "replace" and applied)
    assert sorted(found) == ["blocks the first slot", *["left"] * (2 if is_twice else 1)]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_disk_that_takes_nothing_leaves_what_stood_there(
    start: Callable[[], OwedRecords], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    records = start()
    records.save("refusals", ["before"])

    def refuse(_: int) -> None:
        raise OSError(code, "no")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(UnavailableError, match="durable"):
            records.save("refusals", ["before", "more"])
    records.close()
    assert start().take_over(NAMES)["refusals"] == ["before"]


@pytest.mark.parametrize("content", [b"", b"[1,", b'{"a": 1}', b"\xff"])
def test_file_that_is_no_list_is_set_aside(start: Callable[[], OwedRecords], tmp_path: Path, content: bytes) -> None:
    first = start()
    first.save("refusals", [1])
    first.save("key_uses", [2])
    first.close()
    (tmp_path / "owed" / "0.refusals.json").write_bytes(content)

    second = start()
    assert second.take_over(NAMES) == {"refusals": [], "key_uses": [2]}
    [aside] = second.set_aside
    assert aside.read_bytes() == content


def test_more_processes_than_slots_say_so(start: Callable[[], OwedRecords], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owed_records, "_SLOTS_MAX", 1)
    start().save("refusals", [1])
    with pytest.raises(UnavailableError, match="slot"):
        start().save("refusals", [2])
