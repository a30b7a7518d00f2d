"""``ledger/domain/negotiation/NEGOTIATION.md`` against the code: every move, every status, and the courses of the conformance tests."""

import re
from pathlib import Path

import pytest
from support.negotiations import a_message, a_start, negotiated, parse_act, taken

from ledger.domain.negotiation.life import INITIAL, SENDERS, TABLES, Act, Side, act_name
from ledger.domain.negotiation.negotiation import ROUNDS_MAX
from ledger.errors import IllegalTransitionError

PAGE = (Path(__file__).parents[2] / "ledger/domain/negotiation/NEGOTIATION.md").read_text(encoding="utf-8")
COURSES = {
    name: (course.split(", "), state)
    for name, course, state in re.findall(r"^\| (CN(?:_C)?:\d\d-\d\d) \| (.+) \| ([A-Z]+) \|$", PAGE, re.MULTILINE)
}
MOVES = [
    [re.findall(r"[^`, ]+", cell) for cell in line.strip("|").split("|")[:5]]
    for line in PAGE.splitlines()
    if line.startswith("| `") and "POST" in line
]


@pytest.mark.parametrize("side", list(Side))
def test_page_has_every_move_and_no_other(side: Side) -> None:
    stated = {
        (INITIAL if state == "-" else state, act_name(side, sender, Act(act))): to
        for [act], [kind], [by], states, [to] in MOVES
        for state in states
        for sender in (list(Side) if by == "both" else [Side(by)])
    }
    assert stated == TABLES[side].moves


def test_page_names_the_message_of_every_act() -> None:
    for [act], [kind], [by], states, _ in MOVES:
        assert a_message(Act(act), first=states == ["-"]).type == kind
        assert by == ("both" if len(SENDERS[Act(act)]) == 2 else SENDERS[Act(act)][0])
    assert {act for [act], *_ in MOVES} == set(Act)


def test_page_has_every_conformance_test() -> None:
    sizes = {"CN:01": 4, "CN:02": 7, "CN:03": 4, "CN_C:01": 4, "CN_C:02": 6, "CN_C:03": 6}
    expected = [f"{group}-{number:02}" for group, size in sizes.items() for number in range(1, size + 1)]
    assert list(COURSES) == expected
    assert f"all {len(expected)}" in PAGE


@pytest.mark.parametrize("name", sorted(COURSES))
def test_course_of_the_conformance_test_leads_where_the_page_says(name: str) -> None:
    course, state = COURSES[name]
    for side in Side:  # the one under test, and the one that the tests play
        negotiation = a_start(side, a_message(parse_act(course[0])[0], first=True))
        for word in course[1:]:
            act, sender = parse_act(word.rstrip("!"))
            if word.endswith("!"):
                with pytest.raises(IllegalTransitionError, match=state):
                    taken(negotiation, sender, a_message(act))
            else:
                negotiation = taken(negotiation, sender, a_message(act))
        assert negotiation.state == state


def test_page_states_the_status_codes_and_limits() -> None:
    rows = re.findall(r"^\| (.+) \| (\d{2,4}) \| [a-z ]+ \|$", PAGE, re.MULTILINE)
    codes = {state: code for cell, code in rows for state in re.findall(r"`([A-Z]+)`", cell) if "from" not in cell}
    ways = {
        "REQUESTED": ("request", "offer", "request"),
        "OFFERED": ("request", "offer"),
        "ACCEPTED": ("request", "offer", "accept"),
        "AGREED": ("request", "agree"),
        "VERIFIED": ("request", "agree", "verify"),
        "FINALIZED": ("request", "agree", "verify", "finalize"),
    }
    assert codes == {state: str(negotiated(Side.PROVIDER, *way).status) for state, way in ways.items()}
    ended = {code: froms.split(" or ") for froms, code in re.findall(r"`TERMINATED` from (.+?) \| (\d+)", PAGE)}
    for state, way in ways.items():
        if state != "FINALIZED":
            before = negotiated(Side.CONSUMER, *way)
            assert codes[state] in ended[str(taken(before, Side.CONSUMER, a_message(Act.TERMINATE)).status)]
    assert f"more than {ROUNDS_MAX} offers" in PAGE
