"""Vouchers as PDF over HTTP: for whoever reads their JSON, with what was signed attached; refused by name where a letter cannot be printed."""

import asyncio
import copy
import hashlib
import re
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import httpx
import pypdfium2
import pytest
from support.life_http import HttpLifeAfter, voucher_signature
from support.product_world import CODES
from support.trade_http import HttpTrade

from api import printing
from api.printing import Printer
from ledger.domain.printed import PrintedDocument
from ledger.errors import OverloadedError
from ledger.log.canonical import encode_jcs, parse_json

VALUES_FROM_PT = (18 + 58 + 3) * 72 / 25.4
"""Where the column of the values begins: after margin, labels and gap."""

FOOT_PT = 20 * 72 / 25.4


@pytest.fixture
def trade(selected_with_sm2: HttpTrade) -> HttpTrade:
    """The same product and demand, and an order of its own."""
    return copy.copy(selected_with_sm2).drafted()


def printed(trade: HttpTrade, who: str, path: str) -> bytes:
    answer = trade.ask(who, "GET", path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    assert re.fullmatch(r'inline; filename="[a-z-]+\.pdf"', answer.headers["Content-Disposition"])
    return answer.content


def text_of(raw: bytes, left: float = 0) -> str:
    """What a viewer finds above the foot, so many points from the left, without any space: lines and pages are broken anywhere."""
    pages = (page.get_textpage().get_text_bounded(left=left, bottom=FOOT_PT) for page in pypdfium2.PdfDocument(raw))
    return re.sub(r"\s", "", "".join(pages).replace("\ufffe", "-").replace("\x02", "-"))


def attached(raw: bytes) -> bytes:
    document = pypdfium2.PdfDocument(raw)
    assert document.count_attachments() == 1
    return bytes(document.get_attachment(0).get_data())


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_voucher_of_an_order_is_printed_with_its_signatures(trade: HttpTrade) -> None:
    path = f"{trade.order_path}/voucher.pdf"
    assert refused(trade.ask("bank", "GET", path)) == (404, "not_found")
    trade.placed()
    assert "SIGNEDBYONEPARTYONLY" in text_of(printed(trade, "provider", path))
    trade.confirmed()
    shown = trade.read("bank", f"{trade.order_path}/voucher")
    raw = printed(trade, "bank", path)

    assert attached(raw) == encode_jcs(shown["voucher"])
    salted = b"cityledger/v1/order-voucher\n" + bytes.fromhex(shown["salt"]) + attached(raw)
    assert hashlib.sha256(salted).hexdigest() == shown["content_digest"]
    for says in (trade.order_id, "500.00CNY", "signedbybothparties", shown["content_digest"]):
        assert says in text_of(raw)
    assert [printed(trade, who, path) for who in ("provider", "trading", "regulator")] == [raw] * 3
    assert refused(trade.ask("stranger", "GET", path)) == (404, "not_found")


def test_letter_that_has_no_shape_is_refused_by_its_number_and_read_as_json(trade: HttpTrade) -> None:
    trade.drafted(purpose="贷后管理𠀀").placed()
    answer = trade.ask("bank", "GET", f"{trade.order_path}/voucher.pdf")
    assert refused(answer) == (406, "not_printable")
    assert "U+20000" in answer.json()["detail"]
    assert trade.read("bank", f"{trade.order_path}/voucher")["voucher"]["purpose"] == "贷后管理𠀀"


def test_end_by_both_is_printed_with_the_place_of_their_signatures_on_the_chain(trade: HttpTrade) -> None:
    after = HttpLifeAfter(trade.placed().confirmed().generated().signed().filed())
    path = f"{trade.agreement_path}/termination"
    assert refused(trade.ask("bank", "GET", f"{path}.pdf")) == (404, "not_found")
    after.dissolved()
    shown, raw = trade.read("bank", path), printed(trade, "bank", f"{path}.pdf")

    assert parse_json(attached(raw)) == shown["voucher"]
    salt = bytes.fromhex(trade.agreement()["salt"])
    salted = b"cityledger/v1/termination-voucher\n" + salt + attached(raw)
    assert hashlib.sha256(salted).hexdigest() == shown["voucher_digest"]
    for says in ("项目结束", CODES["provider"], CODES["bank"], "agreement.ended"):
        assert says in text_of(raw), says
    assert f"0x{shown['chain']['tx_hash']}" in text_of(raw, VALUES_FROM_PT)
    assert refused(trade.ask("stranger", "GET", f"{path}.pdf")) == (404, "not_found")


def test_end_by_itself_is_printed_as_not_signed_until_its_platform_signs(trade: HttpTrade) -> None:
    HttpLifeAfter(trade.placed().confirmed().generated().signed().filed()).expired()
    path = f"{trade.agreement_path}/termination"
    assert "NOTSIGNED" in text_of(printed(trade, "provider", f"{path}.pdf"))
    signature: Any = voucher_signature(trade.read("trading", path)["voucher"])
    trade.made("trading", f"{path}/signature", signature)
    raw = printed(trade, "provider", f"{path}.pdf")
    assert "issuedandsigned" in text_of(raw) and CODES["trading"] in text_of(raw)
    for member in ("signature", "public_key"):
        assert signature["sm2"][member] in text_of(raw, VALUES_FROM_PT)


def test_as_many_wait_as_may_and_the_next_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, begun = threading.Event(), threading.Event()

    def slowly(_document: PrintedDocument) -> bytes:
        begun.set()
        assert goes_on.wait(30)
        return b"%PDF"

    monkeypatch.setattr(printing, "render_pdf", slowly)
    monkeypatch.setattr(printing, "PRINTS_WAITING_MAX", 3)

    async def ask() -> list[bytes]:
        printer, document = Printer(), None
        waiting = [asyncio.create_task(printer.render(document, one)) for one in "aab"]  # type: ignore[arg-type]
        await asyncio.to_thread(begun.wait, 30)
        with pytest.raises(OverloadedError, match="Too many"):
            await printer.render(document, "c")  # type: ignore[arg-type]
        goes_on.set()
        found = list(await asyncio.gather(*waiting))
        found.append(await printer.render(document, "a"))  # type: ignore[arg-type]
        printer.close()
        return found

    assert asyncio.run(ask()) == [b"%PDF"] * 4


def test_one_tenant_that_prints_much_does_not_stop_another(trade: HttpTrade, monkeypatch: pytest.MonkeyPatch) -> None:
    trade.placed()
    path, goes_on, begun = f"{trade.order_path}/voucher.pdf", threading.Event(), threading.Event()

    def slowly(_document: PrintedDocument) -> bytes:
        begun.set()
        assert goes_on.wait(30)
        return b"%PDF"

    monkeypatch.setattr(printing, "render_pdf", slowly)
    with ThreadPoolExecutor(4) as desks:
        first = [desks.submit(trade.ask, "bank", "GET", path) for _ in range(3)]
        assert begun.wait(30)
        [over] = wait(first, 30, FIRST_COMPLETED).done
        other = desks.submit(trade.ask, "provider", "GET", path)
        goes_on.set()
    assert refused(over.result()) == (429, "overloaded")
    assert sorted(one.result().status_code for one in first) == [200, 200, 429]
    assert other.result().status_code == 200
