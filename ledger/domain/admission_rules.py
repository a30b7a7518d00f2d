"""What a body has to show to be admitted in a role: rules by version, named by every admission. Pure.

The sources name the papers of bodies that handle data (ISO/IEC 27701, graded protection level 2 or above, data-security certification)
and ask for a list of admitted service parties with their qualification requirements; who must show which is stated here.
"""

from collections.abc import Iterable
from typing import Final

VERSION: Final = "admission/1"

BUSINESS_LICENCE: Final = "business_licence"
ISO_27701: Final = "iso_27701"
PROTECTION_LEVEL: Final = "graded_protection"
SECURITY_CERTIFICATE: Final = "data_security_certification"
SECURITY_ASSESSMENT: Final = "security_assessment"
PROFESSIONAL_LICENCE: Final = "professional_licence"
AUTHORISATION: Final = "authorisation"

DOCUMENT_KINDS: Final = (
    BUSINESS_LICENCE,
    ISO_27701,
    PROTECTION_LEVEL,
    SECURITY_CERTIFICATE,
    SECURITY_ASSESSMENT,
    PROFESSIONAL_LICENCE,
    AUTHORISATION,
    "other",
)
"""Kinds of qualification documents."""

ROLES: Final = ("consumer", "data_holder", "developer", "platform_service", "provider", "service_party")
"""Roles that are applied for; the reserved ones are the council's to give."""

_LICENCE: Final = frozenset({BUSINESS_LICENCE})
_SECURITY: Final = frozenset({ISO_27701, PROTECTION_LEVEL, SECURITY_CERTIFICATE})
_COMPETENCE: Final = frozenset({SECURITY_ASSESSMENT, PROFESSIONAL_LICENCE})

REQUIREMENTS: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "consumer": (_LICENCE,),
    "data_holder": (_LICENCE,),
    "developer": (_LICENCE, _SECURITY),
    "platform_service": (_LICENCE, _SECURITY),
    "provider": (_LICENCE,),
    "service_party": (_LICENCE, _SECURITY, _COMPETENCE),
}
"""Role -> of each set, one document that is valid."""

RECHECK_DAYS: Final = {"service_party": 182}
RECHECK_DAYS_ORDINARY: Final = 365
"""Days until the next re-check: service parties hand in their proof at shorter intervals."""

RECHECK_DAYS_WATCHED: Final = 91
"""The same under closer supervision, which follows from low credit."""


def missing_documents(roles: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """What is missing for these roles, in words, for example ``service_party: one of professional_licence, security_assessment``."""
    there = set(kinds)
    return [
        f"{role}: one of {', '.join(sorted(wanted))}"
        for role in sorted(roles)
        for wanted in REQUIREMENTS[role]
        if not wanted & there
    ]


RECHECK_DAYS_FAILED: Final = 30
"""A body that failed and was not suspended for it, because the chain refused or the step was taken back, is judged anew so soon."""


def recheck_days(roles: Iterable[str], *, is_watched: bool = False) -> int:
    """Days from one check to the next for a body with these roles; ``is_watched``: under closer supervision."""
    days = min([RECHECK_DAYS_ORDINARY, *(RECHECK_DAYS[role] for role in roles if role in RECHECK_DAYS)])
    return min(days, RECHECK_DAYS_WATCHED) if is_watched else days
