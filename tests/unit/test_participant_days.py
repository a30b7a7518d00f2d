"""Days of papers as seconds of the chain."""

import pytest

from ledger.errors import InputError
from ledger.services.participant_records import last_second_of


def test_last_second_of_a_day_is_in_shanghai() -> None:
    assert last_second_of("1970-01-01") == 16 * 3600 - 1


def test_day_that_means_for_ever_has_a_last_second() -> None:
    assert last_second_of("9999-12-31") == last_second_of("9999-12-30") + 86_400


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "2026-1-1x", ""])
def test_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(InputError):
        last_second_of(day)
