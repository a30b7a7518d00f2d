"""The questions of ``benchmark_orders.py``: who asks, for what, from where; drawn at random, the same ones for the database and for HTTP."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from support.trade_rows import (
    AGREEMENT_STATES,
    CONSUMERS,
    ORDER_STATES,
    PLATFORM,
    PRODUCT_CODES,
    PROVIDER_CODES,
    SECOND,
    START,
)

from ledger.adapters.sql.agreements import agreements_asked_for, page_of_agreements, read_agreement
from ledger.adapters.sql.trade_lists import TradeQuestion, page_of_trade
from ledger.log.timestamps import format_time
from ledger.services.business import Actor, StoredObject

READER: Final = Actor("regulator", None, frozenset({"regulator"}))
ORDERS, AGREEMENTS = "/v1/orders", "/v1/agreements"
KNOWN: Final = 100
"""So many agreements from anywhere are asked for by name."""


@dataclass(frozen=True, slots=True)
class Question:
    """A page of a list, or one agreement by its contract hash."""

    actor: Actor
    path: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    limit: int = 20
    contract_hash: str | None = None

    def ask(self, connection: Connection) -> object:
        """Of the database."""
        if self.contract_hash is not None:
            return read_agreement(connection, self.actor, self.contract_hash)
        if self.path == ORDERS:
            asked = TradeQuestion("order", **self.filters)
            return page_of_trade(connection, self.actor, asked, cursor=self.cursor, limit=self.limit)
        asked = agreements_asked_for(**self.filters)
        return page_of_agreements(connection, self.actor, asked, cursor=self.cursor, limit=self.limit)

    @property
    def target(self) -> str:
        """Path and query of the same over HTTP."""
        if self.contract_hash is not None:
            return f"{self.path}/{self.contract_hash}"
        filters = {name: format_time(one) if isinstance(one, datetime) else one for name, one in self.filters.items()}
        given = {**filters, "limit": self.limit} | ({} if self.cursor is None else {"cursor": self.cursor})
        return f"{self.path}?{urlencode(given)}"


Draw = Callable[[random.Random, Sequence[StoredObject]], Question]
"""(source of chance, known agreements) -> question."""


def known_agreements(connection: Connection) -> list[StoredObject]:
    """From anywhere in time, evenly."""
    moments = (START + timedelta(days=3 * 365) * number / KNOWN for number in range(KNOWN))
    cursors = [f"{at:%Y-%m-%dT%H:%M:%S.%fZ}~" for at in moments]
    pages = [page_of_agreements(connection, READER, agreements_asked_for(), cursor=one, limit=1) for one in cursors]
    return [page.items[0] for page in pages]


def uneven(rng: random.Random, names: list[str]) -> str:
    """As in the rows: the first name a tenth of the time, the others the seldomer the later they come."""
    return names[0] if rng.random() < 0.1 else names[int(len(names) * rng.random() ** 2)]


def some_actor(rng: random.Random) -> Actor:
    """A consumer, a provider, a platform or a reader of everything."""
    drawn = rng.random()
    if drawn < 0.4:
        return Actor("c", uneven(rng, CONSUMERS), frozenset({"consumer"}))
    if drawn < 0.7:
        return Actor("p", rng.choice(PROVIDER_CODES), frozenset({"provider"}))
    if drawn < 0.9:
        return Actor("t", PLATFORM if rng.random() < 0.7 else SECOND, frozenset({"trading_platform"}))
    return READER


def some_cursor(rng: random.Random) -> str | None:
    """A place anywhere in the list, every third time."""
    at = START + timedelta(seconds=rng.randrange(3 * 365 * 86_400))
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}~" if rng.random() < 0.33 else None


def filters_of(rng: random.Random, states: dict[str, int]) -> dict[str, Any]:
    """None, one or two of those that every list has."""
    every = {
        "state": rng.choice(list(states)),
        "side": rng.choice(("consumer", "provider")),
        "counterparty": rng.choice((uneven(rng, CONSUMERS), rng.choice(PROVIDER_CODES))),
        "product_code": rng.choice(PRODUCT_CODES),
    }
    return {name: every[name] for name in rng.sample(sorted(every), rng.randrange(3))}


def list_orders(rng: random.Random, _known: Sequence[StoredObject]) -> Question:
    """A page of orders of somebody, narrowed or not, from anywhere."""
    filters = filters_of(rng, ORDER_STATES)
    return Question(some_actor(rng), ORDERS, filters, some_cursor(rng), rng.choice((20, 50)))


def list_agreements(rng: random.Random, _known: Sequence[StoredObject]) -> Question:
    """The same of agreements."""
    actor, filters = some_actor(rng), filters_of(rng, AGREEMENT_STATES)
    return Question(actor, AGREEMENTS, filters, some_cursor(rng), rng.choice((20, 50)))


def search_agreements(rng: random.Random, known: Sequence[StoredObject]) -> Question:
    """By a day of the validity, or by the beginning of a hash or an id."""
    actor, filters = some_actor(rng), filters_of(rng, AGREEMENT_STATES)
    day = (START + timedelta(days=rng.randrange(5 * 365))).date().isoformat()
    kind = rng.randrange(3)
    if kind == 0:
        if actor is READER or actor.participant in (PLATFORM, SECOND):
            filters["product_code"] = rng.choice(PRODUCT_CODES)
        return Question(actor, AGREEMENTS, {**filters, "valid_on": day})
    one = rng.choice(known)
    beginning = one.document["contract_hash"][:8] if kind == 1 else one.object_id[:38]
    return Question(actor, AGREEMENTS, {"beginning": beginning})


def find_agreement(rng: random.Random, known: Sequence[StoredObject]) -> Question:
    """One by its contract hash."""
    return Question(READER, AGREEMENTS, contract_hash=rng.choice(known).document["contract_hash"])


def list_changes(rng: random.Random, _known: Sequence[StoredObject]) -> Question:
    """What changed from some moment on, in its order, from anywhere behind it."""
    path = rng.choice((ORDERS, AGREEMENTS))
    cursor = some_cursor(rng)
    since = START if cursor else START + timedelta(seconds=rng.randrange(3 * 365 * 86_400))
    return Question(some_actor(rng), path, {"changed_since": since}, cursor, rng.choice((20, 50)))


KINDS: Final[dict[str, Draw]] = {
    "order_list": list_orders,
    "agreement_list": list_agreements,
    "changes": list_changes,
    "agreement_search": search_agreements,
    "agreement_by_hash": find_agreement,
}
