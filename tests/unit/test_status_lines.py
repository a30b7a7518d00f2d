"""What ``cityledger status`` says of contract calls, deadlines, and what differs from the chain."""

from ledger.cli.status import DIFFERENCES_SHOWN, _business_lines, _compared_line, _difference_lines

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


def test_what_is_as_on_the_chain_is_shown_as_such():
    line = _compared_line("products", "/v1/products/differences", {"items": [], "compared": 5, "block_number": 9})
    assert line.split(maxsplit=1) == ["products", "5 compared to block 9, as on the chain"]


def test_what_differs_is_counted_by_kind_with_what_steps_explain():
    items = [
        {"kind": "status", "waiting": "list"},
        {"kind": "status", "waiting": None},
        {"kind": "ceiling", "waiting": None},
    ]
    value = {"items": items, "compared": 100_000, "block_number": 9, "is_whole": False}
    assert _compared_line("products", "/v1/products/differences", value).split(maxsplit=1)[1] == (
        "100000 compared and more that were not to block 9, differ: 1 ceiling, 2 status, 1 explained by steps under way"
        " (GET /v1/products/differences)"
    )


def test_what_differs_is_named_by_its_id_with_both_sides():
    version = {"kind": "status", "product_id": "0x01", "product_code": "6A", "version": 2, "waiting": "list"}
    only_there = {"kind": "unknown_here", "product_id": "0x02", "product_code": None, "version": None, "waiting": None}
    body = {"kind": "key_missing", "body_id": "0x03", "code": "91A", "key": "0xab", "waiting": None}
    sides = {"here": "listed", "on_chain": "reviewed"}

    assert _difference_lines([version | sides, only_there | sides, body | sides], "/v1/x") == [
        "  0x02: unknown_here, here listed, on the chain reviewed",
        "  91A key 0xab: key_missing, here listed, on the chain reviewed",
        "  6A version 2: status, here listed, on the chain reviewed, explained by list",
    ]


def test_many_differences_are_named_up_to_a_number_and_the_others_counted():
    items = [
        {"kind": "status", "product_code": str(number), "waiting": None} for number in range(DIFFERENCES_SHOWN + 3)
    ]

    lines = _difference_lines(items, "/v1/products/differences")

    assert [line.split(":")[0].strip() for line in lines[:-1]] == [str(number) for number in range(DIFFERENCES_SHOWN)]
    assert lines[-1] == "  and 3 more (GET /v1/products/differences)"
    assert len(_difference_lines(items[:DIFFERENCES_SHOWN], "/v1/products/differences")) == DIFFERENCES_SHOWN
    assert _difference_lines([], "/v1/products/differences") == []


def test_calendar_that_ends_soon_says_what_to_do():
    long, soon = ({"last": "2026-12-24", "days_left": days, "refused": None} for days in (60, 59))
    [line] = _business_lines({"calendar": long})
    assert line.split(maxsplit=1) == ["calendar", "working days known to 2026-12-24, 60 days left"]
    [line] = _business_lines({"calendar": soon})
    assert "ENTER 2027" in line
    assert "CITYLEDGER_CALENDAR_PATH" in line
    [line] = _business_lines({"calendar": long | {"refused": "it is no calendar"}})
    assert line.endswith("THE FILE DOES NOT COUNT: it is no calendar")
