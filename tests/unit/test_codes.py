"""National codes: the worked vectors of the standards' annexes, every single change of a character, and each kind of defect."""

from itertools import pairwise

import pytest

from ledger.domain.check_characters import (
    ALPHANUMERIC,
    CREDIT_ALPHABET,
    check_character_11_2,
    check_character_31,
    check_character_37_2,
)
from ledger.domain.code_defects import (
    CodeAlphabetError,
    CodeCheckError,
    CodeLengthError,
    CodeRegionError,
    CodeSeparatorError,
    CodeSubjectError,
    CodeTypeError,
)
from ledger.domain.codes import (
    RANDOM_PARTS,
    CodeKind,
    NationalCode,
    encode_national_code,
    escape_code,
    generate_national_code,
    has_body_as_subject,
    parse_national_code,
    random_part,
    unescape_code,
)
from ledger.domain.subject_code import (
    encode_subject_code,
    generate_subject_code,
    is_citizen_number,
    is_subject_code,
    parse_subject_code,
)
from ledger.errors import InputError, InvalidCodeError

SUBJECT = "91310000MA0000007L"
BUSINESS_NODE = "491310000MA0000007L310100000001C"
RESOURCE = "791310000MA0000007L310100000001K\u20221215202502281BH95JZY"
# NDI-TR-2025-04 annex B, worked by hand over an invented subject
VECTORS = {
    "291310000MA0000007L310100000001J": (CodeKind.REGION_NODE, "00000001", ""),
    BUSINESS_NODE: (CodeKind.BUSINESS_NODE, "00000001", ""),
    "591310000MA0000007L310100000001R": (CodeKind.CONNECTOR, "00000001", ""),
    "591310000MA0000007L310100000039*": (CodeKind.CONNECTOR, "00000039", ""),
    "691310000MA0000007L3101000000015": (CodeKind.PRODUCT, "00000001", ""),
    RESOURCE: (CodeKind.RESOURCE, "00000001", "1215202502281BH95JZY"),
}
CHECKS_FOR_SUMS = "10*ZYXWVUTSRQPONMLKJIHGFEDCBA98765432"
WEIGHTS = [22, 11, 24, 12, 6, 3, 20, 10, 5, 21, 29, 33, 35, 36, 18, 9, 23, 30, 15, 26, 13, 25, 31, 34, 17, 27, 32, 16]
WEIGHTS += [8, 4, 2, 1]
# written so that no plain number stands in the repository: region, birth date, serial; the check digit is computed
CITIZEN = "110101" + "19491001" + "001"


def weighted_sum(text: str) -> int:
    """The rule of annex B, table 1, which is written quite differently from the recursion of the code."""
    places = zip(text, WEIGHTS, strict=True)
    return sum((ALPHANUMERIC + "*").index(character) * weight for character, weight in places) % 37


@pytest.mark.parametrize("text", VECTORS)
def test_national_code_of_the_annex_is_read_and_made_again(text: str) -> None:
    kind, random, extension = VECTORS[text]
    assert parse_national_code(text) == NationalCode(kind, SUBJECT, "3101", random, extension)
    assert parse_national_code(text, kind) == parse_national_code(text)
    assert generate_national_code(kind, SUBJECT, "3101", random, extension) == text
    assert weighted_sum(text[:32]) == 1


def test_check_characters_follow_the_table_of_the_annex() -> None:
    # two characters before the check suffice to reach every sum: weights 4 and 2
    seen = {}
    for first in ALPHANUMERIC:
        for second in ALPHANUMERIC:
            total = (ALPHANUMERIC.index(first) * 4 + ALPHANUMERIC.index(second) * 2) % 37
            seen[total] = check_character_37_2(first + second)
    assert "".join(seen[total] for total in range(37)) == CHECKS_FOR_SUMS


