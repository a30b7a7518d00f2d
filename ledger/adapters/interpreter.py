"""Settings of the Python interpreter for a process that serves for months."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG_OBJECTS = 50_000
_MIDDLE_RUNS = 20
_OLD_RUNS = 20


@contextmanager
def loading() -> Iterator[None]:
    """Around the imports of a program: without the garbage collector, which then finds nothing to free, over and over.

    It takes an eighth of the time that the API, the anchor service or ``cityledger up`` needs for its modules.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def settle() -> None:
    """Takes what start-up has made out of the garbage collector's sight, and lets it run less often; call it once, then serve.

    Events under way are many small objects that reference counting frees; by its default settings the collector walks over
    all of them, and over every loaded module, again and again, for a tenth of the processor time of a busy API.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _MIDDLE_RUNS, _OLD_RUNS)
