"""`?openings=true`: what lets a submitter prove its events without the ledger's database."""

import json
import os
from typing import Any

import pytest
from support.a_service import BATCH, JSON, Service

from ledger.adapters.sql import reading
from ledger.log.entry import Entry
from ledger.log.opening import Outcome, opening_from_value, verify_opening


def event(**members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": os.urandom(8).hex(),
        "source": "urn:test:office",
        "type": "org.xes.permit.v1",
        "subject": "case-1",
        "data": {"org:group": "Group 1", "n": [1, {}, []]},
    } | members


def entry_at(service: Service, leaf_index: int) -> Entry:
    with service.log.engine.connect() as connection:
        stored = reading.event_at(connection, leaf_index)
    assert stored is not None
    return stored.entry


@pytest.mark.parametrize("event_type", ["org.xes.permit.v1", "org.test.thing.v1"])
def test_opening_of_a_new_and_of_a_repeated_event_opens_its_entry(service: Service, event_type: str) -> None:
    sent = event(type=event_type)

    new = service.post(json.dumps(sent), JSON, params={"openings": "true"}).json()["result"]
    repeated = service.post(json.dumps(sent), JSON, params={"openings": "true"}).json()["result"]

    assert new["opening"] == repeated["opening"], "a repeat opens the entry that is in the log"
    opening = opening_from_value(new["opening"])
    assert opening.event is not None
    assert opening.event.id == sent["id"]
    findings = verify_opening(entry_at(service, new["leaf_index"]), opening)
    assert [finding.outcome for finding in findings] == [Outcome.PASSED] * 3


def test_openings_of_a_batch_stand_at_their_results(service: Service) -> None:
    known = event()
    service.post(json.dumps(known), JSON)
    sent = [event(), known, {"id": "refused"}, event()]

    results = service.post(json.dumps(sent), BATCH, params={"openings": "true"}).json()["results"]

    for item, result in zip(sent, results, strict=True):
        if "problem" in result:
            assert item == {"id": "refused"}
            continue
        opening = opening_from_value(result["opening"])
        assert opening.event is not None
        assert opening.event.id == item["id"] == result["id"]
        assert opening.event.source == item["source"]


def test_answer_without_openings_has_none(service: Service) -> None:
    assert "opening" not in service.post(json.dumps(event()), JSON).json()["result"]
