"""The catalog's change feed: a chain of digests that shows that no change between two of its rows is missing or altered.

A change is an object of exactly the members of ``CHANGE_MEMBERS``; ``sequence`` counts from 1 without gaps::

    {"change": "put" | "removed", "entry_digest": hex or null, "previous_digest": hex, "product_code": "...",
     "reason": text or null, "recorded_at": time, "sequence": 7, "version": 2}

``chain_digest`` = SHA-256 of ``DOMAIN`` followed by the canonical JSON (RFC 8785) of that object; ``previous_digest`` is the chain digest
of the row before, 32 zero bytes before the first. ``entry_digest`` is SHA-256 of the canonical JSON of the entry that goes with
a put. Who has read from the first row on and holds a chain digest that another trusts has all that the other has: whoever leaves a row
out, or changes one, comes to another digest. The service states the newest pair; each listing's evidence event names it as well, so that the
anchored log vouches for the feed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.errors import VerificationError
from ledger.log.canonical import encode_jcs

DOMAIN: Final = b"CityLedger catalog change v1\n"
CHANGE_MEMBERS: Final = (
    *("change", "entry_digest", "previous_digest", "product_code", "reason", "recorded_at", "sequence", "version"),
)
PUT: Final = "put"
REMOVED: Final = "removed"


class BrokenFeedError(VerificationError):
    """A row of a change feed is missing, altered or out of order; ``sequence`` says which was expected."""


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """How far a follower has come: the newest row's sequence and chain digest."""

    sequence: int = 0
    chain_digest: bytes = bytes(32)


def entry_digest(value: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical form (RFC 8785) of an entry's JSON form (``ledger.services.catalog.entry_value``): 32 bytes."""
    return hashlib.sha256(encode_jcs(value)).digest()


def chain_digest(change: Mapping[str, Any]) -> bytes:
    """The chain digest of a row, from its members; others of the row do not count: 32 bytes."""
    return hashlib.sha256(DOMAIN + encode_jcs({name: change[name] for name in CHANGE_MEMBERS})).digest()


def verify_changes(rows: Iterable[Mapping[str, Any]], after: FeedPosition = FeedPosition()) -> FeedPosition:
    """Follows rows as ``GET /v1/catalog/changes`` gives them, and returns where they end.

    Args:
        rows: in order, the first one being that after ``after``; each with its ``chain_digest``, and its ``entry`` if it is a put.
        after: how far the rows that were verified before go.

    Raises:
        BrokenFeedError: a row is missing, altered, out of order, or does not fit its entry.
    """
    position = after
    for row in rows:
        expected = position.sequence + 1
        try:
            digest = chain_digest(row)
            said = (row["sequence"], row["previous_digest"], row["chain_digest"])
            fits = _fits_entry(row)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenFeedError("A change is not an object of the members of a change.", sequence=expected) from error
        if said != (expected, position.chain_digest.hex(), digest.hex()):
            raise BrokenFeedError(f"The change {expected} is missing, altered or out of order.", sequence=expected)
        if not fits:
            raise BrokenFeedError(f"The entry of change {expected} is not the one of its digest.", sequence=expected)
        position = FeedPosition(expected, digest)
    return position


def _fits_entry(row: Mapping[str, Any]) -> bool:
    entry = row["entry"]
    if row["change"] == REMOVED:
        return entry is None and row["entry_digest"] is None
    named = (entry["product_code"], entry["version"]) == (row["product_code"], row["version"])
    return named and row["change"] == PUT and entry_digest(entry).hex() == row["entry_digest"]
