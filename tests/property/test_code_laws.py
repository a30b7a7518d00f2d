"""Laws of the codecs: what is made is read back, and no single slip of the pen passes."""

import contextlib
from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.domain.agreement_id import encode_agreement_id, generate_agreement_id, parse_agreement_id
from ledger.domain.check_characters import ALPHANUMERIC, CREDIT_ALPHABET, check_character_11_2, check_character_37_2
from ledger.domain.codes import (
    EXTENSIBLE,
    RANDOM_PARTS,
    CodeKind,
    encode_national_code,
    escape_code,
    generate_national_code,
    parse_national_code,
    random_part,
    unescape_code,
)
from ledger.domain.subject_code import encode_subject_code, generate_subject_code, is_subject_code, parse_subject_code
from ledger.errors import InvalidCodeError

digits = st.sampled_from("0123456789")
credit = st.sampled_from(CREDIT_ALPHABET)
subjects = st.builds(
    generate_subject_code,
    region=st.text(digits, min_size=6, max_size=6),
    organisation=st.text(credit, min_size=9, max_size=9),
    authority=credit,
    category=credit,
)
randoms = st.integers(0, RANDOM_PARTS - 1).map(random_part)
extensions = st.text(st.sampled_from(ALPHANUMERIC + "abcxyz._-"), max_size=32)


@st.composite
def codes(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(CodeKind))
    region = draw(st.text(digits, min_size=4, max_size=4))
    if kind is CodeKind.INDUSTRY_NODE:
        region = "00" + region[2:]
    assume(kind is not CodeKind.REGION_NODE or not region.startswith("00"))
    extension = draw(extensions) if kind in EXTENSIBLE else ""
    return generate_national_code(kind, draw(subjects), region, draw(randoms), extension)


def accepted(text: str) -> bool:
    try:
        parse_national_code(text)
    except InvalidCodeError:
        return False
    return True


@given(codes())
def test_national_code_made_is_read_back(text: str) -> None:
    code = parse_national_code(text)
    assert encode_national_code(code) == text
    assert is_subject_code(code.subject)


@given(codes())
def test_national_code_survives_ascii(text: str) -> None:
    escaped = escape_code(text)
    assert escaped.isascii()
    assert unescape_code(escaped) == text
    assert unescape_code(text) == text


@given(codes(), st.integers(0, 31), st.sampled_from(ALPHANUMERIC + "*"))
def test_national_code_one_character_changed_is_refused(text: str, place: int, character: str) -> None:
    assume(text[place] != character)
    assert not accepted(text[:place] + character + text[place + 1 :])


@given(codes(), st.integers(0, 30))
def test_national_code_two_neighbours_swapped_is_refused(text: str, place: int) -> None:
    assume(text[place] != text[place + 1])
    assert not accepted(text[:place] + text[place + 1] + text[place] + text[place + 2 :])


@given(st.text(max_size=70) | st.text(st.sampled_from(ALPHANUMERIC + "*\u2022%"), min_size=30, max_size=66))
def test_national_code_any_text_is_read_back_or_refused_as_a_code(text: str) -> None:
    with contextlib.suppress(InvalidCodeError):
        assert encode_national_code(parse_national_code(text)) == text


@given(subjects)
def test_subject_code_made_is_read_back(text: str) -> None:
    assert encode_subject_code(parse_subject_code(text)) == text


@given(subjects, st.integers(0, 17), st.sampled_from(ALPHANUMERIC))
def test_subject_code_one_character_changed_is_refused(text: str, place: int, character: str) -> None:
    assume(text[place] != character)
    assert not is_subject_code(text[:place] + character + text[place + 1 :])


@given(st.text(st.sampled_from(ALPHANUMERIC), min_size=1, max_size=60))
def test_check_character_37_2_makes_the_weighted_sum_one(text: str) -> None:
    whole = text + check_character_37_2(text)
    values = [(ALPHANUMERIC + "*").index(character) for character in reversed(whole)]
    assert sum(value * pow(2, place, 37) for place, value in enumerate(values)) % 37 == 1


@given(st.text(digits, min_size=1, max_size=40))
def test_check_character_11_2_makes_the_weighted_sum_one(text: str) -> None:
    whole = text + check_character_11_2(text)
    values = ["0123456789X".index(character) for character in reversed(whole)]
    assert sum(value * pow(2, place, 11) for place, value in enumerate(values)) % 11 == 1


@given(
    subjects,
    st.text(digits, min_size=4, max_size=4),
    st.datetimes(datetime(2000, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 naive by API
    randoms,
)
def test_agreement_id_made_is_read_back(subject: str, region: str, issued_at: datetime, random: str) -> None:
    node = parse_national_code(generate_national_code(CodeKind.BUSINESS_NODE, subject, region, random))
    text = generate_agreement_id(node, issued_at, random)
    parsed = parse_agreement_id(text)
    assert encode_agreement_id(parsed) == text
    assert parsed.issued_at == issued_at.replace(microsecond=0)
    assert (parsed.subject, parsed.region, parsed.random) == (subject, region, random)
