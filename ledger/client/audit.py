"""Holds a log to its receipts, from public tiles and the chain alone (design section 4, "Receipts are promises").

Every receipt is a promise that an entry stands at a place, is published by one time and anchored by another. What can be shown
from outside: the place, exactly; the anchor's time, as the chain states it; publication, no later than the anchor. A time that
has not come yet is no broken promise and is counted apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from ledger.client.public_log import PublicLog
from ledger.errors import MalformedEvidenceError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.receipt import LogReceipt, ReceiptItem
from ledger.log.tiles import TILE_WIDTH
from ledger.log.timestamps import parse_time

CODES = {
    "receipt_malformed": "the file holds something that is not a log receipt in its one form",
    "receipt_invalid": "the receipt is not signed by the log's receipt key",
    "foreign_receipt": "the receipt is of a log that the trust file does not name",
    "foreign_checkpoint": "the receipt's checkpoint is not signed by the log's keys, or covers less than the receipt promises",
    "inconsistent_checkpoint": "the receipt's checkpoint and the published one are not one history",
    "log_shrank": "the log shows a smaller tree than a checkpoint it signed",
    "tiles_damaged": "the published entries do not hash to the published checkpoint",
    "promise_broken_missing_leaf": "publication is due and the log shows no entry at the promised place",
    "promise_broken_other_leaf": "the log shows another entry at the promised place",
    "promise_broken_not_anchored": "the anchor is due and no head on the chain covers the entry",
    "promise_late": "the entry was anchored after the promised time, as the chain states it",
    "chain_contradicts_log": "a head on the chain and the published log are not one history",
    "promises_differ": "two receipts state different times for one leaf, and the log's key signed both",
    "wrong_chain": "the node is on another chain, or another contract stands at the trusted address",
}
"""Every finding by its stable code."""


class Finding(NamedTuple):
    """One thing that is not as promised. ``where`` names file and line of the receipt, or the log or chain."""

    code: str
    where: str
    leaf_index: int | None
    detail: str


class NamedReceipt(NamedTuple):
    """A receipt and where it was read."""

    where: str
    receipt: LogReceipt


class AnchoredAt(NamedTuple):
    """A head on the chain with the time that its block states."""

    head: Checkpoint
    at: datetime


@dataclass(slots=True)
class AuditReport:
    """The findings, and how many promises were judged. ``not_yet_due`` promises are neither kept nor broken."""

    receipts: int = 0
    promises: int = 0
    in_place: int = 0
    anchored_in_time: int = 0
    publication_not_yet_due: int = 0
    anchor_not_yet_due: int = 0
    anchor_not_checked: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, where: str, detail: str, leaf_index: int | None = None) -> None:
        """Adds a finding."""
        assert code in CODES
        self.findings.append(Finding(code, where, leaf_index, detail))


@dataclass(slots=True)
class _Damage:
    """Damaged tiles, each named once however many promises and heads rest on it."""

    _met: dict[str, tuple[str, int | None, int]] = field(default_factory=dict)
    _bundles: dict[int, str] = field(default_factory=dict)

    def of_bundle(self, leaf_index: int) -> str | None:
        """What is wrong with the bundle of this leaf, if that is known: it is not fetched for every leaf again."""
        return self._bundles.get(leaf_index // TILE_WIDTH)

    def add(self, detail: str, where: str, leaf_index: int | None = None) -> None:
        """``detail`` says what is damaged; ``where`` what was judged by it first."""
        if leaf_index is not None:
            self._bundles[leaf_index // TILE_WIDTH] = detail
        first = self._met.get(detail, (where, leaf_index, 0))
        self._met[detail] = (*first[:2], first[2] + 1)

    def report(self, report: AuditReport) -> None:
        """Adds the findings."""
        for detail, (where, leaf_index, count) in self._met.items():
            rest = "" if count == 1 else f"; {count:,} promises and heads rest on it"
            report.add("tiles_damaged", where, detail + rest, leaf_index)


def audit_receipts(
    named: Iterable[NamedReceipt],
    log: PublicLog,
    *,
    receipt_key: bytes,
    anchored: Sequence[AnchoredAt] | None,
    now: datetime,
    report: AuditReport,
) -> None:
    """Judges receipts of one log and adds what it finds to ``report``.

    Args:
        named: the receipts, all of this log's origin.
        log: the published log.
        receipt_key: the log's Ed25519 receipt key, 32 bytes.
        anchored: heads on the chain, smallest tree first; None when no chain was asked.
        now: decides which promises are due.
        report: where findings and counts go.
    """
    promised: list[tuple[ReceiptItem, str]] = []
    checked_heads: set[tuple[int, bytes]] = set()
    damage = _Damage()
    for where, receipt in named:
        report.receipts += 1
        try:
            receipt.verify(receipt_key)
        except VerificationError as error:
            report.add("receipt_invalid", where, error.detail)
            continue
        if receipt.checkpoint is not None:
            _judge_checkpoint(NamedReceipt(where, receipt), log, checked_heads, damage, report)
        promised += [(item, where) for item in receipt.items]
    if anchored is not None:
        _judge_chain(anchored, log, damage, report)
    promised.sort(key=lambda promise: promise[0].leaf_index)
    _judge_each_other(promised, report)
    cursor = 0
    for item, where in promised:
        report.promises += 1
        if not _judge_publication(item, where, log, now, report) or not _judge_place(item, where, log, damage, report):
            continue
        if anchored is None:
            report.anchor_not_checked += 1
            continue
        while cursor < len(anchored) and anchored[cursor].head.tree_size <= item.leaf_index:
            cursor += 1
        _judge_anchor(item, where, anchored[cursor] if cursor < len(anchored) else None, now, report)
    damage.report(report)


def _judge_each_other(promised: Sequence[tuple[ReceiptItem, str]], report: AuditReport) -> None:
    """A repeat is answered with the first promise, so all receipts of one entry state the same times. Sorted by leaf."""
    first: tuple[ReceiptItem, str] | None = None
    for item, where in promised:
        if first is None or (first[0].leaf_index, first[0].leaf_hash) != (item.leaf_index, item.leaf_hash):
            first = item, where
        elif item != first[0]:
            theirs, ours = first[0], item
            detail = (
                f"received {ours.received_at}, publish by {ours.publish_by}, anchor by {ours.anchor_by}; {first[1]} states"
                f" {theirs.received_at}, {theirs.publish_by}, {theirs.anchor_by}"
            )
            report.add("promises_differ", where, detail, item.leaf_index)


def _judge_checkpoint(
    named: NamedReceipt, log: PublicLog, checked: set[tuple[int, bytes]], damage: _Damage, report: AuditReport
) -> None:
    where, receipt = named
    assert receipt.checkpoint is not None
    try:
        head = open_checkpoint(receipt.checkpoint, log.identity).checkpoint
    except VerificationError as error:
        report.add("foreign_checkpoint", where, error.detail)
        return
    highest = max((item.leaf_index for item in receipt.items), default=-1)
    if head.tree_size <= highest:
        detail = f"its checkpoint of size {head.tree_size} does not cover leaf {highest}"
        report.add("foreign_checkpoint", where, detail, highest)
    if (head.tree_size, head.root_hash) in checked:
        return
    checked.add((head.tree_size, head.root_hash))
    if head.tree_size > log.head.tree_size:
        detail = f"it signed a tree of {head.tree_size} leaves and shows one of {log.head.tree_size}"
        report.add("log_shrank", where, detail)
        return
    try:
        log.check_earlier_head(head)
    except MalformedEvidenceError as error:
        damage.add(error.detail, where)
    except VerificationError as error:
        report.add("inconsistent_checkpoint", where, error.detail)


def _judge_chain(anchored: Sequence[AnchoredAt], log: PublicLog, damage: _Damage, report: AuditReport) -> None:
    """Every head that the chain holds must be an earlier state of the published log."""
    for head, _ in anchored:
        if head.tree_size > log.head.tree_size:
            detail = f"the chain holds a head of {head.tree_size} leaves, the log shows {log.head.tree_size}"
            report.add("chain_contradicts_log", "chain", detail)
            continue
        try:
            log.check_earlier_head(head)
        except MalformedEvidenceError as error:
            damage.add(error.detail, f"head of {head.tree_size} leaves on the chain")
        except VerificationError as error:
            report.add("chain_contradicts_log", "chain", f"head of {head.tree_size} leaves: {error.detail}")


def _judge_publication(item: ReceiptItem, where: str, log: PublicLog, now: datetime, report: AuditReport) -> bool:
    """Whether the log shows any entry at the promised place."""
    if item.leaf_index < log.head.tree_size:
        return True
    if now <= parse_time(item.publish_by):
        report.publication_not_yet_due += 1
    else:
        detail = f"publication was due {item.publish_by}; the log shows {log.head.tree_size} leaves"
        report.add("promise_broken_missing_leaf", where, detail, item.leaf_index)
    return False


def _judge_place(item: ReceiptItem, where: str, log: PublicLog, damage: _Damage, report: AuditReport) -> bool:
    """Whether the promised entry stands at its place."""
    known = damage.of_bundle(item.leaf_index)
    if known is not None:
        damage.add(known, where, item.leaf_index)
        return False
    try:
        shown = log.leaf_hash(item.leaf_index)
    except VerificationError as error:
        damage.add(error.detail, where, item.leaf_index)
        return False
    if shown != item.leaf_hash:
        detail = f"promised {item.leaf_hash.hex()}, the log shows {shown.hex()}"
        report.add("promise_broken_other_leaf", where, detail, item.leaf_index)
        return False
    report.in_place += 1
    return True


def _judge_anchor(item: ReceiptItem, where: str, anchor: AnchoredAt | None, now: datetime, report: AuditReport) -> None:
    due = parse_time(item.anchor_by)
    if anchor is not None and anchor.at <= due:
        report.anchored_in_time += 1
    elif anchor is not None:
        detail = f"anchored {anchor.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}, promised by {item.anchor_by}"
        report.add("promise_late", where, detail, item.leaf_index)
    elif now <= due:
        report.anchor_not_yet_due += 1
    else:
        report.add("promise_broken_not_anchored", where, f"the anchor was due {item.anchor_by}", item.leaf_index)
