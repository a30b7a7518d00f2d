"""Accounts in PostgreSQL: each grant and withdrawal is an event in the same transaction, and ends what API workers remember.

An account's id follows from its subject by a keyed hash, so events can name accounts without naming people. The id of a subject
without an account is made the same way: what it did as an applicant stays its own when it is granted an account.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.dialects.postgresql import insert

from ledger.adapters.sql import outbox
from ledger.adapters.sql.access_evidence import network_facts
from ledger.adapters.sql.access_tables import accounts
from ledger.domain.accounts import ACTIVE, WITHDRAWN
from ledger.domain.participant import KIND as PARTICIPANT
from ledger.domain.participant import LEFT
from ledger.errors import ConflictError
from ledger.services.accounts import Account, WantedAccount
from ledger.services.preparation import Preparer

GRANTED_TYPE: Final = "org.cityledger.access.granted.v1"
WITHDRAWN_TYPE: Final = "org.cityledger.access.withdrawn.v1"

_COLUMNS: Final = (
    "account_id, participant, issuer, subject, level, roles, sm2_keys, signs_requests, state, created_at, withdrawn_at"
)


def account_id_of(preparer: Preparer, issuer: str, subject: str) -> str:
    """The id of a subject's first account, and of the subject while it has none."""
    return f"acc-{preparer.subject_mac(issuer, subject)[:16].hex()}"


