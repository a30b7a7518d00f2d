"""Cutting batch arrays and NDJSON: one bad item never loses a good one, and the cut is where JSON has it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError, LedgerError, MalformedJsonError, TooLargeError
from ledger.log.event import Event, parse_event
from ledger.services.batches import parse_batch, parse_ndjson, split_batch, split_ndjson

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
BAD_ITEMS = ['{"a":1,"a":2}', "{'single'}", "NaN", "tru", '"\\ud800"', "7 7", "{}", "[[]]", '{"x":"]},["}', '"\\""']


def an_event(number: int, **members: object) -> dict[str, object]:
    return {"specversion": "1.0", "id": str(number), "source": "urn:a", "type": "t", "data": {"n": number}} | members


@given(st.lists(JSON_VALUES, max_size=8), st.sampled_from([None, 1]), st.booleans())
def test_split_finds_the_items_of_any_array(values: list[object], indent: int | None, ascii_only: bool) -> None:
    raw = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    items = split_batch(raw, 100)

    assert [json.loads(item) for item in items] == json.loads(json.dumps(values))


@given(st.lists(st.sampled_from(BAD_ITEMS) | st.integers(0, 9), max_size=12), st.sampled_from(["", " ", "\n\t"]))
def test_batch_judges_each_item_as_it_would_be_judged_alone(items: list[int | str], space: str) -> None:
    texts = [json.dumps(an_event(item)) if isinstance(item, int) else item for item in items]

    parsed = parse_batch(f"[{space}{f'{space},{space}'.join(texts)}{space}]".encode(), 100)

    assert len(parsed) == len(texts)
    for text, got in zip(texts, parsed, strict=True):
        assert_same_as_alone(text, got)


@given(st.lists(st.integers(0, 9), max_size=12))
def test_compact_batch_is_what_its_items_are_alone(numbers: list[int]) -> None:
    texts = [json.dumps(an_event(number, flag=True, f=number + 0.5), separators=(",", ":")) for number in numbers]

    for text, got in zip(texts, parse_batch(f"[{','.join(texts)}]".encode(), 100), strict=True):
        assert_same_as_alone(text, got)


def assert_same_as_alone(text: str, got: Event | LedgerError) -> None:
    try:
        alone: Event | LedgerError = parse_event(text.encode())
    except InputError as error:
        alone = error
    if isinstance(alone, LedgerError):
        assert isinstance(got, LedgerError)
        assert got.code == alone.code
    else:
        assert got == alone


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{}",
        b"[",
        b"]",
        b"[}",
        b"[{]}",
        b"[1,]",
        b"[,1]",
        b"[1,,2]",
        b"[1]]",
        b"[1]x",
        b'["]',
        b"[\xff]",
        b"[1] []",
    ],
)
def test_body_that_is_no_array_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        parse_batch(raw, 100)


def test_more_items_than_allowed_is_refused_whole() -> None:
    spaced = json.dumps([an_event(n) for n in range(4)]).encode()
    compact = json.dumps([an_event(n) for n in range(4)], separators=(",", ":")).encode()
    lines = b"\n".join(json.dumps(an_event(n)).encode() for n in range(4))
    for parse, raw in (
        (parse_batch, spaced),
        (parse_batch, compact),
        (parse_batch, b"[{},{},{},{}]"),
        (parse_ndjson, lines),
    ):
        assert len(parse(raw, 4)) == 4
        with pytest.raises(TooLargeError):
            parse(raw, 3)


def test_million_empty_containers_stop_at_the_limit() -> None:
    with pytest.raises(TooLargeError):
        parse_batch(b"[" + b"{}," * 1_000_000 + b"{}]", 1_000)


def test_ndjson_leaves_blank_lines_out_and_takes_carriage_returns() -> None:
    assert split_ndjson(b'\r\n{"a":1}\r\n\n  \n{"b":2} \n7', 10) == [b'{"a":1}', b'{"b":2}', b"7"]
    with pytest.raises(MalformedJsonError):
        split_ndjson(b"{}\n\xff", 10)
