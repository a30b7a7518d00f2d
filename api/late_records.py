"""Evidence that does not come with a request's own transaction: refused attempts, what could not be recorded at once, another calendar.

What is owed to the database is also on disk (``ledger.adapters.files.owed_records``): the next process that starts records what one that
was killed, or stopped while the database was away, has left.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Final

import structlog
from sqlalchemy import Connection

from api.container import Container
from api.logins import settle_logins
from api.refusals import Refusals
from ledger.adapters.sql import access_evidence
from ledger.adapters.sql.access_evidence import Attempt
from ledger.adapters.sql.calendar_records import is_recorded, record_calendar
from ledger.adapters.working_days import OfficialCalendar
from ledger.errors import UnavailableError

RETRY_S: Final = 1.0

_logger = structlog.get_logger("api")


class LateRecords:
    """One worker's. Lives on one event loop, which ``start`` and ``close`` run on."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self.refusals = Refusals(self._record_refusals, container.owed)
        self._retries: asyncio.Task[None] | None = None
        self._calendar: OfficialCalendar | None = None  # whose change this process has nothing more to say of

    def start(self) -> None:
        """Takes over what earlier processes owe, then starts giving again what is kept, and looking at the calendar file."""
        self._take_over()
        self._retries = asyncio.create_task(self._keep_trying())

    async def close(self) -> None:
        """Stops, after one more try."""
        if self._retries is not None:
            self._retries.cancel()
        await self._guarded(self._record_kept())
        self._container.owed.close()

    def _take_over(self) -> None:
        logins = self._container.logins
        try:
            left = self._container.owed.take_over((Refusals.NAME, logins.NAME))
            self.refusals.restore(left[Refusals.NAME])
            logins.restore(left[logins.NAME])
            for path in self._container.owed.set_aside:
                _logger.error("owed_unreadable", set_aside=str(path))
        except UnavailableError:  # the disk must not keep the service down; what lies there stays for the next start
            _logger.exception("owed_not_taken_over")

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            await self._guarded(self._record_kept())
            await self._guarded(self._record_calendar())

    async def _record_kept(self) -> None:
        if self.refusals.is_any_kept:
            await self.refusals.settle()
        await settle_logins(self._container)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except UnavailableError:
            return  # requests and /readyz say so themselves
        except Exception:  # a defect of ours must not end the retries
            _logger.exception("late_record_failed")

    async def _record_calendar(self) -> None:
        """Once for every calendar that the file gives; one that is wrong gives none, and ``GET /v1/log`` says so."""
        container = self._container
        calendar = await container.run(container.calendar.current)
        if calendar is self._calendar or container.calendar.error() is not None:
            return
        facts = await container.run(calendar.facts)

        def record(connection: Connection) -> bool:
            return record_calendar(connection, container.open_log(connection).preparer, facts)

        if await container.read(lambda connection: is_recorded(connection, facts)):
            self._calendar = calendar
            return
        await container.history.require_current()
        if await container.write(record):
            _logger.info("calendar_changed", last=facts["last"], digest=facts["digest"])
        self._calendar = calendar

    async def _record_refusals(self, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]) -> None:
        container = self._container

        def record(connection: Connection) -> None:
            access_evidence.record_refusals(connection, container.open_log(connection).preparer, counts, networks)

        await container.history.require_current()
        await container.write(record)
