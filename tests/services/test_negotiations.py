"""Negotiations as use cases on the unit of work in memory: the protocol's courses, and everything that is refused or comes late."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.negotiation_plays import a_play, events
from support.negotiation_world import OUR_PID, PEER, RULES, THEIR_PID, first_request, offer_id
from support.negotiations import parse_act
from support.product_steps import Life
from support.product_world import CODES, acting

from ledger.domain.agreement import ContradictoryPolicyError
from ledger.domain.agreement_status import NegotiationState
from ledger.domain.negotiation.defects import (
    InvalidNegotiationMessageError,
    MessageIdReusedError,
    OtherNegotiationError,
    TermsDifferError,
)
from ledger.domain.negotiation.delivery import REFUSED, REQUESTING
from ledger.domain.negotiation.life import FINAL, INITIAL, TABLES, Act, Side
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, LedgerError, NotFoundError
from ledger.services import product_listing
from ledger.services.bodies import BodyNotAbleError
from ledger.services.negotiation_delivery import acknowledge
from ledger.services.negotiation_openings import OPEN_MAX, Request, open_with_request
from ledger.services.negotiation_receipt import receive_message
from ledger.services.negotiations import Said, say
from ledger.services.product_listing import Reason

COURSES = {
    "provider counters and finalizes": "request, offer, request, offer, accept, agree, verify, finalize",
    "provider agrees at once": "request, agree, verify, finalize",
    "consumer ends what was verified": "request, agree, verify, terminate(consumer)",
    "provider ends what was accepted": "request, offer, accept, terminate(provider)",
    "provider begins": "offer, request, offer, accept, agree, verify, finalize",
    "consumer ends what a provider began": "offer, terminate(consumer)",
}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("name", sorted(COURSES))
def test_course_leads_to_its_end_with_every_message_kept_and_recorded(name: str, side: Side) -> None:
    play, words = a_play(side), COURSES[name].split(", ")
    for word in words:
        play.act(word)

    document = play.stored.document
    assert play.stored.state in FINAL
    assert [step["act"] for step in document["steps"]] == [parse_act(word)[0] for word in words]
    assert [step["digest"] for step in document["steps"]] == [one.document["digest"] for one in play.messages]
    assert {one.state for one in play.messages} == {"received", "delivered"}
    ours = sum(parse_act(word)[1] is side for word in words)
    assert sorted(events(play)) == sorted(["received"] * (len(words) - ours) + ["issued", "delivered"] * ours)
    assert (document["pending"], document["refusal"]) == (None, None)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(list(Side)),
    st.sampled_from([(Act.REQUEST, Side.CONSUMER), (Act.OFFER, Side.PROVIDER)]),
    st.lists(st.tuples(st.sampled_from(list(Act)), st.sampled_from(list(Side))), max_size=6),
)
def test_service_moves_exactly_as_the_table_of_its_side(
    side: Side, beginning: tuple[Act, Side], acts: list[tuple[Act, Side]]
) -> None:
    play, state = a_play(side), INITIAL
    for act, sender in (beginning, *acts):
        word = f"{act}({sender})"
        allowed = TABLES[side].moves.get((state, f"{'send' if sender is side else 'receive'}_{act}"))
        before = copy.deepcopy(play.world)
        if allowed is None:
            with pytest.raises(IllegalTransitionError):
                play.act(word)
            assert play.world == before
        else:
            play.act(word)
            state = str(allowed)
        assert play.stored.state == state


@pytest.mark.parametrize(
    ("side", "name"), [(Side.PROVIDER, "provider counters and finalizes"), (Side.CONSUMER, "provider begins")]
)
def test_repeat_of_any_message_changes_nothing(side: Side, name: str) -> None:
    play = a_play(side)
    for word in COURSES[name].split(", "):
        play.act(word)
    before = copy.deepcopy(play.world)
    for message in tuple(play.said):
        assert play.hear(message).state == NegotiationState.FINALIZED
    assert play.world == before
    with pytest.raises(MessageIdReusedError):
        play.hear(replace(play.said[1], others={"x": 1}))


def test_reply_overtakes_the_acknowledgement_of_the_first_request() -> None:
    play = a_play(Side.CONSUMER)
    play.issue(Act.REQUEST)
    assert play.stored.state == REQUESTING

    play.hear(play.theirs(Act.OFFER))

    assert (play.stored.state, play.stored.document["provider_pid"]) == ("OFFERED", THEIR_PID)
    assert [one.state for one in play.messages] == ["delivered", "received"]
    with play.world.begin() as uow:
        assert acknowledge(uow, f"{OUR_PID}/1", None) is None, "an acknowledgement that comes late changes nothing"


def test_reply_overtakes_the_acknowledgement_of_a_later_message() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    play.issue(Act.AGREE)
    play.hear(play.theirs(Act.VERIFY))
    assert [step["act"] for step in play.stored.document["steps"]] == ["request", "agree", "verify"]
    assert play.stored.document["pending"] is None


def test_message_that_a_termination_overtakes_is_not_sent_any_more() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    play.issue(Act.OFFER)
    play.hear(play.theirs(Act.TERMINATE))
    assert (play.stored.state, play.stored.document["pending"]) == ("TERMINATED", None)
    assert [one.state for one in play.messages] == ["received", "overtaken", "received"]


def test_one_message_waits_at_a_time_and_a_refused_one_makes_room() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    play.issue(Act.OFFER)
    assert play.stored.state == "REQUESTED", "nothing moves before it was taken"
    with pytest.raises(ConflictError, match="waits"):
        play.issue(Act.TERMINATE)
    play.refused()
    assert (play.stored.state, play.stored.document["refusal"]["reason"]) == ("REQUESTED", "status_400")
    play.act("terminate(provider)")
    assert play.stored.document["refusal"] is None


def test_refused_first_request_ends_it() -> None:
    play = a_play(Side.CONSUMER)
    play.issue(Act.REQUEST)
    play.refused("not_reached")
    assert play.stored.state == REFUSED
    for attempt in (lambda: play.issue(Act.TERMINATE), lambda: play.hear(play.theirs(Act.OFFER))):
        with pytest.raises(IllegalTransitionError):
            attempt()


def test_answer_about_another_negotiation_is_no_acknowledgement() -> None:
    play = a_play(Side.CONSUMER)
    play.issue(Act.REQUEST)
    with pytest.raises(OtherNegotiationError):
        play.arrive(consumer_pid="other")
    assert play.stored.state == REQUESTING


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"target": "urn:other:dataset"}, TermsDifferError),
        ({"target": "urn:cityledger:product:none"}, TermsDifferError),
        ({"@id": "urn:cityledger:offer:none:1"}, TermsDifferError),
        ({"assignee": "x"}, TermsDifferError),
        ({"profile": "urn:other:profile"}, InvalidPolicyError),
    ],
)
def test_first_request_is_held_against_the_catalog(members: dict[str, Any], error: type[LedgerError]) -> None:
    play = a_play(Side.PROVIDER)
    message = first_request(play.code)
    assert message.offer is not None
    with pytest.raises(error):
        play.hear(replace(message, offer={**message.offer, **members}))
    assert events(play) == []


def test_product_off_the_market_is_neither_asked_for_nor_offered() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    life = Life.__new__(Life)
    life.world, life.code, life.version, life.public = play.world, play.code, 1, False
    life.do("trading", product_listing.suspend_product, Reason("complaint", "x"))
    with pytest.raises(TermsDifferError):
        play.issue(Act.OFFER)
    with pytest.raises(TermsDifferError):
        play.hear(first_request(play.code, consumer_pid="urn:uuid:second"))
    play.act("terminate(provider)")


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        ({"permission": [{"action": "distribute"}]}, ContradictoryPolicyError),
        (RULES | {"prohibition": [{"action": "read"}]}, ContradictoryPolicyError),
        ({"permission": [{"action": "unheard of"}]}, InvalidPolicyError),
        (RULES | {"assigner": "x"}, TermsDifferError),
        ({"duty": []}, InvalidNegotiationMessageError),
    ],
)
def test_provider_offers_only_what_can_be_meant(rules: dict[str, Any], error: type[LedgerError]) -> None:
    """The listed product forbids ``distribute``."""
    play = a_play(Side.PROVIDER)
    play.act("request")
    with pytest.raises(error):
        play.issue(Act.OFFER, rules)
    assert play.stored.document["pending"] is None


def test_agreement_to_a_contradictory_request_is_refused() -> None:
    play = a_play(Side.PROVIDER)
    message = first_request(play.code)
    offer = {**(message.offer or {}), "permission": [{"action": "distribute"}]}
    play.hear(replace(message, offer=offer))
    with pytest.raises(ContradictoryPolicyError):
        play.issue(Act.AGREE)


def test_only_the_side_itself_acts_and_only_the_other_one_is_heard() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    with acting(play.world, "bank") as uow, pytest.raises(AccessError):
        say(uow, play.pid, Said(Act.TERMINATE))
    with acting(play.world, "stranger") as uow, pytest.raises(NotFoundError):
        say(uow, play.pid, Said(Act.TERMINATE))
    message = play.theirs(Act.TERMINATE)
    for name, error in (("provider", AccessError), ("stranger", NotFoundError)):
        with acting(play.world, name) as uow, pytest.raises(error):
            receive_message(uow, play.pid, message)
    with pytest.raises(OtherNegotiationError):
        play.hear(replace(message, consumer_pid="urn:uuid:other"))


def test_nobody_negotiates_with_itself_or_without_bound() -> None:
    play = a_play(Side.CONSUMER)
    for provider, error in ((CODES["bank"], ConflictError), ("0" * 18, BodyNotAbleError)):
        with acting(play.world, "bank") as uow, pytest.raises(error):
            open_with_request(uow, OUR_PID, Request(provider, PEER, "d", "o", RULES), PEER)
    play.issue(Act.REQUEST)
    stored = play.stored
    for number in range(1, OPEN_MAX):
        play.world.objects["negotiation", f"neg-{number}"] = replace(stored, object_id=f"neg-{number}")
    with acting(play.world, "bank") as uow, pytest.raises(ConflictError, match="100"):
        open_with_request(uow, "neg-more", Request(CODES["provider"], PEER, "d", "o", RULES), PEER)


def test_what_goes_with_one_act_goes_with_no_other() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    for said in (Said(Act.OFFER), Said(Act.AGREE, RULES), Said(Act.AGREE, code="x"), Said(Act.AGREE, reasons=("x",))):
        with acting(play.world, "provider") as uow, pytest.raises(InvalidNegotiationMessageError):
            say(uow, play.pid, said)


def test_suspended_body_may_only_terminate() -> None:
    play = a_play(Side.PROVIDER)
    play.act("request")
    for name in ("provider", "bank"):
        key = ("participant", CODES[name])
        play.world.objects[key] = replace(play.world.objects[key], state="suspended")
    with pytest.raises(BodyNotAbleError):
        play.issue(Act.AGREE)
    with pytest.raises(BodyNotAbleError):
        play.hear(play.theirs(Act.ACCEPT))
    play.hear(play.theirs(Act.TERMINATE))
    assert play.stored.state == "TERMINATED"
    assert offer_id(play.code) in str(play.messages[0].document)
