"""Permit events out of a seed: always the same bytes, and the shape of the real ones."""

import gzip
import hashlib
import json
from collections import defaultdict
from typing import Any

import pytest
from support.shared import shared_path

from ledger.demo.permit_events import WAYS, permit_events, permit_lines
from ledger.log.event import parse_event

FROZEN = "ef30de620844519f5bde6ca61936c9b0f1edb254cc95a2b2834572575d810fad"


def test_seed_decides_every_byte() -> None:
    assert permit_lines(7, 40) == permit_lines(7, 40) != permit_lines(8, 40)
    assert hashlib.sha256(permit_lines(7, 40)).hexdigest() == FROZEN


def test_shares_of_the_ways_are_a_whole() -> None:
    assert sum(share for share, _ in WAYS) == 100


def test_every_line_is_an_event_with_an_identity_of_its_own() -> None:
    lines = permit_lines(1, 200).splitlines()
    events = [parse_event(line) for line in lines]
    assert len({(event.source, event.id) for event in events}) == len(lines)


def test_cases_begin_with_the_receipt_and_count_on() -> None:
    events, cases = permit_events(1, 200), defaultdict(list)
    for event in events:
        cases[event["subject"]].append(event)
    assert len(cases) == 200
    for subject, found in cases.items():
        assert [event["id"] for event in found] == [f"{subject}:{ordinal}" for ordinal in range(len(found))]
        assert found[0]["data"]["concept:name"] == "Confirmation of receipt"
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert {len(found) for found in cases.values()} == {len(way) for _, way in WAYS}


@pytest.mark.shared
def test_shape_is_that_of_real_permit_events() -> None:
    with gzip.open(shared_path("data/municipal-permit-events.ndjson.gz")) as file:
        real = [json.loads(line) for line in file]

    def shape(event: dict[str, Any]) -> Any:
        return {name: shape(value) if isinstance(value, dict) else type(value) for name, value in event.items()}

    ours = permit_events(3, 300)
    assert {str(shape(event)) for event in ours} == {str(shape(event)) for event in real}
    same = ("specversion", "source", "type", "datacontenttype")
    assert {tuple(event[name] for name in same) for event in ours} == {
        tuple(event[name] for name in same) for event in real
    }
    names = {event["data"]["concept:name"] for event in ours}
    assert names <= {event["data"]["concept:name"] for event in real}
    assert {event["data"]["org:group"] for event in ours} <= {event["data"]["org:group"] for event in real}
    assert not {event["id"] for event in ours} & {event["id"] for event in real}
