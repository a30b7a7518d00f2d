"""The examples of orders and agreements in the OpenAPI document; ``support.api_examples`` records them with the others."""

from typing import Any

from support.product_examples import Story
from support.product_http import OPERATOR, Bodies, HttpLife
from support.trade_http import (
    REASON,
    HttpTrade,
    agreement_body,
    dissolution_body,
    framework_body,
    order_content,
    settle_trade,
)

ORDERS, AGREEMENTS = "/v1/orders", "/v1/agreements"
ORDER, AGREEMENT = f"{ORDERS}/{{order_id}}", f"{AGREEMENTS}/{{agreement_id}}"


class TradeStory(Story):
    """The same, of one order and its agreement."""

    def __init__(self, to: Any, bodies: Bodies) -> None:
        super().__init__(to, bodies)
        life = HttpLife(to.client, bodies, public=False)
        life.until_listed()
        self.trade = HttpTrade(life.ask, bodies, life.code).selected()

    def path(self, route: str) -> str:
        return route.replace("{order_id}", self.trade.order_id).replace("{agreement_id}", self.trade.agreement_id)

    @property
    def content(self) -> dict[str, Any]:
        return order_content(self.trade.code, self.trade.demand_id)

    def signed(
        self, route: str, who: str, body: Any, summary: str, *, other: str = "trading", edits: bool = False
    ) -> None:
        """A step that is signed, and that the chain agrees to."""
        seen = self.trade.order()["revision"] if "order_id" in route else self.trade.agreement()["revision"]
        self.step(route, who, body, summary, other=other, seen=seen if edits else None)
        settle_trade(self.bodies)

    def shown(self, route: str, who: str, summary: str) -> None:
        """A read, and that others find nothing."""
        self.read(route, who, summary)
        if "{" in route:
            self.to.ask(f"GET {route}", 404, "not_found", role="body:stranger", path=self.path(route))


def record_trade(to: Any, bodies: Bodies) -> None:
    """The way of an order and of its agreement, and their other ends."""
    story = TradeStory(to, bodies)
    _draft(story)
    story.signed(f"{ORDER}/placing", "bank", {}, "The act waits for the consumer's signature", edits=True)
    story.signed(f"{ORDER}/confirmation", "provider", {}, "The act waits for the provider's signature")
    for route, summary in (
        (ORDER, "A confirmed order"),
        (ORDERS, "The bank's orders"),
        (f"{ORDER}/history", "Every revision"),
        (f"{ORDER}/voucher", "What both signed"),
        (f"{ORDER}/voucher.pdf", "The first bytes of it, shown in base64"),
    ):
        story.shown(route, "bank", summary)
    _agreement(story)
    _ends(story)


def _draft(story: TradeStory) -> None:
    made = story.step(ORDERS, "bank", story.content, "For a demand; 1,000 calls", status=201, other="trading")
    story.trade.order_id = made["order_id"]
    wrong = story.content | {"use": "public_benefit"}
    story.write(f"POST {ORDERS}", 400, "invalid_order", who="bank", body=wrong)
    edit, changed = f"PUT {ORDER}", story.content | {"quantity": 2_000}
    story.write(edit, 400, "invalid_input", who="bank", body={"unknown": 1})
    story.write(edit, 401, "unauthenticated", who=None, body=changed)
    story.write(edit, 403, "forbidden", who="trading", body=changed)
    story.write(edit, 428, "precondition_required", who="bank", body=changed)
    story.write(edit, 412, "precondition_failed", who="bank", body=changed, **{"If-Match": '"9"'})
    story.write(edit, 200, "edited", "2,000 calls", who="bank", body=changed, **{"If-Match": '"1"'})


def _agreement(story: TradeStory) -> None:
    trade = story.trade
    made = story.step(
        f"{ORDER}/agreement", "provider", agreement_body(), "With the parties' terms", status=201, other="trading"
    )
    trade.agreement_id = made["agreement_id"]
    story.signed(f"{AGREEMENT}/signing", "bank", {}, "Both are asked for their signatures", edits=True)
    story.signed(f"{AGREEMENT}/filing", "trading", {}, "The platform signs the filing", other="bank")
    for route, summary in (
        (AGREEMENT, "A filed agreement, to a party"),
        (AGREEMENTS, "The bank's agreements"),
        (f"{AGREEMENT}/history", "Every revision"),
        (f"{AGREEMENT}/explanation", "Its terms in words"),
    ):
        story.shown(route, "bank", summary)
    story.read("/v1/filings/{agreement_id}", "stranger", "To everybody")
    story.signed(f"{AGREEMENT}/dissolution", "provider", dissolution_body(), "By consent: both sign")
    story.step(f"{ORDER}/closing", "bank", {}, "Its agreement has ended", other="trading")


def _lapse(story: TradeStory) -> None:
    """That its time is over is pretended, what follows is not."""
    story.trade.drafted().placed()
    with story.bodies.log.engine.begin() as connection:
        uow = story.bodies.begin(connection, OPERATOR)
        order = uow.get("order", story.trade.order_id)
        content = {**order.document["content"], "valid_until": 1_700_000_000}
        uow.change(order, act="x", document={**order.document, "content": content})
    story.step(f"{ORDER}/lapse", "bank", {}, "Nobody confirmed it in time", other="trading")


def _ends(story: TradeStory) -> None:
    trade = story.trade
    trade.drafted()
    story.step(f"{ORDER}/discarding", "bank", {}, "Nobody else has seen it", other="trading")
    _lapse(story)
    for who, step, summary in (
        ("provider", "rejection", "The provider declines"),
        ("bank", "withdrawal", "The bank takes it back"),
    ):
        trade.drafted().placed()
        story.signed(f"{ORDER}/{step}", who, REASON, summary)
    trade.drafted().placed().confirmed()
    story.step(f"{ORDER}/cancellation", "bank", REASON, "Either party may", other="trading")
    story.step(f"{ORDER}/step-withdrawal", "bank", {}, "Before it was signed", other="trading")
    trade.generated()
    story.step(f"{AGREEMENT}/abandonment", "bank", REASON, "The order can have another agreement", other="trading")
    made = story.step(AGREEMENTS, "bank", framework_body(trade.code), "A framework", status=201, other="trading")
    trade.agreement_id = made["agreement_id"]
    seen = {"If-Match": f'"{made["revision"]}"'}
    trade.ask("bank", "POST", f"{trade.agreement_path}/signing", {}, **seen)
    story.step(f"{AGREEMENT}/step-withdrawal", "bank", {}, "Before both have signed", other="price")
