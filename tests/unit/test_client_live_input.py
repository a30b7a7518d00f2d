"""Lines from a pipe: they are sent soon, whatever the batch, and reading them can be ended."""

import gzip
import io
import os
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pytest

from ledger.client.ingest import Ingest, ReceiptFile
from ledger.client.lines import Batch, EventFile, Line, batches
from ledger.client.live_input import READY_MAX, LiveBatches
from ledger.client.service import BatchAnswer
from ledger.errors import InputError, RefusedByServiceError

SOON_S = 5.0


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "wb", buffering=0) as writer:
        yield reader, writer


def raws(batch: Batch) -> list[bytes]:
    return [line.raw for line in batch.lines]


@pytest.mark.parametrize("is_gzip", [False, True])
def test_part_of_a_batch_is_given_while_the_pipe_stays_open(is_gzip: bool, pipe: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = pipe
    packer = zlib.compressobj(wbits=31)

    def write(content: bytes) -> None:
        writer.write(packer.compress(content) + packer.flush(zlib.Z_SYNC_FLUSH) if is_gzip else content)

    with closing(EventFile("-", reader, 100)) as file:
        found = batches([file], 1000, 1 << 20)
        began = time.monotonic()
        write(b'{"a":1}\n{"b":2}\n{"half')
        assert raws(next(found)) == [b'{"a":1}', b'{"b":2}']
        assert 0.5 < time.monotonic() - began < SOON_S
        write(b'":3}\n')
        assert raws(next(found)) == [b'{"half":3}']
        writer.write(packer.flush() if is_gzip else b"")
        writer.close()
        assert list(found) == []


def test_full_batches_do_not_wait(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = pipe
    writer.write(b"1\n22\n3\n4\n55555\n")
    with closing(EventFile("-", reader, 100)) as file:
        lines = chain.from_iterable([file.lines()])
        cut = iter(LiveBatches(lines, Batch, 2, 5, linger_s=3600))
        assert [raws(next(cut)) for _ in range(2)] == [[b"1", b"22"], [b"3", b"4"]]
        writer.close()
        assert [raws(batch) for batch in cut] == [[b"55555"]]


def test_reading_that_nobody_fetches_stops_after_a_few_batches(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    given = []

    def endless() -> Iterator[Line]:
        for number in range(1_000_000):
            given.append(number)
            yield Line("stdin", number, b"x")

    cut = iter(LiveBatches(endless(), Batch, 10, 1000))
    next(cut)
    time.sleep(0.2)
    assert len(given) <= 10 * (READY_MAX + 1) + 1


def test_damage_is_raised_after_the_lines_before_it(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = pipe
    whole = gzip.compress(b"".join(b'{"n":%d}\n' % number for number in range(2000)))
    writer.write(whole[:-200])
    writer.close()
    found = []
    with closing(EventFile("-", reader, 100)) as file, pytest.raises(InputError, match="stdin is damaged after line"):
        found.extend(batches([file], 100, 1 << 20))
    assert len(found) > 1


def test_closing_the_file_ends_the_thread_that_waits_for_more(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    reader, writer = pipe
    before = threading.enumerate()
    with closing(EventFile("-", reader, 100)) as file:
        found = batches([file], 1000, 1 << 20)
        writer.write(b"1\n")
        next(found)
        (waiting,) = set(threading.enumerate()) - set(before)
        assert waiting.is_alive()
    waiting.join(SOON_S)
    assert not waiting.is_alive()


def test_named_pipe_is_read_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "events"
    os.mkfifo(path)
    keeper = os.open(path, os.O_RDWR)  # opening it to read alone would wait for a writer
    with closing(EventFile(str(path), io.BytesIO(), 100)) as file:
        os.write(keeper, b"1\n")
        assert (file.size, file.position) == (None, 0)
        assert raws(next(batches([file], 1000, 1 << 20))) == [b"1"]
    os.close(keeper)


def test_silent_pipe_gives_empty_batches_so_that_a_refusal_ends_the_run(
    pipe: tuple[BinaryIO, BinaryIO], tmp_path: Path
) -> None:
    reader, writer = pipe
    writer.write(b'{"id":"1"}\n')
    refused = RefusedByServiceError("unknown key", problem_code="unauthenticated", status=401)

    class Refusing:
        def submit_lines(self, lines: list[bytes]) -> BatchAnswer:
            raise refused

    ingest = Ingest(
        Refusing,  # type: ignore[arg-type]
        ReceiptFile(tmp_path / "receipts.jsonl"),
        first_new_leaf=0,
        receipt_key=None,
        in_flight=4,
        on_progress=lambda _: None,
    )
    began = time.monotonic()
    with closing(EventFile("-", reader, 100)) as file, pytest.raises(RefusedByServiceError, match="unknown key"):
        ingest.run(batches([file], 1000, 1 << 20))
    assert time.monotonic() - began < SOON_S
