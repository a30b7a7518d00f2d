"""The examples of the demand hall in the OpenAPI document; ``support.api_examples`` records them with the others."""

import os
from dataclasses import asdict
from typing import Any

from support.demand_steps import BID
from support.demand_world import CONTACT, demand
from support.product_examples import Story
from support.product_http import Bodies
from support.product_world import CODES

DEMANDS = "/v1/demands"
DEMAND = DEMANDS + "/{demand_id}"


class DemandStory(Story):
    """The same, of one demand."""

    demand_id = ""

    def path(self, route: str) -> str:
        return route.replace("{demand_id}", self.demand_id)

    def publish(self) -> None:
        """Without an example."""
        sent = {"content": demand(), "contact": asdict(CONTACT)}
        headers = {"Authorization": f"Bearer {self.bodies.keys['bank']}", "Idempotency-Key": os.urandom(8).hex()}
        self.demand_id = self.to.client.post(DEMANDS, json=sent, headers=headers).json()["demand_id"]


def record_demands(to: Any, bodies: Bodies) -> None:
    """The way of a demand; ``bodies`` are those of the products' examples, whose product is on sale."""
    story = DemandStory(to, bodies)
    sent = {"content": demand(), "contact": asdict(CONTACT)}
    story.demand_id = story.step(DEMANDS, "bank", sent, "A bank asks for permit states", status=201, other="trading")[
        "demand_id"
    ]
    story.step(DEMAND + "/matching", "bank", {}, "Offers that meet it, and why", other="trading")
    story.read(DEMAND, "provider", "As every body sees it")
    story.read(DEMANDS, "provider", "The open demands")
    story.read("/v1/demand-notices", "provider", "The inbox of a provider")
    story.step(DEMAND + "/bids", "provider", BID, "A bid", status=201, other="bank")
    story.read(DEMAND + "/bids", "bank", "The bids, as the owner sees them")
    story.write(f"POST {DEMAND}/closing", 409, "illegal_transition", who="bank", body={"rating": 5, "text": "x"})
    story.step(DEMAND + "/selection", "bank", {"bidder": CODES["provider"]}, "One is selected", other="trading")
    story.to.ask(f"GET {DEMAND}", 404, "not_found", role="body:stranger", path=story.path(DEMAND))
    story.step(DEMAND + "/follow-ups", "provider", {"text": "接口已联调"}, "The bidder notes", other="trading")
    story.step(DEMAND + "/closing", "bank", {"rating": 5, "text": "符合需求"}, "The owner's feedback", other="trading")
    story.publish()
    story.step(DEMAND + "/withdrawal", "bank", {}, "The owner takes it back", other="trading")
