"""The standard Python SDK as a client: what it sends is taken, and means the same in both of its modes."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent as CoreEvent
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent
from support.a_service import Service

Sent = tuple[dict[str, str], bytes]


def attributes(subject: str) -> dict[str, Any]:
    return {
        "id": os.urandom(8).hex(),
        "source": "urn:test:sdk/7",
        "type": "org.test.sdk.v1",
        "subject": subject,
        "time": "2010-10-02T09:20:39.266+02:00",
        "datacontenttype": "application/json",
        "flag": "true",
    }


def v1(mode: Callable[..., Any]) -> Callable[[dict[str, Any], Any], Sent]:
    def send(given: dict[str, Any], data: Any) -> Sent:
        headers, body = mode(CloudEvent(given, data))
        return dict(headers), bytes(body)

    return send


def core(mode: Callable[[Any], HTTPMessage]) -> Callable[[dict[str, Any], Any], Sent]:
    def send(given: dict[str, Any], data: Any) -> Sent:
        message = mode(CoreEvent(given | {"specversion": "1.0", "time": datetime.fromisoformat(given["time"])}, data))
        return dict(message.headers), message.body

    return send


@pytest.mark.parametrize(
    ("binary", "structured", "subject"),
    [
        (v1(to_binary), v1(to_structured), "case-1"),  # this module leaves the encoding of headers to its caller
        (core(to_binary_event), core(to_structured_event), 'a "quoted" 100% 案件'),
    ],
    ids=["cloudevents.v1", "cloudevents.core"],
)
def test_event_of_the_sdk_is_one_event_in_both_modes(
    service: Service, binary: Callable[..., Sent], structured: Callable[..., Sent], subject: str
) -> None:
    given = attributes(subject)
    data = {"concept:name": "Confirmation", "n": [1, 2.5, "ü"]}

    answers = []
    for mode in (binary, structured):
        headers, body = mode(given, data)
        answers.append(service.post(body, headers, params={"openings": "true"}))

    assert [answer.status_code for answer in answers] == [201, 200], [answer.text for answer in answers]
    stored = answers[0].json()["result"]["opening"]["body"]["event"]
    assert stored["data"] == data
    assert stored["subject"] == subject
    assert stored["flag"] == "true"
