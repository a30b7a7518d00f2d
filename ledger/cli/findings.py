"""Shows what ``fsck`` and ``monitor`` print line by line: findings, progress, a summary."""

import json
import time
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ledger.cli.console import messages, output

PLAIN_LINE_EVERY_S = 5.0


class FindingsView:
    """Findings and summary go to standard output, progress to standard error; JSON lines pass unchanged.

    Args:
        as_json: pass every line on as it is.
        quiet: no progress.
    """

    def __init__(self, *, as_json: bool, quiet: bool = False) -> None:
        self._as_json, self._quiet = as_json, quiet
        self._console, self._messages = output(), messages()
        self._bar = Progress(
            TextColumn("{task.completed:,.0f} entries"),
            BarColumn(),
            TimeElapsedColumn(),
            console=self._messages,
            disable=quiet or as_json or not self._messages.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("", total=0, visible=False)
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, line: dict[str, Any] | str) -> None:
        """Renders one line of the child."""
        if self._as_json:
            print(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False), flush=True)
        elif isinstance(line, str):
            self._console.print(line, markup=False)
        elif "progress" in line:
            self._show_progress(int(line["progress"]), int(line.get("total") or 0))
        elif "code" in line:
            facts = {name: value for name, value in line.items() if name not in {"code", "detail"}}
            told = "".join(f"\n    {name}: {_text(value)}" for name, value in facts.items())
            self._console.print(f"{line['code']}: {line.get('detail', '')}{told}", markup=False)
        else:
            for name, value in line.items():
                self._console.print(f"{name.replace('_', ' '):<20}{_text(value)}", markup=False)

    def _show_progress(self, done: int, total: int) -> None:
        if self._quiet:
            return
        if self._messages.is_terminal:
            self._bar.update(self._task, completed=done, total=total or None, visible=True)
        elif done == total or time.monotonic() - self._last_line >= PLAIN_LINE_EVERY_S:
            self._last_line = time.monotonic()
            self._messages.print(f"{done:,} of {total:,} entries" if total else f"{done:,} entries")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items()) or "none"
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else json.dumps(value)
