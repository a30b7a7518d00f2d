"""Bulk submission against a log that lives in memory and obeys the rules of identity (a double of the service)."""

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.client.ingest import Ingest, ReceiptFile
from ledger.client.lines import Batch, Line
from ledger.client.service import Accepted, BatchAnswer, RefusedItem
from ledger.errors import LedgerError, RefusedByServiceError, SignatureError, UnavailableError
from ledger.log.canonical import encode_jcs
from ledger.log.hashing import hash_leaf
from ledger.log.receipt import ReceiptItem, parse_receipt, sign_receipt

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
AT = "2026-11-21T09:41:00.000000Z"


class LogDouble:
    """Gives leaves to identities as the log does; ``fail`` may raise for a batch."""

    def __init__(self, first_leaf: int = 1) -> None:
        self.events: dict[str, tuple[int, bytes]] = {}
        self.first_leaf, self.requests, self.lock = first_leaf, 0, Lock()
        self.fail = lambda _lines: None
        self.key = KEY

    def submit_lines(self, lines: list[bytes]) -> BatchAnswer:
        with self.lock:
            self.requests += 1
            self.fail(lines)
            results = [self._result(json.loads(line)) for line in lines]
            items = [
                ReceiptItem(result.leaf_index, result.leaf_hash, AT, AT, AT)
                for result in results
                if isinstance(result, Accepted)
            ]
            return BatchAnswer(sign_receipt("o/2026", items, None, self.key.sign), results)

    def _result(self, event: dict[str, str]) -> Accepted | RefusedItem:
        if "id" not in event:
            return RefusedItem("invalid_event", "id is missing")
        raw = json.dumps(event).encode()
        leaf_index, first = self.events.setdefault(event["id"], (self.first_leaf + len(self.events), raw))
        if first != raw:
            return RefusedItem("event_conflict", "recorded with other bytes")
        return Accepted("/s", event["id"], "published", leaf_index, hash_leaf(raw), AT)


def cut(lines: Iterable[bytes], size: int = 3) -> list[Batch]:
    numbered = [Line("f", number, raw) for number, raw in enumerate(lines, 1)]
    return [Batch(numbered[start : start + size]) for start in range(0, len(numbered), size)]


def ingest_into(log: LogDouble, keeper: ReceiptFile, first_new_leaf: int = 0, in_flight: int = 2) -> Ingest:
    return Ingest(
        lambda: log,  # type: ignore[arg-type,return-value]
        keeper,
        first_new_leaf=first_new_leaf,
        receipt_key=KEY.public_key().public_bytes_raw(),
        in_flight=in_flight,
        on_progress=lambda _tally: None,
    )


EVENTS = [json.dumps({"id": str(number)}).encode() for number in range(10)]


@pytest.fixture
def keeper(tmp_path: Path) -> ReceiptFile:
    return ReceiptFile(tmp_path / "receipts" / "r.jsonl")


def test_ingest_counts_new_repeated_conflicting_and_invalid_with_line_numbers(keeper: ReceiptFile) -> None:
    log = LogDouble()
    lines = [*EVENTS, EVENTS[3], b'{"id":"4","x":"y"}', b'{"no":"id"}']
    tally = ingest_into(log, keeper).run(cut(lines))
    assert (tally.new, tally.repeated, tally.conflicting, tally.invalid) == (10, 1, 1, 1)
    found = sorted((refusal.line, refusal.code) for refusal in tally.refusals)
    assert found == [(12, "event_conflict"), (13, "invalid_event")]


def test_ingest_second_run_counts_everything_repeated(keeper: ReceiptFile) -> None:
    log = LogDouble()
    ingest_into(log, keeper).run(cut(EVENTS))
    tally = ingest_into(log, keeper, first_new_leaf=11).run(cut(EVENTS))
    assert (tally.new, tally.repeated, tally.refused) == (0, 10, 0)


def test_ingest_highest_leaf_is_the_one_to_wait_for(keeper: ReceiptFile) -> None:
    tally = ingest_into(LogDouble(), keeper).run(cut(EVENTS))
    assert tally.highest is not None
    assert tally.highest.leaf_index == 10


