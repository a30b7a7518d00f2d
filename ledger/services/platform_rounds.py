"""One round of the authorisation platform: first what changed, then what differs, then a share of everything.

The list of changes says at once what is new, however much there is already; the sweep finds what no list of changes tells, such as rows
that were altered by hand. Nothing of the order of a round is relied upon: each step reads its place in the books.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple

from ledger.domain.platform_books import KINDS, Shown
from ledger.services.platform_following import (
    Following,
    PeerSilentError,
    follow,
    from_peer,
    note_silence,
    whole,
    write_looks,
)
from ledger.services.platform_ports import Books

OVERLAP: Final = timedelta(minutes=2)
"""Changes are read again from so long before the last one: a change has the time of its beginning, and is seen when it is committed."""

SWEPT_PAGES_MAX: Final = 5
"""Of one kind in one round."""

LOOKED_AT_AGAIN_MAX: Final = 100
"""Objects of one kind with open differences in one round."""


class ChangesRead(NamedTuple):
    """A page of changes: the cursor of the next one (None at the end), how many objects were new or changed, and whether anybody answered."""

    next_cursor: str | None
    looked_at: int
    is_answered: bool = True


def one_round(following: Following) -> Iterator[bool]:
    """Goes through one round, a page at a time, so that own acts can go out in between; ends early when it is not asked on.

    Yields:
        True where the share of a kind is used up before its sweep is at its end: there is more to be read at once.

    Raises:
        UnavailableError: the own database is away.
    """
    answered = []
    for kind in KINDS:
        read = follow_changes(following, kind)
        yield False
        while read.next_cursor is not None:
            read = follow_changes(following, kind, read.next_cursor)
            yield False
        if read.is_answered:
            answered.append(kind)
    for kind in answered:
        look_again(following, kind)
        yield False
    for kind in answered:
        is_end = False
        for _ in range(SWEPT_PAGES_MAX):
            is_end = follow(following, kind)
            yield False
            if is_end:
                break
        yield not is_end


def follow_changes(following: Following, kind: str, cursor: str | None = None) -> ChangesRead:
    """Reads a page of what changed since the last time; what is known under its revision already is passed over.

    Before the first time it begins now: what is older comes with the sweep.

    Raises:
        UnavailableError: the own database is away. That the other platform is away, or refuses, is noted in the position instead.
    """
    with following.open_books() as books:
        since = books.position(kind).changed_until or books.now
    try:
        with from_peer():
            page = following.peer.page(kind, cursor, since - OVERLAP)
        with following.open_books() as books:
            new = [one for one in page.items if _is_new(books, one)]
        write_looks(following, kind, whole(following, replace(page, items=tuple(new))))
    except PeerSilentError as error:
        note_silence(following, kind, error)
        return ChangesRead(None, 0, is_answered=False)
    with following.open_books() as books:
        # a time to come, whoever wrote it there, must not hide what changes until then
        until = since if page.changed_until is None else max(since, min(page.changed_until, books.now))
        position = replace(books.position(kind), changed_until=until, succeeded_at=books.now, failure=None)
        books.set_position(position)
    return ChangesRead(page.next_cursor, len(new))


def look_again(following: Following, kind: str) -> int:
    """Looks by name at objects that differ, those first that were looked at longest ago; returns how many there were.

    Raises:
        UnavailableError: as ``follow_changes``.
    """
    with following.open_books() as books:
        names = books.differing(kind, LOOKED_AT_AGAIN_MAX)
    try:
        with from_peer():
            looks = {name: following.peer.look(kind, name) for name in names}
    except PeerSilentError as error:
        note_silence(following, kind, error)
        return 0
    write_looks(following, kind, looks)
    return len(names)


def _is_new(books: Books, one: Shown) -> bool:
    copy = books.copy_of(one.kind, one.object_id)
    return copy is None or (copy.revision, copy.state) != (one.revision, one.state)
