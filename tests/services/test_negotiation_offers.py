"""Negotiations that a provider begins with an offer: ours to a connector, and another one's to our consumer."""

from dataclasses import replace
from typing import Any

import pytest
from support.negotiation_plays import a_play, events
from support.negotiation_world import CALLBACK, OUR_PID, PEER, RULES, THEIR_PID, first_offer
from support.product_world import CODES, acting

from ledger.domain.agreement import ContradictoryPolicyError
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.negotiation.defects import (
    InvalidCallbackAddressError,
    InvalidNegotiationMessageError,
    OtherNegotiationError,
    TermsDifferError,
)
from ledger.domain.negotiation.delivery import OFFERING, REFUSED
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, LedgerError
from ledger.services.bodies import BodyNotAbleError
from ledger.services.negotiation_openings import FirstOffer, open_with_offer
from ledger.services.negotiation_receipt import name_of_offer, name_of_request, receive_offer


def test_offer_of_ours_names_both_parties_and_begins_when_it_was_taken() -> None:
    play = a_play(Side.PROVIDER)
    play.issue(Act.OFFER)
    assert (play.stored.state, play.stored.parties[0]) == (OFFERING, CODES["provider"])
    sent = play.messages[0].document
    offer = sent["message"]["offer"]
    assert (offer["assigner"], offer["assignee"], offer["target"]) == (
        CODES["provider"],
        CODES["bank"],
        product_urn(play.code),
    )
    assert sent["url"] == f"{PEER}/negotiations/offers"
    play.arrive()
    assert (play.stored.state, play.stored.document["consumer_pid"]) == ("OFFERED", THEIR_PID)


def test_reply_overtakes_the_acknowledgement_of_the_first_offer() -> None:
    play = a_play(Side.PROVIDER)
    play.issue(Act.OFFER)
    play.hear(play.theirs(Act.ACCEPT))
    assert (play.stored.state, play.stored.document["consumer_pid"]) == ("ACCEPTED", THEIR_PID)
    assert [one.state for one in play.messages] == ["delivered", "received"]


def test_refused_first_offer_ends_it() -> None:
    play = a_play(Side.PROVIDER)
    play.issue(Act.OFFER)
    play.refused("not_reached")
    assert play.stored.state == REFUSED
    with pytest.raises(IllegalTransitionError):
        play.hear(play.theirs(Act.ACCEPT))


def test_answer_about_another_negotiation_is_no_acknowledgement_of_an_offer() -> None:
    play = a_play(Side.PROVIDER)
    play.issue(Act.OFFER)
    for answer in ({"provider_pid": "other"}, {"consumer_pid": None}):
        with pytest.raises(OtherNegotiationError):
            play.arrive(**answer)
    assert play.stored.state == OFFERING


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"consumer": CODES["provider"]}, ConflictError),
        ({"consumer": "0" * 18}, BodyNotAbleError),
        ({"address": "http://connector.example"}, InvalidCallbackAddressError),
        ({"dataset_id": "urn:cityledger:product:none"}, TermsDifferError),
        ({"rules": {"permission": [{"action": "distribute"}]}}, ContradictoryPolicyError),
        ({"rules": {"permission": [{"action": "unheard of"}]}}, InvalidPolicyError),
        ({"rules": RULES | {"assignee": CODES["stranger"]}}, TermsDifferError),
    ],
)
def test_provider_begins_only_with_what_it_may_offer(members: dict[str, Any], error: type[LedgerError]) -> None:
    play = a_play(Side.PROVIDER)
    opening = FirstOffer(CODES["bank"], PEER, product_urn(play.code), RULES)
    with acting(play.world, "provider") as uow, pytest.raises(error):
        open_with_offer(uow, OUR_PID, replace(opening, **members), CALLBACK)
    assert events(play) == []


def test_nobody_offers_what_is_anothers() -> None:
    play = a_play(Side.PROVIDER)
    key = ("participant", CODES["bank"])
    bank = play.world.objects[key]
    play.world.objects[key] = replace(bank, document={**bank.document, "roles": ["provider", "consumer"]})
    opening = FirstOffer(CODES["provider"], PEER, product_urn(play.code), RULES)
    with acting(play.world, "bank") as uow, pytest.raises((TermsDifferError, BodyNotAbleError)):
        open_with_offer(uow, OUR_PID, opening, CALLBACK)


def test_first_offer_says_to_whom_and_from_whom() -> None:
    play = a_play(Side.CONSUMER)
    message = first_offer()
    assert message.offer is not None
    unnamed = {name: value for name, value in message.offer.items() if name != "assignee"}
    for offer, error in (
        (unnamed, InvalidNegotiationMessageError),
        ({**message.offer, "assigner": CODES["stranger"]}, TermsDifferError),
        ({**message.offer, "assignee": "0" * 18}, BodyNotAbleError),
        ({**message.offer, "assignee": CODES["provider"]}, ConflictError),
    ):
        with acting(play.world, "provider") as uow, pytest.raises(error):
            receive_offer(uow, replace(message, offer=offer))
    assert events(play) == []


def test_first_offer_is_begun_in_the_name_of_its_sender_alone() -> None:
    play = a_play(Side.CONSUMER)
    play.hear(first_offer())
    assert play.pid == name_of_offer(CODES["provider"], THEIR_PID)
    assert play.pid != name_of_request(CODES["provider"], THEIR_PID)
    with acting(play.world, "bank") as uow, pytest.raises((TermsDifferError, AccessError)):
        receive_offer(uow, first_offer())
    with acting(play.world, "provider") as uow, pytest.raises(IllegalTransitionError):
        receive_offer(uow, first_offer(message_id="urn:uuid:another"))
