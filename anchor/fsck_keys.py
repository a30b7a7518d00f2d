"""The API key half of ``fsck``: every key that can be used was made in the log, as it is, and not revoked there.

Each creation and revocation of a key is an event of the log itself (through the outbox). So a key that an operator put into the
table, changed, took away or brought back to life stands against what the log says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from anchor.fsck_accounts import AccountHistory
from anchor.fsck_clock import check_beside, own_time
from anchor.fsck_codes import FindingCode
from anchor.fsck_tree import Finding
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.api_keys import KEY_CREATED_TYPE, KEY_REVOKED_TYPE
from ledger.log.event import Event


@dataclass
class KeyHistory:
    """The keys by the log's own events, taken in log order. ``source`` is the source of those events; accounts are taken along."""

    source: str
    accounts: AccountHistory
    _made: dict[str, Any] = field(default_factory=dict)  # what each creation said, by the event's id
    _made_at: dict[str, datetime | None] = field(default_factory=dict)
    _revoked: dict[str, datetime | None] = field(default_factory=dict)  # when, by the event
    _unreadable: set[int] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """Any event; only those about keys are remembered."""
        if event.source != self.source:
            return
        data = event.value.get("data")
        if isinstance(data, dict) and event.type == KEY_CREATED_TYPE:
            self._made[event.id] = data
            self._made_at[event.id] = own_time(event)
        elif isinstance(data, dict) and event.type == KEY_REVOKED_TYPE:
            self._revoked[str(data.get("key_id"))] = own_time(event)
        elif isinstance(data, dict):
            self.accounts.take(event, data)

    def take_unreadable(self, leaf_index: int) -> None:
        """An entry whose body cannot be opened, which is a finding of its own: nothing is concluded from it about keys."""
        self._unreadable.add(leaf_index)

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Compares the tables of keys and accounts with the log."""
        yield from self.accounts.check(connection, self._unreadable)
        left = dict(self._made)
        query = text("SELECT k.*, o.leaf_index FROM api_keys k LEFT JOIN outbox o ON o.number = k.outbox_number")
        for row in connection.execute(query).mappings():
            key_id, where = row["key_id"], {"where": f"API key {row['key_id']}"}
            if row["leaf_index"] in self._unreadable:
                continue
            made = left.get(f"outbox:{row['outbox_number']}")
            if made is None or made.get("key_id") != key_id:
                yield Finding("api_key_unlogged", f"API key {key_id} is in use and was never made in the log.", where)
                continue
            del left[f"outbox:{row['outbox_number']}"]
            if made != api_keys.creation_facts(row):
                detail = f"API key {key_id} is not as it was made in the log: role, submitter, sources, keys, account, expiry or secret."
                yield Finding("api_key_altered", detail, where)
            if (row["revoked_at"] is not None) != (key_id in self._revoked):
                was = (
                    "was revoked in the log and is in use"
                    if key_id in self._revoked
                    else "is revoked, but not in the log"
                )
                yield Finding("api_key_altered", f"API key {key_id} {was}.", where)
            yield from self._check_times(row, where)
        for made in left.values():
            key_id = made.get("key_id")
            detail = f"API key {key_id} was made in the log and is not in the database."
            yield Finding("api_key_missing", detail, {"where": f"API key {key_id}"})
        yield from self._check_epoch(connection)

    def _check_times(self, row: RowMapping, where: dict[str, Any]) -> Iterator[Finding]:
        """A key that seems made or revoked at another time than it was would cast doubt on what was sent with it."""
        subject, made_at = f"API key {row['key_id']} is said to be", self._made_at[f"outbox:{row['outbox_number']}"]
        yield from check_beside(f"{subject} made", row["created_at"], made_at, where)
        if row["revoked_at"] is not None and row["key_id"] in self._revoked:
            yield from check_beside(f"{subject} revoked", row["revoked_at"], self._revoked[row["key_id"]], where)

    def _check_epoch(self, connection: Connection) -> Iterator[Finding]:
        """Every change of a key or account counts one on; API workers trust what they remember while that number stands."""
        if self._unreadable:
            return
        logged = len(self._made) + len(self._revoked) + self.accounts.changes
        version = connection.execute(text("SELECT version FROM keys_epoch")).scalar()
        if version != logged:
            is_more = version is not None and version > logged
            code: FindingCode = "api_key_unlogged" if is_more else "api_key_altered"
            detail = f"The log has {logged} changes of API keys and accounts, the number that tells workers of changes says {version}."
            yield Finding(code, detail, {"where": "keys_epoch"})
