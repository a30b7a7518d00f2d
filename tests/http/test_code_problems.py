"""What the API answers to a wrong code, and to a deadline beyond the published calendar."""

import json
from datetime import date

import pytest

from api.problems import problem_document, problem_response
from ledger.adapters.working_days import OfficialCalendar
from ledger.domain.codes import parse_national_code
from ledger.errors import CalendarNotPublishedError, InvalidCodeError


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("491310000MA0000007L310100000001", "length"),
        ("891310000MA0000007L310100000001C", "type"),
        ("491310000MA0000007L310100000001D", "check"),
    ],
)
def test_wrong_code_is_400_with_its_defect_and_not_repeated(text: str, defect: str) -> None:
    with pytest.raises(InvalidCodeError) as caught:
        parse_national_code(text)
    document = problem_document(caught.value)
    assert (document["status"], document["code"], document["defect"]) == (400, "invalid_code", defect)
    assert text[1:19] not in json.dumps(document)


def test_day_beyond_the_calendar_is_503_and_worth_asking_again_tomorrow() -> None:
    with pytest.raises(CalendarNotPublishedError) as caught:
        OfficialCalendar()(date(2999, 1, 4))
    answer = problem_response(caught.value)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "86400")
    assert "chinesecalendar" in json.loads(bytes(answer.body))["detail"]
