"""Policies before they bind, over HTTP: tried, explained, refused by name; nothing is recorded of it."""

from typing import Any

import pytest
from support.a_service import Service

POLICY = {
    "@type": "Offer",
    "permission": [
        {
            "action": "read",
            "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 2}],
            "duty": [{"action": "logRecordSend"}],
        }
    ],
    "prohibition": [{"action": "distribute"}],
}
EVALUATION, EXPLANATION = "/v1/policies/evaluation", "/v1/policies/explanation"


def ask(service: Service, path: str, body: Any, role: str = "consumer", status: int = 200) -> Any:
    answer = service.client.post(path, json=body, headers=service.auth(role))
    assert answer.status_code == status, answer.text
    return answer.json()


def test_course_of_uses_is_decided_step_by_step_and_says_why(service: Service) -> None:
    before = service.settled()
    steps = [
        {"action": "read", "facts": {"count": 1}},
        {"action": "read", "performed": [{"action": "logRecordSend"}]},
        {"action": "read", "facts": {"count": 3}},
        {"action": "read", "facts": {"count": None}},
        {"action": "distribute"},
        {"action": "storage"},
    ]
    answer = ask(service, EVALUATION, {"policy": POLICY, "steps": steps})

    results = [one["result"] for one in answer["decisions"]]
    assert results == ["conditional", "allowed", "denied", "denied_by_default", "denied", "denied_by_default"]
    first, _, third, fourth, forbidden, _ = answer["decisions"]
    assert first["duties"] == ["permission[0].duty[0]"]
    assert [one["why"] for one in third["reasons"]] == ["constraint_failed"]
    assert fourth["missing"] == ["count"]
    assert forbidden["sentences"][0]["english"] == "Denied."
    assert forbidden["reasons"][0]["place"] == "prohibition[0]"
    assert answer["findings"] == []
    assert service.settled() == before


def test_policy_is_told_in_both_languages_with_what_contradicts_itself(service: Service) -> None:
    told = ask(service, EXPLANATION, {"policy": POLICY})
    assert [one["place"] for one in told["sentences"]] == ["permission[0]", "prohibition[0]", ""]
    assert told["sentences"][1]["english"] == "You may not distribute."
    assert all(one["chinese"] for one in told["sentences"])
    assert told["findings"] == []

    contradicted = ask(service, EXPLANATION, {"policy": POLICY | {"prohibition": [{"action": "read"}]}})
    found = {one["defect"]: one for one in contradicted["findings"]}
    assert found["permission_forbidden"]["is_contradiction"]
    assert found["permission_forbidden"]["places"][0] == "permission[0]"
    assert "prohibition" in found["permission_forbidden"]["sentence"]["english"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (EVALUATION, {"policy": POLICY, "steps": []}, "invalid_input"),
        (EVALUATION, {"policy": POLICY, "steps": [{"action": "dance"}]}, "invalid_policy"),
        (
            EVALUATION,
            {"policy": POLICY, "steps": [{"action": "read", "facts": {"colour": "red"}}]},
            "invalid_policy_facts",
        ),
        (
            EVALUATION,
            {"policy": POLICY, "steps": [{"action": "read", "facts": {"count": "x"}}]},
            "invalid_policy_facts",
        ),
        (EVALUATION, {"policy": POLICY | {"duty": []}, "steps": [{"action": "read"}]}, "invalid_policy"),
        (EXPLANATION, {"policy": {}}, "invalid_policy"),
        (EXPLANATION, {"policy": POLICY, "colour": "red"}, "invalid_input"),
        (EXPLANATION, [], "invalid_input"),
    ],
)
def test_what_is_no_policy_or_no_use_is_refused_by_name(service: Service, path: str, body: Any, code: str) -> None:
    problem = ask(service, path, body, status=400)
    assert problem["code"] == code
    assert "red" not in str(problem) and "dance" not in str(problem), "what was sent is not repeated"


def test_policy_that_is_too_large_is_refused(service: Service) -> None:
    problem = ask(service, EXPLANATION, {"policy": {"x": "y" * 200_000}}, status=413)
    assert problem["code"] == "too_large"


def test_viewer_may_ask_and_a_watched_reader_is_recorded(service: Service) -> None:
    counts = service.log.counts()
    ask(service, EXPLANATION, {"policy": POLICY}, role="auditor")
    assert service.log.counts()["outbox"] == counts["outbox"] + 1
