"""Rendering documents for print beside the event loop: one at a time, within a bounded share of the interpreter's time."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from api.cpu_share import CpuShare
from ledger.domain.printed import PrintedDocument
from ledger.errors import OverloadedError

MEDIA_TYPE: Final = "application/pdf"
PRINTS_WAITING_MAX: Final = 16
PRINTS_OF_ONE_MAX: Final = 2
"""Of one account: its documents never take the place of everybody's."""


def render_pdf(document: PrintedDocument) -> bytes:
    """The document as PDF; see ``ledger.adapters.pdf.render``, which is loaded with the first one."""
    from ledger.adapters.pdf import render  # noqa: PLC0415  its libraries are a tenth of the server's start

    return render.render_pdf(document)


class Printer:
    """Renders what callers wait for, on a thread of its own. Lives on one event loop."""

    def __init__(self) -> None:
        self._share = CpuShare()
        self._threads = ThreadPoolExecutor(1, "printer")
        self._waiting: Counter[str] = Counter()

    async def render(self, document: PrintedDocument, account: str) -> bytes:
        """The document as PDF, for an account.

        Raises:
            NotPrintableError: a letter is not in the font, or the document is too long.
            OverloadedError: too many wait, of this account or of all.
        """
        if self._waiting[account] >= PRINTS_OF_ONE_MAX:
            raise OverloadedError(
                "Your documents before this one are being printed; retry later.", limit=PRINTS_OF_ONE_MAX
            )
        if self._waiting.total() >= PRINTS_WAITING_MAX:
            raise OverloadedError("Too many documents wait to be printed; retry later.", limit=PRINTS_WAITING_MAX)
        self._waiting[account] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._render, document)
        finally:
            self._waiting -= Counter({account: 1})  # forgets whoever waits for nothing

    def close(self) -> None:
        """Drops what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _render(self, document: PrintedDocument) -> bytes:
        with self._share:
            return render_pdf(document)
