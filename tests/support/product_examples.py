"""The examples of products in the OpenAPI document; ``support.api_examples`` records them with the others."""

import json
import os
from typing import Any

from sqlalchemy import text
from support.a_log import ALog
from support.product_http import DESTRUCTION, FILING, FULL, LETTER, OWN, REJECTION, REVIEW, SIMPLE, Bodies, HttpLife
from support.product_world import content, public_content

PRODUCTS = "/v1/products"
PRODUCT = PRODUCTS + "/{product_code}"
VERSION = PRODUCT + "/versions/{version}"
DISPUTE = {"trigger": "dispute", "text": "投诉核查"}
COMPLAINT = {"trigger": "complaint", "text": "投诉"}


class Story:
    """Asks as the bodies of ``product_world``; ``to`` is the recorder of ``support.api_examples``."""

    def __init__(self, to: Any, bodies: Bodies) -> None:
        self.to = to
        self.bodies = bodies
        self.code = ""
        to.keys |= {f"body:{name}": api_key for name, api_key in bodies.keys.items()}

    def path(self, route: str) -> str:
        return route.replace("{product_code}", self.code).replace("{version}", "1")

    def write(
        self, operation: str, status: int, name: str, summary: str = "", *, who: str | None, body: Any, **headers: str
    ) -> Any:
        given = {"Content-Type": "application/json", "Idempotency-Key": os.urandom(8).hex()} | headers
        role = None if who is None else f"body:{who}"
        path, sent = self.path(operation.partition(" ")[2]), json.dumps(body)
        answer = self.to.ask(operation, status, name, summary, role=role, path=path, headers=given, content=sent)
        if status < 300:
            self.to.accept(operation, "application/json", name, summary, body)
        return answer.json()

    def step(
        self,
        route: str,
        who: str,
        body: Any,
        summary: str,
        *,
        chain: bool = False,
        status: int = 200,
        other: str = "bank",
        seen: int | None = None,
    ) -> Any:
        """A write that is done, and the refusals that each of them knows."""
        operation = f"POST {route}"
        self.write(operation, 400, "invalid_input", who=who, body={"unknown": 1})
        self.write(operation, 401, "unauthenticated", who=None, body=body)
        self.write(operation, 403, "forbidden", who=other, body=body)
        based: dict[str, str] = {}
        if seen is not None:
            based = {"If-Match": f'"{seen}"'}
            self.write(operation, 428, "precondition_required", who=who, body=body)
            self.write(operation, 412, "precondition_failed", who=who, body=body, **{"If-Match": '"9"'})
        name = route.rpartition("/")[2].replace("-", "_")
        done = self.write(operation, status, name, summary, who=who, body=body, **based)
        if chain:
            self.bodies.settle()
        return done

    def read(self, route: str, who: str, summary: str) -> None:
        operation, path = f"GET {route}", self.path(route)
        self.to.ask(operation, 200, "answer", summary, role=f"body:{who}", path=path)
        self.to.ask(operation, 400, "invalid_input", role=f"body:{who}", path=path, params={"verbose": "true"})
        self.to.ask(operation, 401, "unauthenticated", role=None, path=path)
        if "product_code" in route:
            self.to.ask(operation, 404, "not_found", role="body:stranger", path=path)


def record_products(to: Any, log: ALog) -> Bodies:
    """The way of a product with public data, and what stops it; gives the bodies for what follows."""
    bodies = Bodies(log)
    bodies.admit()
    story = Story(to, bodies)
    _drafts(story)
    one = VERSION + "/"
    story.step(
        one + "registration",
        "provider",
        FULL,
        "The bodies that judge it; the act waits for a signature",
        chain=True,
        seen=2,
    )
    story.step(
        one + "first-review",
        "trading",
        REVIEW,
        "The trading platform's",
    )
    story.step(one + "final-review", "authorisation", REVIEW, "The authorisation platform's", chain=True)
    story.step(one + "letter", "trading", LETTER, "The first of the two platforms")
    answer = story.bodies.keys["authorisation"], story.path(one + "letter")
    to.client.post(
        answer[1], json=LETTER, headers={"Authorization": f"Bearer {answer[0]}", "Idempotency-Key": "second"}
    )
    story.step(one + "filing", "price", FILING, "Filing number and ceiling", chain=True)
    story.write("POST " + one + "withdrawal", 409, "illegal_transition", who="provider", body=DESTRUCTION)
    story.step(one + "listing", "provider", {}, "The provider offers it", chain=True)
    story.read(VERSION, "provider", "A listed version")
    story.read(VERSION + "/history", "provider", "Every revision")
    story.read(PRODUCTS, "provider", "The provider's versions")
    story.read(PRODUCTS + "/differences", "regulator", "A chain that was not followed yet holds nothing")
    _stops(story)
    story.step(PRODUCT + "/versions", "provider", {}, "A copy of the newest version", status=201)
    story.read(PRODUCT, "regulator", "A product of two versions")
    _rejection(story)
    _another_on_sale(to, bodies)
    return bodies


