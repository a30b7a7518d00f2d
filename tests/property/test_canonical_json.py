"""The fast way through canonical JSON gives what the definition gives; strict parsing loses nothing and repairs nothing."""

import json
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import InputError, NumberNotExactError
from ledger.log import canonical
from ledger.log.canonical import SAFE_INTEGER_MAX, encode_jcs, is_plain, load_json, parse_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# Keys around the border where UTF-8 and UTF-16 sort differently.
KEY = TEXT | st.text(st.sampled_from('a\x00\x7f\x80\ud7ff\ue000\ufffd\U00010000\U0010ffff"\\/'), max_size=4)
INTEGER = st.integers(-SAFE_INTEGER_MAX, SAFE_INTEGER_MAX)
FRACTION = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())


def values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | numbers | TEXT
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4), max_leaves=20
    )


JSON = values(INTEGER | FRACTION)


@given(JSON)
@example({"\ufb33": 1, "\U0001d11e": 2})
@example({"": [0, -0, "\x7f\u2028</script>"]})
def test_encoding_equals_rfc8785(value: Any) -> None:
    assert encode_jcs(value) == rfc8785.dumps(value)


@given(values(INTEGER))
def test_plain_value_is_encoded_by_the_fast_way_alike(value: Any) -> None:
    if is_plain(value):
        assert canonical.encode_plain(value) == rfc8785.dumps(value)


@given(JSON)
def test_canonical_bytes_parse_to_the_same_bytes(value: Any) -> None:
    encoded = rfc8785.dumps(value)
    assert encode_jcs(parse_json(encoded)) == encoded


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_any_spelling_parses_to_the_canonical_bytes(value: Any, indent: int | None, ensure_ascii: bool) -> None:
    spelled = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii).encode()
    assert encode_jcs(parse_json(spelled)) == rfc8785.dumps(value)


@given(JSON)
def test_fast_and_slow_parsing_agree(value: Any) -> None:
    raw = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    assert repr(load_json(raw)[0]) == repr(canonical._parse_slowly(raw, 32))


NUMBER_TEXT = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@given(NUMBER_TEXT)
@example("-0")
@example("-0.0")
@example("0.1000000000000000055511151231257827")
@example("9007199254740991.0")
@example("9007199254740992")
@example("4503599627370496.5")
@example("1e16")
@example("5e-324")
def test_number_is_exact_or_refused(text: str) -> None:
    exact = Decimal(text)
    try:
        value = parse_json(text.encode())
    except NumberNotExactError:
        # Refused for a reason: beyond the integers, or no double has this decimal value as its shortest form.
        written = Decimal(rfc8785.dumps(float(text)).decode()) if abs(exact) < Decimal("1e308") else None
        assert written != exact or (exact == exact.to_integral_value() and abs(exact) > SAFE_INTEGER_MAX)
    else:
        assert Decimal(encode_jcs(value).decode()) == exact


@given(st.binary(max_size=40) | st.text('[]{}":,\\ud80dc0019.eE-+ntrfalsu \t\n\r\ufeff', max_size=40).map(str.encode))
def test_any_bytes_parse_or_are_refused_by_name(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except InputError as error:
        refusal = error.code
    else:
        refusal = None
    if refusal is not None:
        assert refusal in {"malformed_json", "duplicate_key", "lone_surrogate", "number_not_exact", "too_deep"}
    else:
        assert encode_jcs(parse_json(encode_jcs(value))) == encode_jcs(value)
        assert json.loads(raw) == value


@pytest.mark.parametrize("levels", [32, 33])
def test_depth_is_counted_alike_in_both_ways(levels: int) -> None:
    for leaf in ("0", "0.5"):
        raw = ("[" * levels + leaf + "]" * levels).encode()
        if levels == 32:
            assert parse_json(raw) is not None
        else:
            with pytest.raises(InputError, match="32 levels"):
                parse_json(raw)
