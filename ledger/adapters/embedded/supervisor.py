"""Keeps parts running: started in order, restarted when they end by themselves, stopped in the opposite order."""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ledger.errors import EmbeddedError

RESTARTS_MAX = 5
RESTARTS_WINDOW_S = 60.0
BACK_OFF_FIRST_S = 0.5
BACK_OFF_MAX_S = 10.0


class Part(Protocol):
    """Something that runs as a process of its own."""

    def start(self) -> None:
        """Start it; on return it answers. Raises ``EmbeddedError``."""
        ...

    def stop(self) -> None:
        """Stop it in order; no error when it does not run."""
        ...

    def is_alive(self) -> bool:
        """Whether its process runs."""
        ...


class Supervisor:
    """The running parts, in the order of their start.

    Args:
        report: takes one line for a person.
        clock: seconds that never go back.
    """

    def __init__(self, report: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._clock = clock
        self._parts: list[_Supervised] = []

    def start(self, name: str, part: Part) -> None:
        """Start a part and keep it running from now on.

        Raises:
            EmbeddedError: it cannot be started; it is stopped with the others all the same.
        """
        self._parts.append(_Supervised(name, part))
        part.start()

    def check(self) -> None:
        """Restart what has ended by itself, after a back-off that doubles; call it often, it does not wait.

        Raises:
            EmbeddedError: a part ended more than ``RESTARTS_MAX`` times within ``RESTARTS_WINDOW_S``.
        """
        now = self._clock()
        for supervised in self._parts:
            if supervised.part.is_alive():
                continue
            if supervised.restart_at is None:
                self._plan_restart(supervised, now)
            elif now >= supervised.restart_at:
                supervised.restart_at = None
                self._restart(supervised)

    def stop(self) -> None:
        """Stop every part, the last started first; goes on when one cannot be stopped, and raises its error at the end."""
        failure: EmbeddedError | None = None
        while self._parts:
            supervised = self._parts.pop()
            try:
                supervised.part.stop()
            except EmbeddedError as error:
                failure = error
        if failure is not None:
            raise failure

    def _plan_restart(self, supervised: "_Supervised", now: float) -> None:
        while supervised.endings and now - supervised.endings[0] > RESTARTS_WINDOW_S:
            supervised.endings.popleft()
        supervised.endings.append(now)
        count = len(supervised.endings)
        if count > RESTARTS_MAX:
            raise EmbeddedError(
                f"{supervised.name} ended {count} times within {RESTARTS_WINDOW_S:.0f} s; giving up, see its log"
            )
        delay = min(BACK_OFF_FIRST_S * 2 ** (count - 1), BACK_OFF_MAX_S)
        supervised.restart_at = now + delay
        self._report(
            f"{supervised.name} ended by itself; restart {count} of {RESTARTS_MAX} in {delay:g} s, see its log"
        )

    def _restart(self, supervised: "_Supervised") -> None:
        try:
            supervised.part.start()
        except EmbeddedError as error:
            self._report(f"{supervised.name} did not start: {error.detail}")
        else:
            self._report(f"{supervised.name} runs again")


class _Supervised:
    def __init__(self, name: str, part: Part) -> None:
        self.name = name
        self.part = part
        self.endings: deque[float] = deque()
        self.restart_at: float | None = None
