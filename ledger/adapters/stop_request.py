"""A request to stop that a signal handler may make while its own thread waits for it."""

from queue import Empty, SimpleQueue


class StopRequest:
    """Set once, for good; any number of threads may wait for it.

    ``threading.Event`` does not serve here: its lock is not reentrant. Where the handler runs at the moment in which the
    thread that it interrupted is about to wait, ``set`` blocks for ever and the program can only be killed.
    ``SimpleQueue.put`` is reentrant by its documentation (Python library reference, module queue).
    """

    def __init__(self) -> None:
        self._made = False
        self._wake: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Makes the request; a second one changes nothing."""
        self._made = True
        self._wake.put(None)

    def is_set(self) -> bool:
        """Whether it was made."""
        return self._made

    def wait(self, timeout_s: float) -> bool:
        """Waits until it is made, at most ``timeout_s`` seconds (0 or less: looks only); whether it was made."""
        if not self._made and timeout_s > 0:
            try:
                self._wake.get(timeout=timeout_s)
            except Empty:
                return self._made
            self._wake.put(None)  # for the next that waits
        return self._made
