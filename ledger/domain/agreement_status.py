"""An agreement's status in three vocabularies, and the ways in which it ends. Pure.

The status codes are those of TC609-6-2025-14 (table C.1 row 4; ``04`` is not defined, and nothing stands for filed, suspended or expired), the
negotiation's states those of the Dataspace Protocol 2025-1, the agreement's own states ours. One table leads from each to the code, which
is what the six interfaces of annex B answer with.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.code_list import CodeList
from ledger.domain.transitions import TransitionTable
from ledger.errors import MisuseError


class AgreementStatus(CodeList):
    """``contractStatus`` (table C.1 row 4)."""

    INITIATED = "01", "发起", "initiated"
    NEGOTIATING = "02", "协商", "negotiating"
    SIGNING = "03", "签订", "signing"
    SIGNED = "0301", "签订成功", "signed"
    SIGNING_FAILED = "0302", "签订失败", "signing failed"
    IN_PERFORMANCE = "05", "履行中", "in performance"
    TERMINATED = "06", "终止", "terminated"


class NegotiationState(StrEnum):
    """States of a ``ContractNegotiation`` (Dataspace Protocol 2025-1)."""

    REQUESTED = "REQUESTED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    AGREED = "AGREED"
    VERIFIED = "VERIFIED"
    FINALIZED = "FINALIZED"
    TERMINATED = "TERMINATED"


_OF_NEGOTIATION: Final = {
    NegotiationState.REQUESTED: AgreementStatus.NEGOTIATING,
    NegotiationState.OFFERED: AgreementStatus.NEGOTIATING,
    NegotiationState.ACCEPTED: AgreementStatus.NEGOTIATING,  # the terms stand, but there is no agreement yet that could be signed
    NegotiationState.AGREED: AgreementStatus.SIGNING,
    NegotiationState.VERIFIED: AgreementStatus.SIGNING,
    NegotiationState.FINALIZED: AgreementStatus.SIGNED,
}
_OPENING: Final = frozenset({NegotiationState.REQUESTED, NegotiationState.OFFERED})
_SIGNING: Final = frozenset({NegotiationState.AGREED, NegotiationState.VERIFIED})


def status_of_negotiation(
    state: NegotiationState, *, is_first_message: bool = False, terminated_from: NegotiationState | None = None
) -> AgreementStatus:
    """The status code of a negotiation.

    Args:
        state: its state.
        is_first_message: nothing was answered yet: the contract is initiated, not yet negotiated.
        terminated_from: the state that it was in before it was terminated; only for ``TERMINATED``. From signing on, that is a failed
            signing.

    Raises:
        MisuseError: the state and what is said about it do not go together.
    """
    is_terminated = state is NegotiationState.TERMINATED
    if is_terminated != (terminated_from is not None) or (is_first_message and state not in _OPENING):
        raise MisuseError(f"no negotiation is {state} in this way")
    if terminated_from is not None:
        if terminated_from in (NegotiationState.FINALIZED, NegotiationState.TERMINATED):
            raise MisuseError("what is final is not terminated as a negotiation")
        return AgreementStatus.SIGNING_FAILED if terminated_from in _SIGNING else AgreementStatus.TERMINATED
    return AgreementStatus.INITIATED if is_first_message else _OF_NEGOTIATION[state]


def states_of_status(status: AgreementStatus) -> tuple[NegotiationState, ...]:
    """The negotiation's states that have a status code, in the protocol's order; ``05`` is the agreement's alone and has none."""
    if status is AgreementStatus.INITIATED:
        return (NegotiationState.REQUESTED, NegotiationState.OFFERED)
    if status in (AgreementStatus.SIGNING_FAILED, AgreementStatus.TERMINATED):
        return (NegotiationState.TERMINATED,)
    return tuple(state for state, code in _OF_NEGOTIATION.items() if code is status)


