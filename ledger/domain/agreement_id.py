"""The id of an agreement: the 47-character ``contractId`` of TC609-6-2025-14 (tables B.3 and C.1), made and judged here only.

Type 1, type of the issuing business node 1, its subject 18, region or industry 4, time 14, random 8, check 1. The standard states no value
for the type, no format for the time, no alphabet and no check algorithm. Readings, the same everywhere in this system: type ``8``
(the first that NDI-TR-2025-04 leaves free), time ``YYYYMMDDHHMMSS`` in Asia/Shanghai, random ``0-9A-Z``, check MOD 37-2 over the other 46.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ledger.domain.check_characters import ALPHANUMERIC, DIGITS, check_character_37_2
from ledger.domain.code_defects import CodeAlphabetError, CodeCheckError, CodeLengthError, CodeTimeError, CodeTypeError
from ledger.domain.codes import CodeKind, NationalCode
from ledger.domain.subject_code import parse_subject_code, require_characters
from ledger.domain.working_days import SHANGHAI

AGREEMENT_TYPE: Final = "8"
AGREEMENT_ID_CHARACTERS: Final = 47
_KIND: Final = "contract id"
_TIME_FORMAT: Final = "%Y%m%d%H%M%S"
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_END: Final = datetime(3000, 1, 1, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class AgreementId:
    """The parts of an agreement's id without its check character.

    Args:
        subject: subject code of the issuing node's owner, 18 characters.
        region: of the issuing node, 4 digits.
        issued_at: to the second, in UTC.
        random: 8 characters of ``0-9A-Z``.

    Raises:
        InvalidCodeError: a subclass of ``ledger.domain.code_defects`` for each kind of defect.
    """

    subject: str
    region: str
    issued_at: datetime
    random: str

    def __post_init__(self) -> None:
        # subject, region and random part are the issuing node's own parts and obey the same rules
        NationalCode(CodeKind.BUSINESS_NODE, self.subject, self.region, self.random)
        if self.issued_at.utcoffset() is None or self.issued_at.microsecond:
            raise CodeTimeError(_KIND, "its time is a whole second of a known time zone")
        if not _EARLIEST <= self.issued_at < _END:
            raise CodeTimeError(_KIND, "its time is not of the years 2000 to 2999")


def parse_agreement_id(text: str) -> AgreementId:
    """The id in ``text``, exactly as it is written.

    Raises:
        InvalidCodeError: a subclass of ``ledger.domain.code_defects`` for each kind of defect.
    """
    if len(text) != AGREEMENT_ID_CHARACTERS:
        raise CodeLengthError(_KIND, f"it has {AGREEMENT_ID_CHARACTERS} characters")
    if text[0] != AGREEMENT_TYPE:
        raise CodeTypeError(_KIND, f"its first character is {AGREEMENT_TYPE}")
    if text[1] != CodeKind.BUSINESS_NODE:
        raise CodeTypeError(_KIND, f"its second character is {CodeKind.BUSINESS_NODE.value}, for a business node")
    require_characters(_KIND, text[2:20], first_place=3)
    require_characters(_KIND, text[20:38], DIGITS, first_place=21)
    require_characters(_KIND, text[38:46], first_place=39)
    if text[-1] not in ALPHANUMERIC + "*":
        raise CodeAlphabetError(_KIND, "the character at place 47 cannot stand there", place=AGREEMENT_ID_CHARACTERS)
    if check_character_37_2(text[:-1]) != text[-1]:
        raise CodeCheckError(_KIND, "its check character does not follow from the others")
    try:
        local = datetime.strptime(text[24:38], _TIME_FORMAT).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise CodeTimeError(_KIND, "places 25 to 38 are no time of the calendar") from None
    return AgreementId(subject=text[2:20], region=text[20:24], issued_at=local.astimezone(UTC), random=text[38:46])


def encode_agreement_id(agreement_id: AgreementId) -> str:
    """The 47 characters; the inverse of ``parse_agreement_id``."""
    local = agreement_id.issued_at.astimezone(SHANGHAI)
    text = (
        AGREEMENT_TYPE
        + CodeKind.BUSINESS_NODE
        + agreement_id.subject
        + agreement_id.region
        + local.strftime(_TIME_FORMAT)
        + agreement_id.random
    )
    return text + check_character_37_2(text)


def generate_agreement_id(issuing_node: NationalCode, issued_at: datetime, random: str) -> str:
    """A new id, issued by a platform.

    Args:
        issuing_node: the platform's own code, of a business node.
        issued_at: now, with a time zone; fractions of a second are cut off.
        random: 8 characters, as in ``ledger.domain.codes.generate_national_code``.

    Raises:
        InvalidCodeError: the node is no business node of a body, or a part is wrong.
    """
    if issuing_node.kind is not CodeKind.BUSINESS_NODE:
        raise CodeTypeError(_KIND, "a business node issues it")
    parse_subject_code(issuing_node.subject)
    whole_second = issued_at.replace(microsecond=0)
    return encode_agreement_id(AgreementId(issuing_node.subject, issuing_node.region, whole_second, random))
