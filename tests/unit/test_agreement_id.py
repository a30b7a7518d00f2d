"""The 47-character id of an agreement: the worked vector, every single change of a character, and each kind of defect."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger.domain.agreement_id import AgreementId, encode_agreement_id, generate_agreement_id, parse_agreement_id
from ledger.domain.check_characters import ALPHANUMERIC, check_character_11_2, check_character_37_2
from ledger.domain.code_defects import (
    CodeAlphabetError,
    CodeCheckError,
    CodeLengthError,
    CodeSubjectError,
    CodeTimeError,
    CodeTypeError,
)
from ledger.domain.codes import CodeKind, NationalCode, parse_national_code
from ledger.errors import InvalidCodeError

# 1 June 2025, noon in Shanghai
TEXT = "8491310000MA0000007L31012025060112000000000001B"
NODE = parse_national_code("491310000MA0000007L310100000001C")
NOON = datetime(2025, 6, 1, 4, 0, 0, tzinfo=UTC)


# a citizen number in clear: region, birth date, serial, its own check digit
CITIZEN = "110101" + "19491001" + "001"
CITIZEN += check_character_11_2(CITIZEN)


def with_check(text: str) -> str:
    return text + check_character_37_2(text)


def test_agreement_id_of_the_vector_is_read_and_made_again() -> None:
    parsed = parse_agreement_id(TEXT)
    assert parsed == AgreementId("91310000MA0000007L", "3101", NOON, "00000001")
    assert parsed.issued_at.utcoffset() == timedelta(0)
    assert encode_agreement_id(parsed) == TEXT
    assert generate_agreement_id(NODE, NOON, "00000001") == TEXT


def test_agreement_id_starts_with_the_issuing_nodes_own_characters() -> None:
    assert TEXT[1:24] == "491310000MA0000007L310100000001C"[:23]


def test_agreement_id_takes_any_time_zone_and_cuts_fractions() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5))) + timedelta(microseconds=999_999)
    assert generate_agreement_id(NODE, elsewhere, "00000001") == TEXT


def test_agreement_id_every_single_change_is_refused() -> None:
    changes = [
        TEXT[:place] + character + TEXT[place + 1 :]
        for place in range(47)
        for character in ALPHANUMERIC + "*"
        if character != TEXT[place]
    ]
    assert len(changes) == 47 * 36
    for text in changes:
        with pytest.raises(InvalidCodeError):
            parse_agreement_id(text)


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        (TEXT[:-1], CodeLengthError),
        (TEXT + "\n", CodeLengthError),
        ("C" + TEXT[1:], CodeTypeError),
        (TEXT[0] + "5" + TEXT[2:], CodeTypeError),
        (TEXT.lower(), CodeAlphabetError),
        (TEXT[:-1] + "b", CodeAlphabetError),
        (TEXT[:-1] + "C", CodeCheckError),
        (with_check(TEXT[:24] + "20250230120000" + TEXT[38:46]), CodeTimeError),
        (with_check(TEXT[:24] + "20250601240000" + TEXT[38:46]), CodeTimeError),
        (with_check(TEXT[:24] + "20250601120060" + TEXT[38:46]), CodeTimeError),
        (with_check(TEXT[:24] + "19991231235959" + TEXT[38:46]), CodeTimeError),
        (with_check(TEXT[:24] + "99991231235959" + TEXT[38:46]), CodeTimeError),
        (with_check("84" + CITIZEN + TEXT[20:46]), CodeSubjectError),
    ],
)
def test_agreement_id_with_a_defect_names_its_kind(text: str, defect: type[InvalidCodeError]) -> None:
    with pytest.raises(defect) as caught:
        parse_agreement_id(text)
    assert caught.value.code == "invalid_code"
    assert text not in caught.value.detail


def test_agreement_id_needs_a_body_s_business_node_and_a_known_time() -> None:
    with pytest.raises(CodeTypeError):
        generate_agreement_id(parse_national_code("591310000MA0000007L310100000001R"), NOON, "00000001")
    foreign = NationalCode(CodeKind.BUSINESS_NODE, "ALLOTTED0000000001", "3101", "00000001")
    with pytest.raises(InvalidCodeError):
        generate_agreement_id(foreign, NOON, "00000001")
    with pytest.raises(CodeTimeError):
        generate_agreement_id(NODE, NOON.replace(tzinfo=None), "00000001")
    with pytest.raises(CodeLengthError):
        generate_agreement_id(NODE, NOON, "1")