def test_national_code_every_single_change_is_refused() -> None:
    changes = [
        BUSINESS_NODE[:place] + character + BUSINESS_NODE[place + 1 :]
        for place in range(32)
        for character in ALPHANUMERIC
        if character != BUSINESS_NODE[place]
    ]
    assert len(changes) == 1120
    for text in changes:
        assert check_character_37_2(text[:-1]) != text[-1]
        with pytest.raises(InvalidCodeError):
            parse_national_code(text)


def test_national_code_every_swap_of_unlike_neighbours_is_refused() -> None:
    swapped = 0
    for place, (one, other) in enumerate(pairwise(BUSINESS_NODE)):
        if one != other:
            swapped += 1
            with pytest.raises(InvalidCodeError):
                parse_national_code(BUSINESS_NODE[:place] + other + one + BUSINESS_NODE[place + 2 :])
    assert swapped == 17


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("", CodeLengthError),
        (BUSINESS_NODE[:-1], CodeLengthError),
        (BUSINESS_NODE + "\n", CodeLengthError),
        (BUSINESS_NODE + "\u2022A", CodeLengthError),  # a node has no extension
        (RESOURCE[:33], CodeLengthError),  # a separator and nothing behind it
        (RESOURCE[:33] + "A" * 33, CodeLengthError),
        (RESOURCE.replace("\u2022", "\u00b7"), CodeSeparatorError),  # the middle dot looks the same
        (RESOURCE.replace("\u2022", "-"), CodeSeparatorError),
        (RESOURCE + "/1", CodeAlphabetError),
        (RESOURCE + "\u2022", CodeAlphabetError),
        ("8" + BUSINESS_NODE[1:], CodeTypeError),
        (" " + BUSINESS_NODE[1:], CodeTypeError),
        (BUSINESS_NODE.lower(), CodeAlphabetError),
        (BUSINESS_NODE[:19] + "310\u0661" + BUSINESS_NODE[23:], CodeAlphabetError),  # a digit of another script
        (BUSINESS_NODE[:31] + "+", CodeAlphabetError),
        (BUSINESS_NODE[:31] + "*", CodeCheckError),
        ("2" + SUBJECT + "0065" + "000000010", CodeRegionError),
        ("3" + SUBJECT + "3101" + "000000010", CodeRegionError),
        ("6" + CITIZEN + check_character_11_2(CITIZEN) + "3101" + "000000010", CodeSubjectError),
    ],
)
def test_national_code_with_a_defect_names_its_kind(text: str, defect: type[InvalidCodeError]) -> None:
    with pytest.raises(defect) as caught:
        parse_national_code(text)
    assert isinstance(caught.value, InputError)
    assert caught.value.code == "invalid_code"
    assert caught.value.facts["defect"] == defect.defect
    assert text == "" or text not in caught.value.detail
    assert not any(str(fact) and text in str(fact) for fact in caught.value.facts.values() if text)


def test_national_code_refusal_never_repeats_a_citizen_number() -> None:
    number = CITIZEN + check_character_11_2(CITIZEN)
    for text in (number, "4" + number, "6" + number + "3101" + "00000001" + "0"):
        for parse in (parse_national_code, parse_subject_code):
            with pytest.raises(InvalidCodeError) as caught:
                parse(text)
            shown = f"{caught.value!r} {caught.value.detail} {caught.value.facts}"
            assert CITIZEN[:6] not in shown
            assert CITIZEN[6:14] not in shown


def test_national_code_of_another_kind_is_refused_by_type() -> None:
    with pytest.raises(CodeTypeError, match="not a valid connector code: its first character is 5"):
        parse_national_code(BUSINESS_NODE, CodeKind.CONNECTOR)
    nodes = (CodeKind.GLOBAL_NODE, CodeKind.REGION_NODE, CodeKind.BUSINESS_NODE)
    assert parse_national_code(BUSINESS_NODE, *nodes).kind is CodeKind.BUSINESS_NODE


