"""Progress of long commands: a bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ledger.client.ingest import Tally
from ledger.client.lines import EventFile
from ledger.client.service import Accepted, ServiceClient

PLAIN_LINE_EVERY_S = 5.0
POLL_EVERY_S = 0.2
STATES = ("pending", "sequenced", "published", "anchored", "final")


class IngestProgress:
    """How far the files are read and how fast events are acknowledged."""

    def __init__(self, console: Console, files: Sequence[EventFile]) -> None:
        self._console, self._files = console, files
        sizes = [file.size for file in files]
        self._total = sum(size for size in sizes if size is not None) if None not in sizes else None
        self._started = self._last_line = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,}/s, {task.fields[refused]:,} refused"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("ingest", total=self._total, events=0, rate=0, refused=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, tally: Tally) -> None:
        """Shows the tally."""
        now = time.monotonic()
        rate = round(tally.lines / max(now - self._started, 0.001))
        if self._console.is_terminal:
            done = sum(file.position for file in self._files)
            self._bar.update(self._task, completed=done, events=tally.lines, rate=rate, refused=tally.refused)
        elif now - self._last_line >= PLAIN_LINE_EVERY_S:
            self._last_line = now
            self._console.print(f"{tally.lines:,} events, {rate:,}/s, {tally.refused:,} refused")


def wait_for_state(client: ServiceClient, event: Accepted, wanted: str, timeout_s: float, console: Console) -> str:
    """Waits until ``event`` is in the state ``wanted`` or a later one; returns the state it is in when the wait ends.

    The event with the greatest leaf index stands for all before it, because every stage covers the log from its first leaf on.
    """
    deadline = time.monotonic() + timeout_s
    state = event.state
    with console.status(f"waiting until {wanted}") if console.is_terminal else _Silent():
        while _rank(state) < _rank(wanted):
            now, _ = client.event_state(event.source, event.event_id)
            if now.state != state and not console.is_terminal:
                console.print(f"{now.state}: {event.leaf_index + 1:,} leaves")
            state = now.state
            if time.monotonic() >= deadline:
                break
            if _rank(state) < _rank(wanted):
                time.sleep(POLL_EVERY_S)
    return state


def _rank(state: str) -> int:
    return STATES.index(state) if state in STATES else 0


class _Silent:
    """Stands where a spinner stands on a terminal."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
