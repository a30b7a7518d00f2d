"""Deadlines in working days of the People's Republic of China, over a calendar that the caller brings.

A day is a working day of Asia/Shanghai when the State Council's yearly notice says so; the notice moves weekends as well. Which days
those are is not computable, so every function here takes the calendar as a predicate, and the predicate refuses what is not published.

The first day does not count (Civil Code article 201), and a term ends with its last day (article 203): a duty of three working
days that begins on any moment of a Friday ends at 24:00 of the next Wednesday. The same moment ends "at least three full working days".
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from hashlib import sha256
from typing import Final, Protocol

from ledger.errors import MisuseError

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""UTC+8 without a change since 1991-09-15; a fixed offset, because the domain reads no time-zone files."""

CLOSED_DAYS_MAX: Final = 60
"""No calendar closes that many days on end; a predicate that does is broken, and the loop must end."""

WORKING_DAYS_MAX: Final = 1_000
_DIGEST_DOMAIN: Final = b"cityledger/working-days/v1\n"

IsWorkingDay = Callable[[date], bool]
"""Whether a day is a working day; raises ``CalendarNotPublishedError`` for a day that no published calendar settles."""


class WorkingCalendar(Protocol):
    """A calendar that says which version of it a term was computed by."""

    def __call__(self, day: date, /) -> bool:
        """See ``IsWorkingDay``."""
        ...

    @property
    def digest(self) -> bytes:
        """``calendar_digest`` of all settled days, 32 bytes."""
        ...


def day_in_shanghai(moment: datetime) -> date:
    """The calendar day of Asia/Shanghai in which a moment lies.

    Args:
        moment: with a time zone.
    """
    if moment.utcoffset() is None:
        raise MisuseError("a moment without a time zone lies in no calendar day")
    return moment.astimezone(SHANGHAI).date()


def end_of_day_in_shanghai(day: date) -> datetime:
    """24:00 in Shanghai of a day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC) + timedelta(days=1)


def add_working_days(start: date, working_days: int, is_working_day: IsWorkingDay) -> date:
    """The working day that is ``working_days`` working days after ``start``, which itself does not count.

    Args:
        start: any day, working or not.
        working_days: 1 to 1,000.
        is_working_day: the calendar.

    Raises:
        CalendarNotPublishedError: as the calendar raises it.
        MisuseError: the number is out of range, or the calendar has no working day for two months.
    """
    if not 1 <= working_days <= WORKING_DAYS_MAX:
        raise MisuseError(f"a term has 1 to {WORKING_DAYS_MAX} working days")
    day, left, closed = start, working_days, 0
    while left:
        day += timedelta(days=1)
        if is_working_day(day):
            left, closed = left - 1, 0
        elif (closed := closed + 1) > CLOSED_DAYS_MAX:
            raise MisuseError(f"the calendar has no working day in {CLOSED_DAYS_MAX} days before {day}")
    return day


def deadline_after(start: datetime, working_days: int, is_working_day: IsWorkingDay) -> datetime:
    """The moment at which a term of working days ends, in UTC: 24:00 in Shanghai of its last working day.

    Args:
        start: the moment that sets the term going, with a time zone.
        working_days: 1 to 1,000.
        is_working_day: the calendar.

    Raises:
        CalendarNotPublishedError, MisuseError: as ``add_working_days``.
    """
    last_day = add_working_days(day_in_shanghai(start), working_days, is_working_day)
    return end_of_day_in_shanghai(last_day)


def calendar_digest(first: date, last: date, is_working_day: IsWorkingDay) -> bytes:
    """SHA-256 over the list of days, so that a deadline can say by which version of the calendar it was computed.

    Hashed are the domain line and, for every day from ``first`` to ``last``, one line ``YYYY-MM-DD W`` (working) or ``YYYY-MM-DD C``.
    """
    digest = sha256(_DIGEST_DOMAIN)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        digest.update(f"{day.isoformat()} {'W' if is_working_day(day) else 'C'}\n".encode())
    return digest.digest()
