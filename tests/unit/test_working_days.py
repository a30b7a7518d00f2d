"""Terms in working days: days of Shanghai, the official calendar with its moved weekends, and what is not published."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.metadata import version

import pytest
from chinese_calendar import is_workday
from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters.working_days import OfficialCalendar
from ledger.domain.working_days import (
    SHANGHAI,
    add_working_days,
    calendar_digest,
    day_in_shanghai,
    deadline_after,
)
from ledger.errors import CalendarNotPublishedError, InputError, MisuseError

CALENDAR = OfficialCalendar()


def monday_to_friday(day: date) -> bool:
    return day.weekday() < 5


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "working_days", "expected"),
    [
        # an ordinary week: Monday, and Friday over a weekend
        (date(2025, 6, 9), 3, date(2025, 6, 12)),
        (date(2025, 6, 13), 3, date(2025, 6, 18)),
        # Saturday and Sunday set terms going like any other day
        (date(2025, 6, 14), 1, date(2025, 6, 16)),
        # Spring Festival 2025: 28 January to 4 February closed; Sunday 26 January and Saturday 8 February are worked
        (date(2025, 1, 24), 1, date(2025, 1, 26)),
        (date(2025, 1, 24), 3, date(2025, 2, 5)),
        (date(2025, 2, 5), 3, date(2025, 2, 8)),
        # National Day and Mid-autumn 2025: 1 to 8 October closed; Sunday 28 September and Saturday 11 October are worked
        (date(2025, 9, 26), 3, date(2025, 9, 30)),
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        # over New Year: 1 January 2025 closed
        (date(2024, 12, 31), 1, date(2025, 1, 2)),
    ],
)
def test_term_by_the_official_calendar_ends_on_the_published_day(
    start: date, working_days: int, expected: date
) -> None:
    assert add_working_days(start, working_days, CALENDAR) == expected


def test_days_that_notices_moved_are_as_the_notices_say() -> None:
    worked_weekends = [date(2018, 12, 29), date(2023, 10, 7), date(2024, 2, 4), date(2025, 4, 27), date(2026, 1, 4)]
    closed_weekdays = [date(2018, 12, 31), date(2020, 1, 31), date(2023, 9, 29), date(2024, 5, 1), date(2026, 2, 16)]
    assert [CALENDAR(day) for day in worked_weekends] == [True] * 5
    assert [CALENDAR(day) for day in closed_weekdays] == [False] * 5
    assert all(day.weekday() >= 5 for day in worked_weekends)
    assert all(day.weekday() < 5 for day in closed_weekdays)


def test_deadline_is_midnight_in_shanghai_after_the_last_day() -> None:
    # Friday 13 June to the end of Wednesday 18 June
    expected = datetime(2025, 6, 18, 16, 0, tzinfo=UTC)
    assert deadline_after(shanghai(2025, 6, 13, 0, 0), 3, CALENDAR) == expected
    assert deadline_after(shanghai(2025, 6, 13, 23, 59, 59), 3, CALENDAR) == expected
    assert expected.astimezone(SHANGHAI) == shanghai(2025, 6, 19)
    assert deadline_after(shanghai(2025, 6, 13), 3, CALENDAR).utcoffset() == timedelta(0)


def test_day_is_that_of_shanghai_wherever_the_moment_is_told() -> None:
    # 16:00 UTC is midnight in Shanghai: one second parts Friday from Saturday
    friday, saturday = datetime(2025, 6, 13, 15, 59, 59, tzinfo=UTC), datetime(2025, 6, 13, 16, tzinfo=UTC)
    assert day_in_shanghai(friday) == date(2025, 6, 13)
    assert day_in_shanghai(saturday) == date(2025, 6, 14)
    assert day_in_shanghai(saturday.astimezone(timezone(timedelta(hours=-8)))) == date(2025, 6, 14)
    with pytest.raises(MisuseError):
        day_in_shanghai(saturday.replace(tzinfo=None))


@pytest.mark.parametrize("working_days", [0, -1, 1_001])
def test_term_out_of_range_is_misuse(working_days: int) -> None:
    with pytest.raises(MisuseError):
        add_working_days(date(2025, 6, 9), working_days, CALENDAR)


def test_calendar_without_working_days_is_misuse_and_no_endless_loop() -> None:
    with pytest.raises(MisuseError, match="no working day in 60 days"):
        add_working_days(date(2025, 6, 9), 1, lambda _day: False)


def test_day_not_published_is_refused_and_says_what_to_update() -> None:
    for day in (
        CALENDAR.first - timedelta(days=1),
        CALENDAR.last + timedelta(days=1),
        date(CALENDAR.last.year + 1, 1, 4),
    ):
        with pytest.raises(CalendarNotPublishedError, match="update the Python package chinesecalendar") as caught:
            CALENDAR(day)
        assert isinstance(caught.value, InputError)
        assert caught.value.code == "calendar_not_published"
        known = {"first": CALENDAR.first.isoformat(), "last": CALENDAR.last.isoformat()}
        assert caught.value.facts == {**known, "retry_after_s": 86_400}


def test_term_that_reaches_past_the_published_days_is_refused_not_guessed() -> None:
    within = add_working_days(CALENDAR.last - timedelta(days=9), 1, CALENDAR)
    assert within <= CALENDAR.last
    with pytest.raises(CalendarNotPublishedError):
        add_working_days(CALENDAR.last - timedelta(days=1), 3, CALENDAR)
    with pytest.raises(CalendarNotPublishedError):
        deadline_after(datetime(CALENDAR.last.year, 12, 31, tzinfo=UTC), 1, CALENDAR)


def test_last_week_of_the_last_published_year_is_not_settled() -> None:
    # the notice for 2019 made Saturday 29 December 2018 a working day and closed Monday the 31st
    assert (CALENDAR.last.month, CALENDAR.last.day) == (12, 24)
    assert CALENDAR.last.year >= 2026
    assert CALENDAR.first <= date(2004, 1, 1)


def test_calendar_digest_is_that_of_the_day_list_of_the_locked_library() -> None:
    assert version("chinesecalendar") == "1.11.0", "a new calendar: check the new days, then set this digest again"
    assert (CALENDAR.first, CALENDAR.last) == (date(2004, 1, 1), date(2026, 12, 24))
    assert CALENDAR.digest.hex() == "e3c35905cd67a3f3c61aa7038f81926250a051cd215d2b5488d6ebd9a566d09c"


def test_calendar_digest_changes_with_every_day() -> None:
    first, last = date(2025, 6, 1), date(2025, 6, 30)
    whole = calendar_digest(first, last, monday_to_friday)
    moved = [first + timedelta(days=days) for days in range(30)]
    others = {calendar_digest(first, last, lambda day, one=one: monday_to_friday(day) != (day == one)) for one in moved}
    others |= {calendar_digest(first, last - timedelta(days=1), monday_to_friday)}
    assert len(others | {whole}) == 32


@given(st.dates(date(2004, 1, 1), date(2026, 11, 1)), st.integers(1, 20))
def test_term_counts_exactly_its_working_days(start: date, working_days: int) -> None:
    end = add_working_days(start, working_days, CALENDAR)
    days = [date.fromordinal(ordinal) for ordinal in range(start.toordinal() + 1, end.toordinal() + 1)]
    assert sum(CALENDAR(day) for day in days) == working_days
    assert CALENDAR(end)


@given(st.dates(date(2004, 1, 1), date(2026, 9, 1)), st.integers(1, 15), st.integers(1, 15))
def test_terms_one_after_the_other_are_their_sum(start: date, one: int, other: int) -> None:
    after_one = add_working_days(start, one, CALENDAR)
    assert add_working_days(after_one, other, CALENDAR) == add_working_days(start, one + other, CALENDAR)


@given(st.datetimes(datetime(2005, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)), st.integers(1, 10))  # noqa: DTZ001 naive by API
def test_deadline_leaves_that_many_full_working_days(start: datetime, working_days: int) -> None:
    deadline = deadline_after(start, working_days, CALENDAR)
    assert deadline - start > timedelta(days=working_days)
    assert re.fullmatch(r"....-..-..T16:00:00\+00:00", deadline.isoformat())


def test_every_settled_day_is_as_the_library_says() -> None:
    days = [date.fromordinal(day) for day in range(CALENDAR.first.toordinal(), CALENDAR.last.toordinal() + 1)]
    assert len(days) > 8_000
    assert [day for day in days if CALENDAR(day) != is_workday(day)] == []
