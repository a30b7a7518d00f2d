"""Vouchers as PDF: every value is on paper, the file that was signed is inside, the same voucher gives the same bytes."""

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreements import BANK, PRODUCT, PROVIDER

from ledger.adapters.pdf.render import CHARACTERS_MAX, NAMED_MAX, render_pdf
from ledger.bundle.order_digest import voucher_digest
from ledger.bundle.printed_vouchers import (
    DigestNote,
    PrintedSignature,
    print_order_voucher,
    print_termination_voucher,
)
from ledger.domain.act_words import Words
from ledger.domain.order import OrderContent, Origin, price_of
from ledger.domain.order_voucher import VoucherSubject, build_voucher, voucher_lines
from ledger.domain.price import PriceRule
from ledger.domain.printed import Attachment, NotPrintableError, PrintedDocument, Row, Section, member_rows, visible
from ledger.errors import MisuseError

SALT = b"\x11" * 32
DATED = "2026-11-22T01:00:00.000000Z"
PLACED = {"act_id": "6f" * 20, "tx_hash": "ab" * 32, "at": "2026-11-22T03:00:00.000000Z"}
CONFIRMED = {"act_id": "7f" * 20, "tx_hash": "cd" * 32, "at": "2026-11-23T03:00:00.000000Z"}
VALUES_FROM_PT = (18 + 58) * 72 / 25.4
"""Where the column of the values begins, from the left."""
FOOT_PT = 20 * 72 / 25.4


def a_voucher(**members: Any) -> dict[str, Any]:
    content = OrderContent(
        kind="single",
        origin=Origin("application", "app-00000001"),
        product_code=PRODUCT,
        product_version=1,
        purpose="贷后管理",
        use="commercial",
        quantity=1_000,
        periods=0,
        valid_until=1_800_000_000,
    )
    rule = PriceRule("per_call", "CNY", unit_price=1_234_567)
    subject = VoucherSubject(
        order_id="order-000001",
        consumer=(BANK, "某某市商业银行股份有限公司"),
        provider=(PROVIDER, "数据公司"),
        title="施工许可状态",
        delivery_form="API",
        product_digest="12" * 32,
        price_rule_digest="34" * 32,
    )
    return build_voucher(subject, content, price_of(content, rule, has_public_data=False)) | members


def printed(voucher: dict[str, Any], placed: Any = PLACED, confirmed: Any = CONFIRMED) -> PrintedDocument:
    note = DigestNote("contentDigest", voucher_digest(SALT, voucher).hex(), "order-voucher", SALT.hex())
    return print_order_voucher(voucher, note, placed=placed, confirmed=confirmed, dated=DATED)


def letter_of(name: str) -> str:
    return chr(int(name.removeprefix("U+"), 16))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def texts_of(raw: bytes, left: float = 0, bottom: float = 0) -> list[str]:
    """What a viewer finds on each page, so many points from its edges, without any space: lines and pages are broken anywhere."""
    found = []
    for page in pypdfium2.PdfDocument(raw):
        text = page.get_textpage().get_text_bounded(left=left, bottom=bottom)
        found.append(squeezed(text.replace("\ufffe", "-").replace("\x02", "-")))  # its mark of a dash that ends a line
    return found


def values_on_paper(raw: bytes) -> str:
    """The column of the values over all pages."""
    return "".join(texts_of(raw, VALUES_FROM_PT, FOOT_PT))


def whole_text(raw: bytes) -> str:
    return "".join(texts_of(raw))


def attached(raw: bytes) -> bytes:
    document = pypdfium2.PdfDocument(raw)
    assert document.count_attachments() == 1 and document.get_attachment(0).get_name() == "voucher.json"
    return bytes(document.get_attachment(0).get_data())


@pytest.fixture(scope="module")
def signed() -> bytes:
    """The voucher as both parties have signed it; rendering is what takes time here."""
    return render_pdf(printed(a_voucher()))


