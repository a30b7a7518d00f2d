"""The file of published years: strict, beside the library's years, read anew when it changes, and named when it is wrong."""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.calendar_file import parse_years
from ledger.adapters.working_days import LIBRARY_YEARS, CalendarFile, OfficialCalendar
from ledger.errors import CalendarNotPublishedError, SettingsError

NEXT = max(LIBRARY_YEARS) + 1
LIBRARY = OfficialCalendar()


def day_of(year: int, month: int, weekend: int) -> date:
    """The first Saturday (5) or Sunday (6) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekend - first.weekday()) % 7)


WORKED = day_of(NEXT, 3, 6)
CLOSED = day_of(NEXT, 5, 5) + timedelta(days=2)
TAIL = date(NEXT - 1, 12, 31)


def a_year(**changes: Any) -> dict[str, Any]:
    holidays = [date(NEXT, 1, 1), CLOSED, TAIL]
    return {
        "year": NEXT,
        "holidays": [day.isoformat() for day in holidays],
        "working_weekends": [WORKED.isoformat()],
        "source": "国务院办公厅通知",
        "digest": "ab" * 32,
    } | changes


def read(*years: dict[str, Any]) -> OfficialCalendar:
    return OfficialCalendar(parse_years(json.dumps({"years": years}).encode()))


def test_published_year_goes_on_where_the_library_ends() -> None:
    calendar = read(a_year())

    assert (calendar.first, calendar.last) == (LIBRARY.first, date(NEXT, 12, 24))
    assert [calendar(day) for day in (WORKED, CLOSED, TAIL, date(NEXT, 1, 1))] == [True, False, False, False]
    assert calendar(CLOSED + timedelta(days=1)), "a Tuesday that the notice does not name"
    assert not calendar(WORKED + timedelta(days=7)), "a Sunday that it does not name"
    days = [LIBRARY.first + timedelta(days=count) for count in range((LIBRARY.last - LIBRARY.first).days + 1)]
    assert [calendar(day) for day in days] == [LIBRARY(day) for day in days]
    with pytest.raises(CalendarNotPublishedError, match=f"notice for {NEXT + 1}.*CITYLEDGER_CALENDAR_PATH"):
        calendar(calendar.last + timedelta(days=1))


def test_digest_and_days_left_follow_the_file() -> None:
    calendar = read(a_year())

    assert calendar.digest not in (LIBRARY.digest, read(a_year(working_weekends=[])).digest)
    assert (calendar.days_left(calendar.last - timedelta(days=9)), calendar.days_left(date(9999, 1, 1))) == (9, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"year": NEXT + 1}, "neither in"),
        ({"holidays": []}, "at least 1"),
        ({"holidays": [CLOSED.isoformat()]}, "New Year"),
        ({"holidays": [f"{NEXT}-01-01", f"{NEXT}-02-30"]}, "valid date"),
        ({"holidays": [f"{NEXT}-01-01", f"{NEXT - 1}-12-24"]}, "neither in"),
        ({"holidays": [f"{NEXT}-01-01", WORKED.isoformat()]}, "named twice"),
        ({"working_weekends": [CLOSED.isoformat()]}, "named twice"),
        ({"working_weekends": [(CLOSED + timedelta(days=1)).isoformat()]}, "no Saturday or Sunday"),
        ({"digest": "AB" * 32}, "digest"),
        ({"source": " "}, "source"),
        ({"note": "x"}, "note"),
        ({"year": str(NEXT)}, "year"),
    ],
)
def test_year_that_is_not_in_the_form_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read(a_year(**changes))


def test_years_come_one_after_the_other_without_a_gap() -> None:
    later = a_year(year=NEXT + 2, holidays=[f"{NEXT + 2}-01-01"], working_weekends=[])
    with pytest.raises(SettingsError, match=f"lacks the year {NEXT + 1}"):
        read(a_year(), later)
    with pytest.raises(SettingsError, match="one after the other"):
        read(a_year(), a_year())
    for wrong in (b"", b"[]", b'{"years": []}', b'{"years": 1, "more": 2}', b"\xff"):
        with pytest.raises(SettingsError, match="not in its form"):
            parse_years(wrong)


def test_year_of_the_library_is_otherwise_only_where_that_is_said() -> None:
    known = NEXT - 1
    other = a_year(year=known, holidays=[f"{known}-01-01"], working_weekends=[])
    with pytest.raises(SettingsError, match=f"differ on {known}-.*replaces"):
        read(other)

    assert read(other | {"replaces": True}).digest != LIBRARY.digest


def test_last_week_that_the_library_settles_is_otherwise_only_where_that_is_said() -> None:
    known = max(LIBRARY_YEARS)
    moved = next(day for day in (date(known - 1, 12, 24 + more) for more in range(1, 8)) if LIBRARY(day))
    both = [date.fromordinal(number) for number in range(date(known, 1, 1).toordinal(), LIBRARY.last.toordinal() + 1)]
    same = a_year(
        year=known,
        holidays=[day.isoformat() for day in both if day.weekday() < 5 and not LIBRARY(day)],
        working_weekends=[day.isoformat() for day in both if day.weekday() >= 5 and LIBRARY(day)],
    )
    assert read(same).digest == LIBRARY.digest

    other = same | {"holidays": [*same["holidays"], moved.isoformat()]}
    with pytest.raises(SettingsError, match=f"differ on {moved}.*{known} says.*replaces"):
        read(other)
    assert not read(other | {"replaces": True})(moved)


def test_last_week_goes_by_the_next_notice_where_only_the_library_has_that() -> None:
    days = [date(2018, 1, 1) + timedelta(days=count) for count in range(358)]
    alone = a_year(
        year=2018,
        holidays=[day.isoformat() for day in days if day.weekday() < 5 and not LIBRARY(day)]
        + [day.isoformat() for day in days[:1] if LIBRARY(day)],
        working_weekends=[day.isoformat() for day in days if day.weekday() >= 5 and LIBRARY(day)],
    )

    calendar = read(alone)

    assert (calendar(date(2018, 12, 29)), calendar(date(2018, 12, 31))) == (True, False), "moved by the notice for 2019"
    assert calendar.digest == LIBRARY.digest


def test_wrong_file_leaves_what_it_said_before(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    known = max(LIBRARY_YEARS)
    replaced = a_year(year=known, holidays=[f"{known}-01-01"], working_weekends=[], replaces=True)
    path.write_text(json.dumps({"years": [replaced]}), encoding="utf-8")
    file = CalendarFile(path)
    right = file.current().digest
    assert right != LIBRARY.digest

    path.write_text("{", encoding="utf-8")

    assert file.current().digest == right
    assert "not in its form" in str(file.error())


def test_wrong_file_that_was_never_right_leaves_every_day_open(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    path.write_text("{", encoding="utf-8")
    file = CalendarFile(path)

    calendar = file.current()

    with pytest.raises(CalendarNotPublishedError, match="not in its form"):
        calendar(date(2025, 6, 10))
    assert (calendar.days_left(date(2025, 6, 10)), len(calendar.digest)) == (0, 32)
    path.write_text(json.dumps({"years": [a_year()]}), encoding="utf-8")
    assert (file.current()(date(2025, 6, 10)), file.error()) == (True, None)


def test_file_that_could_not_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps({"years": [a_year()]}), encoding="utf-8")
    file = CalendarFile(path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert file.error() == "the calendar file cannot be read: Permission denied"

    assert (file.error(), file.current().last) == (None, date(NEXT, 12, 24))


def test_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps({"years": [a_year()]}), encoding="utf-8")
    file = CalendarFile(path)
    assert file.current()(WORKED)
    before = path.stat()

    other = a_year(working_weekends=[(WORKED + timedelta(days=7)).isoformat()])
    path.write_text(json.dumps({"years": [other]}), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert path.stat().st_size == before.st_size
    assert not file.current()(WORKED)


def test_file_is_read_anew_when_it_changes_and_counts_no_more_without_it(tmp_path: Path) -> None:
    path = tmp_path / "calendar.json"
    file = CalendarFile(path)
    assert (file.current().last, file.error()) == (LIBRARY.last, None)

    path.write_text(json.dumps({"years": [a_year()]}), encoding="utf-8")
    assert (file.current().last, file.error()) == (date(NEXT, 12, 24), None)
    assert file.current() is file.current(), "not read again for every question"

    path.write_text("{", encoding="utf-8")
    assert file.current().last == date(NEXT, 12, 24)
    assert "not in its form" in str(file.error())

    path.unlink()
    assert (file.current().last, file.error()) == (LIBRARY.last, None)
    path.mkdir()
    assert "cannot be read" in str(file.error())
