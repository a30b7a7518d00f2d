"""A printed document as PDF: A4, one font with Chinese and Latin letters, of which only those used are embedded. No clock, no network.

The same document gives the same bytes with the same version of the library. Rendering takes about a second of processor time, because the
font has to be read and cut down; whoever serves it does that in a thread. A letter without a shape in the font is an error, never a box.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from typing import Final

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.fonts import TTFFont
from pylopdf_fonts_zh_cn import sans_path

from ledger.domain.printed import NotPrintableError, PrintedDocument, Row, Section, visible
from ledger.domain.working_days import SHANGHAI

CHARACTERS_MAX: Final = 200_000
"""Of all values together, about 80 pages; no voucher has so many."""

_FONT: Final = "NotoSansSC"
_MARGIN_MM: Final = 18
_FOOT_MM: Final = 20
_LABEL_MM: Final = 58
_GAP_MM: Final = 3
_LINE_MM: Final = 5.2
_TITLE_PT, _HEAD_PT, _TEXT_PT, _FOOT_PT = 17, 11, 9.5, 8
_GREY, _BLACK, _PALE = (95, 95, 95), (0, 0, 0), (234, 238, 243)
_WARNING: Final = (170, 0, 0)
NAMED_MAX: Final = 10
"""Letters without a shape that an error names."""


def render_pdf(document: PrintedDocument) -> bytes:
    """The document as PDF, its attachment inside.

    Raises:
        NotPrintableError: a letter is not in the font, or the document is longer than any voucher; nothing is rendered.
    """
    pdf = FPDF(format="A4", unit="mm")
    pdf.alias_nb_pages(None)  # type: ignore[arg-type] # otherwise "{nb}" in a value would be printed as a number
    pdf.set_creation_date(document.dated)
    pdf.set_title(f"{document.words.english} {document.number}")
    pdf.set_producer("CityLedger")
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(False)
    pdf.add_font(_FONT, fname=sans_path())
    font = pdf.fonts[_FONT.lower()]
    assert isinstance(font, TTFFont), "the font that was just added is one with a table of letters"
    with closing(font):
        _require_shapes(font, document)
        _render(pdf, document)
        return bytes(pdf.output())


def _render(pdf: FPDF, document: PrintedDocument) -> None:
    pdf.embed_file(
        bytes=document.attachment.content,
        basename=document.attachment.name,
        creation_date=document.dated,
        modification_date=document.dated,
        compress=True,
    )
    pdf.add_page()
    _head(pdf, document)
    for section in document.sections:
        _section(pdf, section)
    _feet(pdf, document)


def _texts(document: PrintedDocument) -> Iterator[str]:
    """Everything that is printed, but for what this module says itself."""
    yield from (*document.words, *document.state, document.number)
    for section in document.sections:
        yield from section.words
        for row in section.rows:
            yield from (*row.words, row.value)


def _require_shapes(font: TTFFont, document: PrintedDocument) -> None:
    texts = [visible(text) for text in _texts(document)]
    if sum(map(len, texts)) > CHARACTERS_MAX:
        raise NotPrintableError(f"The document has more than {CHARACTERS_MAX:,} characters; read it as JSON.")
    missing = sorted({letter for text in texts for letter in text if letter != "\n" and ord(letter) not in font.cmap})
    if missing:
        names = [f"U+{ord(letter):04X}" for letter in missing[:NAMED_MAX]]
        raise NotPrintableError(
            f"The font for print lacks {len(missing)} of its letters: {', '.join(names)}. Read it as JSON.",
            letters=names,
        )


def _head(pdf: FPDF, document: PrintedDocument) -> None:
    _write(pdf, f"{document.words.chinese}  {document.words.english}", _TITLE_PT, _BLACK, 11)
    _write(pdf, f"编号 No. {visible(document.number)}", _TEXT_PT, _GREY, _LINE_MM)
    local = document.dated.astimezone(SHANGHAI)
    _write(pdf, f"日期 dated {local:%Y-%m-%d %H:%M:%S} Asia/Shanghai", _TEXT_PT, _GREY, _LINE_MM)
    colour = _BLACK if document.is_binding else _WARNING
    _write(pdf, f"状态 state: {document.state.chinese} {document.state.english}", _HEAD_PT, colour, 8)


def _section(pdf: FPDF, section: Section) -> None:
    _room_for(pdf, 6 * _LINE_MM)
    pdf.ln(2)
    pdf.set_fill_color(*_PALE)
    pdf.set_font(_FONT, size=_HEAD_PT)
    pdf.set_text_color(*_BLACK)
    title = f" {section.words.chinese}  {section.words.english}"
    pdf.cell(0, 7, title, fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(1.5)
    for row in section.rows:
        _row(pdf, row)


def _row(pdf: FPDF, row: Row) -> None:
    """Label and value side by side, each broken into lines; a row may go on over the page's end."""
    pdf.set_font(_FONT, size=_TEXT_PT)
    value_mm = pdf.epw - _LABEL_MM - _GAP_MM
    label = _lines(pdf, f"{row.words.chinese} {visible(row.words.english)}".strip(), _LABEL_MM, WrapMode.WORD)
    value = [line for part in visible(row.value).split("\n") for line in _lines(pdf, part, value_mm, _wrap_of(part))]
    for left, right in zip_longest(label, value, fillvalue=""):
        _room_for(pdf, _LINE_MM)
        pdf.set_text_color(*_GREY)
        pdf.cell(_LABEL_MM, _LINE_MM, left)
        pdf.set_x(pdf.l_margin + _LABEL_MM + _GAP_MM)
        pdf.set_text_color(*_BLACK)
        pdf.cell(value_mm, _LINE_MM, right, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_draw_color(*_PALE)
    pdf.line(pdf.l_margin, pdf.y + 0.4, pdf.l_margin + pdf.epw, pdf.y + 0.4)
    pdf.ln(1.2)


def _wrap_of(text: str) -> WrapMode:
    """Between words where it has spaces, else anywhere, as Chinese and digests are."""
    return WrapMode.WORD if text.isascii() and " " in text else WrapMode.CHAR


def _lines(pdf: FPDF, text: str, width_mm: float, wrap: WrapMode) -> list[str]:
    """The text broken to a width."""
    found = pdf.multi_cell(width_mm, _LINE_MM, text, dry_run=True, output="LINES", wrapmode=wrap, padding=0)
    return [str(line) for line in found] or [""]  # type: ignore[union-attr]


def _feet(pdf: FPDF, document: PrintedDocument) -> None:
    """Number and page under every page, once it is known how many there are."""
    pages = len(pdf.pages)
    for page in range(1, pages + 1):
        pdf.page = page
        pdf.set_y(pdf.h - _FOOT_MM + 6)
        _write(
            pdf, f"{visible(document.number)}    第 {page} 页,共 {pages} 页  page {page} of {pages}", _FOOT_PT, _GREY, 5
        )


def _room_for(pdf: FPDF, height_mm: float) -> None:
    if pdf.y + height_mm > pdf.h - _FOOT_MM:
        pdf.add_page()
        pdf.set_font(_FONT, size=_TEXT_PT)


def _write(pdf: FPDF, text: str, size_pt: float, colour: tuple[int, int, int], height_mm: float) -> None:
    """One line across the page, in smaller letters when it is too long."""
    pdf.set_text_color(*colour)
    pdf.set_font(_FONT, size=size_pt)
    width = pdf.get_string_width(text) + 2 * pdf.c_margin
    if width > pdf.epw:
        pdf.set_font(_FONT, size=size_pt * pdf.epw / width)
    pdf.cell(0, height_mm, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
