"""Applications for the use of a product: what they state, and their life. Pure.

An application says who wants which items for which scenario, how the applicant is qualified and how the data are kept secure (requirement
A077). It is reviewed twice, by two platforms; where the industry has special needs its line authority has the last word (A083).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.catalogue_codes import scene_of
from ledger.domain.code_list import CodeList
from ledger.domain.policies.vocabulary import Action
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

KIND: Final = "application"

LIFE: Final = TransitionTable(
    KIND,
    "submitted",
    {
        ("submitted", "pass_first_review"): "first_reviewed",
        ("first_reviewed", "pass_final_review"): "approved",
        ("first_reviewed", "refer_to_line_authority"): "with_line_authority",
        ("with_line_authority", "consent"): "approved",
        ("submitted", "refuse"): "refused",
        ("first_reviewed", "refuse"): "refused",
        ("with_line_authority", "refuse"): "refused",
        ("submitted", "withdraw"): "withdrawn",
        ("first_reviewed", "withdraw"): "withdrawn",
        ("with_line_authority", "withdraw"): "withdrawn",
    },
)
"""The final review passes or refers; the line authority then consents or refuses. Until it is decided its applicant may take it back."""

ASPECTS: Final = ("scenario", "relevance", "necessity", "security")
"""What every review says something about (A083: scenario, relevance, minimum necessity, security)."""

ITEMS_MAX: Final = 50
FIELDS_MAX: Final = 200
PAPERS_MAX: Final = 20
CALLS_MAX: Final = 10**15
DAYS_MAX: Final = 3_660
"""Of a validity, ten years: what is asked for without an end is asked for anew."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class InvalidApplicationError(InputError):
    """An application, or a review of one, is incomplete or contradicts itself; names the member."""

    code = "invalid_application"
    title = "Invalid application"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that stays with the applicant and its reviewers: title, and SHA-256 of its bytes, hex."""

    title: str
    digest: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """Where and for what the data are used.

    Args:
        name: short; the use is held against it word by word.
        scene: code of the catalogue, letter and four digits.
        purpose: the word that policies compare (``purpose``).
        description: what happens there.
    """

    name: str
    scene: str
    purpose: str
    description: str


@dataclass(frozen=True, slots=True)
class SecurityPlan:
    """How the data are protected where they are used; ``papers`` holds at least the plan itself."""

    summary: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class RequestedItem:
    """One line of the data list.

    Args:
        item: its name, once in a list.
        item_type: what kind of data it is.
        fields: that are needed, each once.
        actions: what is to be done with them (TC609-6-2025-14, table 4).
        calls: how often at most, in all.
        necessity: why no less will do.
    """

    item: str
    item_type: str
    fields: tuple[str, ...]
    actions: tuple[str, ...]
    calls: int
    necessity: str


@dataclass(frozen=True, slots=True)
class ApplicationContent:
    """Everything that an application states.

    Args:
        qualifications: what shows that the applicant may do this, at least one.
        scenario: of the use.
        items: the data list, at least one.
        security_plan: for the use.
        valid_from: first day, YYYY-MM-DD.
        valid_until: last day.

    Raises:
        InvalidApplicationError: names the member.
        InputError: the scene is none.
    """

    qualifications: tuple[Paper, ...]
    scenario: Scenario
    items: tuple[RequestedItem, ...]
    security_plan: SecurityPlan
    valid_from: str
    valid_until: str

    def __post_init__(self) -> None:
        scene_of(self.scenario.scene)
        for problem, is_there in _problems(self):
            if is_there:
                raise InvalidApplicationError(problem)

    def item(self, name: str) -> RequestedItem | None:
        """The line of this name."""
        return next((one for one in self.items if one.item == name), None)


def is_text(text: str, most: int) -> bool:
    """Whether it has 1 to ``most`` characters, not only blanks, and nothing that a database refuses."""
    return 1 <= len(text.strip()) <= len(text) <= most and "\x00" not in text


def are_fields(fields: tuple[str, ...]) -> bool:
    """Whether there are some fields, not too many, each once."""
    return (
        1 <= len(fields) <= FIELDS_MAX and len(set(fields)) == len(fields) and all(is_text(one, 128) for one in fields)
    )


def are_actions(actions: tuple[str, ...]) -> bool:
    """Whether there are some actions of table 4, each once."""
    return bool(actions) and len(set(actions)) == len(actions) and set(actions) <= _words(Action)


def is_validity(first: str, last: str) -> bool:
    """Whether these are two days (YYYY-MM-DD), not in the wrong order and not too far from each other."""
    try:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    except ValueError:
        return False
    return len(first) == len(last) == 10 and 0 <= days <= DAYS_MAX


def _problems(content: ApplicationContent) -> list[tuple[str, bool]]:
    scenario, plan = content.scenario, content.security_plan
    papers = (*content.qualifications, *plan.papers)
    names = [one.item for one in content.items]
    return [
        (f"There are 1 to {PAPERS_MAX} qualifications.", not 1 <= len(content.qualifications) <= PAPERS_MAX),
        (f"security_plan has 1 to {PAPERS_MAX} papers.", not 1 <= len(plan.papers) <= PAPERS_MAX),
        ("security_plan.summary has 1 to 5000 characters.", not is_text(plan.summary, 5_000)),
        ("A paper has a title and the SHA-256 of its bytes.", not all(map(_is_paper, papers))),
        ("scenario.name has 1 to 128 characters.", not is_text(scenario.name, 128)),
        ("scenario.purpose has 1 to 128 characters.", not is_text(scenario.purpose, 128)),
        ("scenario.description has 1 to 5000 characters.", not is_text(scenario.description, 5_000)),
        (f"There are 1 to {ITEMS_MAX} items, each once.", not 1 <= len(set(names)) == len(names) <= ITEMS_MAX),
        (
            "An item has name, type, fields and actions, each once, a number of calls, and why it is needed.",
            not all(map(_is_item, content.items)),
        ),
        (
            f"valid_from and valid_until are days in their order, at most {DAYS_MAX} apart.",
            not is_validity(content.valid_from, content.valid_until),
        ),
    ]


def _is_paper(paper: Paper) -> bool:
    return is_text(paper.title, 256) and _DIGEST.fullmatch(paper.digest) is not None


def _is_item(item: RequestedItem) -> bool:
    return (
        is_text(item.item, 128)
        and is_text(item.item_type, 64)
        and are_fields(item.fields)
        and are_actions(item.actions)
        and 1 <= item.calls <= CALLS_MAX
        and is_text(item.necessity, 2_000)
    )


def _words(codes: type[CodeList]) -> frozenset[str]:
    return frozenset(str(code) for code in codes)
