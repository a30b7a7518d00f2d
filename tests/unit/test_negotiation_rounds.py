"""A negotiation in one side's hands: rounds, repeats, and what an agreement must say."""

from dataclasses import replace

import pytest
from support.negotiations import (
    CONSUMER,
    CONSUMER_ADDRESS,
    CONSUMER_PID,
    PROVIDER_ADDRESS,
    PROVIDER_PID,
    a_message,
    a_start,
    an_agreement,
    an_offer,
    negotiated,
    taken,
)

from ledger.bundle.negotiation_record import message_digest, policy_digest, recorded_steps
from ledger.domain.negotiation.defects import (
    InvalidNegotiationMessageError,
    MessageIdReusedError,
    OtherNegotiationError,
    TermsDifferError,
    TooManyRoundsError,
)
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import Message, MessageType, message_value
from ledger.domain.negotiation.negotiation import (
    ROUNDS_MAX,
    is_repeat,
    received,
    received_while_sending,
    restored,
    sent,
    started,
)
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.errors import IllegalTransitionError, MisuseError

DEARER = {
    "permission": [{"action": "read", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 5}]}]
}


@pytest.mark.parametrize("side", list(Side))
def test_two_rounds_end_in_the_last_offer(side: Side) -> None:
    negotiation = a_start(side, a_message(Act.REQUEST, first=True))
    negotiation = taken(negotiation, Side.PROVIDER, a_message(Act.OFFER, policy=an_offer(**DEARER)))
    negotiation = taken(negotiation, Side.CONSUMER, a_message(Act.REQUEST))
    negotiation = taken(negotiation, Side.PROVIDER, a_message(Act.OFFER, policy=an_offer(**DEARER)))
    negotiation = taken(negotiation, Side.CONSUMER, a_message(Act.ACCEPT))
    with pytest.raises(TermsDifferError, match="rules"):
        taken(negotiation, Side.PROVIDER, a_message(Act.AGREE))
    agreement = an_agreement(**DEARER)
    negotiation = taken(negotiation, Side.PROVIDER, a_message(Act.AGREE, policy=agreement))
    assert [(one.number, one.sender) for one in negotiation.rounds] == [
        *((1, Side.CONSUMER), (2, Side.PROVIDER), (3, Side.CONSUMER), (4, Side.PROVIDER))
    ]
    assert [one.offer["permission"][0]["action"] for one in negotiation.rounds] == ["use", "read", "use", "read"]
    assert negotiation.agreement == agreement
    assert message_value(negotiation.answer)["state"] == "AGREED"


def test_sides_know_each_other_and_where_to_send() -> None:
    for act, sender in ((Act.REQUEST, Side.CONSUMER), (Act.OFFER, Side.PROVIDER)):
        message = a_message(act, first=True)
        for side in Side:
            negotiation = a_start(side, message)
            assert (negotiation.provider_pid, negotiation.consumer_pid) == (PROVIDER_PID, CONSUMER_PID)
            assert negotiation.address == (CONSUMER_ADDRESS if side is Side.PROVIDER else PROVIDER_ADDRESS)
            assert negotiation.steps[0].sender is sender


def test_repeat_changes_nothing_in_any_later_state() -> None:
    request, offer, accept = a_message(Act.REQUEST, first=True), a_message(Act.OFFER), a_message(Act.ACCEPT)
    negotiation = a_start(Side.PROVIDER, request)
    negotiation = received(sent(negotiation, offer), accept)
    for sender, message in ((Side.CONSUMER, request), (Side.PROVIDER, offer), (Side.CONSUMER, accept)):
        assert taken(negotiation, sender, message) is negotiation
    ended = sent(negotiation, end := a_message(Act.TERMINATE))
    assert sent(ended, end) is ended and received(ended, accept) is ended


def test_first_message_is_known_without_a_name() -> None:
    request = a_message(Act.REQUEST, first=True, message_id=None)
    negotiation = a_start(Side.PROVIDER, request)
    assert received(negotiation, request) is negotiation
    with pytest.raises(IllegalTransitionError):
        received(negotiation, replace(request, offer=an_offer(**DEARER)))


def test_equal_counter_offers_are_two_messages() -> None:
    negotiation = negotiated(Side.PROVIDER, "request", "offer", "request")
    last = negotiation.steps[-1].message
    for again in (a_message(Act.REQUEST), replace(last, message_id=None)):
        assert not is_repeat(negotiation, Side.CONSUMER, again)
        with pytest.raises(IllegalTransitionError, match="state REQUESTED") as refused:
            received(negotiation, again)
        assert refused.value.facts["allowed"] == [
            "receive_terminate",
            "send_agree",
            "send_offer",
            "send_terminate",
        ]


def test_name_of_another_message_is_refused_and_the_other_side_has_its_own_names() -> None:
    negotiation = negotiated(Side.PROVIDER, "request", "offer", "request")
    used = negotiation.steps[2].message.message_id
    with pytest.raises(MessageIdReusedError):
        received(negotiation, a_message(Act.TERMINATE, message_id=used))
    assert sent(negotiation, a_message(Act.TERMINATE, message_id=used)).is_final


@pytest.mark.parametrize("name", ["consumer_pid", "provider_pid"])
def test_message_of_another_negotiation_is_refused(name: str) -> None:
    negotiation = negotiated(Side.CONSUMER, "request")
    with pytest.raises(OtherNegotiationError):
        received(negotiation, replace(a_message(Act.OFFER), **{name: "urn:uuid:another"}))


def test_message_that_begins_anew_does_not_go_on() -> None:
    negotiation = negotiated(Side.PROVIDER, "request", "offer")
    with pytest.raises(OtherNegotiationError, match="callbackAddress"):
        received(negotiation, a_message(Act.REQUEST, first=True))


