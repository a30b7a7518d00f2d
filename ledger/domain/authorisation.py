"""Authorisation lists: which items may be used how, by whom, until when, and what is never allowed. Pure.

A list comes from an approved application and names each item with type, fields, scope of use, validity and limits (requirement A014).
Its standing bans (A015) are in every list: no marketing, nothing passed on, no other scenario. A *widening* is a second, dated grant
beside the list, which ends by itself. ``authorisation_coverage`` decides on a use.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.application import CALLS_MAX, ITEMS_MAX, are_actions, are_fields, is_text, is_validity
from ledger.domain.policies.vocabulary import Action
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

KIND: Final = "authorisation"
LIFE: Final = TransitionTable(
    KIND,
    "in_force",
    {
        ("in_force", "issue_token"): "in_force",
        ("in_force", "end_token"): "in_force",
        ("in_force", "ask_widening"): "in_force",
        ("in_force", "widen"): "in_force",
        ("in_force", "suspend"): "suspended",
        ("suspended", "end_token"): "suspended",
        ("suspended", "resume"): "in_force",
        ("in_force", "withdraw"): "withdrawn",
        ("suspended", "withdraw"): "withdrawn",
        ("in_force", "give_up"): "given_up",
        ("suspended", "give_up"): "given_up",
    },
)
"""Its days end by themselves; ``withdraw`` is what follows a violation, ``give_up`` is the holder's own."""

WIDENING: Final = "authorisation_widening"
WIDENING_LIFE: Final = TransitionTable(
    WIDENING,
    "asked",
    {("asked", "grant"): "granted", ("asked", "refuse"): "refused", ("asked", "take_back"): "taken_back"},
)
"""Of a request to widen; what is granted stands in the authorisation and ends with its days."""

STANDING_BANS: Final = ("marketing", "onward_authorisation", "other_scenario")
"""In every list (A015)."""

MARKETING: Final = "marketing"
"""The purpose that is never allowed."""

ONWARD: Final = frozenset({str(Action.GRANT_USE)})
"""Actions by which others would be authorised."""

TRACING_DUTY: Final = (
    "Every use is recorded against the usage token, and can be traced by provider, issuer and regulator."
)
"""Stated with every list (A015)."""

WIDENING_DAYS_MAX: Final = 92
"""A quarter: for longer a new application is made. The sources say "temporary" and give no number; this one is the project's own."""

WIDENINGS_MAX: Final = 50
PURPOSES_MAX: Final = 50


VIOLATIONS: Final = frozenset(
    {*STANDING_BANS, "beyond_scope", "security_incident", "failed_audit", "breach_of_agreement"}
)
"""For what an authorisation is suspended or withdrawn."""


class InvalidAuthorisationError(InputError):
    """A list or a widening is not one; names the member."""

    code = "invalid_authorisation"
    title = "Invalid authorisation"


class TooWideAuthorisationError(InputError):
    """A list or a widening allows more than the application or the product's policy; ``facts`` has ``item`` and ``beyond``."""

    code = "authorisation_too_wide"
    title = "Authorisation too wide"


@dataclass(frozen=True, slots=True)
class AuthorisedItem:
    """One line of a list.

    Args:
        item: name, as in the application.
        item_type: kind of data.
        fields: that may be used.
        actions: what may be done with them (TC609-6-2025-14, table 4).
        valid_from: first day, YYYY-MM-DD, in Shanghai.
        valid_until: last day.
        calls: how many in all, over all tokens.
        records_per_call: rows that one call may give at most; None for no limit.
    """

    item: str
    item_type: str
    fields: tuple[str, ...]
    actions: tuple[str, ...]
    valid_from: str
    valid_until: str
    calls: int
    records_per_call: int | None = None

    def __post_init__(self) -> None:
        for problem, is_there in (
            ("item has 1 to 128 characters.", not is_text(self.item, 128)),
            ("item_type has 1 to 64 characters.", not is_text(self.item_type, 64)),
            ("fields are some, each once.", not are_fields(self.fields)),
            ("actions are some of table 4, each once.", not are_actions(self.actions)),
            ("actions grant no use on: that is banned.", bool(ONWARD & set(self.actions))),
            ("valid_from and valid_until are days in their order.", not is_validity(self.valid_from, self.valid_until)),
            (f"calls are 1 to {CALLS_MAX}.", not 1 <= self.calls <= CALLS_MAX),
            ("records_per_call is 1 or more.", self.records_per_call is not None and self.records_per_call < 1),
        ):
            if is_there:
                raise InvalidAuthorisationError(problem)


