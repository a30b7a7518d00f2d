"""Which orders and agreements have had their time: a bounded number, found by indexes of their own (migration 0017)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from ledger.domain.working_days import day_in_shanghai

GRACE = timedelta(days=1)
"""An order that was confirmed in the last moment of an agreement may be completed here a little later."""

BOUND = "('signed', 'filing', 'filed', 'in_performance', 'ending', 'terminated')"
"""States of an agreement under which orders may be in force."""


def orders_to_lapse(connection: Connection, now: datetime, limit: int, passed_over: list[str]) -> list[str]:
    """Offered orders that nobody can confirm any more, those longest over first."""
    query = text(
        "SELECT object_id FROM objects WHERE kind = 'order' AND state = 'offered' "
        "AND CAST(document #>> '{content,valid_until}' AS bigint) < :now AND NOT object_id = ANY(:passed_over) "
        "ORDER BY CAST(document #>> '{content,valid_until}' AS bigint), object_id LIMIT :limit"
    )
    values = {"now": int(now.timestamp()), "limit": limit, "passed_over": passed_over}
    return list(connection.execute(query, values).scalars())


def agreements_to_wind_up(connection: Connection, now: datetime, limit: int, passed_over: list[str]) -> list[str]:
    """Agreements that were terminated, or whose last day was before yesterday, under which orders may still be in force."""
    open_ones = "kind = 'agreement' AND document ->> 'orders_closed' IS NULL AND NOT object_id = ANY(:passed_over)"
    query = text(
        f"(SELECT object_id FROM objects WHERE {open_ones} AND state = 'terminated' ORDER BY object_id LIMIT :limit) UNION "  # noqa: S608  words of our own
        f"(SELECT object_id FROM objects WHERE {open_ones} AND state IN {BOUND} "
        "AND document #>> '{disclosed,valid_until}' < :day ORDER BY document #>> '{disclosed,valid_until}', object_id LIMIT :limit) "
        "ORDER BY object_id"
    )
    day = day_in_shanghai(now - GRACE).isoformat()
    values = {"day": day, "limit": limit, "passed_over": passed_over}
    return list(connection.execute(query, values).scalars())


def orders_in_force(connection: Connection, agreement_id: str, limit: int, passed_over: list[str]) -> list[str]:
    """Orders in force under an agreement, a bounded number; not locked."""
    query = text(
        "SELECT object_id FROM objects WHERE kind = 'order' AND state = 'in_force' "
        "AND document ->> 'agreement_id' = :agreement_id AND NOT object_id = ANY(:passed_over) "
        "ORDER BY object_id LIMIT :limit"
    )
    values = {"agreement_id": agreement_id, "limit": limit, "passed_over": passed_over}
    return list(connection.execute(query, values).scalars())
