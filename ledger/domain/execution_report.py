"""Reports of how an agreement is performed (TC609-6-2025-14 clause 7.5 d, table B.6), as its execution nodes make them. Pure.

Table B.6 has no reporter, no counters and no codes for the result. Here the reporter is the body whose node it is; ``outcome`` is the code, three of
them as in TC609-6-2025-15 table 3, and ``breach`` for what an agreement may end by.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.policies.vocabulary import Action
from ledger.errors import InputError

KIND: Final = "execution_report"
ACTIONS_MAX: Final = 21
RESULT_CHARACTERS_MAX: Final = 1_024
DETAILS_CHARACTERS_MAX: Final = 10_000


class Outcome(StrEnum):
    """What a report says happened."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    DENIED = "denied"
    BREACH = "breach"


TOLD: Final = frozenset({Outcome.DENIED, Outcome.BREACH})
"""Of these everybody concerned is told (clause 7.5 c)."""


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """One report.

    Args:
        strategy_id: ``executedStrategyId``, 1 to 36 characters.
        actions: ``executedActions``: codes of table C.5, each once.
        outcome: one of ``Outcome``.
        result: ``executionResult``, 1 to 1,024 characters.
        details: ``executionDetails``, at most 10,000 characters; empty for none.
        reported_at: ``reportTime``, RFC 3339 UTC with six decimals.
    """

    strategy_id: str
    actions: tuple[str, ...]
    outcome: str
    result: str
    details: str
    reported_at: str

    def __post_init__(self) -> None:
        rules = (
            ("strategy_id has 1 to 36 characters.", 1 <= len(self.strategy_id) <= 36),
            (
                "actions are codes of table C.5, each once.",
                1 <= len(set(self.actions)) == len(self.actions) and set(self.actions) <= set(Action),
            ),
            (f"outcome is one of {', '.join(Outcome)}.", self.outcome in set(Outcome)),
            (
                "result has 1 to 1024 characters.",
                1 <= len(self.result.strip()) <= len(self.result) <= RESULT_CHARACTERS_MAX,
            ),
            ("details has at most 10000 characters.", len(self.details) <= DETAILS_CHARACTERS_MAX),
        )
        for says, holds in rules:
            if not holds:
                raise InputError(f"{says} Nothing was changed.")
