"""`python -m api.platform`: the authorisation platform, with its settings from the environment."""

import signal
import sys
from typing import Final

import structlog
import uvicorn

from api.http_protocol import KEEP_ALIVE_S, BoundedHeadProtocol
from api.log_setup import set_up_logging
from api.platform.app import create_platform_app
from api.platform.container import PlatformContainer
from ledger.adapters.platform.keys import load_keys
from ledger.adapters.platform.migrate import upgrade
from ledger.adapters.platform.settings import load_platform_settings
from ledger.errors import IntegrityError, LedgerError

EXIT_REFUSED: Final = 3
EXIT_UNAVAILABLE: Final = 4
GRACE_S: Final = 20


def main() -> int:
    """Serves until SIGTERM or SIGINT; 0 after an orderly stop, 3 when its stores contradict each other, 4 when it cannot start."""
    try:
        settings = load_platform_settings()
        set_up_logging(settings)
        upgrade(settings.database_url)
        container = PlatformContainer(settings, load_keys(settings.data_dir, settings.key_password_file))
        container.claim()
    except LedgerError as error:
        structlog.get_logger("platform").error("refused", code=error.code, detail=error.detail)
        return EXIT_REFUSED if isinstance(error, IntegrityError) else EXIT_UNAVAILABLE
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    structlog.get_logger("platform").info("platform_starting", host=settings.host, port=settings.port)
    try:
        uvicorn.run(
            create_platform_app(container),
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=BoundedHeadProtocol,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    except SystemExit as ended:
        return 0 if ended.code in {0, None} else EXIT_UNAVAILABLE
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
