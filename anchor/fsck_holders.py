"""The head half of ``fsck``: who holds which sizes of the log, and under whose signatures."""

from typing import Protocol

from sqlalchemy import Connection, text

from anchor.fsck_codes import FindingCode
from anchor.fsck_rows import check_note
from anchor.fsck_tree import ExpectedRoots, Finding, Report
from ledger.adapters.sql.reading import StoredHead
from ledger.errors import LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.typed_data import LogIdentity


class JournalReader(Protocol):
    """The second store, read as a whole."""

    def notes(self) -> list[str]:
        """Every recorded note, oldest first."""
        ...


class Holders:
    """Compares head row, checkpoints, journal and tile folder by size; their roots go to ``expected``, for the tree pass."""

    def __init__(self, journal: JournalReader, identity: LogIdentity, expected: ExpectedRoots, report: Report) -> None:
        self._journal = journal
        self._identity = identity
        self._expected = expected
        self._report = report
        self._is_unreadable = False
        self.signed_outside = 0
        """The largest size under signatures outside the database."""

        self.published = 0
        """The largest size that this log published, as far as anybody holds it."""

    def read_journal(self) -> list[str]:
        """All its notes; none when it cannot be read, which is a finding."""
        if self._is_unreadable:
            return []  # said already
        try:
            return self._journal.notes()
        except (LedgerError, OSError) as error:
            self._is_unreadable = True
            self._report(Finding("journal_unreadable", f"The journal cannot be read: {error}", {"where": "journal"}))
            return []

    def check(self, connection: Connection, head: StoredHead, journal: list[str], tile_note: str | None) -> None:
        """Collects every root that they hold, and compares who holds which sizes. Journal and note: read before the snapshot."""
        self._expected.add(head.tree_size, head.root_hash, "the head row")
        published = self._check_checkpoints(connection)
        recorded = self._check_notes(journal, "journal")
        shown = self._check_notes([] if tile_note is None else [tile_note], "tile folder")
        newest_recorded = max(recorded, default=0)
        # One behind is what a crash between the two stores leaves, and what a publication on its way shows.
        owed = max(recorded - {newest_recorded}, default=0)
        if max(shown, default=0) < owed:
            detail = f"The tile folder's checkpoint is older than the one of {owed} entries in the journal, or is gone."
            self._report(Finding("tile_behind", detail, {"where": "tile folder", "tree_size": owed}))
        for name, sizes in (("journal", recorded), ("tile folder", shown)):
            ahead = [size for size in sizes if size > head.tree_size]
            if ahead:
                detail = f"The {name} holds a checkpoint of {max(ahead)} entries, the database only {head.tree_size}."
                code: FindingCode = "journal_ahead" if name == "journal" else "tile_ahead"
                self._report(Finding(code, detail, {"where": name, "tree_size": max(ahead)}))
        # The journal is read once more: what was published meanwhile was recorded before.
        grown = self.read_journal()[len(journal) :]
        recorded_by_now = recorded | self._check_notes(grown, "journal") if published - recorded else recorded
        missing = sorted(published - recorded_by_now)
        if missing:
            detail = f"{len(missing)} published checkpoints are not in the journal, the first of size {missing[0]}."
            self._report(Finding("journal_behind", detail, {"where": "journal", "tree_size": missing[0]}))
        lost = sorted(size for size in recorded - published if size != newest_recorded and size <= head.tree_size)
        if lost:
            detail = f"{len(lost)} checkpoints of the journal are not in the database, the first of size {lost[0]}."
            self._report(Finding("checkpoint_missing", detail, {"where": "database", "tree_size": lost[0]}))
        self.signed_outside = max(newest_recorded, max(shown, default=0))
        self.published = max(newest_recorded, max(published, default=0))

    def _check_checkpoints(self, connection: Connection) -> set[int]:
        sizes: set[int] = set()
        rows = connection.execute(text("SELECT tree_size, root_hash, note FROM checkpoints ORDER BY 1"))
        for tree_size, root_hash, note in rows:
            sizes.add(tree_size)
            self._expected.add(tree_size, bytes(root_hash), "a published checkpoint")
            where = f"checkpoint {tree_size}"
            for finding in check_note(note, self._identity, where, (tree_size, bytes(root_hash))):
                self._report(finding)
        return sizes

    def _check_notes(self, notes: list[str], where: str) -> set[int]:
        """The sizes held there. Every root is held against the entries, also a second one of the same size."""
        sizes: set[int] = set()
        newest = 0
        for note in notes:
            findings = list(check_note(note, self._identity, where, None))
            for finding in findings:
                self._report(finding)
            if not findings:
                checkpoint = open_checkpoint(note, self._identity).checkpoint
                if checkpoint.tree_size <= newest:
                    detail = f"The {where} holds a checkpoint of {checkpoint.tree_size} entries after one of {newest}."
                    facts = {"where": where, "tree_size": checkpoint.tree_size, "note": note}
                    self._report(Finding("journal_disordered", detail, facts))
                newest = checkpoint.tree_size
                sizes.add(checkpoint.tree_size)
                self._expected.add(checkpoint.tree_size, checkpoint.root_hash, f"the {where}")
        return sizes
