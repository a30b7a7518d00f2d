"""Reading business objects without changing them: one, a page of them, their history, what the chain has to do for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from ledger.adapters.sql.bounded_pages import ROWS_AT_ONCE, fill_page
from ledger.adapters.sql.object_rows import OBJECT_QUERY, object_query, stored_object
from ledger.errors import InputError, NotFoundError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.business import Actor, StoredObject

PAGE_MAX = 200
PAGE_BYTES_MAX = 4 << 20
"""Of the documents in a page; one that is larger is a page of its own."""

_REVISION = re.compile(r"[1-9][0-9]{0,17}")
_IS_PARTY = "parties && CAST(:parties AS text[])"
_NO_DOCUMENT = "CAST('{}' AS jsonb) AS document"


@dataclass(frozen=True, slots=True)
class Page:
    """Objects in the order of the list, and the cursor of the next page (None at the end)."""

    items: list[StoredObject]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an object: by which act, who, what it then was, and who saw it."""

    revision: int
    act: str
    state: str
    account: str
    participant: str | None
    parties: list[str]
    document: dict[str, Any]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Revisions in their order, and the cursor of the next page (None at the end)."""

    items: list[Revision]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ChainCall:
    """One contract call on behalf of an object, as it stands; ``reason`` is the contract's error when it was refused."""

    call_id: int
    step: str
    contract: str
    state: str
    tx_hash: bytes | None
    block_number: int | None
    reason: str | None


def read_object(connection: Connection, actor: Actor, kind: str, object_id: str) -> StoredObject:
    """The object. Raises ``NotFoundError`` when there is none that the actor may see."""
    query = text(f"{OBJECT_QUERY} WHERE kind = :kind AND object_id = :object_id")
    row = connection.execute(query, {"kind": kind, "object_id": object_id}).mappings().one_or_none()
    found = None if row is None else stored_object(row)
    if found is None or not actor.may_see(found.parties):
        raise NotFoundError(f"There is no such {kind.replace('_', ' ')}.")
    return found


def page_of_objects(
    connection: Connection,
    actor: Actor,
    kind: str,
    *,
    states: Sequence[str] = (),
    cursor: str | None = None,
    limit: int = 50,
    clause: str | None = None,
    values: Mapping[str, Any] | None = None,
    changed_since: datetime | None = None,
    members: Sequence[str] = (),
) -> Page:
    """A page of the objects that the actor may see, oldest first; shorter than asked for when its documents are large.

    Args:
        connection: to read on.
        actor: who asks.
        kind: of objects.
        states: only those in one of these states; empty for all.
        cursor: of the page before.
        limit: most objects in the page.
        clause: only those of which this SQL holds; a word of ours, never of a caller's.
        values: of the parameters in ``clause``.
        changed_since: only those changed then or later, and in the order of their last change; None for all in the order in which they were made.
        members: of the documents, all that is read of them; words of ours; empty for the whole documents.

    Raises:
        InputError: the cursor is none that an earlier page gave.
    """
    moment = "created_at" if changed_since is None else "changed_at"
    clauses, values = ["kind = :kind"], {**(values or {}), "kind": kind, "limit": min(limit, PAGE_MAX) + 1}
    if clause is not None:
        clauses.append(clause)
    if not actor.reads_all:
        clauses.append(_IS_PARTY)
        values["parties"] = _names_of(actor)
    if states:
        clauses.append("state = ANY(:states)")
        values["states"] = list(states)
    if changed_since is not None:
        clauses.append("changed_at >= :changed_since")
        values["changed_since"] = changed_since
    if cursor is not None:
        clauses.append(f"({moment}, object_id) > (:after_time, :after_id)")
        values["after_time"], values["after_id"] = parse_cursor(cursor)
    query = f"{object_query(members)} WHERE {' AND '.join(clauses)} ORDER BY {moment}, object_id LIMIT :limit"
    rows = connection.execute(text(query).execution_options(yield_per=ROWS_AT_ONCE), values)
    items, more = fill_page(map(stored_object, rows.mappings()), values["limit"] - 1, PAGE_BYTES_MAX, _size_of)
    rows.close()
    return Page(items, f"{format_time(getattr(items[-1], moment))}~{items[-1].object_id}" if more else None)


def page_of_history(
    connection: Connection,
    stored: StoredObject,
    *,
    submitted_to: Actor | None = None,
    has_documents: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> HistoryPage:
    """A page of an object's revisions, oldest first; shorter than asked for when its documents are large.

    Args:
        connection: to read on.
        stored: the object.
        submitted_to: only revisions of which this actor was a party then: what became of it later opens nothing of before.
        has_documents: whether the documents are wanted; without them they are empty.
        cursor: of the page before: the last revision on it.
        limit: most revisions in the page.

    Raises:
        InputError: the cursor is none that an earlier page gave.
    """
    if cursor is not None and _REVISION.fullmatch(cursor) is None:
        raise InputError("The cursor is none that this history gave. Leave it out to begin anew.")
    most = min(limit, PAGE_MAX)
    clauses = ["kind = :kind", "object_id = :object_id", "revision > :after"]
    values = {"kind": stored.kind, "object_id": stored.object_id, "after": int(cursor or 0), "limit": most + 1}
    if submitted_to is not None and not submitted_to.reads_all:
        clauses.append(_IS_PARTY)
        values["parties"] = _names_of(submitted_to)
    document = "document" if has_documents else _NO_DOCUMENT
    query = (
        f"SELECT revision, act, state, account, participant, parties, {document}, changed_at FROM object_history "  # noqa: S608  words of our own
        f"WHERE {' AND '.join(clauses)} ORDER BY revision LIMIT :limit"
    )
    rows = connection.execute(text(query).execution_options(yield_per=ROWS_AT_ONCE), values)
    items, more = fill_page((Revision(**row) for row in rows.mappings()), most, PAGE_BYTES_MAX, _size_of)
    rows.close()
    return HistoryPage(items, str(items[-1].revision) if more else None)


def chain_calls_of(connection: Connection, stored: StoredObject) -> list[ChainCall]:
    """The contract calls that its steps asked for, oldest first."""
    rows = connection.execute(
        text(
            "SELECT call_id, step, contract, state, tx_hash, block_number, reason FROM chain_calls "
            "WHERE kind = :kind AND object_id = :object_id ORDER BY call_id"
        ),
        {"kind": stored.kind, "object_id": stored.object_id},
    ).mappings()
    return [ChainCall(**row) for row in rows]


def _size_of(item: StoredObject | Revision) -> int:
    return len(orjson.dumps(item.document))


def _names_of(actor: Actor) -> list[str]:
    return [name for name in (actor.participant, actor.account_id) if name is not None]


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    """Where the page behind this cursor begins. Raises ``InputError`` when it is none that a list gave."""
    time_text, _, object_id = cursor.partition("~")
    try:
        if "\x00" in object_id:  # PostgreSQL text has none
            raise InputError("a cursor without U+0000")  # noqa: TRY301  told as every other wrong cursor
        return parse_time(time_text), object_id
    except InputError as error:
        raise InputError("The cursor is none that this list gave. Leave it out to begin anew.") from error
