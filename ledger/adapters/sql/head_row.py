"""The head row's lock: whoever appends holds it, so nobody may sleep on it.

PostgreSQL ends a session that idles inside a transaction, but not one whose client stopped in the middle of a COPY: that session
counts as active and waits for its client without end, whatever the timeouts. So whoever waited for the head row in vain ends
such a sleeper. Its transaction is undone as a whole; when its client wakes up it sees an error, and repeats.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy
import structlog
from sqlalchemy import Engine, text

SLEEP_S_MAX = 10
"""No client needs this long to send the rows of one append; the wait for the lock is as long."""

_logger = structlog.get_logger("database")

# Everybody who appends has RowShareLock on log_head; those who wait for the row itself wait for a lock, not for their client.
_END_SLEEPERS = """
SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
AND a.state = 'active' AND a.wait_event IN ('ClientRead', 'ClientWrite')
AND a.query_start < clock_timestamp() - make_interval(secs => :seconds)
AND a.pid IN (SELECT pid FROM pg_locks WHERE relation = 'log_head'::regclass AND mode = 'RowShareLock' AND granted)
"""


@contextmanager
def head_row_in_turn(engine: Engine) -> Iterator[None]:
    """Around a transaction that takes the head row; if it waited in vain, sleepers are ended so that the next try succeeds.

    The engine's ``lock_wait_s`` says how long it waits.
    """
    try:
        yield
    except (psycopg.errors.LockNotAvailable, sqlalchemy.exc.OperationalError) as error:
        if isinstance(getattr(error, "orig", error), psycopg.errors.LockNotAvailable):
            end_sleepers(engine)
        raise


def end_sleepers(engine: Engine, sleep_s: float = SLEEP_S_MAX) -> int:
    """Ends the sessions that hold the head row while their client has sent nothing for ``sleep_s``; returns how many."""
    with engine.connect() as connection:
        ended = len(connection.execute(text(_END_SLEEPERS), {"seconds": sleep_s}).all())
    if ended:
        _logger.warning("sleeping_append_ended", sessions=ended)
    return ended
