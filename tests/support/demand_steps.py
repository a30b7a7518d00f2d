"""A body that is in order for every step of a demand."""

from typing import Any

from support.product_world import CODES

BID = {"text": "按次调用", "currency": "CNY", "amount_minor": 500_000}
STEPS: dict[str, Any] = {
    "matching": {},
    "bids": BID,
    "selection": {"bidder": CODES["provider"]},
    "follow-ups": {"text": "接口已联调"},
    "closing": {"rating": 5, "text": "符合需求"},
    "withdrawal": {},
}
"""Last part of the route -> the body."""
