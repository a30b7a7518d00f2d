"""The official calendar of working days: the library ``chinesecalendar``, which copies the State Council's yearly notices, and a file.

The library answers for every day of the years it knows. The last days of its last year are not settled all the same: the notice for
the next year has moved days from 29 December on (2007, 2018). They count as not published until the next year is known.

The years of a file (``calendar_file``) go on from there, so that a newly published year needs no new release. The file is read anew when it
changes. One that is wrong changes nothing, and ``GET /v1/log`` says why: what was read before counts on. Where nothing was, no day is
settled until it is mended, since it may say that it replaces a year of the library.
"""

import threading
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from chinese_calendar.constants import holidays, workdays

from ledger.adapters.calendar_file import LAST_SETTLED, SATURDAY, PublishedYear, parse_years
from ledger.domain.working_days import calendar_digest
from ledger.errors import CalendarNotPublishedError, SettingsError

_RETRY_AFTER_S: Final = 86_400
"""A day: somebody has to enter the next year, or to install an update."""

SOURCE_CHARACTERS_MAX: Final = 200
"""Of a year's source that evidence repeats, so that a file of the most years is one event."""

_UNREAD: Final = ()
"""The stamp of no file."""

_MENDED_AFTER_S: Final = 600
"""Ten minutes: the operator mends the file."""

LIBRARY_YEARS: Final = frozenset(day.year for day in holidays)
_FILE_BYTES_MAX: Final = 1 << 20


class OfficialCalendar:
    """The published calendar, called as ``IsWorkingDay``: ``calendar(day)``.

    Args:
        years: of a file, one after the other; those that the library knows replace it.
        fault: why the file cannot be read, when that leaves every day open; None when the calendar counts.

    Raises:
        SettingsError: there is a gap between the years, or one that the library knows says otherwise and does not say that it replaces it.
    """

    def __init__(self, years: Sequence[PublishedYear] = (), *, fault: str | None = None) -> None:
        self._fault: Final = fault
        self._years: Final = {one.year: one for one in years}
        known = sorted(LIBRARY_YEARS | self._years.keys())
        gap = next((year for year in range(known[0], known[-1]) if year not in known), None)
        if gap is not None:
            raise SettingsError(f"the calendar file lacks the year {gap}, which comes before others in it")
        self.first: Final = date(known[0], 1, 1)
        self.last: Final = date(known[-1], *LAST_SETTLED)
        self._moved: Final = {day: False for one in years for day in one.holidays} | {
            day: True for one in years for day in one.working_weekends
        }
        self._check_against_library()

    def __call__(self, day: date, /) -> bool:
        """Whether ``day`` is a working day.

        Raises:
            CalendarNotPublishedError: the day is outside ``first`` to ``last``, or the file has a fault.
        """
        if self._fault is not None:
            raise CalendarNotPublishedError(
                f"the calendar file (CITYLEDGER_CALENDAR_PATH) may say otherwise than the calendar that is known without it: {self._fault}",
                first=self.first.isoformat(),
                last=self.last.isoformat(),
                retry_after_s=_MENDED_AFTER_S,
            )
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
        return calendar_digest(self.first, self.last, self._works)

    def facts(self) -> dict[str, Any]:
        """What evidence says of it: from when to when, its digest, and the years of a file with source and digest of their notices."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "digest": self.digest.hex(),
            "years": [
                {
                    "year": one.year,
                    "source": one.source[:SOURCE_CHARACTERS_MAX],
                    "digest": one.digest,
                    "replaces": one.replaces,
                }
                for one in self._years.values()
            ],
        }

    def days_left(self, today: date) -> int:
        """Settled days after this one; 0 when there is none."""
        return 0 if self._fault is not None else max(0, (self.last - today).days)

    def _works(self, day: date) -> bool:
        moved = self._moved.get(day)
        if moved is not None:
            return moved
        is_plain = day.year in self._years and (
            _last_notice(day) in self._years or _last_notice(day) not in LIBRARY_YEARS
        )
        return day.weekday() < SATURDAY if is_plain else _works_by_library(day)

    def _check_against_library(self) -> None:
        """Every day that the library settles and the file has a say on: another answer needs a year that says ``replaces``."""
        last = date(max(LIBRARY_YEARS), *LAST_SETTLED)
        for year in sorted(self._years):
            first_day = max(self.first, date(year - 1, 12, LAST_SETTLED[1] + 1))
            days = map(date.fromordinal, range(first_day.toordinal(), min(last, date(year, 12, 31)).toordinal() + 1))
            other = next(
                (day for day in days if not self._is_replaced(day) and self._works(day) != _works_by_library(day)), None
            )
            if other is not None:
                raise SettingsError(
                    f"the calendar file and the package chinesecalendar differ on {other}; when the file is right, its year {year} says"
                    ' "replaces": true'
                )

    def _is_replaced(self, day: date) -> bool:
        years = (self._years.get(day.year), self._years.get(_last_notice(day)))
        return any(one is not None and one.replaces for one in years)


def _works_by_library(day: date) -> bool:
    """What its ``is_workday`` says of a day of its years; that looks for its first and last year anew at each call."""
    return day in workdays or (day.weekday() < SATURDAY and day not in holidays)


def _last_notice(day: date) -> int:
    """The year whose notice has the last say on a day."""
    return day.year + ((day.month, day.day) > LAST_SETTLED)


class CalendarFile:
    """The calendar with the years of a file, as the file is now. Safe to call from several threads.

    Args:
        path: of the file; there need be none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[int, ...] | None = _UNREAD
        self._good: OfficialCalendar | None = None
        self._error: str | None = None

    def current(self) -> OfficialCalendar:
        """The calendar; where the file is wrong the last one that was right, or one that settles no day."""
        return self._look()[0]

    def error(self) -> str | None:
        """Why the file does not count; None when it does, or there is none."""
        return self._look()[1]

    def _look(self) -> tuple[OfficialCalendar, str | None]:
        with self._lock:
            try:
                stamp = self._stamp()
                if stamp != self._read:
                    years = () if stamp is None else parse_years(self._bytes())
                    self._good, self._error, self._read = OfficialCalendar(years), None, stamp
            except SettingsError as error:
                self._read, self._error = stamp, error.detail
            except OSError as error:
                self._read = _UNREAD  # what kept it from being read may end without a trace in the file
                self._error = f"the calendar file cannot be read: {error.strerror}"
            return self._good or OfficialCalendar(fault=self._error), self._error

    def _stamp(self) -> tuple[int, ...] | None:
        """Another one with every change of the file; None when there is none."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def _bytes(self) -> bytes:
        with self._path.open("rb") as file:
            raw = file.read(_FILE_BYTES_MAX + 1)
        if len(raw) > _FILE_BYTES_MAX:
            raise SettingsError("the calendar file is larger than 1 MiB")
        return raw