AGREEMENT_LIFE: Final = TransitionTable(
    kind="agreement",
    initial="generated",
    moves={
        ("generated", "sign"): "signing",
        ("generated", "abandon"): "abandoned",
        ("signing", "sign"): "signing",
        ("signing", "complete_signatures"): "signed",
        ("signing", "return_to_generated"): "generated",
        ("signing", "abandon"): "abandoned",
        ("signed", "file"): "filing",
        ("filing", "confirm_filing"): "filed",
        ("filing", "refuse_filing"): "signed",
        ("filed", "instruct"): "in_performance",
        **{(state, "report_breach"): state for state in ("filed", "in_performance")},
        **{(state, "end"): "ending" for state in ("signed", "filed", "in_performance")},
        **{(state, "expire"): "terminated" for state in ("signed", "filed", "in_performance")},
        **{(state, "end_by_rule"): "terminated" for state in ("filed", "in_performance")},
        ("ending", "confirm_end"): "terminated",
        **{("ending", f"return_to_{state}"): state for state in ("signed", "filed", "in_performance")},
    },
)
"""From the order to the end. Both signatures stand before it is filed, and it is filed before either connector is instructed.
What the contract refused to conclude, or nobody signed in time, is asked for anew (``return_to_generated``), or abandoned.
In performance it is once both have put their instruction in force.
An end that is refused (``return_to_<state>``) leaves it where it was; expiry and a condition of its own end it without the chain, which
knows the validity, and ends by signature only."""

ENDED_ALONE: Final = ("signed", "filed", "in_performance")
"""States from which an agreement ends by expiry; the others are over, not concluded yet, or wait for the chain first."""

STATUS_OF_STATE: Final = {
    "generated": AgreementStatus.NEGOTIATING,
    "signing": AgreementStatus.SIGNING,
    "abandoned": AgreementStatus.SIGNING_FAILED,
    "signed": AgreementStatus.SIGNED,
    "filing": AgreementStatus.SIGNED,
    "filed": AgreementStatus.SIGNED,
    "in_performance": AgreementStatus.IN_PERFORMANCE,
    "ending": AgreementStatus.IN_PERFORMANCE,
    "terminated": AgreementStatus.TERMINATED,
}
"""The status code of each state of ``AGREEMENT_LIFE``."""


class Ground(StrEnum):
    """Why an agreement ends."""

    EXPIRY = "expiry"
    CONSENT = "consent"
    RULE = "rule"
    RULING = "ruling"


@dataclass(frozen=True, slots=True)
class Ending:
    """What one ground asks for (clause 7.6, table B.7).

    Args:
        terminate_type: ``erminateType``: ``01`` early, ``02`` at expiry.
        signers: by any one of which the voucher is signed; each is the set of those who sign together.
        has_agreed_end: whether ``agreedEndTime`` is stated; without it the end is the scheduled one.
        has_reason: whether a reason is stated, for which table B.7 has no member.
        needs_destruction_proof: whether the consumer proves what became of the data (7.6 d).
    """

    terminate_type: str
    signers: frozenset[frozenset[str]]
    has_agreed_end: bool
    has_reason: bool
    needs_destruction_proof: bool = True


def _any_of(*together: tuple[str, ...]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(roles) for roles in together)


ENDINGS: Final = {
    Ground.EXPIRY: Ending("02", _any_of(("platform",)), has_agreed_end=False, has_reason=False),
    Ground.CONSENT: Ending("01", _any_of(("provider", "consumer")), has_agreed_end=True, has_reason=True),
    Ground.RULE: Ending("01", _any_of(("platform",)), has_agreed_end=True, has_reason=True),
    Ground.RULING: Ending("01", _any_of(("arbitrator",), ("regulator",)), has_agreed_end=True, has_reason=True),
}
"""By ground. Consent is signed by both, though table B.7 has room for the initiator's signature only (disagreement D8)."""


def may_end(ground: Ground, signers: frozenset[str]) -> bool:
    """Whether these signatures, by role, end an agreement on this ground."""
    return any(together <= signers for together in ENDINGS[ground].signers)
