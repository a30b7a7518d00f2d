"""The authorisation platform sweeps over what the trading platform has: page by page, over and over, resuming where it stopped.

Every object is looked at whole: held against the copy, against this platform's own acts, against its own arithmetic and against the chain.
What was read is written in one transaction with the place in the list, so a crash leaves the page read and noted, or to be read again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.bundle.agreement_digest import agreement_digest, disclosed_leaves
from ledger.domain.platform_books import AGREEMENT, Shown
from ledger.domain.platform_comparison import CHAIN_CAUSES, Cause, OnChain, compare, contradicts
from ledger.domain.platform_differences import Difference, carry_on
from ledger.errors import LedgerError, MisuseError, RefusedByServiceError, UnavailableError, VerificationError
from ledger.services.platform_ports import Books, BooksOpener, ChainBooks, Peer, PeerPage, Position

UNSEEN_AT_ONCE: Final = 100
UNREADABLE: Final = "cannot be computed"


@dataclass(frozen=True, slots=True)
class Following:
    """What following needs.

    Args:
        us: subject code of this platform.
        open_books: transactions on its books.
        peer: the other platform.
        chain: the contracts.
    """

    us: str
    open_books: BooksOpener
    peer: Peer
    chain: ChainBooks


def follow(following: Following, kind: str) -> bool:
    """Reads the next page of a kind; returns whether the sweep ended with it.

    Raises:
        UnavailableError: the own database is away. That the other platform is away, or refuses, is noted in the position instead.
    """
    with following.open_books() as books:
        position = books.position(kind)
        position = replace(position, sweep_started_at=position.sweep_started_at or books.now)
    try:
        with from_peer():
            page = following.peer.page(kind, position.cursor)
        write_looks(following, kind, whole(following, page))
        if page.next_cursor is None:
            _look_for_unseen(following, position)
    except PeerSilentError as error:
        note_silence(following, kind, error)
        return True
    with following.open_books() as books:
        is_end = page.next_cursor is None
        position = replace(position, cursor=page.next_cursor, succeeded_at=books.now, failure=None)
        books.set_position(replace(position, sweep_started_at=None, swept_at=books.now) if is_end else position)
    return is_end


def look_at(
    books: Books, us: str, name: tuple[str, str], shown: Shown | None, on_chain: OnChain | None = None
) -> tuple[Difference, ...]:
    """Holds one object against everything that is known of it here, keeps what is new, and lists what differs.

    What contradicts the copy is not kept: the next look would take it for the truth, and the difference would seem to have ended.

    Args:
        books: in a transaction.
        us: subject code of this platform.
        name: the object's kind and id.
        shown: as the other platform shows it now; None for nothing.
        on_chain: what the contract has; None when it was not asked.

    Returns:
        The object's open differences.
    """
    kind, object_id = name
    originals = books.originals(kind, object_id)
    derived = {} if shown is None else derived_facts(shown)
    copy = books.copy_of(kind, object_id)
    spent = books.spent_before(kind, object_id)
    found = compare(us, copy, originals, shown, derived=derived, on_chain=on_chain, spent_before=spent)
    unasked = frozenset[Cause]() if shown is None or on_chain is not None else CHAIN_CAUSES
    before = books.differences(kind, object_id)
    carried = carry_on(kind, object_id, before, found, books.now, unasked=unasked)
    for one in (*carried.open, *carried.ended):
        books.write_difference(one)
    if shown is not None and contradicts(copy, shown):
        books.note_seen(shown)
    elif shown is not None:
        books.keep_copy(shown)
    return carried.open


def derived_facts(shown: Shown) -> Mapping[str, Any]:
    """Pointer -> value that follows from the rest of what is shown: an agreement's digest from both parts of it."""
    if shown.kind != AGREEMENT:
        return {}
    document = shown.document
    try:
        hidden = [bytes.fromhex(one) for one in document["confidential"]["leaf_hashes"]]
        leaves = disclosed_leaves(document["disclosed"], bytes.fromhex(document["disclosed_salt"]))
        return {"/contract_hash": agreement_digest([*hidden, *leaves]).hex()}
    except (KeyError, TypeError, ValueError, AttributeError, MisuseError, LedgerError):
        return {"/contract_hash": UNREADABLE}


class PeerSilentError(LedgerError):
    """The other platform gave no answer, or refused to give one."""


def whole(following: Following, page: PeerPage) -> dict[str, Shown | None]:
    """The objects of a page by their names, each as it is shown alone; without those that are gone meanwhile.

    Raises:
        PeerSilentError: the other platform gave no answer.
    """
    if page.is_whole:
        return {one.object_id: one for one in page.items}
    with from_peer():
        looks = {one.object_id: following.peer.look(one.kind, one.object_id) for one in page.items}
    return {name: shown for name, shown in looks.items() if shown is not None}


def write_looks(following: Following, kind: str, looks: Mapping[str, Shown | None]) -> None:
    """Asks the chain about what was shown, and writes all of it in one transaction."""
    on_chain = {name: None if shown is None else following.chain.look(shown) for name, shown in looks.items()}
    with following.open_books() as books:
        for name, shown in looks.items():
            look_at(books, following.us, (kind, name), shown, on_chain[name])


def note_silence(following: Following, kind: str, error: PeerSilentError) -> None:
    """Keeps in the position why the other platform cannot be read now."""
    with following.open_books() as books:
        books.set_position(replace(books.position(kind), failure=error.detail))


@contextmanager
def from_peer() -> Iterator[None]:
    """Tells the other platform's silence from our own database's."""
    try:
        yield
    except (UnavailableError, RefusedByServiceError, VerificationError) as error:
        raise PeerSilentError(error.detail) from error


def _look_for_unseen(following: Following, position: Position) -> None:
    """What the sweep did not come by is asked for by name, so that an object is missing only when it really is."""
    assert position.sweep_started_at is not None, "a sweep that ends has begun"
    after = ""
    while True:
        with following.open_books() as books:
            names = books.unseen_since(position.kind, position.sweep_started_at, after, UNSEEN_AT_ONCE)
        if not names:
            return
        with from_peer():
            looks = {name: following.peer.look(position.kind, name) for name in names}
        write_looks(following, position.kind, looks)
        after = names[-1]
