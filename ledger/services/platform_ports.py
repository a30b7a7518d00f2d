"""What the authorisation platform's use cases need from the world: its own books, the other platform, and the chain."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ledger.domain.platform_books import Original, Shown
from ledger.domain.platform_comparison import Cause, OnChain
from ledger.domain.platform_differences import Difference


@dataclass(frozen=True, slots=True)
class Act:
    """One act of this platform at the other one.

    Args:
        act_id: drawn here; also the Idempotency-Key with which it is sent, however often.
        act: one of the names in ``ledger.domain.platform_books``.
        kind: of the object on which the other platform shows it.
        object_id: of that object.
        request: what is asked for, as JSON; a usage token's text is sealed apart from it.
        state: of ``ACT_LIFE``.
        revision: of the object, as acknowledged; 0 before that.
        facts: pointer -> value that the object shows from then on.
        problem: code and detail of the refusal; None unless refused.
        account: who asked for it.
        created_at: when it was written down.
        changed_at: when its state last changed.
        attempts: how often it was sent in vain.
        last_error: why the last attempt failed.
        instance: which one, of acts that are done to an object more than once: a widening's number, else the revision it was decided on.
    """

    act_id: str
    act: str
    kind: str
    object_id: str
    request: Mapping[str, Any]
    state: str
    revision: int
    facts: Mapping[str, Any]
    problem: tuple[str, str] | None
    account: str
    created_at: datetime
    changed_at: datetime
    attempts: int = 0
    last_error: str | None = None
    instance: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """How far the copies of one kind are.

    Args:
        kind: of objects.
        cursor: of the next page of the sweep that is under way; None at its beginning.
        sweep_started_at: when that sweep began; None before the first.
        swept_at: when the last whole sweep ended.
        succeeded_at: when the other platform was read last.
        failure: why it could not be read since; None while it can.
        changed_until: up to when changes were read, by the other platform's time; None before the first.
    """

    kind: str
    cursor: str | None = None
    sweep_started_at: datetime | None = None
    swept_at: datetime | None = None
    succeeded_at: datetime | None = None
    failure: str | None = None
    changed_until: datetime | None = None


class Books(Protocol):
    """This platform's own books, in one transaction. Nothing of it is visible to others until it is committed."""

    @property
    def now(self) -> datetime:
        """The time of the transaction, UTC."""
        ...

    def copy_of(self, kind: str, object_id: str) -> Shown | None:
        """What was seen first under the highest revision that was kept."""
        ...

    def spent_before(self, kind: str, object_id: str) -> int | None:
        """The most that was ever shown as spent of a usage token; None for nothing."""
        ...

    def note_seen(self, shown: Shown) -> None:
        """Notes that an object whose copy is here was seen now, and the most spent of it; the copy stays."""
        ...

    def keep_copy(self, shown: Shown) -> None:
        """Keeps it when its revision is above all before it, and notes in any case that the object was seen now, and the most spent of it.

        What is kept of a revision is never overwritten.
        """
        ...

    def unseen_since(self, kind: str, moment: datetime, after: str, limit: int) -> Sequence[str]:
        """Names, sorted and behind ``after``, of what was not seen since: objects with a copy, an act or an open difference."""
        ...

    def originals(self, kind: str, object_id: str) -> Sequence[Original]:
        """This platform's acts on the object that were not refused, in the order in which they were written down."""
        ...

    def differences(self, kind: str, object_id: str) -> Mapping[Cause, Difference]:
        """The open differences of the object."""
        ...

    def differing(self, kind: str, limit: int) -> Sequence[str]:
        """Names of objects with open differences, those first that were looked at longest ago."""
        ...

    def write_difference(self, difference: Difference) -> None:
        """Writes an open difference, new or seen again, or notes the end of one."""
        ...

    def position(self, kind: str) -> Position:
        """How far the copies of a kind are."""
        ...

    def set_position(self, position: Position) -> None:
        """Replaces it."""
        ...

    def add_act(self, act: Act, text: str | None = None) -> None:
        """Writes an act down; ``text`` is sealed under keys outside the database.

        Raises ``ActExistsError`` when the object has this instance of such an act that was not refused.
        """
        ...

    def change_act(self, act: Act) -> None:
        """Replaces state, revision, facts, problem, attempts and last error of an act."""
        ...

    def next_act(self) -> tuple[Act, str | None] | None:
        """The oldest act that is not answered, with its sealed text; None when all are."""
        ...


class BooksOpener(Protocol):
    """Opens transactions on the books. Committed at the end of the block, rolled back when it raises."""

    def __call__(self) -> AbstractContextManager[Books]:
        """One transaction. Raises ``UnavailableError`` when the database is away; then nothing was changed."""
        ...


@dataclass(frozen=True, slots=True)
class PeerPage:
    """A page of a list of the other platform.

    Args:
        items: objects in the order of the list.
        next_cursor: of the next page; None at the end.
        is_whole: whether each is shown as it is alone; otherwise with its revision and state, and in part.
        changed_until: the last change of any of them, by the other platform's time; None for an empty page.
    """

    items: tuple[Shown, ...]
    next_cursor: str | None
    is_whole: bool = True
    changed_until: datetime | None = None


class Peer(Protocol):
    """The other platform, over HTTP. Every method raises ``UnavailableError`` when it gives no answer in time."""

    def page(self, kind: str, cursor: str | None, changed_since: datetime | None = None) -> PeerPage:
        """A page of the objects of a kind that this platform may see: in the order in which they were made, or of their last change."""
        ...

    def look(self, kind: str, object_id: str) -> Shown | None:
        """One object; None when there is none that this platform may see."""
        ...

    def send(self, act: Act, text: str | None) -> Shown:
        """Does an act there and returns the object that it changed. Sending the same act again is the same write.

        Raises ``RefusedByServiceError`` when the other platform refuses it; then nothing was changed there.
        """
        ...


class ChainBooks(Protocol):
    """The contracts, read by this platform itself and not as the other one tells it."""

    def look(self, shown: Shown) -> OnChain | None:
        """What they have of an object; None for kinds that are not on the chain, or when no node is named or answers."""
        ...
