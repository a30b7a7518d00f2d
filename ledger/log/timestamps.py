"""Times as the formats write them (FORMATS.md sections 1, 3 and 7); this module never asks a clock."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from ledger.errors import InputError

# RFC 3339 section 5.6; the calendar itself (30 February) is checked by ``datetime``.
_RFC3339: Final = re.compile(
    r"([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))[Tt]"
    r"((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_LOG_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def format_time(moment: datetime) -> str:
    """RFC 3339 UTC with six decimals and ``Z``: the only form in which the log writes a time.

    ``moment`` must be aware; a naive one is refused, because its zone would be a guess.
    """
    if moment.tzinfo is None:
        raise InputError("a time without a zone")
    # isoformat() keeps four digits in years below 1000, strftime("%Y") does not.
    return _in_utc(moment).isoformat(timespec="microseconds")[:-6] + "Z"


def parse_time(text: str) -> datetime:
    """The inverse of ``format_time``; any other spelling of the same moment raises ``InputError``."""
    if _LOG_TIME.fullmatch(text) is None:
        raise InputError("not an RFC 3339 UTC time with six decimals and Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("no such day or hour") from error


def parse_rfc3339(text: str) -> datetime:
    """The moment of any RFC 3339 time with a zone, in UTC, cut to microseconds; second 60 is the next minute's 0.

    Raises:
        InputError: not RFC 3339 section 5.6, no zone, no such day, or outside the years 1 to 9999 in UTC.
    """
    matched = _RFC3339.fullmatch(text)
    if matched is None:
        raise InputError("not an RFC 3339 time with a zone")
    leap = matched[3] == "60"
    written = text.upper()
    if leap:
        written = f"{written[: matched.start(3)]}59{written[matched.end(3) :]}"
    try:
        moment = datetime.fromisoformat(written)  # cuts further decimals
        return (moment + timedelta(seconds=1)).astimezone(UTC) if leap else _in_utc(moment)
    except (ValueError, OverflowError) as error:
        raise InputError("no such day, or a time out of range") from error


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
