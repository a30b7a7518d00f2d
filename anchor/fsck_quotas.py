"""The half of ``fsck`` for usage tokens: each counter is what the log's own events of its issue and its spendings add up to.

Whose counter it is, when it runs, and whether it is stopped or has ended follow from the token and its authorisation, which are objects
and are compared with their history elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from anchor.fsck_tree import Finding
from ledger.log.event import Event
from ledger.services.usage_tokens import EVENT

_ROWS_AT_ONCE: Final = 1_000
_ISSUED, _SPENT = EVENT.format("issued"), EVENT.format("spent")
_OVER: Final = frozenset({"withdrawn", "given_up"})
"""States of an authorisation in which no token of it goes on."""

_ROWS: Final = (
    "SELECT q.*, t.state AS object_state, t.document -> 'token' AS token, a.state AS authorisation_state FROM token_quotas q "
    "LEFT JOIN objects t ON t.kind = 'usage_token' AND t.object_id = q.token_id "
    "LEFT JOIN objects a ON a.kind = 'authorisation' AND a.object_id = t.document #>> '{token,authorisation}' "
    "ORDER BY q.token_id"
)
_UNCOUNTED: Final = (
    "SELECT object_id FROM objects WHERE kind = 'usage_token' "
    "AND NOT EXISTS (SELECT FROM token_quotas WHERE token_id = object_id) ORDER BY object_id"
)


@dataclass(slots=True)
class _Told:
    """What the events of a token say: its quota, the sum of the calls, and the largest sum that one of them names."""

    quota: int | None = None
    calls: int = 0
    spent: int = 0


@dataclass
class QuotaHistory:
    """The tokens by the log's own events, about 300 bytes each. ``source`` is the source of those events."""

    source: str
    _tokens: dict[str, _Told] = field(default_factory=dict)
    _unreadable: bool = False

    def take(self, event: Event) -> None:
        """Any event; only issues and spendings of tokens are remembered."""
        data = event.value.get("data")
        if event.source != self.source or event.type not in {_ISSUED, _SPENT} or not isinstance(data, dict):
            return
        told = self._tokens.setdefault(str(data.get("token_id")), _Told())
        quota, calls, spent = (data.get(name) for name in ("quota", "calls", "spent"))
        if event.type == _ISSUED and isinstance(quota, int):
            told.quota = quota
        elif isinstance(calls, int) and isinstance(spent, int):
            told.calls += calls
            told.spent = max(told.spent, spent)

    def take_unreadable(self) -> None:
        """An event that cannot be opened, which is a finding of its own, might have been any spending."""
        self._unreadable = True

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Every counter against its token, its authorisation and its events; and every token against the counters that are there."""
        left = dict(self._tokens)
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_ROWS)).mappings()
        for row in rows:
            told = left.pop(row["token_id"], None)
            if not isinstance(row["token"], dict):
                yield _altered(row["token_id"], "it belongs to no token")
                continue
            yield from _check_token(row)
            if not self._unreadable:
                yield from _check_told(row, told)
        uncounted = [str(name) for name in connection.execute(text(_UNCOUNTED)).scalars()]
        for token_id in sorted({*uncounted, *left}):
            yield _altered(token_id, "the token was issued and has no counter")


def _check_token(row: RowMapping) -> Iterator[Finding]:
    token: dict[str, Any] = row["token"]
    is_over = row["object_state"] != "issued" or row["authorisation_state"] in _OVER
    is_suspended = row["authorisation_state"] == "suspended"
    for what, is_wrong in (
        ("it is of another authorisation than its token", row["authorisation"] != token.get("authorisation")),
        ("its quota is not the token's", row["quota"] != token.get("quota")),
        ("its time is not the token's", not _is_time_of(token, row)),
        ("it goes on though its token is over, or ended though it is not", row["is_ended"] != is_over),
        # what has ended stays stopped or not, as it was
        (
            "it is stopped and its authorisation is not, or is not and it is",
            not is_over and row["is_stopped"] != is_suspended,
        ),
    ):
        if is_wrong:
            yield _altered(row["token_id"], what)


def _is_time_of(token: dict[str, Any], row: RowMapping) -> bool:
    stated = (token.get("valid_from"), token.get("valid_until"))
    return all(
        isinstance(moment, int) and datetime.fromtimestamp(moment, UTC) == row[name]
        for name, moment in zip(("valid_from", "valid_until"), stated, strict=True)
    )


def _check_told(row: RowMapping, told: _Told | None) -> Iterator[Finding]:
    if told is None or told.quota is None:
        yield _altered(row["token_id"], "its token was never issued in the log")
        return
    if told.quota != row["quota"]:
        yield _altered(row["token_id"], f"the log's event of its issue says a quota of {told.quota}")
    if {told.calls, told.spent} != {row["spent"]}:
        yield _altered(row["token_id"], f"it says {row['spent']} spent, and the log's events add up to {told.calls}")


def _altered(token_id: str, what: str) -> Finding:
    return Finding(
        "quota_altered", f"The counter of the usage token {token_id}: {what}.", {"where": f"quota {token_id}"}
    )
