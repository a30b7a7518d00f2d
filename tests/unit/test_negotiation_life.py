"""Who may send what when: the tables against a second description of the protocol, for both sides at once."""

import re

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.negotiations import a_message, a_start, negotiated, taken

from ledger.domain.agreement_status import AgreementStatus, NegotiationState
from ledger.domain.negotiation.delivery import OFFERING, OPENING_LIVES, REQUESTING
from ledger.domain.negotiation.life import FINAL, INITIAL, SENDERS, TABLES, Act, Side, next_state
from ledger.errors import IllegalTransitionError

LETTERS = {
    Act.REQUEST: "R",
    Act.OFFER: "O",
    Act.ACCEPT: "A",
    Act.AGREE: "G",
    Act.VERIFY: "V",
    Act.FINALIZE: "F",
    Act.TERMINATE: "T",
}
# The second description: every course that the protocol allows, as one regular expression over the messages in their order. Requests
# and offers alternate; only an offer is accepted; an agreement answers a request or an acceptance; whatever is not finalized may be terminated.
COURSE = re.compile(r"(?!.*(?:RR|OO))[RO]+(?:(?<=O)A)?(?:(?<=[RA])G(?:VF?)?)?(?:(?<!F)T)?")
STATE_AFTER = {
    "R": "REQUESTED",
    "O": "OFFERED",
    "A": "ACCEPTED",
    "G": "AGREED",
    "V": "VERIFIED",
    "F": "FINALIZED",
    "T": "TERMINATED",
}


class BothSides(RuleBasedStateMachine):
    """A provider and a consumer; each message is sent by one and received by the other, or refused by both."""

    @initialize(act=st.sampled_from([Act.REQUEST, Act.OFFER]))
    def begin(self, act: Act) -> None:
        message = a_message(act, first=True)
        self.hands = [a_start(side, message) for side in Side]
        self.course = LETTERS[act]

    @rule(act=st.sampled_from(list(Act)), sender=st.sampled_from(list(Side)))
    def send(self, act: Act, sender: Side) -> None:
        message, course = a_message(act), self.course + LETTERS[act]
        if sender in SENDERS[act] and COURSE.fullmatch(course):
            self.hands = [taken(one, sender, message) for one in self.hands]
            self.course = course
            return
        for one in self.hands:
            with pytest.raises(IllegalTransitionError) as refused:
                taken(one, sender, message)
            assert refused.value.facts == {"state": one.state, "allowed": list(one.allowed)}

    @precondition(lambda self: self.course[-1] not in "FT")
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """What may follow, so that most courses are long; an end is drawn like any other."""
        acts = [act for act in Act if COURSE.fullmatch(self.course + LETTERS[act])]
        act = data.draw(st.sampled_from(acts))
        self.send(act=act, sender=data.draw(st.sampled_from(SENDERS[act])))

    @invariant()
    def both_know_the_same(self) -> None:
        for one in self.hands:
            assert one.state == STATE_AFTER[self.course[-1]]
            assert "".join(LETTERS[step.message.act] for step in one.steps) == self.course
            assert one.is_final is (self.course[-1] in "FT") is (not one.allowed)
        assert len({one.status for one in self.hands}) == 1


def test_both_sides_agree_with_the_course_of_messages_whatever_is_tried() -> None:
    run_state_machine_as_test(BothSides, settings=settings(max_examples=40, stateful_step_count=12, deadline=None))


@pytest.mark.parametrize("side", list(Side))
def test_every_state_of_the_protocol_and_no_other_is_in_the_table(side: Side) -> None:
    assert TABLES[side].states == {INITIAL, *NegotiationState}
    assert {state for state in TABLES[side].states if not TABLES[side].allowed(state)} == FINAL


def test_the_two_tables_are_one_seen_from_two_sides() -> None:
    mirrored = {
        (state, act.replace("send_", "?").replace("receive_", "send_").replace("?", "receive_")): after
        for (state, act), after in TABLES[Side.PROVIDER].moves.items()
    }
    assert mirrored == TABLES[Side.CONSUMER].moves


@pytest.mark.parametrize(
    ("sender", "act"), [(side, act) for act in Act for side in Side if side not in SENDERS[act]], ids=str
)
def test_what_a_side_never_sends_is_refused_in_every_state_with_what_is_allowed(sender: Side, act: Act) -> None:
    for side in Side:
        for state in sorted(TABLES[side].states):
            with pytest.raises(IllegalTransitionError, match=f"A {sender} never sends this .{act}.*{state}") as refused:
                next_state(side, state, sender, act)
            assert refused.value.facts == {"state": state, "allowed": list(TABLES[side].allowed(state))}


@pytest.mark.parametrize(
    ("course", "status"),
    [
        ("request", "01"),
        ("offer", "01"),
        ("request, offer", "02"),
        ("request, offer, accept", "02"),
        ("request, agree", "03"),
        ("request, agree, verify", "03"),
        ("request, agree, verify, finalize", "0301"),
        ("request, terminate(provider)", "06"),
        ("request, offer, accept, terminate(consumer)", "06"),
        ("request, agree, terminate(consumer)", "0302"),
        ("request, agree, verify, terminate(provider)", "0302"),
    ],
)
def test_negotiation_has_the_status_code_of_the_standard(course: str, status: str) -> None:
    for side in Side:
        assert negotiated(side, *course.split(", ")).status is AgreementStatus(status)


@pytest.mark.parametrize(
    ("initial", "side", "act"), [(REQUESTING, Side.CONSUMER, Act.REQUEST), (OFFERING, Side.PROVIDER, Act.OFFER)]
)
def test_negotiation_that_we_open_begins_when_the_other_side_has_the_first_message_and_not_before(
    initial: str, side: Side, act: Act
) -> None:
    life = OPENING_LIVES[initial]
    assert (life.initial, life.next(initial, "deliver")) == (initial, next_state(side, INITIAL, side, act))
    refused = life.next(initial, "give_up")
    assert refused not in TABLES[side].states, "there never was a negotiation"
    for one in life.acts:
        with pytest.raises(IllegalTransitionError):
            life.next(refused, one)