@dataclass(frozen=True, slots=True)
class AuthorisationList:
    """What is authorised.

    Args:
        scenario: name of the one scenario.
        purpose: of the use, as policies compare it.
        items: at least one, each once.
        banned_purposes: others that are banned, beside the standing bans.
        bans: the standing bans; all of them, always.
        tracing_duty: stated so that its holder has read it.
    """

    scenario: str
    purpose: str
    items: tuple[AuthorisedItem, ...]
    banned_purposes: tuple[str, ...] = ()
    bans: tuple[str, ...] = STANDING_BANS
    tracing_duty: str = TRACING_DUTY

    def __post_init__(self) -> None:
        names = [one.item for one in self.items]
        for problem, is_there in (
            ("scenario has 1 to 128 characters.", not is_text(self.scenario, 128)),
            ("purpose has 1 to 128 characters.", not is_text(self.purpose, 128)),
            (f"There are 1 to {ITEMS_MAX} items, each once.", not 1 <= len(set(names)) == len(names) <= ITEMS_MAX),
            ("banned_purposes are at most 50 of 1 to 128 characters.", not _are_purposes(self.banned_purposes)),
            (f"bans are {', '.join(STANDING_BANS)}.", self.bans != STANDING_BANS),
            ("tracing_duty is the stated one.", self.tracing_duty != TRACING_DUTY),
            ("The purpose is banned.", self.purpose in {MARKETING, *self.banned_purposes}),
        ):
            if is_there:
                raise InvalidAuthorisationError(problem)


@dataclass(frozen=True, slots=True)
class Widening:
    """A second grant: number from 1, more for some items, each with days of its own."""

    number: int
    items: tuple[AuthorisedItem, ...]


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The list with what was granted beside it."""

    listed: AuthorisationList
    widenings: tuple[Widening, ...] = ()

    @property
    def entries(self) -> dict[str, AuthorisedItem]:
        """Every line by its name: ``0/<item>`` of the list, ``<number>/<item>`` of a widening."""
        found = {entry_name(0, one): one for one in self.listed.items}
        return found | {entry_name(each.number, one): one for each in self.widenings for one in each.items}

    @property
    def calls(self) -> int:
        """How many calls all lines allow together."""
        return sum(one.calls for one in self.entries.values())

    @property
    def valid_until(self) -> str:
        """The last day of the list; no widening goes beyond it."""
        return max(one.valid_until for one in self.listed.items)


def entry_name(number: int, item: AuthorisedItem) -> str:
    """Name of a line; 0 is the list itself."""
    return f"{number}/{item.item}"


def check_widening(authorisation: Authorisation, items: tuple[AuthorisedItem, ...], today: date) -> None:
    """Refuses a widening that is none "for a while": too long, begun already, or beyond the days of the list.

    Raises:
        InvalidAuthorisationError: says which.
    """
    names = [one.item for one in items]
    if not 1 <= len(set(names)) == len(names) <= ITEMS_MAX:
        raise InvalidAuthorisationError(f"A widening has 1 to {ITEMS_MAX} items, each once.")
    for one in items:
        first, last = date.fromisoformat(one.valid_from), date.fromisoformat(one.valid_until)
        if first < today:
            raise InvalidAuthorisationError("A widening begins today or later.")
        if (last - first).days >= WIDENING_DAYS_MAX:
            raise InvalidAuthorisationError(f"A widening has {WIDENING_DAYS_MAX} days at most.")
        if one.valid_until > authorisation.valid_until:
            raise InvalidAuthorisationError("A widening ends no later than the list.")


def _are_purposes(purposes: tuple[str, ...]) -> bool:
    return len(purposes) <= PURPOSES_MAX and all(is_text(one, 128) for one in purposes)
