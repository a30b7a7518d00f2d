"""What follows the end of an agreement: the termination voucher, and the proof of what became of the data. Pure.

TC609-6-2025-14 asks for reason, time and a signed voucher (annex A.2 f), for duties carried out and told to those concerned (7.6 b), and for
a proof of destruction (7.6 d); table B.7 has a member for the time only (disagreement D8). The voucher has them all, under the printed
names where there are any.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ledger.domain.agreement_status import ENDINGS, Ground
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

END_BY_EXPIRY: Final = "end_by_expiry"
END_BY_RULE: Final = "end_by_rule"
ENDS: Final = (END_BY_EXPIRY, END_BY_RULE)
"""Terms of an agreement that are nobody's duty: when one is over, the anchor service ends the agreement."""

VOUCHER: Final = "termination_voucher"
VOUCHER_LIFE: Final = TransitionTable(VOUCHER, "issued", {("issued", "sign"): "signed"})
"""Signed by a platform where the chain has no signatures of the end; one that the parties or an authority ended is signed from the start."""

VOUCHER_DUTY: Final = "sign_voucher"
VOUCHER_WITHIN: Final = timedelta(days=5)

DESTRUCTION: Final = "destruction"
DESTRUCTION_LIFE: Final = TransitionTable(
    DESTRUCTION,
    "owed",
    {
        ("owed", "hand_in"): "handed_in",
        ("handed_in", "accept"): "accepted",
        ("handed_in", "contest"): "contested",
        ("contested", "hand_in"): "handed_in",
    },
)
"""Owed by the consumer of data that may have flowed; the provider accepts the proof, or says why it does not."""

DESTRUCTION_DUTY: Final = "prove_destruction"
DESTRUCTION_WITHIN: Final = timedelta(days=30)
AGAIN_WITHIN: Final = timedelta(days=10)
"""From the end of the delivery, and from a contest."""

METHODS: Final = {
    "destroy": ("overwritten", "keys_destroyed", "media_destroyed", "deleted"),
    "anonymise": ("anonymised",),
}
"""What the agreement says of the data after its end -> how that may be done."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an agreement ended.

    Args:
        ground: why.
        reason: in words; None on expiry.
        by: subject code of who asked for it; None where nobody did.
        ended_at: when it was ended here.
        effective_at: last second of delivery.
        scheduled_at: the end as it was agreed.
    """

    ground: Ground
    reason: str | None
    by: str | None
    ended_at: datetime
    effective_at: datetime
    scheduled_at: datetime

    @property
    def is_early(self) -> bool:
        """Whether it ended on another ground than its time."""
        return ENDINGS[self.ground].has_agreed_end


@dataclass(frozen=True, slots=True)
class DestructionProof:
    """What the consumer says became of the data.

    Args:
        method: one of ``METHODS`` for what the agreement asks for.
        digest: SHA-256 of the record of it, which stays with the consumer, 64 lower-case hex digits.
        done_at: when, RFC 3339 UTC with six decimals.
        statement: in words, 1 to 2,000 characters.
    """

    method: str
    digest: str
    done_at: str
    statement: str

    def __post_init__(self) -> None:
        if self.method not in {one for methods in METHODS.values() for one in methods}:
            raise InputError("method is none of those by which data are destroyed or anonymised. Nothing was changed.")
        if _DIGEST.fullmatch(self.digest) is None:
            raise InputError("digest is SHA-256 in lower-case hex. Nothing was changed.")
        if not 1 <= len(self.statement.strip()) <= len(self.statement) <= 2_000:
            raise InputError("statement has 1 to 2000 characters. Nothing was changed.")
