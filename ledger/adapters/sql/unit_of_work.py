"""A unit of work in one PostgreSQL transaction (``ledger.services.business.UnitOfWork`` says what each part does).

Locks are taken in one order: object rows first, as the use case asks for them, then counters of usage tokens, then ``outbox_head`` when
it records its event. A use case that locks two objects asks in the order of (kind, object_id), so that two never wait for each other.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from ledger.adapters.chain.act_calls import encode_act_call
from ledger.adapters.sql import catalog_index, catalog_search, contract_events, outbox, sealed_parts
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.business_tables import chain_calls, object_history, objects
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.token_quotas import SqlTokenQuotas
from ledger.bundle.catalog_feed import FeedPosition
from ledger.domain.catalog_query import CatalogQuery, Sort
from ledger.domain.chain_counts import Followed
from ledger.domain.typed_acts import Act, Domain
from ledger.errors import (
    ConflictError,
    NotFoundError,
    PreconditionRequiredError,
    RevisionMismatchError,
    UnavailableError,
)
from ledger.services.acts import ActSignature
from ledger.services.business import Actor, StoredObject
from ledger.services.catalog import entry_from_value
from ledger.services.preparation import Preparer

_HELD: Final = b"cityledger/v1/held-name\n"


class SqlUnitOfWork:
    """One transaction of one actor.

    Args:
        connection: inside a transaction that the caller commits.
        preparer: of the log that the events go to.
        actor: who acts.
        contracts: name -> address of the contracts that may be called.
        revision: what the caller named as the revision that it saw; None when it named none.
    """

    def __init__(
        self,
        connection: Connection,
        preparer: Preparer,
        actor: Actor,
        *,
        contracts: Mapping[str, bytes],
        revision: int | None = None,
    ) -> None:
        self.connection = connection
        self._preparer = preparer
        self._actor = actor
        self._contracts = contracts
        self._revision = revision
        self._now = preparer.clock.now()

    @property
    def now(self) -> datetime:
        """The time of the transaction."""
        return self._now

    @property
    def actor(self) -> Actor:
        """Who is acting."""
        return self._actor

    @property
    def quotas(self) -> SqlTokenQuotas:
        """See the port."""
        return SqlTokenQuotas(self.connection)

    def create(
        self, kind: str, object_id: str, *, state: str, parties: tuple[str, ...], document: Mapping[str, Any], act: str
    ) -> StoredObject:
        """See the port."""
        made = StoredObject(kind, object_id, 1, state, parties, dict(document), self._now, self._now)
        values = {
            "kind": kind,
            "object_id": object_id,
            "revision": 1,
            "state": state,
            "parties": list(parties),
            "document": made.document,
            "created_at": self._now,
            "changed_at": self._now,
        }
        statement = insert(objects).values(**values).on_conflict_do_nothing().returning(objects.c.object_id)
        if self.connection.execute(statement).scalar() is None:
            raise ConflictError(f"There is already a {kind.replace('_', ' ')} {object_id}. Nothing was changed.")
        self._keep(made, act)
        return made

    def get(self, kind: str, object_id: str) -> StoredObject:
        """See the port."""
        found = self.find(kind, object_id)
        if found is None or not self._actor.may_see(found.parties):
            raise NotFoundError(f"There is no such {kind.replace('_', ' ')}.")
        return found

    def find(self, kind: str, object_id: str) -> StoredObject | None:
        """See the port."""
        return self._read(f"{OBJECT_QUERY} WHERE kind = :kind AND object_id = :object_id FOR UPDATE", kind, object_id)

    def peek(self, kind: str, object_id: str) -> StoredObject | None:
        """See the port."""
        return self._read(f"{OBJECT_QUERY} WHERE kind = :kind AND object_id = :object_id", kind, object_id)

    def hold(self, name: str) -> None:
        """See the port."""
        digest = hashlib.sha256(_HELD + name.encode()).digest()
        lock = int.from_bytes(digest[:8], "big", signed=True)
        self.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

    def owned(self, kind: str, owner: str, *, states: tuple[str, ...] = ()) -> tuple[str, ...]:
        """See the port."""
        # The containment is for the index; the owner is the first.
        query = "SELECT object_id FROM objects WHERE kind = :kind AND parties @> ARRAY[:owner] AND parties[1] = :owner"
        query += " AND state = ANY(:states) ORDER BY object_id" if states else " ORDER BY object_id"
        values = {"kind": kind, "owner": owner} | ({"states": list(states)} if states else {})
        return tuple(self.connection.execute(text(query), values).scalars())

    def change(
        self,
        stored: StoredObject,
        *,
        act: str,
        state: str | None = None,
        document: Mapping[str, Any] | None = None,
        parties: tuple[str, ...] | None = None,
    ) -> StoredObject:
        """See the port."""
        changed = StoredObject(
            stored.kind,
            stored.object_id,
            stored.revision + 1,
            stored.state if state is None else state,
            stored.parties if parties is None else parties,
            stored.document if document is None else dict(document),
            stored.created_at,
            self._now,
        )
        statement = text(
            "UPDATE objects SET revision = :revision, state = :state, parties = :parties, document = :document, "
            "changed_at = :changed_at WHERE kind = :kind AND object_id = :object_id AND revision = :revision - 1"
        ).bindparams(bindparam("document", type_=JSONB))
        done = self.connection.execute(
            statement,
            {
                "kind": changed.kind,
                "object_id": changed.object_id,
                "revision": changed.revision,
                "state": changed.state,
                "parties": list(changed.parties),
                "document": changed.document,
                "changed_at": self._now,
            },
        )
        if done.rowcount != 1:
            raise RevisionMismatchError("The object was changed meanwhile; read it again. Nothing was changed.")
        self._keep(changed, act)
        return changed

    def expect_revision(self, stored: StoredObject) -> None:
        """See the port."""
        if self._revision is None:
            raise PreconditionRequiredError(
                "Say which revision this edit is based on: send its ETag as If-Match. Nothing was changed."
            )
        if self._revision != stored.revision:
            raise RevisionMismatchError(
                f"The object is at revision {stored.revision} now; read it again and decide anew. Nothing was changed."
            )

    def put_private(self, stored: StoredObject, content: Mapping[str, Any]) -> None:
        """See the port."""
        sealed_parts.put(self.connection, self._preparer, stored, content, self._now)

    def private(self, stored: StoredObject) -> dict[str, Any]:
        """See the port."""
        return sealed_parts.read(self.connection, self._preparer, stored)

    def record(self, event_type: str, data: Mapping[str, Any], *, subject: str | None = None) -> int:
        """See the port."""
        return outbox.add(self.connection, self._preparer, event_type, dict(data), subject=subject)

    def publish_to_catalog(self, entry: Mapping[str, Any]) -> FeedPosition:
        """See the port."""
        return catalog_index.put(self.connection, entry_from_value(entry), at=self._now)

    def remove_from_catalog(self, product_code: str, reason: str) -> FeedPosition | None:
        """See the port."""
        if catalog_index.entry_of(self.connection, product_code) is None:
            return None
        return catalog_index.remove(self.connection, product_code, reason, at=self._now)

    def offers(self, *, choices: Mapping[str, tuple[str, ...]], text: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        query = CatalogQuery(text=text, choices=choices)
        return catalog_search.search(self.connection, query, Sort.NEWEST, limit).entries

    def domain_of(self, contract: str) -> Domain:
        """See the port."""
        return Domain(contract, self._preparer.identity.chain_id, self._address_of(contract))

    def withdraw_accounts(self, participant: str) -> tuple[str, ...]:
        """See the port."""
        return SqlAccounts(self.connection, self._preparer).withdraw_all(participant, self._actor.account_id)

    def followed_changes(self, contract: str, kinds: Sequence[str], object_id: str) -> Followed:
        """See the port."""
        address = self._contracts.get(contract)
        if address is None:
            return Followed(None, ())
        return contract_events.followed_changes(self.connection, address, kinds, object_id)

    def call_chain(
        self,
        stored: StoredObject,
        *,
        step: str,
        act: Act,
        function: str,
        signatures: Mapping[str, Sequence[ActSignature]],
        arguments: Mapping[str, bytes] | None = None,
    ) -> int:
        """See the port."""
        statement = (
            chain_calls.insert()
            .values(
                kind=stored.kind,
                object_id=stored.object_id,
                step=step,
                contract=act.CONTRACT,
                address=self._address_of(act.CONTRACT),
                call_data=encode_act_call(act, function, signatures, arguments),
                state="queued",
                created_at=self._now,
                changed_at=self._now,
            )
            .returning(chain_calls.c.call_id)
        )
        return int(self.connection.execute(statement).scalar_one())

    def set_deadline(self, stored: StoredObject, duty: str, due_at: datetime, *, may_move_on: bool = True) -> None:
        """See the port."""
        self.connection.execute(
            text(
                "INSERT INTO deadlines (kind, object_id, duty, due_at) VALUES (:kind, :object_id, :duty, :due_at) "
                "ON CONFLICT (kind, object_id, duty) DO UPDATE SET due_at = CASE WHEN :move OR deadlines.met_at IS NOT NULL "
                "THEN excluded.due_at ELSE least(deadlines.due_at, excluded.due_at) END, met_at = NULL, breached_at = NULL, "
                "outbox_number = NULL WHERE deadlines.breached_at IS NULL OR deadlines.met_at IS NOT NULL"
            ),
            {"kind": stored.kind, "object_id": stored.object_id, "duty": duty, "due_at": due_at, "move": may_move_on},
        )

    def meet_deadline(self, stored: StoredObject, duty: str) -> None:
        """See the port."""
        self.connection.execute(
            text(
                "UPDATE deadlines SET met_at = :now WHERE kind = :kind AND object_id = :object_id AND duty = :duty "
                "AND met_at IS NULL"
            ),
            {"kind": stored.kind, "object_id": stored.object_id, "duty": duty, "now": self._now},
        )

    def _read(self, query: str, kind: str, object_id: str) -> StoredObject | None:
        row = self.connection.execute(text(query), {"kind": kind, "object_id": object_id}).mappings().one_or_none()
        return None if row is None else stored_object(row)

    def _address_of(self, contract: str) -> bytes:
        address = self._contracts.get(contract)
        if address is None:
            raise UnavailableError("This service works with no contract suite, so nothing can be put on the chain.")
        return address

    def _keep(self, stored: StoredObject, act: str) -> None:
        self.connection.execute(
            object_history.insert().values(
                kind=stored.kind,
                object_id=stored.object_id,
                revision=stored.revision,
                act=act,
                state=stored.state,
                account=self._actor.account_id,
                participant=self._actor.participant,
                parties=list(stored.parties),
                document=stored.document,
                changed_at=self._now,
            )
        )
