"""Lists of orders and agreements: each way in which a body has to do with them is a question of its own, which one index answers in order.

Their parties stand at fixed places: consumer, provider, then the platforms once these see it. So "who is at this place" is also "who sees it".
First the names on the page are found, over all ways in one statement, then their documents are read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from ledger.adapters.sql.objects import PAGE_MAX, Page, page_of_objects, parse_cursor
from ledger.domain.order_life import CONSUMER, PROVIDER
from ledger.domain.roles import AUTHORISATION_PLATFORM, TRADING_PLATFORM
from ledger.services.business import Actor

SIDES: Final = {CONSUMER: 1, PROVIDER: 2}
"""Side -> its place among the parties, from 1."""

_OTHER: Final = {1: 2, 2: 1}
_PLATFORMS: Final = (3, 4)
_PLATFORM_ROLES: Final = frozenset({TRADING_PLATFORM, AUTHORISATION_PLATFORM})
_ANY_PLATFORM: Final = 0
"""In the place of a place: one of those of platforms."""
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
        changed_since: the moment from which changes are asked for, in their order, and nothing else is; None for the order of making.
        members: of the documents, all that is read of them; empty for the whole documents.
    """

    kind: str
    state: str | None = None
    side: str | None = None
    counterparty: str | None = None
    product_code: str | None = None
    clauses: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    changed_since: datetime | None = None
    members: tuple[str, ...] = ()

    @property
    def moment(self) -> str:
        """The column that the list is in the order of."""
        return "created_at" if self.changed_since is None else "changed_at"


def page_of_trade(
    connection: Connection, actor: Actor, asked: TradeQuestion, *, cursor: str | None = None, limit: int = 50
) -> Page:
    """A page of what the actor may see, in the order of the question; shorter than asked for when its documents are large.

    Raises:
        InputError: the cursor is none that an earlier page gave.
    """
    most = min(limit, PAGE_MAX)
    values: dict[str, Any] = {**asked.values, "kind": asked.kind, "product_code": asked.product_code}
    values["one_state"] = asked.state
    if cursor is not None:
        values["after_time"], values["after_id"] = parse_cursor(cursor)
    ways = [_names_of(asked, way, values, most + 1) for way in _ways(actor, asked)]
    if not ways:
        return Page([], None)
    query = f"SELECT object_id FROM ({' UNION ALL '.join(ways)}) AS found ORDER BY {asked.moment}, object_id LIMIT {most + 1}"  # noqa: S608  words of our own
    if asked.changed_since is not None:
        # in one statement: what changes between two of them would move the cursor over others
        clause = f"object_id = ANY(ARRAY({query}))"
    else:
        clause = "object_id = ANY(:names)"
        values = {"names": list(connection.execute(text(query), values).scalars())}
    return page_of_objects(
        connection,
        _WHOLE,
        asked.kind,
        limit=most,
        clause=clause,
        values=values,
        changed_since=asked.changed_since,
        members=asked.members,
    )


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
    if other is None:
        yield from ({place: own} for place in _PLATFORMS)
    elif actor.roles & _PLATFORM_ROLES:  # whoever is none would be looked for in vain in all that the party has
        yield from ({place: other, _ANY_PLATFORM: own} for place in _OTHER)


def _names_of(asked: TradeQuestion, way: Mapping[int, str], values: dict[str, Any], limit: int) -> str:
    """The statement of one way; what it is about is put into ``values``."""
    clauses = ["kind = :kind", *asked.clauses]
    for place, code in way.items():
        name = f"body_{len(values)}"
        values[name] = code
        if place == _ANY_PLATFORM:  # as statistics know it, so that the order is kept by the index
            [side] = (one for one in way if one in _OTHER)
            clauses.append(f"parties && ARRAY[CAST(:{name} AS text)] AND parties[{_OTHER[side]}] <> :{name}")
        else:
            clauses.append(f"parties[{place}] = :{name}")
    if asked.product_code is not None:
        clauses.append(f"{PRODUCT_OF[asked.kind]} = :product_code")
    if asked.state is not None:
        clauses.append("state = :one_state")
    if asked.changed_since is not None:
        clauses.append("changed_at >= :changed_since")
    moment = asked.moment
    if "after_id" in values:
        clauses.append(f"({moment}, object_id) > (:after_time, :after_id)")
    where = " AND ".join(clauses)
    return f"(SELECT {moment}, object_id FROM objects WHERE {where} ORDER BY {moment}, object_id LIMIT {limit})"  # noqa: S608  likewise
