"""Canonical JSON: every refusal has its code, on the fast way and on the slow one."""

import subprocess
import sys

import pytest
import rfc8785

from ledger.errors import InputError, LedgerError, LoneSurrogateError, MisuseError, NumberNotExactError
from ledger.log.canonical import encode_jcs, is_plain, parse_json


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed_json"),
        (b" ", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"a":1}x', "malformed_json"),
        (b'{"a":1}\x00', "malformed_json"),
        (b"1 2", "malformed_json"),
        (b"'a'", "malformed_json"),
        (b"[1,]", "malformed_json"),
        (b"01", "malformed_json"),
        (b"+1", "malformed_json"),
        (b".5", "malformed_json"),
        (b"1.", "malformed_json"),
        (b'"\x01"', "malformed_json"),
        (b'"\\x41"', "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (b'"\xed\xa0\x80"', "malformed_json"),
        (b'"\xc0\xaf"', "malformed_json"),
        ("\u00a01".encode(), "malformed_json"),
        ("\u0661".encode(), "malformed_json"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key"),
        (b'[{"a":{"b":1,"b":1}}]', "duplicate_key"),
        (b'"\\ud800"', "lone_surrogate"),
        (b'"\\udc00\\ud800"', "lone_surrogate"),
        (b'{"\\ud83d":1}', "lone_surrogate"),
        (b"NaN", "number_not_exact"),
        (b"-Infinity", "number_not_exact"),
        (b"1e400", "number_not_exact"),
        (b"-1e-400", "number_not_exact"),
        (b"9007199254740992", "number_not_exact"),
        (b"-9007199254740992", "number_not_exact"),
        (b"9" * 5000, "number_not_exact"),
        (b"1e99999999999999999999", "number_not_exact"),
        (b"1e-99999999999999999999", "number_not_exact"),
        (b"0.1000000000000000000000001", "number_not_exact"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    ],
)
def test_json_that_is_not_strict_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(LedgerError) as refusal:
        parse_json(raw)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (b"1.0", b"1"),
        (b"1e2", b"100"),
        (b"-0", b"0"),
        (b"-0.0", b"0"),
        (b"100e-2", b"1"),
        (b"0.10", b"0.1"),
        (b"1E-7", b"1e-7"),
        (b"0.00001", b"0.00001"),
        (b"9007199254740991.0", b"9007199254740991"),
        (b'"\\ud83d\\ude00\\/\\u0041"', '"\U0001f600/A"'.encode()),
        (b' {"b" : 1 , "a" : [ ] }\r\n', b'{"a":[],"b":1}'),
        (b'"\\u0000\\u001f\\b\\u007f"', b'"\\u0000\\u001f\\b\x7f"'),
        ('{"\U0001d11e":1,"\ufb33":2}'.encode(), '{"\U0001d11e":1,"\ufb33":2}'.encode()),
    ],
)
def test_other_spelling_becomes_canonical(raw: bytes, canonical: bytes) -> None:
    assert encode_jcs(parse_json(raw)) == canonical


def test_encoding_refuses_what_is_not_exact() -> None:
    for value in (2**53, [-(2**53)], float("nan"), {"a": float("inf")}):
        with pytest.raises(NumberNotExactError):
            encode_jcs(value)


def test_encoding_refuses_half_a_surrogate_pair() -> None:
    for value in ("\ud800", {"\udc00": 1}, [1.5, "\ud800"]):
        with pytest.raises(LoneSurrogateError):
            encode_jcs(value)


def test_encoding_refuses_what_is_no_json() -> None:
    for value in (b"x", {1: 2}, {"a": object()}, {1, 2}):
        with pytest.raises(MisuseError):
            encode_jcs(value)


def test_keys_that_sort_differently_leave_the_fast_way() -> None:
    assert is_plain({"\ud7ff": 1, "z": 2})
    assert not is_plain({"\ue000": 1})
    assert not is_plain({"\U00010000": 1})


def test_floats_and_subclasses_leave_the_fast_way() -> None:
    assert not is_plain([0.5])
    assert encode_jcs([0.5, 1e-7]) == rfc8785.dumps([0.5, 1e-7])


def test_parsing_leaves_the_recursion_limit_alone() -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(LedgerError):
        parse_json(b"[" * 50_000)
    assert sys.getrecursionlimit() == limit


def test_parse_json_of_deep_nesting_is_refused_even_where_the_recursion_limit_was_raised() -> None:
    # In a process of its own, because the failure to guard against is the end of the process.
    program = (
        "import sys; sys.setrecursionlimit(100_000)\n"
        "from ledger.errors import TooDeepError\n"
        "from ledger.log.canonical import parse_json\n"
        "for raw in (b'[' * 200_000, b'{\"a\":' * 200_000, b'[' * 200_000 + b']' * 200_000):\n"
        "    try: parse_json(raw)\n"
        "    except TooDeepError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["refused"] * 3), done.stderr


def test_parse_json_counts_no_brackets_inside_strings() -> None:
    assert parse_json(b'["' + b"[" * 100 + b'\\"{",1.0]') == ["[" * 100 + '"{', 1]


@pytest.mark.parametrize("raw", [b'\\"' * 500_000 + b"[" * 40, b'["' + b"\\" * 1_000_001 + b"[" * 40])
@pytest.mark.timeout(60)  # quadratic time would take many minutes
def test_parse_json_of_unclosed_strings_does_not_go_quadratic(raw: bytes) -> None:
    with pytest.raises(InputError):
        parse_json(raw)
