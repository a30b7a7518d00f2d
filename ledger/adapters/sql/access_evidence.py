"""Evidence of access: logins, refused attempts and reads by supervisors, as events in the outbox (``accounts`` has grants and withdrawals).

What an outsider can repeat at will is recorded once an hour with its count, like conflicts. Events name accounts, routes and times;
subjects, tokens and network addresses only by a keyed hash, and no query, because a query can name people.
"""

from collections.abc import Collection, Mapping
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
    if _count(connection, mark, _hour(until) + 2 * _HOUR, {}) != 1:
        return False
    close_hours(connection, preparer)
    facts = {"account_id": account, **credential}
    outbox.add(connection, preparer, LOGGED_IN_TYPE, facts | network_facts(preparer, network))
    return True


def record_refusal(
    connection: Connection,
    preparer: Preparer,
    *,
    account: str,
    method: str,
    route: str,
    code: str,
    network: str | None = None,
) -> None:
    """Records a refused attempt: an event for the first of an account on a route in an hour, a count for the others.

    The event says from where the first came.
    """
    hour = _hour(preparer.clock.now())
    facts = {"account_id": account, "method": method, "route": route, "code": code, "hour": format_time(hour)}
    if _count(connection, preparer.subject_mac("refused", account, method, route, code), hour, facts) == 1:
        close_hours(connection, preparer)
        outbox.add(connection, preparer, REFUSED_TYPE, facts | network_facts(preparer, network))


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


def close_hours(connection: Connection, preparer: Preparer) -> None:
    """Records how often a refusal was repeated in hours that are over, and forgets those hours."""
    rows = connection.execute(
        text(
            "DELETE FROM access_marks WHERE ctid IN (SELECT ctid FROM access_marks WHERE hour < :hour ORDER BY hour LIMIT :many "
            "FOR UPDATE SKIP LOCKED) RETURNING facts, count AS times"
        ),
        {"hour": _hour(preparer.clock.now()), "many": CLOSED_AT_ONCE},
    )
    counted: list[dict[str, Any]] = [row.facts | {"count": row.times} for row in rows if row.facts and row.times > 1]
    if counted:
        outbox.add_all(connection, preparer, REFUSALS_COUNTED_TYPE, counted)


def _count(connection: Connection, mark: bytes, hour: datetime, facts: dict[str, Any]) -> int:
    statement = text(
        "INSERT INTO access_marks VALUES (:mark, :hour, :facts, 1) "
        "ON CONFLICT (mark, hour) DO UPDATE SET count = access_marks.count + 1 RETURNING count"
    ).bindparams(bindparam("facts", type_=JSONB))
    return int(connection.execute(statement, {"mark": mark, "hour": hour, "facts": facts}).scalar_one())


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