def scalars(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [one for member in value.values() for one in scalars(member)]
    return [value if isinstance(value, str) else json.dumps(value)]


def require_on_paper(voucher: dict[str, Any], raw: bytes) -> None:
    text = values_on_paper(raw)
    missing = [one for one in scalars(voucher) if squeezed(visible(one)) not in text]
    assert not missing, f"not on paper: {[one[:80] for one in missing]}"


def test_every_value_of_the_voucher_and_every_line_is_on_paper(signed: bytes) -> None:
    voucher = a_voucher()
    require_on_paper(voucher, signed)
    text, whole = values_on_paper(signed), whole_text(signed)
    for line in voucher_lines(voucher):
        assert squeezed(line.value) in text
        assert squeezed(f"{line.words.chinese}{line.words.english}") in whole or len(line.words.english) > 20
    for place in (PLACED, CONFIRMED):
        assert place["act_id"] in text and f"0x{place['tx_hash']}" in text
    assert squeezed("2026-11-23 11:00:00 Asia/Shanghai") in text
    assert squeezed("状态 state: 双方已签署 signed by both parties") in whole


def test_attached_file_is_what_was_signed(signed: bytes) -> None:
    content, voucher, text = attached(signed), a_voucher(), values_on_paper(signed)
    assert json.loads(content) == voucher
    digest = hashlib.sha256(b"cityledger/v1/order-voucher\n" + SALT + content).hexdigest()
    assert digest == voucher_digest(SALT, voucher).hex()
    assert digest in text and SALT.hex() in text


def test_same_voucher_gives_the_same_bytes_and_another_one_gives_others(signed: bytes) -> None:
    assert render_pdf(printed(copy.deepcopy(a_voucher()))) == signed
    assert render_pdf(printed(a_voucher(purpose="贷前管理"))) != signed
    assert pypdfium2.PdfDocument(signed).get_metadata_value("CreationDate") == "D:20261123030000Z"


@pytest.mark.parametrize(
    ("placed", "confirmed", "says"),
    [
        (None, None, "未签署 NOT SIGNED"),
        (PLACED, None, "仅一方签署 SIGNED BY ONE PARTY ONLY"),
    ],
)
def test_state_says_who_has_signed(placed: Any, confirmed: Any, says: str) -> None:
    document = printed(a_voucher(), placed, confirmed)
    assert document.is_binding == (confirmed is not None)
    text = whole_text(render_pdf(document))
    assert squeezed(f"state: {says}") in text
    assert text.count(squeezed("未签署 NOT SIGNED")) == (placed is None) * 2 + (confirmed is None)


def test_long_document_has_numbered_pages_loses_nothing_and_stays_on_them() -> None:
    lines = [f"第{number}条 用于贷后管理 {'核验' * 40}" for number in range(60)]
    voucher = a_voucher(purpose="\n".join([*lines, "W" * 500, "语" * 500]))
    raw = render_pdf(printed(voucher))
    pages = texts_of(raw)
    assert len(pages) > 3
    for number, text in enumerate(pages, 1):
        assert squeezed(f"order-000001 第 {number} 页,共 {len(pages)} 页 page {number} of {len(pages)}") in text
    require_on_paper(voucher, raw)
    for page in pypdfium2.PdfDocument(raw):
        letters, (width, height) = page.get_textpage(), page.get_size()
        boxes = [letters.get_charbox(at) for at in range(letters.count_chars())]
        assert all(
            left >= 0 and right <= width - 40 and bottom > 0 and top < height for left, bottom, right, top in boxes
        )


LETTERS = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    st.sampled_from("\n\t\x00\u200b\u202e\u2028\u3000\xa0\xad,。;《》()①{}%\\"),
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(LETTERS, min_size=1, max_size=120), min_size=3, max_size=3))
def test_odd_values_are_on_paper_letter_for_letter(texts: list[str]) -> None:
    purpose, title, name = texts
    voucher = a_voucher(purpose=purpose, consumer={"code": BANK, "name": name + "{nb}"})
    voucher["subject"] = voucher["subject"] | {"title": title}
    try:
        raw = render_pdf(printed(voucher))
    except NotPrintableError as refused:
        missing = [letter_of(one) for one in refused.facts["letters"]]
        if not missing or not all(letter in "".join(texts) for letter in missing):
            raise
        return
    require_on_paper(voucher, raw)


