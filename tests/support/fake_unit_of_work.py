"""A unit of work in memory, for use cases without a database; ``tests/services/test_unit_of_work.py`` holds it to the real one."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from support.fake_token_quotas import FakeTokenQuotas

from ledger.adapters.chain.act_calls import encode_act_call
from ledger.bundle.catalog_feed import PUT, REMOVED, FeedPosition, chain_digest, entry_digest
from ledger.domain.catalog_query import CatalogQuery, matches
from ledger.domain.chain_counts import Followed, FollowedChange
from ledger.domain.typed_acts import Act, Domain, keccak256
from ledger.errors import ConflictError, NotFoundError, PreconditionRequiredError, RevisionMismatchError
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.acts import ActSignature
from ledger.services.business import Actor, StoredObject
from ledger.services.catalog import entry_from_value, entry_value
from ledger.services.token_quotas import Quota

CHAIN_ID = 31337
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))


@dataclass
class Deadline:
    due_at: datetime
    met_at: datetime | None = None
    breached_at: datetime | None = None


@dataclass(frozen=True)
class Call:
    kind: str
    object_id: str
    step: str
    contract: str
    data: bytes


def contract_address(contract: str) -> bytes:
    return keccak256(contract.encode())[-20:]


@dataclass
class World:
    """What is there between two units of work."""

    objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    private: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    history: list[tuple[str, str, int, str, str]] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    deadlines: dict[tuple[str, str, str], Deadline] = field(default_factory=dict)
    catalog: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)  # in force -> body
    feed: list[dict[str, Any]] = field(default_factory=list)
    quotas: dict[str, tuple[str, Quota]] = field(default_factory=dict)  # token -> authorisation, counter
    followed_to: int | None = None
    followed: list[tuple[str, FollowedChange]] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def begin(self, actor: Actor = OPERATOR, *, revision: int | None = None) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self, actor, revision)

    def decide(self, act_id: str, refused: str | None = None) -> None:
        """The chain holds the act, or refuses it."""
        place: dict[str, Any] = {"tx_hash": b"\x01" * 32, "block_number": 7, "block_hash": b"\x02" * 32}
        with self.begin() as uow:
            if refused is None:
                steps.complete(uow, act_id, **place)
            else:
                steps.refuse(uow, act_id, refused)


class FakeUnitOfWork:
    """Changes a copy of the world; ``commit`` makes it the world."""

    def __init__(self, world: World, actor: Actor, revision: int | None) -> None:
        self._before = world
        self.world = copy.deepcopy(world)
        self._actor = actor
        self._revision = revision

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()

    def commit(self) -> None:
        self._before.__dict__.update(self.world.__dict__)

    @property
    def now(self) -> datetime:
        return self.world.now

    @property
    def actor(self) -> Actor:
        return self._actor

    @property
    def quotas(self) -> FakeTokenQuotas:
        return FakeTokenQuotas(self.world.quotas)

    def create(
        self, kind: str, object_id: str, *, state: str, parties: tuple[str, ...], document: Mapping[str, Any], act: str
    ) -> StoredObject:
        if (kind, object_id) in self.world.objects:
            raise ConflictError(f"There is already a {kind} {object_id}. Nothing was changed.")
        made = StoredObject(kind, object_id, 1, state, parties, copy.deepcopy(dict(document)), self.now, self.now)
        return self._keep(made, act)

    def get(self, kind: str, object_id: str) -> StoredObject:
        found = self.find(kind, object_id)
        if found is None or not self._actor.may_see(found.parties):
            raise NotFoundError(f"There is no such {kind}.")
        return found

    def find(self, kind: str, object_id: str) -> StoredObject | None:
        return copy.deepcopy(self.world.objects.get((kind, object_id)))

    def peek(self, kind: str, object_id: str) -> StoredObject | None:
        return self.find(kind, object_id)

    def hold(self, name: str) -> None:
        """One transaction at a time: there is nobody to wait."""

    def owned(self, kind: str, owner: str, *, states: tuple[str, ...] = ()) -> tuple[str, ...]:
        return tuple(
            sorted(
                name
                for (of, name), stored in self.world.objects.items()
                if of == kind and stored.parties[:1] == (owner,) and (not states or stored.state in states)
            )
        )

    def change(
        self,
        stored: StoredObject,
        *,
        act: str,
        state: str | None = None,
        document: Mapping[str, Any] | None = None,
        parties: tuple[str, ...] | None = None,
    ) -> StoredObject:
        present = self.world.objects[stored.kind, stored.object_id]
        if present.revision != stored.revision:
            raise RevisionMismatchError("The object was changed meanwhile; read it again. Nothing was changed.")
        changed = replace(
            stored,
            revision=stored.revision + 1,
            state=stored.state if state is None else state,
            parties=stored.parties if parties is None else parties,
            document=stored.document if document is None else copy.deepcopy(dict(document)),
            changed_at=self.now,
        )
        return self._keep(changed, act)

    def expect_revision(self, stored: StoredObject) -> None:
        if self._revision is None:
            raise PreconditionRequiredError("Say which revision this edit is based on.")
        if self._revision != stored.revision:
            raise RevisionMismatchError(f"The object is at revision {stored.revision} now.")

    def put_private(self, stored: StoredObject, content: Mapping[str, Any]) -> None:
        self.world.private[stored.kind, stored.object_id] = copy.deepcopy(dict(content))

    def private(self, stored: StoredObject) -> dict[str, Any]:
        return copy.deepcopy(self.world.private.get((stored.kind, stored.object_id), {}))

    def record(self, event_type: str, data: Mapping[str, Any], *, subject: str | None = None) -> int:
        self.world.events.append((event_type, copy.deepcopy(dict(data)), subject))
        return len(self.world.events)

    def publish_to_catalog(self, entry: Mapping[str, Any]) -> FeedPosition:
        checked = entry_value(entry_from_value(entry))
        if self.world.catalog.get(checked["product_code"]) != checked:
            self._feed(PUT, checked["product_code"], checked["version"], None, checked)
        self.world.catalog[checked["product_code"]] = checked
        [*_, row] = [row for row in self.world.feed if row["product_code"] == checked["product_code"]]
        return FeedPosition(row["sequence"], bytes.fromhex(row["chain_digest"]))

    def remove_from_catalog(self, product_code: str, reason: str) -> FeedPosition | None:
        shown = self.world.catalog.pop(product_code, None)
        return None if shown is None else self._feed(REMOVED, product_code, shown["version"], reason, None)

    def _feed(self, change: str, code: str, version: int, reason: str | None, entry: Any) -> FeedPosition:
        row = {
            "sequence": len(self.world.feed) + 1,
            "change": change,
            "product_code": code,
            "version": version,
            "reason": reason,
            "recorded_at": format_time(self.now),
            "entry_digest": None if entry is None else entry_digest(entry).hex(),
            "previous_digest": self.world.feed[-1]["chain_digest"] if self.world.feed else bytes(32).hex(),
        }
        digest = chain_digest(row)
        self.world.feed.append(row | {"chain_digest": digest.hex(), "entry": copy.deepcopy(entry)})
        return FeedPosition(len(self.world.feed), digest)

    def offers(self, *, choices: Mapping[str, tuple[str, ...]], text: str, limit: int) -> Sequence[Mapping[str, Any]]:
        query = CatalogQuery(text=text, choices=choices)
        entries = [entry_from_value(value) for value in self.world.catalog.values()]
        found = sorted((entry for entry in entries if matches(entry, query)), key=lambda entry: entry.modified)
        return [entry_value(entry) for entry in reversed(found)][:limit]

    def domain_of(self, contract: str) -> Domain:
        return Domain(contract, CHAIN_ID, contract_address(contract))

    def withdraw_accounts(self, participant: str) -> tuple[str, ...]:
        names = tuple(sorted(name for name, of in self.world.accounts.items() if of == participant))
        for name in names:
            del self.world.accounts[name]
            self.record("org.cityledger.access.withdrawn.v1", {"account_id": name, "by": self._actor.account_id})
        return names

    def followed_changes(self, contract: str, kinds: Sequence[str], object_id: str) -> Followed:
        found = [
            change
            for of, change in self.world.followed
            if of == contract and change.kind in kinds and f"{change.object_id}/".startswith(f"{object_id}/")
        ]
        changes = sorted(found, key=lambda change: (change.block_number, change.log_index))
        return Followed(self.world.followed_to, tuple(changes))

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
        data = encode_act_call(act, function, signatures, arguments)
        self.world.calls.append(Call(stored.kind, stored.object_id, step, act.CONTRACT, data))
        return len(self.world.calls)

    def set_deadline(self, stored: StoredObject, duty: str, due_at: datetime, *, may_move_on: bool = True) -> None:
        name = (stored.kind, stored.object_id, duty)
        found = self.world.deadlines.get(name)
        if found is None or found.met_at is not None:
            self.world.deadlines[name] = Deadline(due_at)
        elif found.breached_at is None:
            self.world.deadlines[name] = Deadline(due_at if may_move_on else min(due_at, found.due_at))

    def meet_deadline(self, stored: StoredObject, duty: str) -> None:
        found = self.world.deadlines.get((stored.kind, stored.object_id, duty))
        if found is not None and found.met_at is None:
            found.met_at = self.now

    def _keep(self, stored: StoredObject, act: str) -> StoredObject:
        self.world.objects[stored.kind, stored.object_id] = stored
        self.world.history.append((stored.kind, stored.object_id, stored.revision, act, stored.state))
        return copy.deepcopy(stored)
