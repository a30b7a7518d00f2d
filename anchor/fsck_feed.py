"""The half of ``fsck`` for the catalog's feed: its chain of digests is whole, and each change is the one that an event of the log names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from anchor.fsck_tree import Finding
from ledger.adapters.sql.catalog_index import feed_row
from ledger.bundle.catalog_feed import PUT, FeedPosition, verify_changes
from ledger.errors import LedgerError
from ledger.log.event import Event
from ledger.services.product_objects import EVENT

_ROWS_AT_ONCE = 500
_PREFIX = EVENT.partition("{}")[0]


@dataclass
class FeedHistory:
    """The places in the feed that the log's own events name: about 200 bytes each. ``source`` is the source of those events.

    After ``check``: ``shown`` has what the feed says the catalog shows, product code -> digest of its entry.
    """

    source: str
    shown: dict[str, str] = field(default_factory=dict)
    _named: dict[int, str] = field(default_factory=dict)
    _unreadable: bool = False

    def take(self, event: Event) -> None:
        """Any event; only steps of products that changed the catalog are remembered."""
        data = event.value.get("data")
        if event.source == self.source and event.type.startswith(_PREFIX) and isinstance(data, dict):
            sequence = data.get("feed_sequence")
            if isinstance(sequence, int):
                self._named[sequence] = str(data.get("feed_chain_digest"))

    def take_unreadable(self) -> None:
        """An event that cannot be opened, which is a finding of its own, might have named any change."""
        self._unreadable = True

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Follows the feed as who reads it does; the first break is named, behind it nothing can be said."""
        named, position = dict(self._named), FeedPosition()
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(
            text("SELECT * FROM catalog_changes ORDER BY sequence")
        )
        for stored in rows.mappings():
            try:
                row = feed_row(stored)
                position = verify_changes([row], position)
            except (LedgerError, ValueError, TypeError) as error:
                expected = position.sequence + 1
                rows.close()
                yield _altered(expected, f"it is missing, altered or out of order ({type(error).__name__})")
                break
            yield from self._check_named(position, named)
            self._show(row)
        else:
            for sequence in sorted(named):
                yield _altered(sequence, "the log's event names it and the feed ends before it")
        head = connection.execute(text("SELECT sequence, chain_digest FROM catalog_head")).one_or_none()
        if head is None or (head[0], bytes(head[1])) != (position.sequence, position.chain_digest):
            yield _altered(position.sequence, "the head of the feed is not where its rows end")

    def _check_named(self, position: FeedPosition, named: dict[int, str]) -> Iterator[Finding]:
        digest = named.pop(position.sequence, None)
        if digest is None and not self._unreadable:
            yield _altered(position.sequence, "no event of the log names it")
        elif digest is not None and digest != position.chain_digest.hex():
            yield _altered(position.sequence, "the log's event names another chain digest")

    def _show(self, row: dict[str, Any]) -> None:
        if row["change"] == PUT:
            self.shown[row["product_code"]] = row["entry_digest"]
        else:
            self.shown.pop(row["product_code"], None)


def _altered(sequence: int, what: str) -> Finding:
    return Finding("feed_altered", f"Change {sequence} of the catalog's feed: {what}.", {"where": f"feed {sequence}"})
