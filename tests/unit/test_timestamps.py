"""Times: one spelling for the log's own, any RFC 3339 spelling for those of events."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger.errors import InputError
from ledger.log.timestamps import format_time, parse_rfc3339, parse_time


def test_time_is_written_in_utc_with_six_decimals() -> None:
    moment = datetime(2026, 11, 21, 17, 41, tzinfo=timezone(timedelta(hours=8)))
    assert format_time(moment) == "2026-11-21T09:41:00.000000Z"
    assert format_time(datetime(987, 1, 2, tzinfo=UTC)) == "0987-01-02T00:00:00.000000Z"
    assert parse_time(format_time(moment)) == moment


def test_naive_time_is_refused() -> None:
    with pytest.raises(InputError):
        format_time(datetime(2026, 11, 21))  # noqa: DTZ001  the refusal of a naive time is the subject


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T09:41:00Z",
        "2026-11-21T09:41:00.123Z",
        "2026-11-21T09:41:00.123456+00:00",
        "2026-11-21t09:41:00.123456Z",
        "2026-11-21T09:41:00.123456z",
        "2026-02-30T09:41:00.123456Z",
        "2026-11-21T24:00:00.000000Z",
        "2026-11-21T09:41:00.123456Z ",
        "\u0662026-11-21T09:41:00.123456Z",
    ],
)
def test_other_spelling_of_a_log_time_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2010-10-02T09:20:39.266+02:00", "2010-10-02T07:20:39.266000Z"),
        ("2010-10-02t09:20:39z", "2010-10-02T09:20:39.000000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
        ("2017-01-01T07:59:60.5+08:00", "2017-01-01T00:00:00.500000Z"),
        ("2010-10-02T09:20:39.123456789-00:00", "2010-10-02T09:20:39.123456Z"),
        ("2024-02-29T00:00:00-23:59", "2024-02-29T23:59:00.000000Z"),
    ],
)
def test_rfc3339_time_is_read(text: str, utc: str) -> None:
    assert format_time(parse_rfc3339(text)) == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "2026-11-21T09:41:00",
        "2026-11-21 09:41:00Z",
        "2026-11-21T09:41Z",
        "2026-13-21T09:41:00Z",
        "2023-02-29T00:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:60:00Z",
        "2026-11-21T09:41:61Z",
        "2026-11-21T09:41:00.Z",
        "2026-11-21T09:41:00+0800",
        "2026-11-21T09:41:00+24:00",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "20261121T094100Z",
        "2026-W47-6T09:41:00Z",
        "2026-11-21T09:41:00Z\n",
    ],
)
def test_what_is_not_rfc3339_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_rfc3339(text)
