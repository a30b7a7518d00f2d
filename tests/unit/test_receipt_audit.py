"""Holding a log to its receipts: what is kept, what is broken, and what cannot be said yet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from support.public_log_double import ANCHOR_BY, PUBLISH_BY, RECEIVED_AT, LogKeys, PublishedLog

from ledger.client.audit import CODES, AnchoredAt, AuditReport, NamedReceipt, audit_receipts
from ledger.client.public_log import PublicLog
from ledger.errors import VerificationError
from ledger.log.receipt import LogReceipt
from ledger.log.tiles import entry_bundle_path, tile_path

SIZE = 600
LATER = ANCHOR_BY + timedelta(days=1)


@pytest.fixture
def published() -> PublishedLog:
    return PublishedLog([b'{"entry":%d}' % number for number in range(SIZE)])


def audit(
    published: PublishedLog,
    receipts: Sequence[LogReceipt],
    anchored: Sequence[AnchoredAt] | None = None,
    now: datetime = LATER,
    note: str | None = None,
) -> AuditReport:
    report = AuditReport()
    log = PublicLog(published.keys.identity, note or published.note(), published.read_tile)
    named = [NamedReceipt(f"r:{number}", receipt) for number, receipt in enumerate(receipts, 1)]
    key = published.keys.receipt_public_key
    audit_receipts(named, log, receipt_key=key, anchored=anchored, now=now, report=report)
    return report


def codes(report: AuditReport) -> list[str]:
    return sorted(finding.code for finding in report.findings)


def test_audit_promises_all_kept_finds_nothing(published: PublishedLog) -> None:
    receipts = [
        published.receipt([published.item(index) for index in range(start, start + 100)], published.note(start + 100))
        for start in range(0, SIZE, 100)
    ]
    anchored = [AnchoredAt(published.head(size), ANCHOR_BY) for size in (250, SIZE)]
    report = audit(published, receipts, anchored)
    assert report.findings == []
    assert (report.receipts, report.promises, report.in_place, report.anchored_in_time) == (6, SIZE, SIZE, SIZE)


def test_audit_without_a_chain_counts_anchors_as_not_checked(published: PublishedLog) -> None:
    report = audit(published, [published.receipt([published.item(3)])])
    assert (report.findings, report.in_place, report.anchor_not_checked) == ([], 1, 1)


def test_audit_entry_that_never_appeared_is_named(published: PublishedLog) -> None:
    gone = published.item(3)._replace(leaf_index=SIZE)
    report = audit(published, [published.receipt([gone])])
    assert codes(report) == ["promise_broken_missing_leaf"]
    assert report.findings[0].leaf_index == SIZE
    assert report.findings[0].where == "r:1"


def test_audit_entry_that_is_not_due_yet_is_no_finding(published: PublishedLog) -> None:
    waiting = published.item(3)._replace(leaf_index=SIZE)
    report = audit(published, [published.receipt([waiting])], now=PUBLISH_BY)
    assert (report.findings, report.publication_not_yet_due) == ([], 1)


def test_audit_other_entry_in_the_promised_place_is_named(published: PublishedLog) -> None:
    report = audit(published, [published.receipt([published.item(7, b"\x07" * 32)])])
    assert codes(report) == ["promise_broken_other_leaf"]


def test_audit_edited_entry_in_the_tiles_is_named(published: PublishedLog) -> None:
    path = entry_bundle_path(1)
    published.files[path] = published.files[path].replace(b'{"entry":300}', b'{"entry":999}')
    report = audit(published, [published.receipt([published.item(300), published.item(2)])])
    assert codes(report) == ["tiles_damaged"]
    assert report.in_place == 1


def test_audit_withheld_tile_is_named(published: PublishedLog) -> None:
    del published.files[tile_path(1, 0, 2)]
    assert codes(audit(published, [published.receipt([published.item(0)])])) == ["tiles_damaged"]


def test_audit_damaged_bundle_is_said_once_for_all_its_promises_and_fetched_once(published: PublishedLog) -> None:
    path = entry_bundle_path(1)
    published.files[path] = published.files[path].replace(b'{"entry":300}', b'{"entry":999}')
    fetched: list[str] = []
    read, published.read_tile = published.read_tile, lambda path: (fetched.append(path), read(path))[1]
    report = audit(published, [published.receipt([published.item(index) for index in range(SIZE)])])
    (finding,) = report.findings
    assert (finding.code, finding.leaf_index) == ("tiles_damaged", 256)
    assert path in finding.detail
    assert "256 promises" in finding.detail
    assert fetched.count(path) == 1
    assert report.in_place == SIZE - 256


def test_audit_two_damaged_bundles_are_two_findings(published: PublishedLog) -> None:
    for number in (0, 1):
        published.files[entry_bundle_path(number)] += b"x"
    report = audit(published, [published.receipt([published.item(index) for index in range(SIZE)])])
    assert [finding.leaf_index for finding in report.findings] == [0, 256]
    assert set(codes(report)) == {"tiles_damaged"}


def test_audit_tile_that_all_bundles_need_is_one_finding(published: PublishedLog) -> None:
    del published.files[tile_path(1, 0, 2)]
    receipts = [published.receipt([published.item(index)], published.note(index + 1)) for index in (3, 300, 599)]
    anchored = [AnchoredAt(published.head(size), RECEIVED_AT) for size in (200, 400)]
    assert codes(audit(published, receipts, anchored)) == ["tiles_damaged"]


@pytest.mark.parametrize("changed", ["received_at", "publish_by", "anchor_by"])
def test_audit_one_leaf_with_two_promises_is_named_with_both_receipts(published: PublishedLog, changed: str) -> None:
    first = published.item(7)
    later = first._replace(**{changed: "2027-01-01T00:00:00.000000Z"})
    report = audit(published, [published.receipt([first]), published.receipt([published.item(3), later])])
    (finding,) = report.findings
    assert (finding.code, finding.where, finding.leaf_index) == ("promises_differ", "r:2", 7)
    assert "r:1" in finding.detail
    assert "2027-01-01" in finding.detail


def test_audit_one_leaf_promised_twice_alike_is_no_finding(published: PublishedLog) -> None:
    receipts = [published.receipt([published.item(7)], note) for note in (None, published.note())]
    assert audit(published, receipts).findings == []


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 599])
def test_audit_leaf_at_the_edge_of_a_bundle_is_in_place(index: int, published: PublishedLog) -> None:
    assert audit(published, [published.receipt([published.item(index)])]).in_place == 1


def test_audit_receipt_by_another_key_is_named_and_promises_nothing(published: PublishedLog) -> None:
    forged = PublishedLog(published.entries, LogKeys(2)).receipt([published.item(1)])
    report = audit(published, [forged])
    assert codes(report) == ["receipt_invalid"]
    assert report.promises == 0


def test_audit_changed_receipt_is_named(published: PublishedLog) -> None:
    receipt = published.receipt([published.item(1)])
    later = receipt.items[0]._replace(anchor_by="2027-01-01T00:00:00.000000Z")
    assert codes(audit(published, [receipt._replace(items=(later,))])) == ["receipt_invalid"]


def test_audit_checkpoint_of_another_log_is_named(published: PublishedLog) -> None:
    foreign = PublishedLog(published.entries, LogKeys(2)).note()
    assert codes(audit(published, [published.receipt([published.item(1)], foreign)])) == ["foreign_checkpoint"]


def test_audit_checkpoint_that_does_not_cover_the_promise_is_named(published: PublishedLog) -> None:
    receipt = published.receipt([published.item(10)], published.note(10))
    assert codes(audit(published, [receipt])) == ["foreign_checkpoint"]


def test_audit_two_histories_signed_by_one_log_are_named(published: PublishedLog) -> None:
    other = PublishedLog([b"another", *published.entries[1:]], published.keys)
    receipt = other.receipt([published.item(5)], other.note(300))
    assert codes(audit(published, [receipt])) == ["inconsistent_checkpoint"]


def test_audit_log_restored_from_an_older_copy_is_named(published: PublishedLog) -> None:
    receipt = published.receipt([published.item(599)], published.note())
    older = PublishedLog(published.entries[:500], published.keys)
    assert codes(audit(older, [receipt])) == ["log_shrank", "promise_broken_missing_leaf"]


def test_audit_anchor_after_the_promised_time_is_named(published: PublishedLog) -> None:
    anchored = [AnchoredAt(published.head(100), ANCHOR_BY), AnchoredAt(published.head(200), LATER)]
    report = audit(published, [published.receipt([published.item(99), published.item(100)])], anchored)
    assert codes(report) == ["promise_late"]
    assert report.findings[0].leaf_index == 100
    assert report.anchored_in_time == 1


def test_audit_entry_without_anchor_is_named_when_it_was_due(published: PublishedLog) -> None:
    receipts = [published.receipt([published.item(100)])]
    anchored = [AnchoredAt(published.head(100), RECEIVED_AT)]
    assert codes(audit(published, receipts, anchored)) == ["promise_broken_not_anchored"]
    waiting = audit(published, receipts, anchored, now=ANCHOR_BY)
    assert (waiting.findings, waiting.anchor_not_yet_due) == ([], 1)


def test_audit_foreign_head_on_the_chain_is_named(published: PublishedLog) -> None:
    other = PublishedLog([b"another", *published.entries[1:]], published.keys)
    report = audit(published, [], [AnchoredAt(other.head(300), RECEIVED_AT)])
    assert codes(report) == ["chain_contradicts_log"]


def test_audit_damaged_tile_is_not_taken_for_another_history(published: PublishedLog) -> None:
    path = tile_path(0, 1)
    published.files[path] = bytes([published.files[path][0] ^ 1]) + published.files[path][1:]
    receipt = published.receipt([published.item(3)], published.note(300))
    report = audit(published, [receipt], [AnchoredAt(published.head(301), RECEIVED_AT)])
    assert set(codes(report)) == {"tiles_damaged"}


def test_audit_chain_ahead_of_the_log_is_named(published: PublishedLog) -> None:
    older = PublishedLog(published.entries[:500], published.keys)
    report = audit(older, [], [AnchoredAt(published.head(), RECEIVED_AT)])
    assert codes(report) == ["chain_contradicts_log"]


def test_public_log_checkpoint_of_another_log_is_refused(published: PublishedLog) -> None:
    with pytest.raises(VerificationError):
        PublicLog(LogKeys(2).identity, published.note(), published.read_tile)


def test_public_log_partial_tiles_may_have_been_dropped(published: PublishedLog) -> None:
    growing = PublishedLog(published.entries[:300], published.keys)
    older_note = growing.note()
    growing.append(published.entries[300:512])
    for path in [path for path in growing.files if ".p/" in path and "tile/1/" not in path]:
        del growing.files[path]
    report = audit(growing, [growing.receipt([growing.item(299)])], note=older_note)
    assert (report.in_place, report.findings) == (1, [])


def test_audit_every_code_is_explained() -> None:
    assert all(text and not text.endswith(".") for text in CODES.values())
