"""The voucher of an agreement's end, without its signatures (TC609-6-2025-14 annex A.2 f and table B.7). Pure."""

from typing import Any

from ledger.domain.agreement_status import ENDINGS
from ledger.domain.termination import Ended
from ledger.log.timestamps import format_time


def termination_voucher(
    contract: tuple[str, str], parties: tuple[str, str], ended: Ended, *, data_after_end: str | None
) -> dict[str, Any]:
    """The voucher, without signatures.

    Args:
        contract: ``contractId`` and ``contractHash``.
        parties: subject codes of provider and consumer.
        ended: how.
        data_after_end: what the consumer owes; None when no data could flow.
    """
    return {
        "contractId": contract[0],
        "contractHash": contract[1],
        "provider": parties[0],
        "consumer": parties[1],
        "ground": str(ended.ground),
        "erminateType": ENDINGS[ended.ground].terminate_type,
        "reason": ended.reason,
        "issuerEntityId": ended.by,
        "issueTime": format_time(ended.ended_at),
        "scheduledEndTime": format_time(ended.scheduled_at),
        "agreedEndTime": format_time(ended.effective_at) if ended.is_early else None,
        "dataAfterEnd": data_after_end,
    }
