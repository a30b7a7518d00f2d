"""Vouchers of orders and of agreements' ends as documents for print."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.bundle.agreement_papers import VOUCHER
from ledger.bundle.printed_vouchers import (
    IN_THE_LOG,
    DigestNote,
    PrintedSignature,
    print_order_voucher,
    print_termination_voucher,
)
from ledger.domain.act_words import Words
from ledger.domain.printed import PrintedDocument
from ledger.errors import NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject, salt_of_ids

_PROVIDER: Final = Words("数据提供方", "provider")
_CONSUMER: Final = Words("数据使用方", "consumer")
_OTHER: Final = Words("平台或主管机构", "platform or authority")


def printed_order(stored: StoredObject) -> PrintedDocument:
    """The voucher of an order, with whoever has signed it.

    Raises:
        NotFoundError: the order was never placed.
    """
    document = stored.document
    if document["voucher"] is None:
        raise NotFoundError("This order has no voucher yet; placing it makes one.")
    note = DigestNote("contentDigest", document["content_digest"], "order-voucher", salt_of_ids(stored).hex())
    return print_order_voucher(
        document["voucher"],
        note,
        placed=document["placed"],
        confirmed=document["confirmed"],
        dated=format_time(stored.created_at),
    )


def printed_termination(stored: StoredObject, agreement: StoredObject) -> PrintedDocument:
    """The voucher of an agreement's end, with the signatures that the chain holds, or the platform's."""
    document = stored.document
    note = DigestNote("voucher_digest", document["voucher_digest"], VOUCHER, salt_of_ids(agreement).hex(), IN_THE_LOG)
    signatures = [_signature(one, stored, agreement) for one in document["signatures"]]
    return print_termination_voucher(document["voucher"], note, signatures, dated=format_time(stored.created_at))


def _signature(given: Mapping[str, Any], stored: StoredObject, agreement: StoredObject) -> PrintedSignature:
    code = given["participant"]
    roles = {agreement.document["provider"]: _PROVIDER, agreement.document["consumer"]: _CONSUMER}
    role, chain = roles.get(code, _OTHER), stored.document["chain"]
    place = given if chain is None else {**chain, "at": format_time(stored.created_at)}
    return PrintedSignature(role, place, code)