def grant_facts(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """What the log says of a grant: everything that decides what the account may do. The subject is in the id, hashed."""
    return {
        "account_id": row["account_id"],
        "participant": row["participant"],
        "issuer": row["issuer"],
        "level": row["level"],
        "roles": list(row["roles"]),
        "sm2_keys": list(row["sm2_keys"]),
        "signs_requests": row["signs_requests"],
    }


class SqlAccounts:
    """``ledger.services.accounts.Accounts`` in the caller's transaction.

    Args:
        connection: in a transaction.
        preparer: of the log.
        network: address from which the request came; events have its keyed hash.
    """

    def __init__(self, connection: Connection, preparer: Preparer, network: str | None = None) -> None:
        self._connection = connection
        self._preparer = preparer
        self._network = network_facts(preparer, network)

    def add(self, wanted: WantedAccount, by: str) -> Account:
        """See the port."""
        now = self._preparer.clock.now()
        row = {
            "account_id": self._new_id(wanted),
            "participant": wanted.participant,
            "issuer": wanted.issuer,
            "subject": wanted.subject,
            "level": wanted.level,
            "roles": sorted(wanted.roles),
            "sm2_keys": [key.hex() for key in wanted.sm2_keys],
            "signs_requests": wanted.signs_requests,
            "state": ACTIVE,
            "created_at": now,
            "withdrawn_at": None,
        }
        facts = grant_facts(row) | {"by": by} | self._network
        number = outbox.add(self._connection, self._preparer, GRANTED_TYPE, facts)
        statement = insert(accounts).values(**row, outbox_number=number).on_conflict_do_nothing()
        if self._connection.execute(statement.returning(accounts.c.account_id)).scalar() is None:
            raise ConflictError("This subject has an account in force; withdraw it first. Nothing was written.")
        bump_epoch(self._connection)
        return _account(row)

    def has_left(self, participant: str) -> bool:
        """See the port."""
        query = text("SELECT state = :left FROM objects WHERE kind = :kind AND object_id = :participant FOR SHARE")
        values = {"left": LEFT, "kind": PARTICIPANT, "participant": participant}
        return bool(self._connection.execute(query, values).scalar())

    def find(self, account_id: str) -> Account | None:
        """See the port."""
        return _one(self._connection, "account_id = :account_id FOR UPDATE", {"account_id": account_id})

    def withdraw(self, account: Account, by: str) -> Account:
        """See the port."""
        now = self._preparer.clock.now()
        facts = {"account_id": account.account_id, "by": by} | self._network
        outbox.add(self._connection, self._preparer, WITHDRAWN_TYPE, facts)
        self._connection.execute(
            text("UPDATE accounts SET state = :state, withdrawn_at = :now WHERE account_id = :account_id"),
            {"state": WITHDRAWN, "now": now, "account_id": account.account_id},
        )
        bump_epoch(self._connection)
        found = find_account(self._connection, account.account_id)
        assert found is not None
        return found

    def withdraw_all(self, participant: str, by: str) -> tuple[str, ...]:
        """Withdraws every account of a body that is in force; returns their names."""
        query = text(
            f"SELECT {_COLUMNS} FROM accounts WHERE participant = :participant AND state = :state ORDER BY account_id FOR UPDATE"  # noqa: S608 - constants
        )
        found = self._connection.execute(query, {"participant": participant, "state": ACTIVE}).mappings()
        return tuple(self.withdraw(_account(row), by).account_id for row in found.all())

    def list_of(self, participant: str | None, *, after: str, limit: int) -> Sequence[Account]:
        """See the port."""
        whose = "" if participant is None else "participant = :participant AND "
        query = f"SELECT {_COLUMNS} FROM accounts WHERE {whose} account_id > :after ORDER BY account_id LIMIT :limit"  # noqa: S608 - constants
        values = {"participant": participant, "after": after, "limit": limit}
        return [_account(row) for row in self._connection.execute(text(query), values).mappings()]

    def _new_id(self, wanted: WantedAccount) -> str:
        # A second account of one subject comes after the first was withdrawn, and must not be taken for it.
        first = account_id_of(self._preparer, wanted.issuer, wanted.subject)
        earlier = self._connection.execute(
            text("SELECT count(*) FROM accounts WHERE issuer = :issuer AND subject = :subject"),
            {"issuer": wanted.issuer, "subject": wanted.subject},
        ).scalar_one()
        return first if earlier == 0 else f"{first}-{earlier + 1}"


def account_of_subject(connection: Connection, issuer: str, subject: str) -> Account | None:
    """The subject's account in force; else its last one, withdrawn; None when it never had one."""
    condition = "issuer = :issuer AND subject = :subject ORDER BY (state = 'active') DESC, created_at DESC LIMIT 1"
    return _one(connection, condition, {"issuer": issuer, "subject": subject})


def find_account(connection: Connection, account_id: str) -> Account | None:
    """The account of that id."""
    return _one(connection, "account_id = :account_id", {"account_id": account_id})


def submitters_of(connection: Connection, account: Account) -> frozenset[str]:
    """The submitter codes of the API keys that act for the account, or for another account of its body."""
    query = text(
        "SELECT DISTINCT k.submitter FROM api_keys k JOIN accounts a ON a.account_id = k.account_id "
        "WHERE a.account_id = :account_id OR a.participant = :participant"
    )
    values = {"account_id": account.account_id, "participant": account.participant}
    return frozenset(connection.execute(query, values).scalars())


def bump_epoch(connection: Connection) -> None:
    """Makes every API worker forget the keys and accounts that it remembers, from the commit of this transaction on."""
    connection.execute(text("UPDATE keys_epoch SET version = version + 1"))


def _one(connection: Connection, condition: str, values: dict[str, str]) -> Account | None:
    query = text(f"SELECT {_COLUMNS} FROM accounts WHERE {condition}")  # noqa: S608 - constants
    row = connection.execute(query, values).mappings().one_or_none()
    return None if row is None else _account(row)


def _account(row: Mapping[str, Any] | RowMapping) -> Account:
    withdrawn_at: datetime | None = row["withdrawn_at"]
    return Account(
        account_id=row["account_id"],
        participant=row["participant"],
        issuer=row["issuer"],
        subject=row["subject"],
        level=row["level"],
        roles=tuple(row["roles"]),
        sm2_keys=tuple(bytes.fromhex(key) for key in row["sm2_keys"]),
        signs_requests=row["signs_requests"],
        state=row["state"],
        created_at=row["created_at"],
        withdrawn_at=withdrawn_at,
    )
