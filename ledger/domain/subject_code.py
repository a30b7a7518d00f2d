"""Subject codes of bodies: the unified social credit code (GB 32100), 18 characters (NDI-TR-2025-04 4.1).

Bodies only. A natural person's subject code is made from the citizen number by an encryption that no source describes, so it is
never made here; ``is_citizen_number`` is how the other codecs refuse such a number that was put in clear where a subject belongs.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.check_characters import (
    ALPHANUMERIC,
    CREDIT_ALPHABET,
    DIGITS,
    check_character_11_2,
    check_character_31,
)
from ledger.domain.code_defects import CodeAlphabetError, CodeCheckError, CodeLengthError
from ledger.errors import InvalidCodeError

SUBJECT_CHARACTERS: Final = 18
_KIND: Final = "unified social credit code"


@dataclass(frozen=True)
class SubjectCode:
    """A unified social credit code without its check character, which follows from the rest.

    Args:
        authority: the registering authority, 1 character.
        category: the category of body, 1 character.
        region: the registering authority's region, 6 digits.
        organisation: the organisation's own code, 9 characters.

    Raises:
        CodeLengthError: a part has another length.
        CodeAlphabetError: a part has a character outside GB 32100, or the region one that is no digit.
    """

    authority: str
    category: str
    region: str
    organisation: str

    def __post_init__(self) -> None:
        parts = (self.authority, self.category, self.region, self.organisation)
        if tuple(map(len, parts)) != (1, 1, 6, 9):
            raise CodeLengthError(_KIND, "its parts have 1, 1, 6 and 9 characters before the check character")
        require_characters(_KIND, "".join(parts)[:2], CREDIT_ALPHABET)
        require_characters(_KIND, self.region, DIGITS, first_place=3)
        require_characters(_KIND, self.organisation, CREDIT_ALPHABET, first_place=9)


def parse_subject_code(text: str) -> SubjectCode:
    """The body's code in ``text``, exactly as it is written: no spaces, no lower case.

    Raises:
        CodeLengthError: not 18 characters.
        CodeAlphabetError: a character that cannot stand at its place.
        CodeCheckError: the check character is another one.
    """
    if len(text) != SUBJECT_CHARACTERS:
        raise CodeLengthError(_KIND, f"it has {SUBJECT_CHARACTERS} characters")
    require_characters(_KIND, text[-1], CREDIT_ALPHABET, first_place=SUBJECT_CHARACTERS)
    code = SubjectCode(authority=text[0], category=text[1], region=text[2:8], organisation=text[8:17])
    if encode_subject_code(code) != text:
        raise CodeCheckError(_KIND, "its check character does not follow from the others")
    return code


def encode_subject_code(code: SubjectCode) -> str:
    """The 18 characters of a body's code; the inverse of ``parse_subject_code``."""
    text = code.authority + code.category + code.region + code.organisation
    return text + check_character_31(text)


def generate_subject_code(region: str, organisation: str, *, authority: str = "9", category: str = "1") -> str:
    """A well-formed credit code for a body that is invented, in tests and demonstrations; real ones come from the register.

    Args:
        region: 6 digits.
        organisation: 9 characters.
        authority: registering authority; 9 is market regulation.
        category: category of body; 1 is an enterprise.
    """
    return encode_subject_code(SubjectCode(authority, category, region, organisation))


def is_subject_code(text: str) -> bool:
    """Whether ``text`` is a body's subject code."""
    try:
        parse_subject_code(text)
    except InvalidCodeError:
        return False
    return True


def is_citizen_number(text: str) -> bool:
    """Whether ``text`` is a citizen number in clear (GB 11643: region, birth date, serial, MOD 11-2) and no body's code."""
    if len(text) != SUBJECT_CHARACTERS or any(character not in DIGITS for character in text[:-1]):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return check_character_11_2(text[:-1]) == text[-1] and not is_subject_code(text)


def require_characters(kind: str, text: str, alphabet: str = ALPHANUMERIC, *, first_place: int = 1) -> None:
    """Refuses the first character of ``text`` that is not in ``alphabet``, by its place in the whole code.

    Raises:
        CodeAlphabetError: with the place, counted from 1.
    """
    for place, character in enumerate(text, first_place):
        if character not in alphabet:
            raise CodeAlphabetError(kind, f"the character at place {place} cannot stand there", place=place)
