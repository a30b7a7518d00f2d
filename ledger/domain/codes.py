"""Codes of nodes, connectors, products and resources (NDI-TR-2025-04 clause 4, annex B): made and judged here only.

32 characters: type 1, subject 18, region or industry 4, random 8, check 1 (ISO/IEC 7064 MOD 37-2). Products and resources may carry an
extension of up to 32 characters behind U+2022; the check character does not cover it. A code never changes once allotted.

Readings where the source is silent: the random part is of ``0-9A-Z``, which the check system needs; an extension is of
``0-9A-Za-z._-``, so that a code is safe in a path and ``/`` stays free to part a product from its version. Region nodes carry a region,
industry nodes an industry (``00`` and two digits); for the other types the source leaves it to the node that allots.

Output is always the bare U+2022. Where only ASCII passes (HTTP headers, URLs) the one accepted escape is its UTF-8 in
percent-encoding: ``escape_code`` writes it, ``unescape_code`` takes it at the separator's place and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.check_characters import ALPHANUMERIC, DIGITS, check_character_37_2
from ledger.domain.code_defects import (
    CodeAlphabetError,
    CodeCheckError,
    CodeLengthError,
    CodeRegionError,
    CodeSeparatorError,
    CodeSubjectError,
    CodeTypeError,
)
from ledger.domain.subject_code import (
    SUBJECT_CHARACTERS,
    is_citizen_number,
    is_subject_code,
    parse_subject_code,
    require_characters,
)

CODE_CHARACTERS: Final = 32
EXTENSION_CHARACTERS_MAX: Final = 32
REGION_CHARACTERS: Final = 4
RANDOM_CHARACTERS: Final = 8
SEPARATOR: Final = "\N{BULLET}"
ESCAPED_SEPARATOR: Final = "%E2%80%A2"
INDUSTRY_PREFIX: Final = "00"
_EXTENSION_ALPHABET: Final = ALPHANUMERIC + "abcdefghijklmnopqrstuvwxyz._-"


class CodeKind(StrEnum):
    """The type code, the first character."""

    GLOBAL_NODE = "1"
    REGION_NODE = "2"
    INDUSTRY_NODE = "3"
    BUSINESS_NODE = "4"
    CONNECTOR = "5"
    PRODUCT = "6"
    RESOURCE = "7"

    @property
    def words(self) -> str:
        """What it is called in messages, for example "product code"."""
        return f"{self.name.lower().replace('_', ' ')} code"


EXTENSIBLE: Final = frozenset({CodeKind.PRODUCT, CodeKind.RESOURCE})
_ANY: Final = "national code"


@dataclass(frozen=True)
class NationalCode:
    """A code without its check character, which follows from the rest.

    Args:
        kind: what it names.
        subject: subject code of the owner, 18 characters; usually a body's credit code, but other spaces may know allotted ones.
        region: first four digits of GB/T 2260, or ``00`` and two digits of GB/T 4754.
        random: 8 characters of ``0-9A-Z`` that keep the codes of one subject apart.
        extension: 1 to 32 characters, of products and resources only; empty when there is none.

    Raises:
        InvalidCodeError: a subclass of ``ledger.domain.code_defects`` for each kind of defect.
    """

    kind: CodeKind
    subject: str
    region: str
    random: str
    extension: str = ""

    def __post_init__(self) -> None:
        words = self.kind.words
        lengths = (len(self.subject), len(self.region), len(self.random))
        if lengths != (SUBJECT_CHARACTERS, REGION_CHARACTERS, RANDOM_CHARACTERS):
            raise CodeLengthError(words, "subject, region and random part have 18, 4 and 8 characters")
        require_characters(words, self.subject, first_place=2)
        require_characters(words, self.region, DIGITS, first_place=20)
        require_characters(words, self.random, first_place=24)
        if is_citizen_number(self.subject):
            raise CodeSubjectError(words, "its subject is a citizen number in clear, which no subject code is")
        is_industry = self.region.startswith(INDUSTRY_PREFIX)
        if self.kind is CodeKind.REGION_NODE and is_industry:
            raise CodeRegionError(words, "it carries a region and not an industry")
        if self.kind is CodeKind.INDUSTRY_NODE and not is_industry:
            raise CodeRegionError(words, "it carries an industry and not a region")
        if self.extension and self.kind not in EXTENSIBLE:
            raise CodeLengthError(words, f"it has {CODE_CHARACTERS} characters and no extension")
        if len(self.extension) > EXTENSION_CHARACTERS_MAX:
            raise CodeLengthError(words, f"its extension has at most {EXTENSION_CHARACTERS_MAX} characters")
        require_characters(words, self.extension, _EXTENSION_ALPHABET, first_place=34)


def parse_national_code(text: str, *kinds: CodeKind) -> NationalCode:
    """The code in ``text``, exactly as it is written.

    Args:
        text: 32 characters, or 34 to 65 with an extension behind U+2022.
        kinds: the kinds that are accepted; any when none is named.

    Raises:
        InvalidCodeError: a subclass of ``ledger.domain.code_defects`` for each kind of defect.
    """
    wanted = kinds or tuple(CodeKind)
    words = kinds[0].words if len(kinds) == 1 else _ANY
    with_extension = not EXTENSIBLE.isdisjoint(wanted)
    longest = CODE_CHARACTERS + (1 + EXTENSION_CHARACTERS_MAX if with_extension else 0)
    if not CODE_CHARACTERS <= len(text) <= longest or len(text) == CODE_CHARACTERS + 1:
        lengths = f"{CODE_CHARACTERS}, or {CODE_CHARACTERS + 2} to {longest}," if with_extension else CODE_CHARACTERS
        raise CodeLengthError(words, f"it has {lengths} characters")
    if text[0] not in wanted:
        raise CodeTypeError(words, f"its first character is {' or '.join(wanted)}")
    if text[CODE_CHARACTERS:] and text[CODE_CHARACTERS] != SEPARATOR:
        raise CodeSeparatorError(words, "the character before the extension is U+2022")
    code = NationalCode(
        kind=CodeKind(text[0]),
        subject=text[1:19],
        region=text[19:23],
        random=text[23:31],
        extension=text[CODE_CHARACTERS + 1 :],
    )
    check = text[CODE_CHARACTERS - 1]
    if check not in ALPHANUMERIC + "*":
        raise CodeAlphabetError(words, f"the character at place {CODE_CHARACTERS} cannot stand there", place=32)
    if encode_national_code(code) != text:
        raise CodeCheckError(words, "its check character does not follow from the others")
    return code


def encode_national_code(code: NationalCode) -> str:
    """The 32 to 65 characters of a code; the inverse of ``parse_national_code``."""
    text = code.kind + code.subject + code.region + code.random
    suffix = SEPARATOR + code.extension if code.extension else ""
    return text + check_character_37_2(text) + suffix


def generate_national_code(kind: CodeKind, subject: str, region: str, random: str, extension: str = "") -> str:
    """A new code for something that a body owns.

    Args:
        kind: what it names.
        subject: the body's credit code; codes for persons are never made.
        region: region or industry, 4 digits.
        random: 8 characters, for example ``random_part(secrets.randbelow(RANDOM_PARTS))``; whoever allots keeps them unique.
        extension: for example the product's older code.

    Raises:
        InvalidCodeError: a part is wrong, or the subject is no body's credit code.
    """
    code = NationalCode(kind, subject, region, random, extension)
    parse_subject_code(subject)
    return encode_national_code(code)


def has_body_as_subject(code: NationalCode) -> bool:
    """Whether the owner is a body with a credit code, and not a subject that others allotted."""
    return is_subject_code(code.subject)


RANDOM_PARTS: Final = len(ALPHANUMERIC) ** RANDOM_CHARACTERS
"""How many random parts there are."""


def random_part(number: int) -> str:
    """The random part with that number: 8 characters of ``0-9A-Z``, the most significant first.

    Args:
        number: 0 to ``RANDOM_PARTS`` - 1, drawn by the caller.
    """
    if not 0 <= number < RANDOM_PARTS:
        raise ValueError(f"there are {RANDOM_PARTS} random parts")
    characters = ""
    for _ in range(RANDOM_CHARACTERS):
        number, digit = divmod(number, len(ALPHANUMERIC))
        characters = ALPHANUMERIC[digit] + characters
    return characters


def escape_code(text: str) -> str:
    """A code as ASCII, for HTTP headers and URLs."""
    return text.replace(SEPARATOR, ESCAPED_SEPARATOR, 1)


def unescape_code(text: str) -> str:
    """A code as it came in a header or URL, with the escaped separator at its place made U+2022 again; all else is left as it is."""
    place = slice(CODE_CHARACTERS, CODE_CHARACTERS + len(ESCAPED_SEPARATOR))
    if text[place].upper() == ESCAPED_SEPARATOR:
        return text[:CODE_CHARACTERS] + SEPARATOR + text[place.stop :]
    return text
