"""What a use case of the business flow works with: who acts, the objects it changes, and what goes with the change.

A use case is a function of a unit of work and its arguments. It changes one object by one act of its transition table, records one
evidence event, and where the design says so asks for one contract call; all of it is one transaction, so a crash leaves all or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from ledger.bundle.catalog_feed import FeedPosition
from ledger.domain.chain_counts import Followed
from ledger.domain.roles import READERS_OF_ALL
from ledger.domain.typed_acts import Act, Domain

if TYPE_CHECKING:
    from ledger.services.acts import ActSignature
    from ledger.services.token_quotas import TokenQuotas


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting.

    Args:
        account_id: the account, or the API key, that was authenticated.
        participant: subject code of the participant that it belongs to; None for an applicant and for keys of the operator's making.
        roles: what it may act as (design section 6).
        level: account level inside the organisation: ``admin``, ``handler`` or ``viewer``.
    """

    account_id: str
    participant: str | None
    roles: frozenset[str]
    level: str = "admin"

    @property
    def reads_all(self) -> bool:
        """Whether it sees every object."""
        return bool(self.roles & READERS_OF_ALL)

    def may_see(self, parties: tuple[str, ...]) -> bool:
        """Whether it sees an object of these parties. An account is a party too, so that an applicant sees its application."""
        return self.reads_all or self.participant in parties or self.account_id in parties


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One business object as it is now.

    Args:
        kind: for example ``participant``.
        object_id: lasting name, unique in its kind.
        revision: 1 and on; the ETag of its answers.
        state: of the kind's transition table.
        parties: who sees it: subject codes of participants, or account ids; the first is its owner.
        document: its content as JSON; no personal data, those are in ``UnitOfWork.private``.
        created_at: when it was made.
        changed_at: when this revision was made.
    """

    kind: str
    object_id: str
    revision: int
    state: str
    parties: tuple[str, ...]
    document: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime


def salt_of_ids(stored: StoredObject) -> bytes:
    """What the ids and digests of an object whose document has a salt are made with, 32 bytes."""
    return bytes.fromhex(stored.document["salt"])


class UnitOfWork(Protocol):
    """One transaction of one actor. Nothing of it is visible to anybody else until the use case has returned."""

    @property
    def now(self) -> datetime:
        """The time of the transaction, UTC; the same all through it."""
        ...

    @property
    def actor(self) -> Actor:
        """Who is acting."""
        ...

    @property
    def quotas(self) -> "TokenQuotas":
        """The counters of usage tokens, in this transaction."""
        ...

    def create(
        self, kind: str, object_id: str, *, state: str, parties: tuple[str, ...], document: Mapping[str, Any], act: str
    ) -> StoredObject:
        """Makes an object, revision 1. Raises ``ConflictError`` when there is one of that name."""
        ...

    def get(self, kind: str, object_id: str) -> StoredObject:
        """The object, locked until the end of the transaction.

        Raises ``NotFoundError`` when there is none, or none that the actor may see: that it exists is not its business.
        """
        ...

    def find(self, kind: str, object_id: str) -> StoredObject | None:
        """The object whoever may see it, locked; None when there is none. For rules that concern others' objects."""
        ...

    def peek(self, kind: str, object_id: str) -> StoredObject | None:
        """As ``find``, not locked: for what is only read, and may be another in the next moment."""
        ...

    def hold(self, name: str) -> None:
        """Has whoever else holds this name wait until the transaction ends: for rules that count objects which nobody made yet.

        To be called before any object is locked.
        """
        ...

    def owned(self, kind: str, owner: str, *, states: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Names of the objects of this owner (first of their parties), in these states if any are named; sorted, not locked."""
        ...

    def change(
        self,
        stored: StoredObject,
        *,
        act: str,
        state: str | None = None,
        document: Mapping[str, Any] | None = None,
        parties: tuple[str, ...] | None = None,
    ) -> StoredObject:
        """Makes the next revision; what is not given stays. The revision before is kept as history.

        Raises ``RevisionMismatchError`` when ``stored`` is not the newest revision.
        """
        ...

    def expect_revision(self, stored: StoredObject) -> None:
        """Holds the revision that the caller named (If-Match) against the object that is about to be changed.

        Raises ``PreconditionRequiredError`` when it named none, ``RevisionMismatchError`` when it is another.
        """
        ...

    def put_private(self, stored: StoredObject, content: Mapping[str, Any]) -> None:
        """Seals personal data of an object under keys outside the database; replaces what was there."""
        ...

    def private(self, stored: StoredObject) -> dict[str, Any]:
        """What ``put_private`` sealed; empty when nothing was. Raises ``SealBrokenError`` when the key is gone."""
        ...

    def record(self, event_type: str, data: Mapping[str, Any], *, subject: str | None = None) -> int:
        """Writes one evidence event into the outbox; returns its number. ``data`` holds ids and digests, never personal data."""
        ...

    def publish_to_catalog(self, entry: Mapping[str, Any]) -> FeedPosition:
        """Has the catalog show a product so from the commit on; ``ledger.services.catalog.entry_value`` says in which form.

        Returns the place of this change in the catalog's feed, which the step's event names (``product_catalog.feed_facts``).
        """
        ...

    def remove_from_catalog(self, product_code: str, reason: str) -> FeedPosition | None:
        """Takes a product out of the catalog; nothing happens when it is not there. Returns the place in the feed, as above."""
        ...

    def offers(self, *, choices: Mapping[str, tuple[str, ...]], text: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """Listed entries of the catalog with these facet values and the terms of this text, newest first."""
        ...

    def domain_of(self, contract: str) -> Domain:
        """The EIP-712 domain of a contract of the suite. Raises ``UnavailableError`` when this service works with none."""
        ...

    def withdraw_accounts(self, participant: str) -> tuple[str, ...]:
        """Takes every account of a body out of force, each with its evidence; returns their names.

        To be called after all changes of objects: the evidence comes after their locks.
        """
        ...

    def followed_changes(self, contract: str, kinds: Sequence[str], object_id: str) -> Followed:
        """What the followed events of a contract changed in the objects of these kinds that are called so, or ``<object_id>/...``.

        Nothing when this service works with no contract suite.
        """
        ...

    def call_chain(
        self,
        stored: StoredObject,
        *,
        step: str,
        act: Act,
        function: str,
        signatures: Mapping[str, "Sequence[ActSignature]"],
        arguments: Mapping[str, bytes] | None = None,
    ) -> int:
        """Asks for the contract call of a signed act; returns its number.

        The anchor service sends it. When it is final, or refused, ``ledger.services.steps`` completes the step named here.

        Args:
            stored: the act's object.
            step: what is completed.
            act: what was signed.
            function: of its contract.
            signatures: the function's parameter -> the signatures that it takes.
            arguments: the function's parameter -> what it takes, where the act does not say it.
        """
        ...

    def set_deadline(self, stored: StoredObject, duty: str, due_at: datetime, *, may_move_on: bool = True) -> None:
        """States by when a duty is to be done.

        Once per object and duty: a second call moves one that is open and begins anew one that was met. One that is breached stays so
        until it is met. Unless it ``may_move_on`` an open one only comes sooner, so that nobody puts a duty off by making it again.
        """
        ...

    def meet_deadline(self, stored: StoredObject, duty: str) -> None:
        """Says that the duty is done. One that is breached already stays so; one that was never set is no error."""
        ...
