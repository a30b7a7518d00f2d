"""How programs serve HTTP: the server's settings in one place, and its end as an exit code."""

import signal
import sys
from typing import Any, Final

import uvicorn

from api.http_protocol import KEEP_ALIVE_S, BoundedHeadProtocol

EXIT_UNAVAILABLE: Final = 4
"""A setting is missing or wrong, the port is taken, a part that is needed does not answer: another start may help."""

GRACE_S: Final = 20
"""After SIGTERM requests under way get this long; longer than the longest default wait for publication."""


def exit_on_signals() -> None:
    """The server stops in order by itself and then raises the signal again, for whoever ran it: that is an orderly end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def serve(app: Any, host: str, port: int, **options: Any) -> int:
    """Serves until SIGTERM or SIGINT; 0 after an orderly stop, ``EXIT_UNAVAILABLE`` when it cannot listen.

    Args:
        app: the application; a name with ``factory=True`` where several workers make their own.
        host: address that is listened on.
        port: the same.
        options: further ones of uvicorn.
    """
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http=BoundedHeadProtocol,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
            backlog=2048,
            **options,
        )
    except SystemExit as ended:  # the server's own codes; its 3 would say that stores contradict each other
        return 0 if ended.code in {0, None} else EXIT_UNAVAILABLE
    return 0
