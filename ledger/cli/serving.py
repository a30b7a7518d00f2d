"""One data folder served until Ctrl-C: what ``up`` and ``demo`` share."""

import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ledger.adapters.interpreter import loading
from ledger.adapters.stop_request import StopRequest
from ledger.errors import SettingsError

if TYPE_CHECKING:
    from ledger.adapters.embedded.installation import LockedFolder
    from ledger.adapters.embedded.running import RunningStack
    from ledger.adapters.embedded.stack import EmbeddedStack

CHECK_INTERVAL_S = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """The person asked to stop."""


@dataclass(frozen=True)
class Serving:
    """The running service."""

    running: "RunningStack"
    _folder: "LockedFolder"
    _stack: "EmbeddedStack"
    _stop: StopRequest

    def look(self) -> None:
        """Restarts what ended by itself; call it often.

        Raises:
            StoppedError: the person asked to stop.
            LedgerError: a part ends again and again, or the folder is gone.
        """
        check_stopped(self._stop)
        self._folder.check_in_place()  # first: a part that is restarted would make a missing folder anew
        self._stack.check()

    def wait_until_stopped(self) -> None:
        """Looks after everything until the person asks to stop."""
        while not self._stop.wait(CHECK_INTERVAL_S):
            self.look()


def stop_on_signals() -> StopRequest:
    """A request that Ctrl-C and its like make from now on."""
    stop = StopRequest()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()  # a second Ctrl-C changes nothing: the parts are stopping already

    for number in SIGNALS:
        signal.signal(number, ask_to_stop)
    return stop


def check_stopped(stop: StopRequest) -> None:
    """Raises ``StoppedError`` when the request was made."""
    if stop.is_set():
        raise StoppedError


def serve(data_dir: str, host: str, port: int, stop: StopRequest, once_ready: Callable[[Serving], None]) -> None:
    """Starts everything in a folder, runs ``once_ready``, and stops everything in order, whatever that raised.

    Args:
        data_dir: the folder: new, empty or an installation's.
        host: address the API listens on.
        port: of the API; 0 picks a free one.
        stop: ends it early.
        once_ready: what to do meanwhile; ``StoppedError`` may end it.

    Raises:
        LedgerError: folder or port cannot be used, a part cannot be started, or ``once_ready`` failed.
    """
    with loading():
        from ledger.adapters.embedded.installation import load_or_create_installation, locked  # noqa: PLC0415 - server
        from ledger.adapters.embedded.ports import check_listenable, free_port  # noqa: PLC0415 - needs the extra `server`
        from ledger.adapters.embedded.stack import EmbeddedStack  # noqa: PLC0415 - needs the extra `server`

    if not data_dir.strip():  # as a path it would be the folder that the person happens to stand in
        raise SettingsError("the data folder's name is empty: name a folder with --data-dir")
    wanted = Path(data_dir)
    if port != 0 and not wanted.exists():
        check_listenable(host, port)  # before a folder is made for nothing
    with locked(wanted) as folder:
        if port != 0:
            check_listenable(host, port)
        stack = EmbeddedStack(load_or_create_installation(folder.path), host, port or free_port(), say)
        try:
            running = stack.start(lambda: check_stopped(stop))
            once_ready(Serving(running, folder, stack, stop))
        except StoppedError:
            pass
        finally:
            say("stopping ...")
            stack.stop()
    say("stopped; start it again with the same --data-dir to go on")


def say(line: str) -> None:
    """One line of progress for a person."""
    # The terminal or the pipe may have gone, and the parts must be stopped all the same; rich would leave the process here.
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)
