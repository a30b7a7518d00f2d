"""The one stored thing that no entry holds: the promise of an event. Whoever alters it gives one leaf a second promise, and is named."""

from datetime import UTC, datetime

import pytest
from support.a_log import PROMISE
from support.anchor_rig import fake_rig
from support.checked_log import LATER_PROMISE, tamper

from api.rendering import ReceiptSigner
from ledger.client.audit import AuditReport, NamedReceipt, audit_receipts
from ledger.client.public_log import PublicLog
from ledger.log.receipt import parse_receipt
from ledger.services.ports import AppendOutcome


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promises SET anchor_within_s = anchor_within_s + 1 WHERE promise = 1",
        "UPDATE promises SET publish_within_s = publish_within_s + 1 WHERE promise = 1",
        "UPDATE entries SET promise = 2 WHERE leaf_index = 2",
    ],
)
def test_altered_promise_row_gives_a_second_promise_that_the_receipt_audit_names(migrated_url, tmp_path, statement):
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(1, "first")
    rig.log.store.append([], LATER_PROMISE)  # records the second promise
    (before,) = rig.append(1, "victim")
    tamper(rig, statement)
    (again,) = rig.append(1, "victim")
    assert (before.event.promise, again.outcome) == (PROMISE, AppendOutcome.REPEATED)
    rig.run_until_final()
    identity, receipt_key = rig.log.preparer.identity, rig.log.keys.receipt
    signer = ReceiptSigner(identity.origin, receipt_key.sign)
    receipts = [parse_receipt(signer.receipt([result.event], None)) for result in (before, again)]
    report = AuditReport()
    audit_receipts(
        [NamedReceipt(f"r:{number}", receipt) for number, receipt in enumerate(receipts, 1)],
        PublicLog(identity, rig.tiles.read_checkpoint(), rig.tiles.read),
        receipt_key=receipt_key.public_key().public_bytes_raw(),
        anchored=None,
        now=datetime.now(UTC),
        report=report,
    )
    assert [(finding.code, finding.leaf_index) for finding in report.findings] == [("promises_differ", 2)]
    rig.log.engine.dispose()
