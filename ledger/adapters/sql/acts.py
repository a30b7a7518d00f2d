"""Reading signed acts: which wait for whom."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from ledger.adapters.sql.objects import Page, page_of_objects
from ledger.domain.act_life import KIND
from ledger.services.act_lapse import LAPSE_MARGIN
from ledger.services.business import Actor

_WAITS = (
    "state = 'open' AND EXISTS (SELECT 1 FROM jsonb_array_elements(document->'signers') "
    "WITH ORDINALITY AS asked (signer, place) WHERE signer->>'participant' = :signer "
    "AND COALESCE((document->'signatures'->(place - 1)::text->>'deadline')::bigint, 0) <= :least)"
)


def page_of_acts(
    connection: Connection,
    actor: Actor,
    *,
    is_waiting: bool,
    now: datetime,
    states: Sequence[str] = (),
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the acts that the actor may see, oldest first.

    Args:
        connection: to read on.
        actor: who asks.
        is_waiting: only those that wait for a signature of the actor's own body, for the first time or again; none for an actor without one.
        now: decides which signatures have lapsed.
        states: only those in one of these states; empty for all.
        cursor: of the page before.
        limit: most acts in the page.

    Raises:
        InputError: the cursor is none that an earlier page gave.
    """
    clause = _WAITS if is_waiting else None
    least = (now + LAPSE_MARGIN).timestamp()
    values = {"signer": actor.participant, "least": least} if is_waiting else {}
    return page_of_objects(
        connection, actor, KIND, states=states, cursor=cursor, limit=limit, clause=clause, values=values
    )
