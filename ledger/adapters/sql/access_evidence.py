"""Evidence of access: logins, refused attempts and reads by supervisors, as events in the outbox (``accounts`` has grants and withdrawals).

What an outsider can repeat at will is recorded once an hour with its count, like conflicts; the anchor service ends the hours. Events name accounts, routes and times;
subjects, tokens and network addresses only by a keyed hash, and no query, because a query can name people.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from ledger.adapters.sql import outbox
from ledger.log.timestamps import format_time
from ledger.services.preparation import Preparer

LOGGED_IN_TYPE: Final = "org.cityledger.access.logged_in.v1"
REFUSED_TYPE: Final = "org.cityledger.access.refused.v1"
REFUSALS_COUNTED_TYPE: Final = "org.cityledger.access.refusals_counted.v1"
READ_TYPE: Final = "org.cityledger.access.read.v1"

CLOSED_AT_ONCE: Final = 100
_HOUR: Final = timedelta(hours=1)


def token_facts(preparer: Preparer, account: str, issuer: str, token_id: str) -> dict[str, str]:
    """What a login says of a token: its issuer, and which it is only by a keyed hash."""
    return {"issuer": issuer, "token_mac": preparer.subject_mac("login", account, issuer, token_id).hex()}


def record_login(
    connection: Connection,
    preparer: Preparer,
    *,
    account: str,
    credential: Mapping[str, str],
    until: datetime,
    network: str | None = None,
) -> bool:
    """Records the first use of a credential by an account, from a network address; False when it was recorded before.

    Args:
        connection: in a transaction of its own.
        preparer: of the log that the event goes to.
        account: whose use it is.
        credential: what the event says of it: ``token_facts``, or the id of an API key and the day of its use.
        until: until when the same use may be seen again.
        network: from which address it came.
    """
    mark = preparer.subject_mac("login", account, *credential.values())
    # Kept until the same use cannot come any more, whatever the clock skew.
    if _count(connection, mark, hour_of(until) + 2 * _HOUR, {}) != 1:
        return False
    close_hours(connection, preparer)
    facts = {"account_id": account, **credential}
    outbox.add(connection, preparer, LOGGED_IN_TYPE, facts | network_facts(preparer, network))
    return True


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is counted together of refused attempts.

    Args:
        account: whose they were; None where nobody's account was found: an unknown key, no token of a trusted issuer, nothing at all.
        method: of the request.
        route: its path template.
        code: of the refusal.
        hour: in which, UTC.
    """

    account: str | None
    method: str
    route: str
    code: str
    hour: datetime


def record_refusals(
    connection: Connection, preparer: Preparer, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]
) -> None:
    """Records refused attempts: the first of an account on a route in an hour is an event, and says from where it came.

    All others, and those without an account, are counted in a row that becomes an event after the hour (``close_hours``). Rows come in one
    order and before the outbox, so that two processes never wait for each other in a ring.

    Args:
        connection: in a transaction of its own.
        preparer: of the log that the events go to.
        counts: how often each was made.
        networks: from which address the first of each came.
    """
    marks = {attempt: _refusal_mark(preparer, attempt) for attempt in counts}
    first = []
    for attempt, mark in sorted(marks.items(), key=lambda item: (item[1], item[0].hour)):
        facts = _refusal_facts(attempt)
        is_new = _count(connection, mark, attempt.hour, facts, counts[attempt]) == counts[attempt]
        if is_new and attempt.account is not None:
            first.append(facts | network_facts(preparer, networks[attempt]))
    if first:
        close_hours(connection, preparer)
        outbox.add_all(connection, preparer, REFUSED_TYPE, first)


def record_read(
    connection: Connection,
    preparer: Preparer,
    *,
    account: str,
    roles: Collection[str],
    route: str,
    path: str,
    query: str,
    refusal: str | None,
) -> None:
    """Records one read by a regulator or auditor: the path, which names objects by their codes, and the query by its keyed hash.

    ``refusal`` is the code of a read that gave nothing; what its path named is then nobody's code, and is left out.
    """
    data = {
        "account_id": account,
        "roles": sorted(roles),
        "route": route,
        "path": path if refusal is None else None,
        "query_mac": preparer.subject_mac("query", query).hex() if query else None,
        "refusal": refusal,
    }
    outbox.add(connection, preparer, READ_TYPE, data)


def network_facts(preparer: Preparer, network: str | None) -> dict[str, str]:
    """What an event says of the network address of a request: its keyed hash, which only the holder of the key can try addresses on."""
    return {} if network is None else {"network_mac": preparer.subject_mac("network", network).hex()}


def is_any_hour_over(connection: Connection, now: datetime) -> bool:
    """Whether ``close_hours`` has anything to do."""
    query = text("SELECT 1 FROM access_marks WHERE hour < :hour LIMIT 1")
    return connection.execute(query, {"hour": hour_of(now)}).scalar() is not None


def close_hours(connection: Connection, preparer: Preparer) -> None:
    """Records how often attempts were refused in hours that are over, and forgets those hours; a bounded number at a time.

    Of an account that is an event when the first, which is one itself, was repeated; without an account (``account_id`` null) always.
    """
    rows = connection.execute(
        text(
            "DELETE FROM access_marks WHERE ctid IN (SELECT ctid FROM access_marks WHERE hour < :hour ORDER BY hour LIMIT :many "
            "FOR UPDATE SKIP LOCKED) RETURNING facts, count AS times"
        ),
        {"hour": hour_of(preparer.clock.now()), "many": CLOSED_AT_ONCE},
    )
    counted: list[dict[str, Any]] = [
        row.facts | {"count": row.times}
        for row in rows
        if row.facts and (row.times > 1 or row.facts["account_id"] is None)
    ]
    if counted:
        outbox.add_all(connection, preparer, REFUSALS_COUNTED_TYPE, counted)


def hour_of(moment: datetime) -> datetime:
    """The hour in which a moment is."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _refusal_facts(attempt: Attempt) -> dict[str, Any]:
    return {
        "account_id": attempt.account,
        "method": attempt.method,
        "route": attempt.route,
        "code": attempt.code,
        "hour": format_time(attempt.hour),
    }


def _refusal_mark(preparer: Preparer, attempt: Attempt) -> bytes:
    whose = ("refused of nobody",) if attempt.account is None else ("refused", attempt.account)
    return preparer.subject_mac(*whose, attempt.method, attempt.route, attempt.code)


def _count(connection: Connection, mark: bytes, hour: datetime, facts: Mapping[str, Any], times: int = 1) -> int:
    statement = text(
        "INSERT INTO access_marks VALUES (:mark, :hour, :facts, :times) "
        "ON CONFLICT (mark, hour) DO UPDATE SET count = access_marks.count + :times RETURNING count"
    ).bindparams(bindparam("facts", type_=JSONB))
    values = {"mark": mark, "hour": hour, "facts": dict(facts), "times": times}
    return int(connection.execute(statement, values).scalar_one())
