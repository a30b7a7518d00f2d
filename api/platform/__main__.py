"""`python -m api.platform`: the authorisation platform, with its settings from the environment."""

from typing import Final

import structlog

from api.log_setup import set_up_logging
from api.platform.app import create_platform_app
from api.platform.container import PlatformContainer
from api.server import EXIT_UNAVAILABLE, exit_on_signals, serve
from ledger.adapters.platform.keys import load_keys
from ledger.adapters.platform.migrate import upgrade
from ledger.adapters.platform.settings import load_platform_settings
from ledger.errors import IntegrityError, LedgerError

EXIT_REFUSED: Final = 3


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
    exit_on_signals()
    structlog.get_logger("platform").info("platform_starting", host=settings.host, port=settings.port)
    return serve(create_platform_app(container), settings.host, settings.port)


if __name__ == "__main__":
    raise SystemExit(main())
