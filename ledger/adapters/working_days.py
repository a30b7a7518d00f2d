"""The official calendar of working days: the library ``chinesecalendar``, which copies the State Council's yearly notices, and a file.

The library answers for every day of the years it knows. The last days of its last year are not settled all the same: the notice for
the next year has moved days from 29 December on (2007, 2018). They count as not published until the next year is known.

The years of a file (``calendar_file``) go on from there, so that a newly published year needs no new release. The file is read anew when it
changes. One that is wrong counts as none: what it would have settled is refused, and ``GET /v1/log`` says why.
"""

import threading
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

from ledger.adapters.calendar_file import PublishedYear, parse_years
from ledger.domain.working_days import calendar_digest
from ledger.errors import CalendarNotPublishedError, SettingsError

_LAST_SETTLED: Final = (12, 24)
"""Month and day up to which a year is settled by its own notice."""

_RETRY_AFTER_S: Final = 86_400
"""A day: somebody has to enter the next year, or to install an update."""

LIBRARY_YEARS: Final = frozenset(day.year for day in holidays)
_FILE_BYTES_MAX: Final = 1 << 20
SATURDAY: Final = 5


class OfficialCalendar:
    """The published calendar, called as ``IsWorkingDay``: ``calendar(day)``.

    Args:
        years: of a file, one after the other; those that the library knows replace it.

    Raises:
        SettingsError: there is a gap between the years, or one that the library knows says otherwise and does not say that it replaces it.
    """

    def __init__(self, years: Sequence[PublishedYear] = ()) -> None:
        self._years: Final = {one.year: one for one in years}
        known = sorted(LIBRARY_YEARS | self._years.keys())
        gap = next((year for year in range(known[0], known[-1]) if year not in known), None)
        if gap is not None:
            raise SettingsError(f"the calendar file lacks the year {gap}, which comes before others in it")
        self.first: Final = date(known[0], 1, 1)
        self.last: Final = date(known[-1], *_LAST_SETTLED)
        self._moved: Final = {day: False for one in years for day in one.holidays} | {
            day: True for one in years for day in one.working_weekends
        }
        self._check_against_library()

    def __call__(self, day: date, /) -> bool:
        """Whether ``day`` is a working day.

        Raises:
            CalendarNotPublishedError: the day is outside ``first`` to ``last``.
        """
        if not self.first <= day <= self.last:
            raise CalendarNotPublishedError(
                f"the official calendar is known from {self.first} to {self.last}, and {day} is not settled by it; "
                f"after the State Council's notice for {self.last.year + 1}, the operator enters that year in the calendar file "
                "(CITYLEDGER_CALENDAR_PATH), or has to update the Python package chinesecalendar",
                first=self.first.isoformat(),
                last=self.last.isoformat(),
                retry_after_s=_RETRY_AFTER_S,
            )
        return self._works(day)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of all settled days: the version of the calendar."""
        return calendar_digest(self.first, self.last, self)

    def days_left(self, today: date) -> int:
        """Settled days after this one; 0 when there is none."""
        return max(0, (self.last - today).days)

    def _works(self, day: date) -> bool:
        moved = self._moved.get(day)
        if moved is not None:
            return moved
        return day.weekday() < SATURDAY if day.year in self._years else bool(is_workday(day))

    def _check_against_library(self) -> None:
        for year in sorted(LIBRARY_YEARS & self._years.keys()):
            if self._years[year].replaces:
                continue
            days = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year, 12, 24).toordinal() + 1))
            other = next((day for day in days if self._works(day) != is_workday(day)), None)
            if other is not None:
                raise SettingsError(
                    f"the calendar file and the package chinesecalendar differ on {other}; when the file is right, its year {year} says"
                    ' "replaces": true'
                )


class CalendarFile:
    """The calendar with the years of a file, as the file is now. Safe to call from several threads.

    Args:
        path: of the file; there need be none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[int, int, int] | None = None
        self._calendar = OfficialCalendar()
        self._error: str | None = None

    def current(self) -> OfficialCalendar:
        """The calendar; without the file where that is wrong."""
        return self._look()[0]

    def error(self) -> str | None:
        """Why the file does not count; None when it does, or there is none."""
        return self._look()[1]

    def _look(self) -> tuple[OfficialCalendar, str | None]:
        with self._lock:
            try:
                found = self._path.stat()
                stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
            except FileNotFoundError:
                stamp = None
            except OSError:
                stamp = (-1, -1, -1)
            if stamp != self._read:
                self._calendar, self._error = self._load() if stamp is not None else (OfficialCalendar(), None)
                self._read = stamp
            return self._calendar, self._error

    def _load(self) -> tuple[OfficialCalendar, str | None]:
        try:
            with self._path.open("rb") as file:
                raw = file.read(_FILE_BYTES_MAX + 1)
            if len(raw) > _FILE_BYTES_MAX:
                raise SettingsError("the calendar file is larger than 1 MiB")  # noqa: TRY301  told as every other fault of it
            return OfficialCalendar(parse_years(raw)), None
        except SettingsError as error:
            return OfficialCalendar(), error.detail
        except OSError as error:
            return OfficialCalendar(), f"the calendar file cannot be read: {error.strerror}"
