"""The life of a product version and of the product itself as transition tables, and the stated triggers that stop an offer. Pure.

What the chain has to agree to goes through a waiting state (``registering``, ``listing``, ...): ``confirm`` when the call is final,
``return_to_<state>`` when the contract refused it, or it was taken back. What must stop stays stopped all the same: an offer whose stop the
contract refused is ``withheld``, until a stop or an end of it is final. Versions with public data are filed before they are listed; others never are.
"""

from collections.abc import Mapping
from typing import Final

from ledger.domain.transitions import TransitionTable

KIND: Final = "product_version"

_REVIEW: Final[Mapping[tuple[str, str], str]] = {
    ("draft", "edit"): "draft",
    ("draft", "register"): "registering",
    ("draft", "withdraw"): "withdrawn",
    ("registering", "confirm"): "registered",
    ("registering", "return_to_draft"): "draft",
    ("registered", "pass_first_review"): "first_reviewed",
    ("first_reviewed", "pass_final_review"): "reviewing",
    ("reviewing", "confirm"): "reviewed",
    ("reviewing", "return_to_first_reviewed"): "first_reviewed",
    ("registered", "reject"): "rejecting",
    ("first_reviewed", "reject"): "rejecting",
    ("rejecting", "confirm"): "rejected",
    ("rejecting", "return_to_registered"): "registered",
    ("rejecting", "return_to_first_reviewed"): "first_reviewed",
    ("reviewed", "issue_letter"): "reviewed",
    ("rejected", "withdraw"): "withdrawn",
}
_OFFER: Final[Mapping[tuple[str, str], str]] = {
    ("listed", "suspend"): "suspending",
    ("suspending", "confirm"): "suspended",
    ("suspending", "return_to_listed"): "listed",
    ("suspending", "withhold"): "withheld",
    ("withheld", "suspend"): "suspending",
    ("withheld", "resume"): "resuming",
    ("resuming", "return_to_withheld"): "withheld",
    ("resuming", "withhold"): "withheld",
    ("listing", "withhold"): "withheld",
    ("listed", "withhold"): "withheld",
    ("delisting", "withhold"): "withheld",
    ("suspended", "resume"): "resuming",
    ("resuming", "confirm"): "listed",
    ("resuming", "return_to_suspended"): "suspended",
    ("listing", "confirm"): "listed",
    ("delisting", "confirm"): "delisted",
    ("delisted", "withdraw"): "withdrawn",
}


def _delisting(*states: str) -> dict[tuple[str, str], str]:
    moves = {(state, "delist"): "delisting" for state in states}
    return moves | {("delisting", f"return_to_{state}"): state for state in states}


LIFE: Final = TransitionTable(
    KIND,
    "draft",
    {
        **_REVIEW,
        ("reviewed", "list"): "listing",
        ("listing", "return_to_reviewed"): "reviewed",
        **_OFFER,
        **_delisting("registered", "first_reviewed", "reviewed", "listed", "suspended", "withheld"),
    },
)
"""Of a version without public data."""

LIFE_PUBLIC: Final = TransitionTable(
    KIND,
    "draft",
    {
        **_REVIEW,
        ("reviewed", "file"): "filing",
        ("filing", "confirm"): "filed",
        ("filing", "return_to_reviewed"): "reviewed",
        ("filed", "issue_letter"): "filed",
        ("filed", "list"): "listing",
        ("listing", "return_to_filed"): "filed",
        **_OFFER,
        **_delisting("registered", "first_reviewed", "reviewed", "filed", "listed", "suspended", "withheld"),
    },
)
"""Of a version with public data: without a filing number it is not listed."""

PRODUCT_LIFE: Final = TransitionTable(
    "product",
    "active",
    {
        ("active", "freeze"): "freezing",
        ("freezing", "confirm"): "frozen",
        ("freezing", "return_to_active"): "active",
        ("freezing", "withhold"): "withheld",
        ("freezing", "return_to_withheld"): "withheld",
        ("withheld", "freeze"): "freezing",
        ("withheld", "thaw"): "thawing",
        ("thawing", "return_to_withheld"): "withheld",
        ("frozen", "thaw"): "thawing",
        ("thawing", "confirm"): "active",
        ("thawing", "return_to_frozen"): "frozen",
    },
)
"""Of the product: a regulator's freeze lies over all versions, from the moment it is ordered until its end is final.

``withheld``: the contract refused the freeze, and the offer stays down; the regulator orders it anew, or ends what the chain has."""

SUSPEND_TRIGGERS: Final = frozenset(
    {
        *("provider_request", "provider_suspended", "qualification_expired", "quality_defect", "security_incident"),
        *("provider_left", "recheck_failed", "complaint", "price_irregularity"),
    }
)
DELIST_TRIGGERS: Final = frozenset(
    {
        *("provider_request", "registration_withdrawn", "filing_revoked", "authorisation_ended", "legal_order"),
        "repeated_breach",
    }
)
FREEZE_TRIGGERS: Final = frozenset({"regulator_order", "security_incident", "illegal_content", "dispute"})
AUTOMATIC_TRIGGERS: Final = frozenset(
    {"provider_suspended", "provider_left", "qualification_expired", "recheck_failed"}
)
"""What suspends every product of a provider without anybody deciding on each."""

OWN_TRIGGER: Final = "provider_request"
"""The provider's only one; the others are a platform's or a regulator's findings."""


def life_of(has_public_data: bool) -> TransitionTable:  # noqa: FBT001  the one question that decides
    """The table of a version."""
    return LIFE_PUBLIC if has_public_data else LIFE