def test_national_code_with_an_allotted_subject_is_read_but_never_generated() -> None:
    foreign = encode_national_code(NationalCode(CodeKind.PRODUCT, "ALLOTTED0000000001", "3101", "00000001"))
    assert not has_body_as_subject(parse_national_code(foreign))
    assert has_body_as_subject(parse_national_code(BUSINESS_NODE))
    with pytest.raises(CodeAlphabetError, match="unified social credit code"):
        generate_national_code(CodeKind.PRODUCT, "ALLOTTED0000000001", "3101", "00000001")


def test_national_code_industry_node_carries_an_industry() -> None:
    text = generate_national_code(CodeKind.INDUSTRY_NODE, SUBJECT, "0065", "00000001")
    assert parse_national_code(text).region == "0065"


def test_separator_is_one_character_and_three_bytes_and_has_one_escape() -> None:
    longest = generate_national_code(CodeKind.PRODUCT, SUBJECT, "3101", "00000001", "A" * 32)
    assert (len(longest), len(longest.encode())) == (65, 67)
    assert escape_code(RESOURCE) == RESOURCE[:32] + "%E2%80%A2" + RESOURCE[33:]
    assert unescape_code(RESOURCE[:32] + "%e2%80%a2" + RESOURCE[33:]) == RESOURCE
    for untouched in (RESOURCE, BUSINESS_NODE, "%E2%80%A2", "A" * 31 + "%E2%80%A2A", BUSINESS_NODE + "&bull;A"):
        assert unescape_code(untouched) == untouched
    with pytest.raises(InvalidCodeError):
        parse_national_code(escape_code(RESOURCE))


def test_random_part_counts_in_base_36() -> None:
    assert [random_part(number) for number in (0, 35, 36, RANDOM_PARTS - 1)] == [
        "00000000",
        "0000000Z",
        "00000010",
        "ZZZZZZZZ",
    ]
    for number in (-1, RANDOM_PARTS):
        with pytest.raises(ValueError, match="random parts"):
            random_part(number)


# the first is the invented one of the annex; the others are printed as examples of the rule in public documentation
@pytest.mark.parametrize("text", [SUBJECT, "91110000600037341L", "91350100M000100Y43"])
def test_subject_code_is_read_and_made_again(text: str) -> None:
    assert encode_subject_code(parse_subject_code(text)) == text
    assert generate_subject_code(text[2:8], text[8:17]) == text
    for character in CREDIT_ALPHABET:
        if character != text[-1]:
            with pytest.raises(CodeCheckError):
                parse_subject_code(text[:-1] + character)


def test_subject_code_printed_in_the_identity_draft_fails_its_check() -> None:
    assert check_character_31("91310105575958172") == "A"
    with pytest.raises(CodeCheckError):
        parse_subject_code("91310105575958172F")


def test_subject_code_every_single_change_is_refused() -> None:
    for place in range(18):
        for character in ALPHANUMERIC:
            if character != SUBJECT[place]:
                assert not is_subject_code(SUBJECT[:place] + character + SUBJECT[place + 1 :])


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        (SUBJECT[:-1], CodeLengthError),
        (SUBJECT + " ", CodeLengthError),
        (SUBJECT.lower(), CodeAlphabetError),
        ("9I" + SUBJECT[2:], CodeAlphabetError),
        (SUBJECT[:2] + "A" + SUBJECT[3:], CodeAlphabetError),
        (SUBJECT[:17] + "Z", CodeAlphabetError),
    ],
)
def test_subject_code_with_a_defect_names_its_kind(text: str, defect: type[InvalidCodeError]) -> None:
    with pytest.raises(defect):
        parse_subject_code(text)


def test_subject_code_parts_of_other_lengths_are_refused() -> None:
    with pytest.raises(CodeLengthError):
        generate_subject_code("31000", "MA00000070")


def test_citizen_number_is_told_from_a_subject_code() -> None:
    assert is_citizen_number(CITIZEN + check_character_11_2(CITIZEN))
    assert not is_citizen_number(SUBJECT)
    assert not is_citizen_number("0" * 18)
    # thirteenth month
    body = "110101" + "19491301" + "001"
    assert not is_citizen_number(body + check_character_11_2(body))
