"""Disputes about an order or an agreement: complaint, talks, mediation, referral to arbitration, ruling. Pure.

TC609-6-2025-14 mentions the handling of disputes and has neither clause nor interface for it; annex A.2 has the parties talk first and then turn to
the platform. So a complaint is answered by the other party first, then either party asks for mediation, and what the mediator could not settle is
referred to an arbitrator, on the chain as a case of ``Disputes`` where the agreement is there. Amounts are frozen by cases of the settlement.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ledger.domain.code_list import CodeList, parse_listed
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

KIND: Final = "dispute"
MESSAGE: Final = "dispute_message"
ORDER: Final = "order"
AGREEMENT: Final = "agreement"
SUBJECTS: Final = (ORDER, AGREEMENT)

TALKING: Final = ("complained", "negotiating", "mediating", "mediation_failed")
"""States in which the parties may still settle."""

OPEN: Final = (*TALKING, "referring", "referred", "ruling")

LIFE: Final = TransitionTable(
    KIND,
    "complained",
    {
        ("complained", "answer"): "negotiating",
        **{(state, "write"): state for state in OPEN},
        **{(state, "ask_mediation"): "mediating" for state in ("complained", "negotiating")},
        **{(state, "propose"): state for state in TALKING if state != "complained"},
        **{(state, "accept"): state for state in TALKING if state != "complained"},
        **{(state, "settle"): "settled" for state in TALKING if state != "complained"},
        ("mediating", "end_mediation"): "mediation_failed",
        ("mediation_failed", "refer"): "referring",
        ("mediation_failed", "refer_off_chain"): "referred",
        ("referring", "confirm_referral"): "referred",
        ("referring", "return_to_mediation_failed"): "mediation_failed",
        ("referred", "rule"): "ruling",
        ("referred", "rule_off_chain"): "ruled",
        ("ruling", "confirm_ruling"): "ruled",
        ("ruling", "return_to_referred"): "referred",
        **{(state, "withdraw"): "withdrawn" for state in TALKING},
    },
)
"""Settled by the acceptance of both parties, ruled by the arbitrator, or withdrawn by who complained before it was referred."""

ANSWER_DUTY: Final = "answer_complaint"
MEDIATE_DUTY: Final = "mediate"
RULE_DUTY: Final = "rule_dispute"
ANSWER_WITHIN: Final = timedelta(days=5)
MEDIATE_WITHIN: Final = timedelta(days=30)
RULE_WITHIN: Final = timedelta(days=180)
"""The respondent's, the mediator's and the arbitrator's time."""

OPEN_MAX: Final = 100
"""Of one complainant."""

MESSAGES_MAX: Final = 1_000
ATTACHMENTS_MAX: Final = 20
TEXT_CHARACTERS_MAX: Final = 10_000


class Category(CodeList):
    """What a complaint is about (S000 10.5.4 b)."""

    QUALITY = "quality", "质量问题", "poor quality"
    BREACH = "breach", "违约", "breach of the agreement"
    INFRINGEMENT = "infringement", "侵权", "infringement"
    DISTRIBUTION = "distribution", "收益分配", "distribution of revenue"


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says in a case: words, and the digests of what is handed in with them.

    Args:
        text: 1 to 10,000 characters; sealed.
        attachments: SHA-256 of files that stay with who has them, 64 lower-case hex digits each.
    """

    text: str
    attachments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.text.strip()) <= len(self.text) <= TEXT_CHARACTERS_MAX:
            raise InputError(f"text has 1 to {TEXT_CHARACTERS_MAX} characters. Nothing was changed.")
        are_digests = all(len(one) == 64 and not one.strip("0123456789abcdef") for one in self.attachments)
        if (
            not are_digests
            or len(set(self.attachments)) < len(self.attachments)
            or len(self.attachments) > ATTACHMENTS_MAX
        ):
            raise InputError(
                "attachments are at most 20 SHA-256 digests in lower-case hex, each once. Nothing was changed."
            )


@dataclass(frozen=True, slots=True)
class Complaint:
    """How a case begins.

    Args:
        subject_kind: ``order`` or ``agreement``.
        subject_id: its name.
        category: one of ``Category``.
        statement: the grounds.
    """

    subject_kind: str
    subject_id: str
    category: str
    statement: Statement

    def __post_init__(self) -> None:
        parse_listed(Category, self.category)
        if self.subject_kind not in SUBJECTS:
            raise InputError("A complaint is about an order or an agreement. Nothing was changed.")
