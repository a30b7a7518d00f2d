"""Rows of contract calls: what was asked for, the signed transaction that carries it, and where that stands.

Everything here runs inside the caller's transaction. A call has one transaction at a time, in its own row; one that can never be mined
any more is set aside in ``chain_call_attempts`` and is still asked about, because a chain may change its mind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

STATES = ("queued", "staged", "submitted", "mined", "final", "refused")
"""See ``anchor.call_state``."""

WAITING = ("queued", "staged", "submitted", "mined")
"""States in which a call is not decided yet."""

_COLUMNS = (
    "call_id, object_id, step, contract, address, call_data, state, sender, nonce, raw_transaction, tx_hash, "
    "block_number, block_hash, reason"
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A signed transaction: sender 20 bytes, hash 32 bytes, raw bytes as they are broadcast."""

    sender: bytes
    nonce: int
    raw: bytes
    tx_hash: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One contract call.

    Args:
        call_id: its number; calls are sent in this order.
        object_id: the act that asked for it.
        step: what is completed by it.
        contract: name of the contract.
        address: of the contract, 20 bytes.
        call_data: what it is called with.
        state: see ``anchor.call_state``.
        transaction: that carries it, from ``staged`` on.
        block_number: height of the block that holds the transaction, from ``mined`` on.
        block_hash: of that block, 32 bytes.
        reason: why it failed; of a mined call, why it will be refused.
    """

    call_id: int
    object_id: str
    step: str
    contract: str
    address: bytes
    call_data: bytes
    state: str
    transaction: Transaction | None
    block_number: int | None
    block_hash: bytes | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many calls are not decided yet, by state, and since when the oldest waits."""

    by_state: dict[str, int]
    since: datetime | None

    @property
    def count(self) -> int:
        """Of all states."""
        return sum(self.by_state.values())


def calls_in(connection: Connection, *states: str) -> list[Call]:
    """The calls in these states, in the order of their numbers."""
    query = text(f"SELECT {_COLUMNS} FROM chain_calls WHERE {_in(states)} ORDER BY call_id")  # noqa: S608  names of this module
    return [_call(row) for row in connection.execute(query)]


def next_queued(connection: Connection, *, after: int = 0) -> Call | None:
    """The call whose turn it is, among those behind the one of this number."""
    query = text(
        f"SELECT {_COLUMNS} FROM chain_calls WHERE state = 'queued' AND call_id > :after ORDER BY call_id LIMIT 1"  # noqa: S608  as above
    )
    row = connection.execute(query, {"after": after}).one_or_none()
    return None if row is None else _call(row)


