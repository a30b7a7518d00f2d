"""A document for print: titled sections of labelled values, in Chinese and English; a file to check them by is attached. Pure.

Whoever renders one needs nothing else, and adds nothing: the same document gives the same bytes for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.domain.act_words import Words
from ledger.errors import ConflictError, MisuseError

IDEOGRAPHIC_SPACE: Final = "\u3000"


class NotPrintableError(ConflictError):
    """A letter of the document has no shape in the font that documents are printed with; ``facts`` name its code points."""

    code = "not_printable"
    title = "Not printable"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled value; line feeds in it begin new lines."""

    words: Words
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title."""

    words: Words
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the document: its name, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """What is printed.

    Args:
        words: title.
        number: of the document; stands on every page.
        state: who has signed it.
        is_binding: whether all have.
        dated: of the document, with time zone; nothing else in it depends on time.
        sections: in their order.
        attachment: what its digest is over.
    """

    words: Words
    number: str
    state: Words
    is_binding: bool
    dated: datetime
    sections: tuple[Section, ...]
    attachment: Attachment

    def __post_init__(self) -> None:
        if self.dated.tzinfo is None:
            raise MisuseError("a printed document is dated with a time zone")


def visible(text: str) -> str:
    """The text with everything spelled out that has no shape on paper or would move other letters; line feeds stay."""
    return "".join(
        letter
        if letter.isprintable() or letter in ("\n", IDEOGRAPHIC_SPACE)
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def member_rows(value: Mapping[str, Any], prefix: str = "") -> Iterator[Row]:
    """Every member of a JSON object by its path, so that the print holds all that the digest is over."""
    for name, member in value.items():
        path = f"{prefix}{name}"
        if isinstance(member, Mapping) and member:
            yield from member_rows(member, f"{path}.")
        elif isinstance(member, list) and member:
            yield from member_rows({str(at): one for at, one in enumerate(member)}, f"{path}.")
        else:
            yield Row(Words("", path), _scalar(member))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    spelled = {None: "null", True: "true", False: "false"}
    return spelled[value] if value is None or isinstance(value, bool) else str(value)
