"""Vouchers for print: of an order, and of an agreement's end. What is printed is the JSON that was signed, and it is attached. Pure.

Either ends with the signatures and with how to check the print: the digest is over the attached file, and the chain has the signatures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.domain.act_words import Words
from ledger.domain.order_voucher import voucher_lines
from ledger.domain.printed import Attachment, PrintedDocument, Row, Section, member_rows
from ledger.domain.working_days import SHANGHAI
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import parse_time

_ALL: Final = Words("凭证全文(签署内容)", "The whole voucher, as signed")
_SIGNATURES: Final = Words("签署", "Signatures")
_CHECK: Final = Words("核验", "How to check this print")
_WHO: Final = Words("主体", "body")
_WHEN: Final = Words("本服务记录时间", "noted by the service")
"""Of no signature is the time signed, nor that of the block stored."""

_ACT: Final = Words("行为编号", "act")
_TRANSACTION: Final = Words("链上交易", "transaction")
_KEY: Final = Words("SM2 公钥", "SM2 public key")
_SM2: Final = Words("SM2 签名", "SM2 signature")
_NOT_SIGNED: Final = Words("未签署", "NOT SIGNED")
_HALF: Final = Words("仅一方签署", "SIGNED BY ONE PARTY ONLY")
_BINDING: Final = Words("双方已签署", "signed by both parties")
_ISSUED: Final = Words("已签发", "issued and signed")


IN_TRANSACTIONS: Final = Words(
    "对附件计算摘要,并与链上交易中签署的摘要比对;打印件本身不是证据。",
    "Hash the attached file, and compare the digest with the one that was signed in the transactions above;"
    " the print alone proves nothing.",
)
"""For papers whose digest is part of what was signed."""

IN_THE_LOG: Final = Words(
    "对附件计算摘要,并与日志中合约终止事件(agreement.ended)的 voucher_digest 比对;打印件本身不是证据。",
    "Hash the attached file, and compare the digest with voucher_digest of the event agreement.ended in the log;"
    " the print alone proves nothing.",
)
"""For papers whose digest stands in an event."""


@dataclass(frozen=True, slots=True)
class PrintedSignature:
    """A signature: whose, and where the chain holds it (``place_on_chain``) or the SM2 signature itself; None while it is missing.

    ``code`` is the body's subject code, where the voucher itself does not say whose signature stands for whom.
    """

    words: Words
    place: Mapping[str, Any] | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class DigestNote:
    """How the digest over the attached file is made.

    Args:
        name: of the digest on the chain, such as ``contentDigest``.
        value: 64 hex digits.
        domain: name in the domain string ``cityledger/v1/...``; None where the digest is plain SHA-256.
        salt: 64 hex digits, where there is one.
        says: what the digest is to be compared with.
    """

    name: str
    value: str
    domain: str | None = None
    salt: str | None = None
    says: Words = IN_TRANSACTIONS


def print_order_voucher(
    voucher: Mapping[str, Any],
    digest: DigestNote,
    *,
    placed: Mapping[str, Any] | None,
    confirmed: Mapping[str, Any] | None,
    dated: str,
) -> PrintedDocument:
    """The voucher of an order in its standard form.

    Args:
        voucher: as ``ledger.domain.order_voucher.build_voucher`` made it.
        digest: ``contentDigest``, domain ``order-voucher``, with the order's salt.
        placed: where the chain has the consumer's signature.
        confirmed: where it has the provider's.
        dated: when the order was made, as timestamps are kept (RFC 3339 UTC); of no influence once one of them signed.
    """
    signatures = (
        PrintedSignature(Words("需方", "consumer"), placed),
        PrintedSignature(Words("供方", "provider"), confirmed),
    )
    decided = tuple(Row(line.words, line.value) for line in voucher_lines(voucher))
    state = _BINDING if confirmed is not None else _HALF if placed is not None else _NOT_SIGNED
    sections = (Section(Words("订单", "Order"), decided), *_ending(voucher, signatures, digest))
    return PrintedDocument(
        words=Words("订单确认凭证", "Order voucher"),
        number=str(voucher["order_id"]),
        state=state,
        is_binding=confirmed is not None,
        dated=_date_of(signatures, dated),
        sections=sections,
        attachment=_attached(voucher),
    )


END_WORDS: Final[Mapping[str, Words]] = {
    "contractId": Words("合约编号", "contract id"),
    "contractHash": Words("合约摘要", "contract hash"),
    "provider": Words("数据提供方", "provider"),
    "consumer": Words("数据使用方", "consumer"),
    "ground": Words("终止依据", "ground"),
    "erminateType": Words("终止类型", "kind of end"),
    "reason": Words("终止原因", "reason"),
    "issuerEntityId": Words("提出方", "asked for by"),
    "issueTime": Words("签发时间", "time of issue"),
    "scheduledEndTime": Words("约定到期时间", "agreed end"),
    "agreedEndTime": Words("实际终止时间", "early end"),
    "dataAfterEnd": Words("终止后数据处置", "data after the end"),
}
"""Of the members that termination vouchers have (TC609-6-2025-14 table B.7); another one is printed under its own name."""


def print_termination_voucher(
    voucher: Mapping[str, Any], digest: DigestNote, signatures: Sequence[PrintedSignature], *, dated: str
) -> PrintedDocument:
    """The voucher of an agreement's end.

    Args:
        voucher: JSON with ``contractId``; its members are printed in their order.
        digest: over its canonical form.
        signatures: those that end the agreement, or a platform's.
        dated: time of issue, as timestamps are kept; of no influence once somebody signed.
    """
    rows = tuple(
        Row(END_WORDS.get(row.words.english, row.words), row.value if row.value != "null" else "-")
        for row in member_rows(voucher)
    )
    is_signed = bool(signatures) and all(one.place is not None for one in signatures)
    return PrintedDocument(
        words=Words("合约终止凭证", "Termination voucher"),
        number=str(voucher["contractId"]),
        state=_ISSUED if is_signed else _NOT_SIGNED,
        is_binding=is_signed,
        dated=_date_of(signatures, dated),
        sections=(Section(Words("合约终止", "End of the agreement"), rows), *_ending(voucher, signatures, digest)),
        attachment=_attached(voucher),
    )


def _ending(
    voucher: Mapping[str, Any], signatures: Sequence[PrintedSignature], digest: DigestNote
) -> tuple[Section, ...]:
    return (
        Section(_ALL, tuple(member_rows(voucher))),
        Section(_SIGNATURES, tuple(row for one in signatures for row in _signature(one))),
        Section(_CHECK, tuple(_check_rows(digest))),
    )


def _signature(signature: PrintedSignature) -> list[Row]:
    who, place = signature.words, signature.place
    if place is None:
        return [Row(who, f"{_NOT_SIGNED.chinese} {_NOT_SIGNED.english}")]
    found = [(_WHO, signature.code)] if signature.code else []
    found.append((_WHEN, _local(str(place["at"]))))
    if "tx_hash" in place:
        found += [(_ACT, str(place["act_id"])), (_TRANSACTION, f"0x{place['tx_hash']}")]
    else:
        found += [(_KEY, str(place["public_key"])), (_SM2, str(place["signature"]))]
    return [
        Row(Words(f"{who.chinese}{words.chinese}", f"{who.english}: {words.english}"), value) for words, value in found
    ]


def _check_rows(digest: DigestNote) -> list[Row]:
    of_salt = "" if digest.domain is None else f'"cityledger/v1/{digest.domain}" || LF || salt || '
    rows = [
        Row(Words("附件", "attached file"), "voucher.json (RFC 8785)"),
        Row(Words("摘要算法", "digest"), f"{digest.name} = SHA-256({of_salt}voucher.json)"),
        Row(Words("摘要", digest.name), digest.value),
    ]
    if digest.salt is not None:
        rows.append(Row(Words("盐值", "salt"), digest.salt))
    return [*rows, Row(Words("方法", "method"), f"{digest.says.chinese}\n{digest.says.english}")]


def _attached(voucher: Mapping[str, Any]) -> Attachment:
    return Attachment("voucher.json", encode_jcs(dict(voucher)))


def _date_of(signatures: Sequence[PrintedSignature], dated: str) -> datetime:
    return parse_time(max([str(one.place["at"]) for one in signatures if one.place is not None], default=dated))


def _local(text: str) -> str:
    return parse_time(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S Asia/Shanghai")