def code_on_sale(bodies: Bodies) -> str:
    """Of the product that the examples after these are about."""
    query = text(
        "SELECT object_id FROM objects WHERE kind = 'product' AND document -> 'on_sale' ->> '1' = 'listed' LIMIT 1"
    )
    with bodies.log.engine.connect() as connection:
        return str(connection.execute(query).scalar_one())


def _another_on_sale(to: Any, bodies: Bodies) -> None:
    """For the demands that follow; none of its steps is an example."""
    HttpLife(to.client, bodies, public=False).until_listed()


def _drafts(story: Story) -> None:
    draft = {"region": "3101", "content": public_content()}
    story.code = story.step(PRODUCTS, "provider", draft, "A product with public data", status=201)["product_code"]
    wrong = {"region": "3101", "content": content(policy={"@type": "Offer"})}
    story.write(f"POST {PRODUCTS}", 400, "invalid_policy", who="provider", body=wrong)
    edit, changed = f"PUT {VERSION}", public_content(function="查询许可状态与日期")
    story.write(edit, 400, "invalid_input", who="provider", body={"unknown": 1})
    story.write(edit, 401, "unauthenticated", who=None, body=changed)
    story.write(edit, 403, "forbidden", who="bank", body=changed)
    story.write(edit, 428, "precondition_required", who="provider", body=changed)
    story.write(edit, 412, "precondition_failed", who="provider", body=changed, **{"If-Match": '"9"'})
    summary = "Another function; `If-Match` is the revision that was read"
    story.write(edit, 200, "edited", summary, who="provider", body=changed, **{"If-Match": '"1"'})


def _stops(story: Story) -> None:
    one = VERSION + "/"
    story.step(one + "suspension", "trading", COMPLAINT, "A platform stops it for a complaint", chain=True)
    story.step(one + "resumption", "trading", {"text": "已处理"}, "The body that suspended it", chain=True)
    story.step(PRODUCT + "/freeze", "regulator", DISPUTE, "A regulator stops all versions")
    story.step(PRODUCT + "/step-withdrawal", "regulator", {}, "Before it was signed", other="provider")
    story.write("POST " + PRODUCT + "/freeze", 200, "again", "Ordered once more", who="regulator", body=DISPUTE)
    story.bodies.settle()
    story.step(PRODUCT + "/thaw", "regulator", {"text": "核查结束"}, "The regulator ends it", chain=True)
    story.step(one + "delisting", "provider", OWN, "The provider takes it back")
    story.step(one + "step-withdrawal", "provider", {}, "Before it was signed; the offer is back")
    story.write("POST " + one + "delisting", 200, "again", "Asked once more", who="provider", body=OWN)
    story.bodies.settle()
    story.step(one + "withdrawal", "provider", DESTRUCTION, "With evidence that the data are destroyed")


def _rejection(story: Story) -> None:
    sent = {"Authorization": f"Bearer {story.bodies.keys['provider']}"}

    def post(path: str, body: Any) -> Any:
        key = {"Idempotency-Key": os.urandom(8).hex(), "If-Match": '"1"'}
        return story.to.client.post(path, json=body, headers=sent | key).json()

    story.code = post(PRODUCTS, {"region": "3101", "content": content()})["product_code"]
    post(story.path(VERSION + "/registration"), SIMPLE)
    story.bodies.settle()
    story.step(VERSION + "/rejection", "trading", REJECTION, "Its quality was not good enough", chain=True)
