"""Pages that end by their bytes as well as by their number of rows, so that one answer is bounded however large its rows are."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

ROWS_AT_ONCE: Final = 8
"""For ``yield_per`` of the query: what is beyond the page's bytes is never fetched."""

T = TypeVar("T")


def fill_page(found: Iterable[T], most: int, bytes_max: int, size_of: Callable[[T], int]) -> tuple[list[T], bool]:
    """What goes onto a page, one at least when there is one, and whether more follows.

    Args:
        found: rows in order, one more than ``most`` if there are; read no further than needed.
        most: rows on the page.
        bytes_max: of all of them, by ``size_of``; one that is larger is a page of its own.
        size_of: bytes of a row.
    """
    items: list[T] = []
    size = 0
    for item in found:
        size += size_of(item)
        if len(items) == most or (items and size > bytes_max):
            return items, True
        items.append(item)
    return items, False