def test_offer_about_another_dataset_is_refused() -> None:
    negotiation = negotiated(Side.CONSUMER, "request")
    with pytest.raises(TermsDifferError, match="dataset"):
        received(negotiation, a_message(Act.OFFER, policy=an_offer(target="urn:cityledger:product:other")))


@pytest.mark.parametrize(
    "change", [{"target": "urn:other"}, {"profile": "urn:other"}, DEARER], ids=["target", "profile", "rules"]
)
def test_agreement_that_is_not_the_last_offer_is_refused(change: dict[str, object]) -> None:
    negotiation = negotiated(Side.CONSUMER, "request")
    with pytest.raises(TermsDifferError, match="last offer"):
        received(negotiation, a_message(Act.AGREE, policy=an_agreement(**change)))


def test_agreement_has_the_parties_that_the_offer_names() -> None:
    request = a_message(Act.REQUEST, first=True, policy=an_offer(assignee=CONSUMER))
    negotiation = a_start(Side.CONSUMER, request)
    with pytest.raises(TermsDifferError, match="assignee"):
        received(negotiation, a_message(Act.AGREE, policy=an_agreement(assignee="urn:other")))
    assert received(negotiation, a_message(Act.AGREE)).agreement["assignee"] == CONSUMER


def test_offer_of_the_provider_is_one_that_can_be_decided() -> None:
    strange = an_offer(permission=[{"action": "juggle"}])
    with pytest.raises(InvalidPolicyError):
        a_start(Side.PROVIDER, a_message(Act.REQUEST, first=True, policy=strange))
    with pytest.raises(InvalidPolicyError):
        received(negotiated(Side.PROVIDER, "request", "offer"), a_message(Act.REQUEST, policy=strange))
    with pytest.raises(InvalidPolicyError):
        sent(negotiated(Side.PROVIDER, "request"), a_message(Act.OFFER, policy=strange))
    assert a_start(Side.CONSUMER, a_message(Act.OFFER, first=True, policy=strange)).rounds[0].offer == strange


def test_rounds_are_bounded_and_the_negotiation_can_still_end() -> None:
    negotiation = negotiated(Side.PROVIDER, "request", *(("offer", "request") * ROUNDS_MAX)[: ROUNDS_MAX - 1])
    assert len(negotiation.rounds) == ROUNDS_MAX and negotiation.state == "OFFERED"
    with pytest.raises(TooManyRoundsError):
        received(negotiation, a_message(Act.REQUEST))
    assert received(negotiation, a_message(Act.ACCEPT)).state == "ACCEPTED"


def test_reply_that_overtakes_the_acknowledgement_shows_what_arrived() -> None:
    negotiation, offer = negotiated(Side.PROVIDER, "request"), a_message(Act.OFFER)
    accepted = received_while_sending(negotiation, offer, a_message(Act.ACCEPT))
    assert [step.state for step in accepted.steps] == ["REQUESTED", "OFFERED", "ACCEPTED"]
    assert sent(accepted, offer) is accepted, "the acknowledgement that comes later changes nothing"
    ended = received_while_sending(negotiation, offer, a_message(Act.TERMINATE))
    assert [step.state for step in ended.steps] == ["REQUESTED", "TERMINATED"]
    with pytest.raises(IllegalTransitionError, match="state OFFERED"):
        received_while_sending(negotiation, offer, a_message(Act.VERIFY))


def test_archive_is_judged_again_and_gives_the_same_negotiation() -> None:
    negotiation = negotiated(Side.CONSUMER, "request", "offer", "request", "agree", "verify", "finalize")
    first = replace(negotiation, steps=negotiation.steps[:1])
    later = [(step.sender, step.message) for step in negotiation.steps[1:]]
    assert restored(first, later) == negotiation
    with pytest.raises(IllegalTransitionError):
        restored(first, later[1:])


def test_record_has_a_digest_of_every_message_and_every_version() -> None:
    negotiation = negotiated(Side.PROVIDER, "request", "agree", "verify")
    steps = recorded_steps(negotiation)
    assert [(one.number, one.sender, one.type, one.state) for one in steps] == [
        (1, Side.CONSUMER, MessageType.REQUEST, "REQUESTED"),
        (2, Side.PROVIDER, MessageType.AGREEMENT, "AGREED"),
        (3, Side.CONSUMER, MessageType.VERIFICATION, "VERIFIED"),
    ]
    assert [one.policy_digest for one in steps] == [policy_digest(an_offer()), policy_digest(an_agreement()), None]
    assert [one.digest for one in steps] == [message_digest(step.message) for step in negotiation.steps]
    assert len({one.digest for one in steps}) == 3


def test_only_an_initial_message_begins() -> None:
    with pytest.raises(InvalidNegotiationMessageError, match="callbackAddress"):
        a_start(Side.PROVIDER, a_message(Act.REQUEST))
    with pytest.raises(IllegalTransitionError, match="INITIAL"):
        a_start(Side.PROVIDER, a_message(Act.VERIFY))
    answer = Message(MessageType.NEGOTIATION, PROVIDER_PID, CONSUMER_PID)
    with pytest.raises(InvalidNegotiationMessageError, match="answer"):
        a_start(Side.PROVIDER, answer)
    with pytest.raises(InvalidNegotiationMessageError, match="answer"):
        received(negotiated(Side.PROVIDER, "request"), answer)
    request = a_message(Act.REQUEST, first=True)
    with pytest.raises(MisuseError):
        started(request, Side.PROVIDER, other_pid="x", provider="p", consumer="c", address=PROVIDER_ADDRESS)
    with pytest.raises(MisuseError):
        started(request, Side.CONSUMER, other_pid="x", provider="p", consumer="c")
