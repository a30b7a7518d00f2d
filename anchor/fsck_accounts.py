"""The accounts half of ``fsck``: every account was granted in the log as it is, and is in force exactly if it was not withdrawn there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from anchor.fsck_clock import check_beside, own_time
from anchor.fsck_tree import Finding
from ledger.adapters.sql import accounts
from ledger.adapters.sql.accounts import GRANTED_TYPE, WITHDRAWN_TYPE
from ledger.log.event import Event
from ledger.services.preparation import Preparer


@dataclass
class AccountHistory:
    """The accounts by the log's own events, taken in log order. ``preparer`` knows the key that hashes subjects."""

    preparer: Preparer
    _granted: dict[str, tuple[Any, datetime | None]] = field(
        default_factory=dict
    )  # what was said and when, by the event's id
    _withdrawn: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        """How many changes of accounts the log has; each counts ``keys_epoch`` one on."""
        return len(self._granted) + len(self._withdrawn)

    def take(self, event: Event, data: dict[str, Any]) -> None:
        """One of the ledger's own events and its data."""
        if event.type == GRANTED_TYPE:
            self._granted[event.id] = data, own_time(event)
        elif event.type == WITHDRAWN_TYPE:
            self._withdrawn[str(data.get("account_id"))] = own_time(event)

    def check(self, connection: Connection, unreadable: set[int]) -> Iterator[Finding]:
        """Compares the table of accounts with the log; nothing is concluded from entries that cannot be opened."""
        left = dict(self._granted)
        query = text("SELECT a.*, o.leaf_index FROM accounts a LEFT JOIN outbox o ON o.number = a.outbox_number")
        for row in connection.execute(query).mappings():
            account_id, where = row["account_id"], {"where": f"account {row['account_id']}"}
            if row["leaf_index"] in unreadable:
                continue
            granted, granted_at = left.pop(f"outbox:{row['outbox_number']}", ({}, None))
            if granted.get("account_id") != account_id:
                yield Finding("account_unlogged", f"Account {account_id} was never granted in the log.", where)
                continue
            yield from self._check_row(row, granted, granted_at, where)
        for granted, _ in left.values():
            account_id = granted.get("account_id")
            detail = f"Account {account_id} was granted in the log and is not in the database."
            yield Finding("account_missing", detail, {"where": f"account {account_id}"})

    def _check_row(
        self, row: RowMapping, granted: dict[str, Any], granted_at: datetime | None, where: dict[str, Any]
    ) -> Iterator[Finding]:
        account_id = row["account_id"]
        first = accounts.account_id_of(self.preparer, row["issuer"], row["subject"])
        network = {"network_mac": granted["network_mac"]} if "network_mac" in granted else {}
        is_as_granted = granted == accounts.grant_facts(row) | {"by": granted.get("by")} | network
        if not is_as_granted or account_id.removeprefix(first)[:1] not in {"", "-"}:
            detail = f"Account {account_id} is not as it was granted in the log: body, subject, level, roles or keys."
            yield Finding("account_altered", detail, where)
        is_withdrawn = row["state"] != "active"
        if is_withdrawn != (account_id in self._withdrawn):
            was = "is withdrawn, but not in the log" if is_withdrawn else "was withdrawn in the log and is in force"
            yield Finding("account_altered", f"Account {account_id} {was}.", where)
        subject = f"account {account_id} is said to be"
        yield from check_beside(f"{subject} granted", row["created_at"], granted_at, where)
        if is_withdrawn and account_id in self._withdrawn:
            yield from check_beside(f"{subject} withdrawn", row["withdrawn_at"], self._withdrawn[account_id], where)
