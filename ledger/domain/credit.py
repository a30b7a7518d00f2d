"""The credit file of a participant: violations, ratings, appeals and repairs, and the score that follows from them. Pure.

The sources ask for a file with compliance, service quality and performance, for limits that follow from low credit, and for appeal and
repair; they give no numbers. Those of this module are the project's own, stated here once, and named by ``RULES`` in every file.
"""

from dataclasses import dataclass, replace
from typing import Final

from ledger.domain.transitions import TransitionTable
from ledger.errors import NotFoundError

RULES: Final = "credit/1"
FULL_SCORE: Final = 100
DEDUCTIONS: Final = {"minor": 5, "serious": 20, "grave": 50}
"""What a standing violation takes off, by severity."""

WATCHED_BELOW: Final = 70
LIMITED_BELOW: Final = 50
CLOSER_SUPERVISION: Final = "closer_supervision"
"""Re-checks come sooner (``ledger.domain.admission_rules.recheck_days``)."""

NO_NEW_PRODUCTS: Final = "no_new_products"
"""No draft, version, registration or listing of a product."""

NO_NEW_ORDERS: Final = "no_new_orders"
"""Nothing that leads to an order: no demand, no bid, no selection of one, no application, no beginning of a negotiation, no proposal of a
contract, no framework agreement, no order placed or confirmed. What stands already is carried out."""

LIMITS: Final[dict[str, tuple[str, ...]]] = {
    "ordinary": (),
    "watched": (CLOSER_SUPERVISION,),
    "limited": (CLOSER_SUPERVISION, NO_NEW_PRODUCTS, NO_NEW_ORDERS),
}
"""What each level means; other parts of the flow ask ``CreditFile.limits``."""

VIOLATION_LIFE: Final = TransitionTable(
    "violation",
    "entered",
    {
        ("entered", "appeal"): "appealed",
        ("appealed", "lift"): "lifted",
        ("appealed", "uphold"): "upheld",
        ("entered", "claim_repair"): "repair_claimed",
        ("upheld", "claim_repair"): "repair_claimed",
        ("repair_claimed", "accept_repair"): "repaired",
        ("repair_claimed", "refuse_repair"): "upheld",
    },
)
"""Of a violation: contested once, put right as often as it takes."""

STANDING: Final = frozenset({"entered", "appealed", "upheld", "repair_claimed"})
"""States of a violation in which it counts: an appeal or a claim of repair alone lifts nothing."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation, in a state of ``VIOLATION_LIFE``.

    Args:
        number: from 1, in the file.
        kind: a word, for example ``scope_exceeded``.
        severity: minor, serious or grave.
        basis: the rule that was broken.
        evidence_sha256: digest of the evidence.
        account: who entered it.
        entered_at: when.
        state: of its table.
        appeal: why it is contested.
        repair_sha256: digest of the proof that it was put right.
        decision: reasons of the last decision on appeal or repair.
    """

    number: int
    kind: str
    severity: str
    basis: str
    evidence_sha256: str
    account: str
    entered_at: str
    state: str = VIOLATION_LIFE.initial
    appeal: str | None = None
    repair_sha256: str | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating: three marks of 0 to 100 for a period, and the digest of what they rest on."""

    period: str
    compliance: int
    service_quality: int
    performance: int
    basis_sha256: str
    account: str
    rated_at: str

    @property
    def mark(self) -> int:
        """The mean, rounded down."""
        return (self.compliance + self.service_quality + self.performance) // 3


@dataclass(frozen=True, slots=True)
class CreditFile:
    """What is known, oldest first. The newest rating counts; without one the mark is full."""

    rules: str = RULES
    violations: tuple[Violation, ...] = ()
    ratings: tuple[Rating, ...] = ()

    @property
    def score(self) -> int:
        """Mark of the newest rating less the deductions of the standing violations, at least 0."""
        mark = self.ratings[-1].mark if self.ratings else FULL_SCORE
        return max(0, mark - sum(DEDUCTIONS[one.severity] for one in self.violations if one.state in STANDING))

    @property
    def level(self) -> str:
        """``ordinary``, ``watched`` or ``limited``."""
        if self.score < LIMITED_BELOW:
            return "limited"
        return "watched" if self.score < WATCHED_BELOW else "ordinary"

    @property
    def limits(self) -> tuple[str, ...]:
        """What the level means."""
        return LIMITS[self.level]

    def violation(self, number: int) -> Violation:
        """The violation of that number.

        Raises:
            NotFoundError: there is none.
        """
        if not 1 <= number <= len(self.violations):
            raise NotFoundError("The credit file has no such violation.")
        return self.violations[number - 1]

    def with_violation(self, changed: Violation) -> "CreditFile":
        """With this violation in its place, or behind the others."""
        before, after = self.violations[: changed.number - 1], self.violations[changed.number :]
        return replace(self, violations=(*before, changed, *after))
