"""Statuses: one code for each state of each vocabulary, and what each way of ending asks for."""

import pytest

from ledger.domain.agreement_status import (
    AGREEMENT_LIFE,
    ENDINGS,
    STATUS_OF_STATE,
    AgreementStatus,
    Ground,
    NegotiationState,
    may_end,
    states_of_status,
    status_of_negotiation,
)
from ledger.errors import IllegalTransitionError, MisuseError

LIVE = [state for state in NegotiationState if state is not NegotiationState.TERMINATED]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        *(("REQUESTED", "02"), ("OFFERED", "02"), ("ACCEPTED", "02")),
        *(("AGREED", "03"), ("VERIFIED", "03"), ("FINALIZED", "0301")),
    ],
)
def test_state_of_the_negotiation_has_its_code(state: str, code: str) -> None:
    status = status_of_negotiation(NegotiationState(state))
    assert status == code
    assert NegotiationState(state) in states_of_status(status)


@pytest.mark.parametrize("state", ["REQUESTED", "OFFERED"])
def test_first_message_initiates(state: str) -> None:
    assert status_of_negotiation(NegotiationState(state), is_first_message=True) is AgreementStatus.INITIATED
    assert NegotiationState(state) in states_of_status(AgreementStatus.INITIATED)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        *((state, "06") for state in ("REQUESTED", "OFFERED", "ACCEPTED")),
        *((state, "0302") for state in ("AGREED", "VERIFIED")),
    ],
)
def test_terminated_negotiation_has_failed_to_be_signed_from_signing_on(before: str, code: str) -> None:
    status = status_of_negotiation(NegotiationState.TERMINATED, terminated_from=NegotiationState(before))
    assert status == code and states_of_status(status) == (NegotiationState.TERMINATED,)


def test_performance_is_no_state_of_a_negotiation() -> None:
    assert states_of_status(AgreementStatus.IN_PERFORMANCE) == ()


@pytest.mark.parametrize("state", LIVE)
def test_what_does_not_go_together_is_misuse(state: NegotiationState) -> None:
    with pytest.raises(MisuseError):
        status_of_negotiation(state, terminated_from=NegotiationState.REQUESTED)
    with pytest.raises(MisuseError):
        status_of_negotiation(NegotiationState.TERMINATED)
    with pytest.raises(MisuseError):
        status_of_negotiation(NegotiationState.TERMINATED, terminated_from=NegotiationState.FINALIZED)


def test_every_state_of_an_agreement_has_a_code() -> None:
    assert set(STATUS_OF_STATE) == AGREEMENT_LIFE.states


def test_agreement_is_signed_then_filed_then_performed() -> None:
    state = AGREEMENT_LIFE.initial
    for act in ("sign", "sign", "complete_signatures", "file", "confirm_filing", "instruct", "end", "confirm_end"):
        state = AGREEMENT_LIFE.next(state, act)
    assert state == "terminated" and AGREEMENT_LIFE.allowed(state) == ()
    with pytest.raises(IllegalTransitionError):
        AGREEMENT_LIFE.next("signed", "instruct")


@pytest.mark.parametrize(
    ("ground", "signers", "is_enough"),
    [
        (Ground.CONSENT, {"provider", "consumer"}, True),
        (Ground.CONSENT, {"provider", "platform"}, False),
        (Ground.RULE, {"platform"}, True),
        (Ground.RULE, {"consumer"}, False),
        (Ground.RULING, {"regulator"}, True),
        (Ground.RULING, {"provider", "consumer", "platform"}, False),
        (Ground.EXPIRY, {"platform"}, True),
        (Ground.EXPIRY, set(), False),
    ],
)
def test_agreement_ends_only_by_the_signatures_of_its_ground(
    ground: Ground, signers: set[str], is_enough: bool
) -> None:
    assert may_end(ground, frozenset(signers)) is is_enough


def test_only_expiry_ends_at_the_scheduled_time() -> None:
    assert set(ENDINGS) == set(Ground)
    for ground, ending in ENDINGS.items():
        is_early = ground is not Ground.EXPIRY
        assert (ending.terminate_type, ending.has_agreed_end) == ("01" if is_early else "02", is_early)
        assert ending.needs_destruction_proof
