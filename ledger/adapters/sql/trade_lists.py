"""Lists of orders and agreements: each way in which a body has to do with them is a question of its own, which one index answers in order.

Their parties stand at fixed places: consumer, provider, then the platforms once these see it. So "who is at this place" is also "who sees it".
A list over several ways is merged from a page of each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, Final

from sqlalchemy import Connection

from ledger.adapters.sql.objects import PAGE_MAX, Page, cursor_of, page_of_objects
from ledger.domain.order_life import CONSUMER, PROVIDER
from ledger.services.business import Actor, StoredObject

SIDES: Final = {CONSUMER: 1, PROVIDER: 2}
"""Side -> its place among the parties, from 1."""

_OTHER: Final = {1: 2, 2: 1}
_PLATFORMS: Final = (3, 4)
_WHOLE: Final = Actor("list", None, frozenset({"operator"}))
"""Reads what the clauses leave; whose it is they say."""

PRODUCT_OF: Final[Mapping[str, str]] = {
    "order": "document #>> '{content,product_code}'",
    "agreement": "document ->> 'product_code'",
}
"""Kind -> where its document has the product, as the indexes have it."""


@dataclass(frozen=True, slots=True)
class TradeQuestion:
    """Which orders or agreements are asked for.

    Args:
        kind: ``order`` or ``agreement``.
        state: of all of them; None for any.
        side: on which the asker's own body is; None for any.
        counterparty: a party other than the asker's body; of who is no party, either one.
        product_code: of their product.
        clauses: conditions of one kind alone; words of ours, never of a caller's.
        values: of the parameters in ``clauses``.
    """

    kind: str
    state: str | None = None
    side: str | None = None
    counterparty: str | None = None
    product_code: str | None = None
    clauses: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def page_of_trade(
    connection: Connection, actor: Actor, asked: TradeQuestion, *, cursor: str | None = None, limit: int = 50
) -> Page:
    """A page of what the actor may see, oldest first; shorter than asked for when its documents are large.

    Raises:
        InputError: the cursor is none that an earlier page gave.
    """
    most = min(limit, PAGE_MAX)
    pages = [_page(connection, asked, way, cursor, most) for way in _ways(actor, asked)]
    found = sorted((item for page in pages for item in page.items), key=_place)
    ends = [_place(page.items[-1]) for page in pages if page.next_cursor is not None]
    if ends:  # behind the first of these ends something may be missing
        found = [item for item in found if _place(item) <= min(ends)]
    items = found[:most]
    more = bool(ends) or len(found) > most
    return Page(items, cursor_of(items[-1]) if more and items else None)


def _ways(actor: Actor, asked: TradeQuestion) -> Iterator[dict[int, str]]:
    """Place among the parties -> who is there; what one way gives no other gives."""
    own, other = actor.participant, asked.counterparty
    if asked.side is not None:
        if own is not None:
            place = SIDES[asked.side]
            yield {place: own} | ({} if other is None else {_OTHER[place]: other})
        return
    if actor.reads_all:
        yield from ({},) if other is None else ({place: other} for place in _OTHER)
        return
    if own is None:
        return
    for place in _OTHER:
        yield {place: own} | ({} if other is None else {_OTHER[place]: other})
    for place in _PLATFORMS:
        if other is None:
            yield {place: own}
    if other is not None:
        yield from ({side: other, place: own} for side, place in product(_OTHER, _PLATFORMS))


def _page(connection: Connection, asked: TradeQuestion, way: Mapping[int, str], cursor: str | None, limit: int) -> Page:
    clauses, values = list(asked.clauses), dict(asked.values)
    for place, code in way.items():
        clauses.append(f"parties[{place}] = :at_{place}")
        values[f"at_{place}"] = code
    if asked.product_code is not None:
        clauses.append(f"{PRODUCT_OF[asked.kind]} = :product_code")
        values["product_code"] = asked.product_code
    if asked.state is not None:
        clauses.append("state = :one_state")
        values["one_state"] = asked.state
    clause = " AND ".join(clauses) or None
    return page_of_objects(connection, _WHOLE, asked.kind, cursor=cursor, limit=limit, clause=clause, values=values)


def _place(item: StoredObject) -> tuple[datetime, str]:
    return item.created_at, item.object_id