def test_ingest_kept_receipts_parse_and_name_their_events(keeper: ReceiptFile) -> None:
    ingest_into(LogDouble(), keeper).run(cut([*EVENTS, b'{"no":"id"}'], size=4))
    kept = [json.loads(line) for line in keeper.path.read_bytes().splitlines()]
    receipts = [parse_receipt(encode_jcs(line["receipt"])) for line in kept]
    for line, receipt in zip(kept, receipts, strict=True):
        receipt.verify(KEY.public_key().public_bytes_raw())
        assert len(line["identities"]) == len(receipt.items)
    assert sorted(identity[1] for line in kept for identity in line["identities"]) == [str(n) for n in range(10)]


def test_ingest_everything_refused_keeps_no_receipt_file(keeper: ReceiptFile) -> None:
    tally = ingest_into(LogDouble(), keeper).run(cut([b'{"no":"id"}']))
    assert (tally.refused, keeper.count, keeper.path.exists()) == (1, 0, False)


def test_ingest_line_that_spoils_its_whole_request_is_found_and_the_others_kept(keeper: ReceiptFile) -> None:
    log = LogDouble()

    def refuse(lines: list[bytes]) -> None:
        if EVENTS[5] in lines:
            raise RefusedByServiceError("too large", problem_code="too_large", status=413)

    log.fail = refuse
    tally = ingest_into(log, keeper).run(cut(EVENTS, size=8))
    assert (tally.new, tally.invalid) == (9, 1)
    assert [(refusal.line, refusal.code) for refusal in tally.refusals] == [(6, "too_large")]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_ingest_refused_key_or_broken_service_ends_the_run(status: int, keeper: ReceiptFile) -> None:
    log = LogDouble()

    def refuse(_lines: list[bytes]) -> None:
        if log.requests > 2:
            raise RefusedByServiceError("no", problem_code="x", status=status)

    log.fail = refuse
    run = ingest_into(log, keeper, in_flight=1)
    with pytest.raises(RefusedByServiceError):
        run.run(cut(EVENTS))
    assert (run.tally.new, keeper.count, log.requests) == (6, 2, 3)


def test_ingest_service_that_goes_away_leaves_what_was_acknowledged(keeper: ReceiptFile) -> None:
    log = LogDouble()

    def away(_lines: list[bytes]) -> None:
        if log.requests > 1:
            raise UnavailableError("away")

    log.fail = away
    run = ingest_into(log, keeper)
    with pytest.raises(UnavailableError):
        run.run(cut(EVENTS))
    assert (run.tally.new, keeper.count) == (3, 1)


def test_ingest_receipt_by_another_key_ends_the_run_and_is_not_kept(keeper: ReceiptFile) -> None:
    log = LogDouble()
    log.key = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
    run = ingest_into(log, keeper)
    with pytest.raises(SignatureError):
        run.run(cut(EVENTS))
    assert (run.tally.lines, keeper.count) == (0, 0)


def test_ingest_stopped_ends_after_the_batches_under_way(keeper: ReceiptFile) -> None:
    log = LogDouble()
    run = ingest_into(log, keeper, in_flight=1)
    log.fail = lambda _lines: run.stop() if log.requests == 2 else None
    tally = run.run(cut(EVENTS))
    assert (run.is_stopped, tally.new, keeper.count) == (True, 6, 2)


def test_ingest_stop_ends_a_wait_between_retries(keeper: ReceiptFile) -> None:
    run = ingest_into(LogDouble(), keeper)
    run.stop()
    with pytest.raises(UnavailableError, match="stopped"):
        run.sleep(60)


def test_ingest_file_that_breaks_off_still_sends_what_was_read(keeper: ReceiptFile) -> None:
    def broken() -> Iterable[Batch]:
        yield from cut(EVENTS)
        raise LedgerError("damaged")

    run = ingest_into(LogDouble(), keeper)
    with pytest.raises(LedgerError, match="damaged"):
        run.run(broken())
    assert run.tally.new == 10


def test_ingest_line_with_a_fault_is_not_sent(keeper: ReceiptFile) -> None:
    log = LogDouble()
    lines = [Line("f", 1, b"", ("malformed_json", "not UTF-8")), Line("f", 2, EVENTS[0])]
    tally = ingest_into(log, keeper).run([Batch(lines)])
    assert (tally.new, tally.invalid, len(log.events)) == (1, 1, 1)
