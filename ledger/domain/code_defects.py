"""Why an identifier or a listed code is refused: one class a kind of defect, one stable code for all.

Messages name the kind of code and the place, never a character of what was sent: a mistyped code may be somebody's citizen number.
"""

from typing import Any, ClassVar

from ledger.errors import InvalidCodeError


class CodeDefectError(InvalidCodeError):
    """Root of the defects; ``facts`` carries ``defect`` (the class's word) and ``kind`` (what should have been read)."""

    defect: ClassVar[str] = "malformed"

    def __init__(self, kind: str, detail: str, **facts: Any) -> None:
        super().__init__(f"not a valid {kind}: {detail}", defect=self.defect, kind=kind, **facts)


class CodeLengthError(CodeDefectError):
    """Too short or too long."""

    defect = "length"


class CodeAlphabetError(CodeDefectError):
    """A character that cannot stand at its place; ``facts["place"]`` counts from 1."""

    defect = "alphabet"


class CodeTypeError(CodeDefectError):
    """The type code names another kind of object, or none."""

    defect = "type"


class CodeSubjectError(CodeDefectError):
    """The subject is no body's unified social credit code where one is needed, or it is a citizen number in clear."""

    defect = "subject"


class CodeRegionError(CodeDefectError):
    """A region stands where an industry must, or the other way round."""

    defect = "region"


class CodeTimeError(CodeDefectError):
    """The time is none of the calendar, or has no time zone where one is needed."""

    defect = "time"


class CodeSeparatorError(CodeDefectError):
    """The 33rd character is not U+2022."""

    defect = "separator"


class CodeCheckError(CodeDefectError):
    """The check character does not follow from the other characters."""

    defect = "check"


class UnlistedCodeError(CodeDefectError):
    """The code is not in its list; ``facts["listed"]`` has those that are."""

    defect = "unlisted"
