"""Reading agreements: by contract id or contract hash, and lists of them."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.objects import Page
from ledger.adapters.sql.trade_lists import TradeQuestion, page_of_trade
from ledger.domain.agreement_id import AGREEMENT_ID_CHARACTERS
from ledger.domain.roles import AUTHORISATION_PLATFORM, READERS_OF_ALL, TRADING_PLATFORM
from ledger.errors import InputError, NotFoundError
from ledger.services.agreement_objects import KIND
from ledger.services.business import Actor, StoredObject

HASH_CHARACTERS = 64
LISTED_AS_THEY_ARE: Final = ("contract_hash", "provider", "consumer", "product_code", "product_version", "order_id")
"""Of an agreement's document, the members that a list shows whole."""
LISTED_MEMBERS: Final = (*LISTED_AS_THEY_ARE, "disclosed", "waiting")
"""Of an agreement's document, what a list of agreements has of it; the ciphertext, which may be large, is not read for it."""

_READERS_OF_MANY = READERS_OF_ALL | {TRADING_PLATFORM, AUTHORISATION_PLATFORM}
_LAST = "\x7f"
"""Behind every character of an id or a hash."""


def find_agreement(connection: Connection, name: str) -> StoredObject | None:
    """The agreement of this contract id (47 characters) or contract hash (64 hex digits), whoever asks."""
    where = "object_id = :name" if len(name) != HASH_CHARACTERS else "document ->> 'contract_hash' = :name"
    query = text(f"{OBJECT_QUERY} WHERE kind = :kind AND {where} ORDER BY object_id LIMIT 1")
    row = connection.execute(query, {"kind": KIND, "name": name}).mappings().one_or_none()
    return None if row is None else stored_object(row)


def read_agreement(connection: Connection, actor: Actor, name: str) -> StoredObject:
    """As ``find_agreement``. Raises ``NotFoundError`` when there is none that the actor may see."""
    found = find_agreement(connection, name)
    if found is None or not actor.may_see(found.parties):
        raise NotFoundError("There is no such agreement.")
    return found


def agreements_asked_for(
    *,
    state: str | None = None,
    side: str | None = None,
    counterparty: str | None = None,
    product_code: str | None = None,
    beginning: str | None = None,
    valid_on: str | None = None,
    changed_since: datetime | None = None,
) -> TradeQuestion:
    """The question of a list of agreements.

    Args:
        state: of all of them.
        side: of the asker's own body.
        counterparty: the other party.
        product_code: of their product.
        beginning: of the contract hash (8 hex digits or more), or of the contract id up to its time at least (38 characters or more).
        valid_on: a day ``YYYY-MM-DD`` in their validity.
        changed_since: see ``TradeQuestion``.
    """
    clauses: list[str] = []
    values: dict[str, str] = {}
    if beginning is not None:
        is_id = AGREEMENT_ID_CHARACTERS - 9 <= len(beginning) <= AGREEMENT_ID_CHARACTERS and beginning[0] == "8"
        is_id = is_id and not set(beginning) & set("abcdef")
        of_hash = "(document ->> 'contract_hash' ~>=~ :first AND document ->> 'contract_hash' ~<~ :behind)"
        of_id = "(object_id ~>=~ :first AND object_id ~<~ :behind)"
        clauses.append(f"({of_hash} OR {of_id})" if is_id else of_hash)
        values |= {"first": beginning, "behind": beginning + _LAST}
    if valid_on is not None:
        clauses.append(
            "document #>> '{disclosed,valid_from}' <= :day AND document #>> '{disclosed,valid_until}' >= :day"
        )
        values["day"] = valid_on
    asked = (state, side, counterparty, product_code)
    return TradeQuestion(KIND, *asked, tuple(clauses), values, changed_since, LISTED_MEMBERS)


def page_of_agreements(
    connection: Connection, actor: Actor, asked: TradeQuestion, *, cursor: str | None, limit: int
) -> Page:
    """A page of the agreements that the actor may see, in the order of the question; of their documents ``LISTED_MEMBERS`` alone.

    Raises:
        InputError: a reader of many asks for a day of more than one body's or one product's agreements; or the cursor is none of this list's.
    """
    is_bounded = asked.side or asked.counterparty or asked.product_code
    if "day" in asked.values and actor.roles & _READERS_OF_MANY and not is_bounded:
        raise InputError("valid_on goes with counterparty or product_code.")
    return page_of_trade(connection, actor, asked, cursor=cursor, limit=limit)