def newest_block(connection: Connection) -> tuple[int, bytes] | None:
    """Height and hash of the newest block that holds a transaction of ours."""
    query = text(
        "SELECT block_number, block_hash FROM chain_calls WHERE block_number IS NOT NULL ORDER BY block_number DESC LIMIT 1"
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (int(row[0]), bytes(row[1]))


def calls_of_block(connection: Connection, block_number: int) -> list[Call]:
    """The calls whose transactions stand at this height, in the order of their numbers."""
    query = text(f"SELECT {_COLUMNS} FROM chain_calls WHERE block_number = :number ORDER BY call_id")  # noqa: S608  as above
    return [_call(row) for row in connection.execute(query, {"number": block_number})]


def nonces_from(connection: Connection, sender: bytes, first: int) -> set[int]:
    """The nonces from ``first`` on that transactions of calls hold which are mined or may be."""
    query = text(
        "SELECT nonce FROM chain_calls WHERE sender = :sender AND nonce >= :first "
        "AND state IN ('staged', 'submitted', 'mined', 'final')"
    )
    return set(connection.execute(query, {"sender": sender, "first": first}).scalars())


def set_aside_transactions(connection: Connection, call_id: int) -> list[Transaction]:
    """The earlier transactions of a call, the newest first."""
    query = text(
        "SELECT sender, nonce, raw_transaction, tx_hash FROM chain_call_attempts WHERE call_id = :call_id "
        "ORDER BY set_aside_at DESC, nonce DESC"
    )
    rows = connection.execute(query, {"call_id": call_id})
    return [Transaction(bytes(row[0]), int(row[1]), bytes(row[2]), bytes(row[3])) for row in rows]


def is_hash_of_another(connection: Connection, tx_hash: bytes, call_id: int) -> bool:
    """Whether another call has, or had, the transaction of this hash."""
    query = text(
        "SELECT 1 FROM chain_calls WHERE tx_hash = :hash AND call_id <> :call_id "
        "UNION ALL SELECT 1 FROM chain_call_attempts WHERE tx_hash = :hash AND call_id <> :call_id LIMIT 1"
    )
    return connection.execute(query, {"hash": tx_hash, "call_id": call_id}).scalar() is not None


def carry(connection: Connection, call_id: int, transaction: Transaction, state: str, at: datetime) -> None:
    """Gives a call that has no transaction this one."""
    connection.execute(
        text("DELETE FROM chain_call_attempts WHERE tx_hash = :tx_hash"), {"tx_hash": transaction.tx_hash}
    )
    connection.execute(
        text(
            "UPDATE chain_calls SET state = :state, sender = :sender, nonce = :nonce, raw_transaction = :raw, "
            "tx_hash = :tx_hash, changed_at = :at WHERE call_id = :call_id AND tx_hash IS NULL"
        ),
        {
            "state": state,
            "sender": transaction.sender,
            "nonce": transaction.nonce,
            "raw": transaction.raw,
            "tx_hash": transaction.tx_hash,
            "at": at,
            "call_id": call_id,
        },
    )


def set_aside(connection: Connection, call: Call, at: datetime) -> None:
    """Takes a call's transaction from it: it is queued again, and the transaction is kept to be asked about."""
    connection.execute(
        text(
            "INSERT INTO chain_call_attempts (tx_hash, call_id, sender, nonce, raw_transaction, set_aside_at) "
            "SELECT tx_hash, call_id, sender, nonce, raw_transaction, :at FROM chain_calls WHERE call_id = :call_id"
        ),
        {"call_id": call.call_id, "at": at},
    )
    connection.execute(
        text(
            "UPDATE chain_calls SET state = 'queued', sender = NULL, nonce = NULL, raw_transaction = NULL, tx_hash = NULL, "
            "block_number = NULL, block_hash = NULL, reason = NULL, changed_at = :at WHERE call_id = :call_id"
        ),
        {"call_id": call.call_id, "at": at},
    )


def set_state(
    connection: Connection,
    call: Call,
    state: str,
    at: datetime,
    *,
    block: tuple[int, bytes] | None = None,
    reason: str | None = None,
) -> None:
    """Sets state, block (number and hash; none when not given) and reason."""
    number, block_hash = block or (None, None)
    connection.execute(
        text(
            "UPDATE chain_calls SET state = :state, block_number = :number, block_hash = :block_hash, reason = :reason, "
            "changed_at = :at WHERE call_id = :call_id"
        ),
        {
            "state": state,
            "number": number,
            "block_hash": block_hash,
            "reason": reason,
            "at": at,
            "call_id": call.call_id,
        },
    )


def waiting(connection: Connection) -> Waiting:
    """What is not decided yet."""
    query = text(f"SELECT state, count(*), min(created_at) FROM chain_calls WHERE {_in(WAITING)} GROUP BY state")  # noqa: S608  as above
    rows = connection.execute(query).all()
    counts = dict.fromkeys(WAITING, 0) | {row[0]: int(row[1]) for row in rows}
    return Waiting(counts, min((row[2] for row in rows), default=None))


def steps_in_use(connection: Connection) -> set[str]:
    """The steps that undecided calls, and acts that may still become calls, name."""
    query = text(
        f"SELECT step FROM chain_calls WHERE {_in(WAITING)} "  # noqa: S608  as above
        "UNION SELECT document->>'step' FROM objects WHERE kind = 'act' AND state IN ('open', 'calling')"
    )
    return set(connection.execute(query).scalars())


def unknown_steps(connection: Connection, registered: Iterable[str]) -> list[str]:
    """Those of ``steps_in_use`` that nobody registered, sorted."""
    return sorted(steps_in_use(connection) - set(registered))


def _in(states: Iterable[str]) -> str:
    """As words of the query and not as values, so that the index of undecided calls serves it."""
    return f"state IN ({', '.join(repr(str(state)) for state in states if state in STATES)})"


def _call(row: Row[Any]) -> Call:
    signed = None
    if row.tx_hash is not None:
        signed = Transaction(row.sender, row.nonce, row.raw_transaction, row.tx_hash)
    asked = (row.call_id, row.object_id, row.step, row.contract, row.address, row.call_data, row.state)
    return Call(*asked, signed, row.block_number, row.block_hash, row.reason)
