"""Negotiations at a running API: the other side's messages as JSON, and its acknowledgements as they would come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.negotiation_world import PEER, RULES, THEIR_PID, first_offer, first_request
from support.negotiations import a_message, an_agreement
from support.product_http import Bodies
from support.product_world import CODES

from ledger.adapters.sql import message_deliveries
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.agreement_status import NegotiationState
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.negotiation.life import Act
from ledger.domain.negotiation.messages import Message, MessageType, message_value
from ledger.services.business import Actor
from ledger.services.negotiation_delivery import acknowledge
from ledger.services.negotiation_records import negotiation_of_message

DSP = "/dsp/2025-1/negotiations"
OURS = "/v1/negotiations"
OFFERS = f"{OURS}/offers"
CREDENTIALS = "/v1/connector-credentials"
SAY = f"{OURS}/{{negotiation_id}}/messages"
COUNTER, VERIFY = f"{DSP}/{{provider_pid}}/request", f"{DSP}/{{provider_pid}}/agreement/verification"
OFFER, AGREE = f"{DSP}/{{consumer_pid}}/offers", f"{DSP}/{{consumer_pid}}/agreement"
EVENT, TERMINATE = f"{DSP}/{{pid}}/events", f"{DSP}/{{pid}}/termination"
OPENING = {
    "provider": CODES["provider"],
    "address": PEER,
    "dataset_id": "urn:other:dataset",
    "offer_id": "urn:other:offer",
    "rules": RULES,
}
_OPERATOR = Actor("key:operator", None, frozenset({"operator"}))


def take_all(bodies: Bodies) -> int:
    """Every message that waits was delivered and taken; returns how many."""
    log = bodies.log
    with log.engine.begin() as connection:
        found = message_deliveries.due(connection, log.preparer.clock.now(), 100)
        for due in found:
            uow = SqlUnitOfWork(connection, log.preparer, _OPERATOR, contracts={})
            pid = negotiation_of_message(due.message_id)
            ours, theirs = (
                ("provider_pid", "consumer_pid")
                if due.message.get("providerPid") == pid
                else ("consumer_pid", "provider_pid")
            )
            pids = {ours: pid, theirs: THEIR_PID, "state": NegotiationState.REQUESTED}
            acknowledge(uow, due.message_id, Message(MessageType.NEGOTIATION, **pids))  # type: ignore[arg-type]
    return len(found)


@dataclass
class Courses:
    """The two negotiations of ``provider`` and ``bank``: one with our provider, one with our consumer, each said to its end.

    Args:
        bodies: with their keys.
        post: (who, route, body, path) -> the answer's JSON.
        code: of a listed product.
        sent: route -> the message of the other side that was taken there last; a repeat of it is taken again.
    """

    bodies: Bodies
    post: Callable[[str, str, Any, str], dict[str, Any]]
    code: str
    provider_pid: str = ""
    consumer_pid: str = ""
    sent: dict[str, Any] = field(default_factory=dict)

    def play(self) -> None:
        """Both, and two offers that begin another one each."""
        self.play_provider()
        self.play_consumer()
        self.play_offers()

    def play_provider(self) -> None:
        """Two rounds, accepted, agreed, verified, and terminated by the consumer."""
        self.provider_pid = self.hear("bank", f"{DSP}/request", first_request(self.code))["providerPid"]
        pids = {"provider_pid": self.provider_pid, "consumer_pid": THEIR_PID}
        self.say("provider", self.provider_pid, {"act": "offer", "rules": RULES})
        offer = {"@type": "Offer", "@id": "urn:their:offer", "target": product_urn(self.code), **RULES}
        self.hear("bank", COUNTER, a_message(Act.REQUEST, policy=offer, **pids))
        self.say("provider", self.provider_pid, {"act": "offer", "rules": RULES})
        self.hear("bank", EVENT, a_message(Act.ACCEPT, **pids))
        self.say("provider", self.provider_pid, {"act": "agree"})
        self.hear("bank", VERIFY, a_message(Act.VERIFY, **pids))
        self.hear("bank", TERMINATE, a_message(Act.TERMINATE, code="changed_plans", reason=("x",), **pids))

    def agree(self) -> str:
        """With our provider, from the first request to the end; its process id."""
        pid = self.provider_pid = self.hear("bank", f"{DSP}/request", first_request(self.code))["providerPid"]
        pids = {"provider_pid": pid, "consumer_pid": THEIR_PID}
        self.say("provider", pid, {"act": "offer", "rules": RULES})
        self.hear("bank", EVENT, a_message(Act.ACCEPT, **pids))
        self.say("provider", pid, {"act": "agree"})
        self.hear("bank", VERIFY, a_message(Act.VERIFY, **pids))
        self.say("provider", pid, {"act": "finalize"})
        return pid

    def play_consumer(self) -> None:
        """One round, agreed to and finalized."""
        self.consumer_pid = self.post("bank", OURS, OPENING, OURS)["negotiation_id"]
        take_all(self.bodies)
        pids = {"provider_pid": THEIR_PID, "consumer_pid": self.consumer_pid}
        offer = {"@type": "Offer", "@id": "urn:their:offer", "target": "urn:other:dataset", **RULES}
        self.hear("provider", OFFER, a_message(Act.OFFER, policy=offer, **pids))
        self.say("bank", self.consumer_pid, {"act": "accept"})
        parties = {"assigner": CODES["provider"], "assignee": CODES["bank"], "target": "urn:other:dataset"}
        self.hear("provider", AGREE, a_message(Act.AGREE, policy=an_agreement(**RULES, **parties), **pids))
        self.say("bank", self.consumer_pid, {"act": "verify"})
        self.hear("provider", EVENT, a_message(Act.FINALIZE, **pids), keep=False)

    def play_offers(self) -> None:
        """A provider offers, ours and another one."""
        self.hear("provider", f"{DSP}/offers", first_offer())
        offer = {"consumer": CODES["bank"], "address": PEER, "dataset_id": product_urn(self.code), "rules": RULES}
        self.post("provider", OFFERS, offer, OFFERS)
        take_all(self.bodies)

    def hear(self, who: str, route: str, message: Message, *, keep: bool = True) -> dict[str, Any]:
        """The other side's message, through the protocol."""
        sent = message_value(message)
        if keep:
            self.sent[route] = sent
        return self.post(who, route, sent, self.path(route, message))

    def say(self, who: str, pid: str, body: dict[str, Any]) -> dict[str, Any]:
        """Our side's, which is taken at once."""
        said = self.post(who, SAY, body, SAY.replace("{negotiation_id}", pid))
        assert take_all(self.bodies) == 1
        return said

    def path(self, route: str, message: Message) -> str:
        ours = self.provider_pid if message.consumer_pid == THEIR_PID else self.consumer_pid
        return route.replace("{provider_pid}", ours).replace("{consumer_pid}", ours).replace("{pid}", ours)
