"""What a list of codes is: an enumeration whose value is the code and whose members know their names."""

from enum import StrEnum
from typing import Self, TypeVar

from ledger.domain.code_defects import UnlistedCodeError


class CodeList(StrEnum):
    """Base of the lists; a member equals its code, so it is written to JSON as such.

    A member is declared as ``(code, chinese, english)`` or ``(code, chinese, english, keyword)``.
    """

    chinese: str
    """The name in Chinese."""
    english: str
    """The name in English."""
    keyword: str
    """The English keyword that the source prints beside the code, such as ``daily``; empty where it prints none."""

    def __new__(cls, code: str, chinese: str, english: str, keyword: str = "") -> Self:
        """Makes a member out of its declaration."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.chinese = chinese
        member.english = english
        member.keyword = keyword
        return member

    @classmethod
    def words(cls) -> str:
        """The list's name as words, for example "delivery form"."""
        return "".join(
            f" {character.lower()}" if character.isupper() else character for character in cls.__name__
        ).strip()


ListT = TypeVar("ListT", bound=CodeList)


def parse_listed(code_list: type[ListT], text: str) -> ListT:
    """The member whose code is exactly ``text``.

    Raises:
        UnlistedCodeError: there is none; ``facts["listed"]`` has the codes that there are.
    """
    for member in code_list:
        if member.value == text:
            return member
    listed = tuple(member.value for member in code_list)
    raise UnlistedCodeError(f"{code_list.words()} code", f"the list has {', '.join(listed)}", listed=listed)