RARE = st.one_of(
    st.characters(max_codepoint=0x2FF),
    st.characters(min_codepoint=0x3000, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0xF900, max_codepoint=0xFFFF),
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RARE, min_size=10, max_size=60))
def test_any_letters_are_printed_or_named(letters: list[str]) -> None:
    with pytest.raises(NotPrintableError) as refused:
        render_pdf(printed(a_voucher(purpose="".join([*letters, "𠀀"]))))
    missing = {letter_of(one) for one in refused.value.facts["letters"]}
    shown = [letter for letter in letters if letter not in missing]
    if len(refused.value.facts["letters"]) < NAMED_MAX:  # all that were missing are named, so the others can be printed
        assert render_pdf(printed(a_voucher(purpose="".join(shown) or "x"))).startswith(b"%PDF")


def test_letter_without_a_shape_is_named_and_nothing_is_rendered() -> None:
    with pytest.raises(NotPrintableError, match=r"lacks 2 of its letters: U\+20000, U\+2A6D6"):
        render_pdf(printed(a_voucher(purpose="𠀀𪛖𠀀")))


def test_document_that_is_longer_than_any_voucher_is_refused() -> None:
    with pytest.raises(NotPrintableError, match="more than"):
        render_pdf(printed(a_voucher(purpose="贷" * (CHARACTERS_MAX + 1))))


def test_termination_voucher_is_printed_with_whatever_members_it_has() -> None:
    voucher = {
        "contractId": "84913100003100000010202611221030000000000000A1B",
        "contractHash": "ab" * 32,
        "provider": PROVIDER,
        "consumer": BANK,
        "ground": "consent",
        "reason": None,
        "issueTime": DATED,
        "somethingNew": {"a": [1, True], "b": []},
    }
    digest = DigestNote("voucherDigest", "ef" * 32)
    signature = PrintedSignature(Words("数据提供方", "provider"), PLACED)
    document = print_termination_voucher(voucher, digest, [signature], dated=DATED)
    words = [row.words for section in document.sections for row in section.rows]
    assert Words("数据提供方本服务记录时间", "provider: noted by the service") in words, "it is not the block's time"
    raw = render_pdf(document)
    text = whole_text(raw)
    for says in (
        "合约终止凭证",
        "终止依据ground",
        "已签发issuedandsigned",
        "somethingNew.a.1",
        "voucherDigest=SHA-256(voucher.json)",
    ):
        assert says in text
    assert json.loads(attached(raw)) == voucher
    missing = PrintedSignature(Words("平台", "platform"), None)
    for signatures in ([], [missing], [signature, missing]):
        assert not print_termination_voucher(voucher, digest, signatures, dated=DATED).is_binding


def test_members_are_listed_by_their_paths() -> None:
    rows = member_rows({"a": {"b": [{"c": None}, False]}, "d": {}, "e": []})
    assert [(row.words.english, row.value) for row in rows] == [
        *(("a.b.0.c", "null"), ("a.b.1", "false"), ("d", "{}"), ("e", "[]")),
    ]


def test_document_is_dated_with_a_time_zone() -> None:
    section = Section(Words("一", "one"), (Row(Words("二", "two"), "x"),))
    with pytest.raises(MisuseError):
        PrintedDocument(
            *(Words("题", "title"), "1", Words("态", "state"), False, datetime(2026, 1, 1)),  # noqa: DTZ001 - the point of it
            *((section,), Attachment("a", b"b")),
        )
