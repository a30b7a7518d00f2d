"""The authorisation platform's books in one PostgreSQL transaction (``ledger.services.platform_ports.Books`` says what each part does)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, func, text, update
from sqlalchemy.dialects.postgresql import insert

from ledger.adapters.platform.rows import ACT_COLUMNS, DIFFERENCE_COLUMNS, act_of, changing, difference_of
from ledger.adapters.platform.tables import acts, copies, copy_revisions, differences, positions
from ledger.adapters.sql.engine import database_errors
from ledger.domain.platform_act import ActExistsError
from ledger.domain.platform_books import Original, Shown, spent_of
from ledger.domain.platform_comparison import Cause
from ledger.domain.platform_differences import Difference
from ledger.errors import IntegrityError
from ledger.log.canonical import encode_jcs
from ledger.services.platform_ports import Act, Position
from ledger.services.ports import Clock, SealedBody, Sealer

_DIGEST: Final = b"cityledger/v1/platform-copy\n"
_IDENTITY: Final = b"cityledger/v1/platform-act\n"


class SqlBooks:
    """One transaction.

    Args:
        connection: inside a transaction that the caller commits.
        sealer: of usage tokens' texts.
        clock: of the transaction's time.
    """

    def __init__(self, connection: Connection, sealer: Sealer, clock: Clock) -> None:
        self.connection = connection
        self._sealer = sealer
        self._now = clock.now()

    @property
    def now(self) -> datetime:
        """See the port."""
        return self._now

    def copy_of(self, kind: str, object_id: str) -> Shown | None:
        """See the port."""
        row = self._row(
            "SELECT r.revision, r.state, r.document FROM copies c JOIN copy_revisions r USING (kind, object_id, revision) "
            "WHERE kind = :kind AND object_id = :object_id",
            kind,
            object_id,
        )
        return None if row is None else Shown(kind, object_id, row["revision"], row["state"], row["document"])

    def spent_before(self, kind: str, object_id: str) -> int | None:
        """See the port."""
        row = self._row("SELECT spent FROM copies WHERE kind = :kind AND object_id = :object_id", kind, object_id)
        return None if row is None else row["spent"]

    def note_seen(self, shown: Shown) -> None:
        """See the port."""
        self.connection.execute(
            text(
                "UPDATE copies SET last_seen = :now, spent = greatest(spent, :spent) WHERE kind = :kind AND object_id = :object_id"
            ),
            {"kind": shown.kind, "object_id": shown.object_id, "now": self._now, "spent": spent_of(shown)},
        )

    def keep_copy(self, shown: Shown) -> None:
        """See the port."""
        names = {"kind": shown.kind, "object_id": shown.object_id}
        seen = {
            "revision": shown.revision,
            "first_seen": self._now,
            "last_seen": self._now,
            "spent": spent_of(shown),
        }
        made = insert(copies).values(**names, **seen)
        # the row is locked from here on, so that two looks at one object queue
        self.connection.execute(
            made.on_conflict_do_update(
                index_elements=["kind", "object_id"],
                set_={
                    "last_seen": made.excluded.last_seen,
                    "spent": func.greatest(copies.c.spent, made.excluded.spent),
                },
            )
        )
        kept = {
            "revision": shown.revision,
            "state": shown.state,
            "digest": copy_digest(shown),
            "document": dict(shown.document),
            "seen_at": self._now,
        }
        self.connection.execute(insert(copy_revisions).values(**names, **kept).on_conflict_do_nothing())
        self.connection.execute(
            text(
                "UPDATE copies SET revision = :revision WHERE kind = :kind AND object_id = :object_id AND revision < :revision"
            ),
            {**names, "revision": shown.revision},
        )

    def unseen_since(self, kind: str, moment: datetime, after: str, limit: int) -> Sequence[str]:
        """See the port."""
        query = text(
            "SELECT object_id FROM ("
            " SELECT object_id FROM copies WHERE kind = :kind AND last_seen < :moment"
            " UNION SELECT a.object_id FROM acts a LEFT JOIN copies c USING (kind, object_id)"
            "  WHERE a.kind = :kind AND a.state <> 'refused' AND c.object_id IS NULL"
            " UNION SELECT d.object_id FROM differences d LEFT JOIN copies c USING (kind, object_id)"
            "  WHERE d.kind = :kind AND d.ended_at IS NULL AND c.object_id IS NULL"
            ") unseen WHERE object_id > :after ORDER BY object_id LIMIT :limit"
        )
        values = {"kind": kind, "moment": moment, "after": after, "limit": limit}
        return list(self.connection.execute(query, values).scalars())

    def originals(self, kind: str, object_id: str) -> Sequence[Original]:
        """See the port."""
        rows = self._rows(
            "SELECT act, instance, state, revision, facts FROM acts WHERE kind = :kind AND object_id = :object_id "
            "AND state <> 'refused' ORDER BY number",
            kind,
            object_id,
        )
        return [
            Original(row["act"], row["state"] == "acknowledged", row["revision"], row["facts"], row["instance"])
            for row in rows
        ]

    def differences(self, kind: str, object_id: str) -> Mapping[Cause, Difference]:
        """See the port."""
        rows = self._rows(
            f"SELECT {DIFFERENCE_COLUMNS} FROM differences "  # noqa: S608  columns of our own
            "WHERE kind = :kind AND object_id = :object_id AND ended_at IS NULL",
            kind,
            object_id,
        )
        return {one.cause: one for one in map(difference_of, rows)}

    def differing(self, kind: str, limit: int) -> Sequence[str]:
        """See the port."""
        query = text(
            "SELECT object_id FROM differences WHERE kind = :kind AND ended_at IS NULL "
            "GROUP BY object_id ORDER BY min(last_seen), object_id LIMIT :limit"
        )
        return list(self.connection.execute(query, {"kind": kind, "limit": limit}).scalars())

    def write_difference(self, difference: Difference) -> None:
        """See the port."""
        finding = difference.finding
        seen = {
            "owner": str(finding.owner),
            "fields": list(finding.fields),
            "here": finding.here,
            "there": finding.there,
            "last_seen": difference.last_seen,
            "ended_at": difference.ended_at,
        }
        names = {"kind": difference.kind, "object_id": difference.object_id, "cause": str(finding.cause)}
        open_one = [differences.c[name] == value for name, value in names.items()]
        done = self.connection.execute(
            update(differences).where(*open_one, differences.c.ended_at.is_(None)).values(seen)
        )
        if done.rowcount == 0:
            self.connection.execute(insert(differences).values(**names, **seen, first_seen=difference.first_seen))

    def position(self, kind: str) -> Position:
        """See the port."""
        row = self.connection.execute(
            text(
                "SELECT kind, cursor, sweep_started_at, swept_at, succeeded_at, failure, changed_until FROM positions WHERE kind = :kind"
            ),
            {"kind": kind},
        ).one_or_none()
        return Position(kind) if row is None else Position(*row)

    def set_position(self, position: Position) -> None:
        """See the port."""
        values = asdict(position)
        statement = insert(positions).values(values)
        self.connection.execute(statement.on_conflict_do_update(index_elements=["kind"], set_=values))

    def add_act(self, act: Act, text_of_token: str | None = None) -> None:
        """See the port."""
        sealed: dict[str, Any] = {}
        if text_of_token is not None:
            body = self._sealer.seal(_identity(act.act_id), self._now, text_of_token.encode())
            sealed = {"sealed_month": body.month, "sealed_generation": body.generation, "sealed_text": body.blob}
        values = {
            "act_id": act.act_id,
            "act": act.act,
            "kind": act.kind,
            "object_id": act.object_id,
            "instance": act.instance,
            "request": dict(act.request),
            "account": act.account,
            "created_at": act.created_at,
            **changing(act),
            **sealed,
        }
        made = insert(acts).values(values).on_conflict_do_nothing().returning(acts.c.number)
        if self.connection.execute(made).scalar() is None:
            raise ActExistsError(f"This was done already, or is under way ({act.act}). Nothing was written.")

    def change_act(self, act: Act) -> None:
        """See the port."""
        self.connection.execute(update(acts).where(acts.c.act_id == act.act_id).values(changing(act)))

    def next_act(self) -> tuple[Act, str | None] | None:
        """See the port."""
        row = (
            self.connection.execute(
                text(
                    f"SELECT {ACT_COLUMNS}, sealed_month, sealed_generation, sealed_text FROM acts "  # noqa: S608  columns of our own
                    "WHERE state = 'intended' ORDER BY number LIMIT 1"
                )
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            return None
        if row["sealed_text"] is None:
            return act_of(row), None
        sealed = SealedBody(row["sealed_month"], row["sealed_generation"], row["sealed_text"])
        return act_of(row), self._sealer.unseal(_identity(row["act_id"]), sealed).decode()

    def _row(self, query: str, kind: str, object_id: str) -> RowMapping | None:
        found = self.connection.execute(text(query), {"kind": kind, "object_id": object_id})
        return found.mappings().one_or_none()

    def _rows(self, query: str, kind: str, object_id: str) -> Sequence[RowMapping]:
        return self.connection.execute(text(query), {"kind": kind, "object_id": object_id}).mappings().all()


class SqlBooksOpener:
    """Transactions on one database.

    Args:
        engine: of this platform's own database.
        sealer: of usage tokens' texts.
        clock: wall clock.
    """

    def __init__(self, engine: Engine, sealer: Sealer, clock: Clock) -> None:
        self._engine, self._sealer, self._clock = engine, sealer, clock

    @contextmanager
    def __call__(self) -> Iterator[SqlBooks]:
        """See the port."""
        with database_errors(), self._engine.begin() as connection:
            yield SqlBooks(connection, self._sealer, self._clock)


def claim_book(connection: Connection, owner: str) -> None:
    """Makes the database this body's, once.

    Raises:
        IntegrityError: it is another body's.
    """
    connection.execute(
        text("INSERT INTO book (one, owner) VALUES (1, :owner) ON CONFLICT DO NOTHING"), {"owner": owner}
    )
    found = connection.execute(text("SELECT owner FROM book")).scalar_one()
    if found != owner:
        raise IntegrityError(
            f"This database holds the books of {found}, and this platform is {owner}. Nothing was written."
        )


def copy_digest(shown: Shown) -> bytes:
    """SHA-256 of an object as it was shown, in canonical JSON."""
    return sha256(_DIGEST + encode_jcs({"kind": shown.kind, "document": dict(shown.document)})).digest()


def _identity(act_id: str) -> bytes:
    return sha256(_IDENTITY + act_id.encode()).digest()
