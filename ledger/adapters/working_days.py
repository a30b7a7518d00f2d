"""The official calendar of working days, from the library ``chinesecalendar``, which copies the State Council's yearly notices.

The library answers for every day of the years it knows. The last days of its last year are not settled all the same: the notice for
the next year has moved days from 29 December on (2007, 2018). They count as not published until the library knows the next year.
"""

from datetime import date
from functools import cached_property
from typing import Final

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

from ledger.domain.working_days import calendar_digest
from ledger.errors import CalendarNotPublishedError

_LAST_SETTLED: Final = (12, 24)
"""Month and day up to which a year is settled by its own notice."""

_RETRY_AFTER_S: Final = 86_400
"""A day: somebody has to install an update."""


class OfficialCalendar:
    """The published calendar, called as ``IsWorkingDay``: ``calendar(day)``."""

    def __init__(self) -> None:
        years = {day.year for day in holidays}
        self.first: Final = date(min(years), 1, 1)
        self.last: Final = date(max(years), *_LAST_SETTLED)

    def __call__(self, day: date) -> bool:
        """Whether ``day`` is a working day.

        Raises:
            CalendarNotPublishedError: the day is outside ``first`` to ``last``.
        """
        if not self.first <= day <= self.last:
            raise CalendarNotPublishedError(
                f"the official calendar is known from {self.first} to {self.last}, and {day} is not settled by it; "
                "after the State Council's notice for the next year, update the Python package chinesecalendar",
                first=self.first.isoformat(),
                last=self.last.isoformat(),
                retry_after_s=_RETRY_AFTER_S,
            )
        return bool(is_workday(day))

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of all settled days: the version of the calendar."""
        return calendar_digest(self.first, self.last, self)
