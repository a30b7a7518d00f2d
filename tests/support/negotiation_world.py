"""Negotiations through the service: our side by its use cases, the other side by its messages, deliveries as they come."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from support.fake_unit_of_work import OPERATOR, World
from support.negotiations import a_message, an_agreement, parse_act
from support.product_world import CODES, acting

from ledger.domain.agreement_status import NegotiationState
from ledger.domain.catalog_dcat import URN, product_urn
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import Message, MessageType
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_delivery import acknowledge, give_up
from ledger.services.negotiation_openings import FirstOffer, Request, open_with_offer, open_with_request
from ledger.services.negotiation_receipt import receive_message, receive_offer, receive_request
from ledger.services.negotiation_records import KIND, MESSAGE, message_name
from ledger.services.negotiations import Said, say

RULES: dict[str, Any] = {"permission": [{"action": "read"}]}
"""What the permit-status service allows of itself."""

PEER = "https://connector.example/dsp"
CALLBACK = "https://space.example/dsp/2025-1"
OUR_PID = "neg-" + "0" * 31 + "1"
THEIR_PID = "urn:uuid:theirs"


def offer_id(product_code: str) -> str:
    """As the catalog names the offer of a product's first version."""
    return f"{URN}offer:{product_code}:1"


def first_request(product_code: str, **members: Any) -> Message:
    """A consumer's request for a product, with the catalog's offer."""
    offer = {"@type": "Offer", "@id": offer_id(product_code), "target": product_urn(product_code), **RULES}
    made = a_message(Act.REQUEST, first=True, policy=offer, consumer_pid=THEIR_PID, callback_address=PEER)
    return replace(made, **members)


def first_offer(**members: Any) -> Message:
    """A provider's offer of a dataset of its own to the bank."""
    parties = {"assigner": CODES["provider"], "assignee": CODES["bank"]}
    offer = {"@type": "Offer", "@id": "urn:their:offer", "target": "urn:other:dataset", **parties, **RULES}
    made = a_message(Act.OFFER, first=True, policy=offer, provider_pid=THEIR_PID, callback_address=PEER)
    return replace(made, **members)


@dataclass
class Play:
    """One negotiation. ``side`` is ours: the provider's (body ``provider``) or the consumer's (body ``bank``).

    Args:
        world: with every body admitted.
        side: ours.
        code: of a listed product; only where we are the provider.
    """

    world: World
    side: Side
    code: str = ""
    pid: str = ""
    said: list[Message] = field(default_factory=list)

    @property
    def stored(self) -> StoredObject:
        return self.world.objects[KIND, self.pid]

    @property
    def messages(self) -> list[StoredObject]:
        return [stored for (kind, _), stored in sorted(self.world.objects.items()) if kind == MESSAGE]

    def acting(self, side: Side) -> AbstractContextManager[UnitOfWork]:
        return acting(self.world, "provider" if side is Side.PROVIDER else "bank")

    def act(self, word: str) -> None:
        """An act of a course (``support.negotiations.parse_act``), sent, and taken by whom it is for."""
        act, sender = parse_act(word)
        if sender is self.side:
            self.issue(act)
            self.arrive()
        else:
            self.hear(self.theirs(act))

    def issue(self, act: Act, rules: Mapping[str, Any] | None = None) -> StoredObject:
        """Our side says something; it waits."""
        with self.acting(self.side) as uow:
            if act is Act.REQUEST and not self.pid:
                self.pid = OUR_PID
                opening = Request(CODES["provider"], PEER, "urn:other:dataset", "urn:other:offer", rules or RULES)
                return open_with_request(uow, self.pid, opening, CALLBACK)
            if act is Act.OFFER and not self.pid:
                self.pid = OUR_PID
                first = FirstOffer(CODES["bank"], PEER, product_urn(self.code), rules or RULES)
                return open_with_offer(uow, self.pid, first, CALLBACK)
            has_rules = act in (Act.REQUEST, Act.OFFER)
            return say(uow, self.pid, Said(act, rules or (RULES if has_rules else None)))

    def arrive(self, **answer: Any) -> StoredObject | None:
        """What waits was taken."""
        number = self.stored.document["messages"]
        ours, theirs = (
            ("provider_pid", "consumer_pid") if self.side is Side.PROVIDER else ("consumer_pid", "provider_pid")
        )
        told: dict[str, Any] = {ours: self.pid, theirs: THEIR_PID, "state": NegotiationState.REQUESTED} | answer
        with self.world.begin(OPERATOR) as uow:
            return acknowledge(uow, message_name(self.pid, number), Message(MessageType.NEGOTIATION, **told))

    def refused(self, reason: str = "status_400") -> None:
        with self.world.begin(OPERATOR) as uow:
            give_up(uow, message_name(self.pid, self.stored.document["messages"]), reason)

    def theirs(self, act: Act, **members: Any) -> Message:
        """The other side's message."""
        if act is Act.REQUEST and not self.pid:
            return first_request(self.code, **members)
        if act is Act.OFFER and not self.pid:
            return first_offer(**members)
        document = self.stored.document
        pids = {name: document[name] or THEIR_PID for name in ("provider_pid", "consumer_pid")}
        offer = {"@type": "Offer", "@id": "urn:their:offer", "target": document["dataset"], **RULES}
        policy = None
        if act in (Act.OFFER, Act.REQUEST):
            policy = offer
        if act is Act.AGREE:
            parties = {"assigner": CODES["provider"], "assignee": CODES["bank"]}
            policy = {"permission": RULES["permission"], **parties, "target": document["dataset"]}
            policy = an_agreement(**policy)
        return a_message(act, policy=policy, **(pids | members))

    def hear(self, message: Message) -> StoredObject:
        """The other side says it."""
        self.said.append(message)
        with self.acting(self.side.other) as uow:
            if message.starts:
                stored = (receive_request if message.act is Act.REQUEST else receive_offer)(uow, message)
                self.pid = stored.object_id
                return stored
            return receive_message(uow, self.pid, message)
