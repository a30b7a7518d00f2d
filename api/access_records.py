"""Evidence of access that does not come with a request's own transaction: refused attempts, and what could not be recorded at once.

What is kept for later is in the memory of this process: a process that is killed loses it, one that is stopped tries once more.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy import Connection

from api.container import Container
from api.logins import settle_logins
from api.refusals import Refusals
from ledger.adapters.sql import access_evidence
from ledger.adapters.sql.access_evidence import Attempt

RETRY_S: Final = 1.0

_logger = structlog.get_logger("api")


class AccessRecords:
    """One worker's. Lives on one event loop, which ``start`` and ``close`` run on."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self.refusals = Refusals(self._record_refusals)
        self._retries: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts giving again what is kept."""
        self._retries = asyncio.create_task(self._keep_trying())

    async def close(self) -> None:
        """Stops, after one more try."""
        if self._retries is not None:
            self._retries.cancel()
        await self._try_again()

    async def _keep_trying(self) -> None:
        while True:
            await asyncio.sleep(RETRY_S)
            await self._try_again()

    async def _try_again(self) -> None:
        try:
            if self.refusals.is_any_kept:
                await self.refusals.settle()
            await settle_logins(self._container)
        except Exception:  # a defect of ours must not end the retries
            _logger.exception("access_not_recorded")

    async def _record_refusals(self, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]) -> None:
        container = self._container

        def record(connection: Connection) -> None:
            access_evidence.record_refusals(connection, container.open_log(connection).preparer, counts, networks)

        await container.history.require_current()
        await container.write(record)
