"""Rows of deadlines: which have passed unmet, and how many were. Everything here runs inside the caller's transaction.

Terms by which agreements end (``ledger.domain.termination.ENDS``, written out here for the partial index) are rows too and nobody's duty: they
are met, and never breached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Overdue:
    """A duty that was not done in time, and whose breach is not recorded yet."""

    kind: str
    object_id: str
    duty: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeadlineFigures:
    """How many deadlines are open and not breached, were breached, and are breached and still not met."""

    open: int
    breached: int
    owed: int


def is_any_overdue(connection: Connection, now: datetime) -> bool:
    """Whether a deadline has passed whose breach is not recorded."""
    query = text(
        "SELECT 1 FROM deadlines WHERE met_at IS NULL AND breached_at IS NULL AND due_at < :now "
        "AND duty NOT IN ('end_by_expiry', 'end_by_rule') LIMIT 1"
    )
    return connection.execute(query, {"now": now}).scalar() is not None


def take_overdue(connection: Connection, now: datetime, limit: int) -> list[Overdue]:
    """The oldest overdue deadlines, locked; those that somebody changes right now are left for later.

    The outbox is locked first, so that nobody who waits for it with a deadline locked can wait for us.
    """
    connection.execute(text("SELECT 1 FROM outbox_head FOR UPDATE"))
    query = text(
        "SELECT kind, object_id, duty, due_at FROM deadlines WHERE met_at IS NULL AND breached_at IS NULL AND due_at < :now "
        "AND duty NOT IN ('end_by_expiry', 'end_by_rule') ORDER BY due_at, kind, object_id, duty LIMIT :limit FOR UPDATE SKIP LOCKED"
    )
    return [Overdue(*row) for row in connection.execute(query, {"now": now, "limit": limit})]


def set_breached(connection: Connection, breaches: Sequence[tuple[Overdue, int]], now: datetime) -> None:
    """Marks them, each with the number of the outbox row that records it."""
    connection.execute(
        text(
            "UPDATE deadlines SET breached_at = :now, outbox_number = :number "
            "WHERE kind = :kind AND object_id = :object_id AND duty = :duty"
        ),
        [
            {"now": now, "number": number, "kind": one.kind, "object_id": one.object_id, "duty": one.duty}
            for one, number in breaches
        ],
    )


def bodies_to_stop(connection: Connection, now: datetime, limit: int, passed_over: Sequence[str] = ()) -> list[str]:
    """Bodies whose offers are to be stopped: those that owe it, and those on offer still whose qualification is over.

    The duties are those of ``ledger.services.stopped_offers``, written out for the partial indexes; whether a breach is recorded is the same.
    """
    query = text(
        "(SELECT object_id FROM deadlines WHERE kind = 'participant' AND duty = 'stop_offers' AND met_at IS NULL "
        "AND NOT object_id = ANY(:passed_over) ORDER BY due_at, object_id LIMIT :limit) UNION "
        "(SELECT d.object_id FROM deadlines d WHERE d.kind = 'participant' AND d.duty = 'renew_qualification' AND d.met_at IS NULL "
        "AND d.due_at < :now AND EXISTS (SELECT 1 FROM objects o WHERE o.kind = 'product_version' AND o.state = 'listed' "
        "AND o.parties[1] = d.object_id) AND NOT d.object_id = ANY(:passed_over) ORDER BY d.due_at, d.object_id LIMIT :limit) ORDER BY object_id"
    )
    return list(connection.execute(query, {"now": now, "limit": limit, "passed_over": list(passed_over)}).scalars())


def offers_of(
    connection: Connection, provider: str, limit: int, passed_over: Sequence[str] = ()
) -> list[tuple[str, int]]:
    """Product code and number of listed versions of a body, a bounded number; not locked."""
    query = text(
        "SELECT object_id FROM objects WHERE kind = 'product_version' AND state = 'listed' AND parties[1] = :provider "
        "AND NOT object_id = ANY(:passed_over) ORDER BY object_id LIMIT :limit"
    )
    names = connection.execute(
        query, {"provider": provider, "limit": limit, "passed_over": list(passed_over)}
    ).scalars()
    return [(code, int(number)) for code, _, number in (name.rpartition("/") for name in names)]


def agreements_to_end(
    connection: Connection, now: datetime, limit: int, passed_over: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """Agreements whose end has come, with the term that has passed, a bounded number; not locked.

    The states are those of ``ledger.domain.agreement_status.ENDED_ALONE``: one that waits for the chain is looked at again when that has decided.
    """
    query = text(
        "SELECT d.object_id, d.duty FROM deadlines d JOIN objects o ON o.kind = 'agreement' AND o.object_id = d.object_id "
        "WHERE d.kind = 'agreement' AND d.duty IN ('end_by_expiry', 'end_by_rule') AND d.met_at IS NULL AND d.due_at < :now "
        "AND o.state IN ('signed', 'filed', 'in_performance') AND NOT d.object_id = ANY(:passed_over) "
        "ORDER BY d.due_at, d.object_id, d.duty LIMIT :limit"
    )
    rows = connection.execute(query, {"now": now, "limit": limit, "passed_over": list(passed_over)})
    return [(row.object_id, row.duty) for row in rows]


def figures(connection: Connection) -> DeadlineFigures:
    """The counts of all deadlines; a term for bids that is over is nobody's breach."""
    query = text(
        "SELECT (SELECT count(*) FROM deadlines WHERE met_at IS NULL AND breached_at IS NULL), "
        "(SELECT count(*) FROM deadlines WHERE breached_at IS NOT NULL AND duty <> 'take_bids'), "
        "(SELECT count(*) FROM deadlines WHERE breached_at IS NOT NULL AND met_at IS NULL AND duty <> 'take_bids')"
    )
    return DeadlineFigures(*connection.execute(query).one())
