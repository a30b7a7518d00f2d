"""Rendering documents for print beside the event loop: one at a time, within a bounded share of the interpreter's time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from api.cpu_share import CpuShare
from ledger.adapters.pdf.render import render_pdf
from ledger.domain.printed import PrintedDocument
from ledger.errors import OverloadedError

PRINTS_WAITING_MAX: Final = 16


class Printer:
    """Renders what callers wait for, on a thread of its own. Lives on one event loop."""

    def __init__(self) -> None:
        self._share = CpuShare()
        self._threads = ThreadPoolExecutor(1, "printer")
        self._waiting = 0

    async def render(self, document: PrintedDocument) -> bytes:
        """The document as PDF.

        Raises:
            NotPrintableError: a letter is not in the font, or the document is too long.
            OverloadedError: too many wait.
        """
        if self._waiting >= PRINTS_WAITING_MAX:
            raise OverloadedError("Too many documents wait to be printed; retry later.", limit=PRINTS_WAITING_MAX)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._render, document)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Drops what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _render(self, document: PrintedDocument) -> bytes:
        with self._share:
            return render_pdf(document)
