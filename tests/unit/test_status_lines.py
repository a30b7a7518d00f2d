"""What ``cityledger status`` says of contract calls and deadlines."""

from ledger.cli.status import _business_lines

CALLS = {"waiting": 3, "waiting_since": "2026-11-21T10:00:00Z", "queued": 1, "staged": 0, "submitted": 2, "mined": 0}


def test_calls_that_wait_are_shown_with_the_time_of_the_oldest():
    [line] = _business_lines({"chain_calls": CALLS})
    assert line.split(maxsplit=1) == [
        "calls",
        "3 wait since 2026-11-21T10:00:00Z: 1 queued, 0 staged, 2 submitted, 0 mined",
    ]


def test_nothing_that_waits_is_shown_as_such():
    [line] = _business_lines({"chain_calls": {"waiting": 0, "waiting_since": None}})
    assert line.split(maxsplit=1) == ["calls", "none waits"]


def test_breached_deadlines_are_shown_with_those_still_owed():
    [line] = _business_lines({"deadlines": {"open": 4, "breached": 2, "breached_and_owed": 1}})
    assert line.split(maxsplit=1) == ["deadlines", "4 open, 2 breached, 1 of them not done yet"]


def test_service_of_an_earlier_version_shows_neither():
    assert _business_lines({"tree_sizes": {}}) == []
