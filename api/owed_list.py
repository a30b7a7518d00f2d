"""One list of what this process owes to the database, on disk before anybody is answered who counts on it."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from ledger.adapters.files.owed_records import OwedRecords
from ledger.errors import LedgerError, UnavailableError

_logger = structlog.get_logger("api")


class OwedList:
    """Lives on one event loop; the disk is waited for elsewhere.

    Args:
        records: this process's place on disk; None where nothing is kept.
        name: of the list.
        owed: what is owed at the moment, as JSON objects.
    """

    def __init__(self, records: OwedRecords | None, name: str, owed: Callable[[], list[dict[str, Any]]]) -> None:
        self._records = records
        self._name = name
        self._owed = owed
        self._on_disk: list[dict[str, Any]] | None = []  # None: not known
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def save(self) -> None:
        """Returns when what is owed now is on disk, or cannot be; whoever calls while it is written shares the next time."""
        if self._next is None:
            self._next = asyncio.create_task(self._save())
        await asyncio.wait({self._next})

    async def settle(self) -> None:
        """After something was recorded: takes it off the disk, if anything is there."""
        if self._on_disk != []:
            await self.save()

    def restore(self, values: Iterable[Any], add: Callable[[Any], None]) -> None:
        """Takes in what is on disk since before the start; what ``add`` cannot read is said in the log, and then forgotten."""
        for value in values:
            self._on_disk = None
            try:
                add(value)
            except (LedgerError, LookupError, TypeError, ValueError):
                _logger.exception("owed_unreadable", list=self._name, value=repr(value)[:1_000])

    async def _save(self) -> None:
        async with self._turn:
            self._next = None  # whoever comes from now on may owe more
            values = self._owed()
            if self._records is None or values == self._on_disk:
                return
            self._on_disk = None
            try:
                await asyncio.get_running_loop().run_in_executor(None, self._records.save, self._name, values)
                self._on_disk = values
            except UnavailableError as failure:
                _logger.warning("owed_not_kept", list=self._name, owed=len(values), reason=failure.detail)
            except Exception:  # a defect of ours must not become the answer to a refusal
                _logger.exception("owed_not_kept", list=self._name, owed=len(values))
