"""What ``fsck`` says of a halted log: the reason, and whether reason and exhibit are those that the service wrote together."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, text

from anchor.fsck_tree import ExpectedRoots, Finding
from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.typed_data import LogIdentity

_WHERE = {"where": "log_status"}
_OUR_NOTES = ("published_note", "note_at_chain_size")


def check_halt(connection: Connection, identity: LogIdentity, expected: ExpectedRoots) -> Iterator[Finding]:
    """A halt is kept with both sides for ever, since only a council act ends it; its own heads must be this log's.

    Roots of ours that the exhibit names are added to ``expected``.
    """
    row = connection.execute(text("SELECT halted, exhibit FROM log_status")).one_or_none()
    if row is None:
        return  # a finding of the watermarks
    reason, exhibit = row
    if reason is not None:
        yield Finding("halted", f"Anchoring is halted: {reason}", _WHERE)
    if (reason is None) != (exhibit is None):
        which = "the reason was taken away" if reason is None else "its exhibit was taken away"
        yield Finding(
            "halt_altered", f"Anchoring was halted, and {which}. Only an act of the council ends a halt.", _WHERE
        )
    elif reason is not None:
        yield from _check_exhibit(str(reason), exhibit, identity, expected)


def _check_exhibit(reason: str, exhibit: Any, identity: LogIdentity, expected: ExpectedRoots) -> Iterator[Finding]:
    if not isinstance(exhibit, dict) or not reason.startswith(f"{exhibit.get('finding')}: "):
        yield Finding("halt_altered", "The exhibit of the halt is not the one of its reason.", _WHERE)
        return
    for name in _OUR_NOTES:
        note = exhibit.get(name)
        if note is None:
            continue
        try:
            head = open_checkpoint(str(note), identity).checkpoint
        except LedgerError as error:
            yield Finding("halt_altered", f"The exhibit's {name} is no checkpoint of this log: {error.detail}", _WHERE)
        else:
            expected.add(head.tree_size, head.root_hash, "the halt's exhibit")
    size, ours = exhibit.get("chain_tree_size"), exhibit.get("our_root_hash")
    if isinstance(size, int) and isinstance(ours, str):
        try:
            expected.add(size, bytes.fromhex(ours), "the halt's exhibit")
        except ValueError:
            yield Finding("halt_altered", "The exhibit's own root is no hash.", _WHERE)
