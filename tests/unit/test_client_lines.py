"""Event files as numbered lines and batches."""

import gzip
import io
from contextlib import closing
from pathlib import Path

import pytest

from ledger.client.lines import Batch, EventFile, Line, batches
from ledger.errors import InputError

CONTENT = b'{"a":1}\n\n  \r\n{"b":2}\r\n{"c":3}'


def lines_of(name: str, standard_input: bytes = b"", line_bytes_max: int = 100) -> list[Line]:
    with closing(EventFile(name, io.BufferedReader(io.BytesIO(standard_input)), line_bytes_max)) as file:
        return list(file.lines())


@pytest.mark.parametrize("form", ["plain", "gzip", "stdin", "gzip on stdin"])
def test_event_file_every_form_gives_the_same_numbered_lines(form: str, tmp_path: Path) -> None:
    content = gzip.compress(CONTENT) if "gzip" in form else CONTENT
    (tmp_path / "events").write_bytes(content)
    name = "-" if "stdin" in form else str(tmp_path / "events")
    found = lines_of(name, content)
    assert [(line.number, line.raw) for line in found] == [(1, b'{"a":1}'), (4, b'{"b":2}'), (5, b'{"c":3}')]
    assert {line.file for line in found} == {"stdin" if name == "-" else name}


def test_event_file_line_that_is_not_utf8_is_a_fault_of_this_line_only() -> None:
    found = lines_of("-", b'{"a":1}\n\xff\n{"b":2}\n')
    assert [line.fault and line.fault[0] for line in found] == [None, "malformed_json", None]


@pytest.mark.parametrize("length", [101, 250, 5000])
def test_event_file_line_above_the_limit_is_a_fault_and_later_numbers_hold(length: int) -> None:
    found = lines_of("-", b"x" * length + b"\n{}\n")
    assert [(line.number, line.raw, line.fault and line.fault[0]) for line in found] == [
        (1, b"", "too_large"),
        (2, b"{}", None),
    ]


def test_event_file_line_at_the_limit_is_kept() -> None:
    assert lines_of("-", b"x" * 100 + b"\n")[0].raw == b"x" * 100


def test_event_file_damaged_gzip_names_the_last_good_line(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"n":%d}\n' % number for number in range(20_000)))
    path = tmp_path / "cut.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.gz is damaged after line [1-9]"):
        lines_of(str(path))


@pytest.mark.parametrize("content", [b'{"a":1}\n', b"PK\x03\x04", b""])
def test_event_file_named_gz_that_is_no_gzip_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "events.gz").write_bytes(content)
    with pytest.raises(InputError, match=r"events\.gz is no gzip file although it is named \.gz"):
        lines_of(str(tmp_path / "events.gz"))


@pytest.mark.parametrize("length", [1, 5, 12, -1, -6])
def test_event_file_gzip_cut_anywhere_is_damaged_and_never_whole(length: int, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(CONTENT)[:length])
    with pytest.raises(InputError, match=r"cut\.gz is damaged after line"):
        lines_of(str(tmp_path / "cut.gz"))


def test_event_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        EventFile("/nonexistent/events", io.BufferedReader(io.BytesIO()), 100)


def test_batches_are_cut_by_lines_and_by_bytes() -> None:
    file = EventFile("-", io.BufferedReader(io.BytesIO(b"".join(b"%04d\n" % n for n in range(10)))), 100)
    cut: list[Batch] = list(batches([file], 4, 15))
    assert [[line.raw for line in batch.lines] for batch in cut] == [
        [b"0000", b"0001", b"0002"],
        [b"0003", b"0004", b"0005"],
        [b"0006", b"0007", b"0008"],
        [b"0009"],
    ]


def test_batches_line_above_the_bytes_of_a_batch_travels_alone() -> None:
    file = EventFile("-", io.BufferedReader(io.BytesIO(b"a\n" + b"b" * 50 + b"\nc\n")), 100)
    assert [len(batch.lines) for batch in batches([file], 10, 20)] == [1, 1, 1]


def test_batches_go_on_across_files() -> None:
    files = [EventFile("-", io.BufferedReader(io.BytesIO(b"a\nb\n")), 100) for _ in range(3)]
    assert [len(batch.lines) for batch in batches(files, 4, 1000)] == [4, 2]
