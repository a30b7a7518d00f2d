"""``python -m anchor`` runs the anchor service; ``python -m anchor fsck`` and ``python -m anchor monitor`` check a log.

Exit codes: 0 ended as asked, 1 findings (fsck, monitor), 2 arguments or a file named by them wrong, 3 stores contradict each
other and the service refuses to go on, 4 a setting is missing or wrong, or a part that is needed does not answer, 130 stopped by
Ctrl-C (fsck).
"""

import signal
import sys
from collections.abc import Sequence
from types import FrameType

import structlog

EXIT_ARGUMENTS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_INTERRUPTED = 2, 3, 4, 130


def main(arguments: Sequence[str]) -> int:
    """The program; imports only what the asked command needs."""
    if arguments[:1] == ["fsck"]:
        from anchor.fsck_main import main as fsck  # noqa: PLC0415 - see above

        return fsck(arguments[1:])
    if arguments[:1] == ["monitor"]:
        from anchor.monitor_main import main as monitor  # noqa: PLC0415 - see above

        return monitor(arguments[1:])
    if arguments:
        sys.stderr.write("usage: python -m anchor [fsck|monitor] ...\n")
        return EXIT_ARGUMENTS
    return serve()


def serve() -> int:
    """Runs the service until SIGTERM or SIGINT."""
    from ledger.adapters.interpreter import loading, settle  # noqa: PLC0415 - see main

    with loading():
        from anchor.container import build_parts, configure_logging  # noqa: PLC0415 - see main
        from anchor.lease import holder_name  # noqa: PLC0415 - see main
        from anchor.metrics import AnchorMetrics  # noqa: PLC0415 - see main
        from anchor.worker import Pace, Worker  # noqa: PLC0415 - see main
        from ledger.adapters.notify import notify  # noqa: PLC0415 - see main
        from ledger.adapters.settings import load_settings  # noqa: PLC0415 - see main
        from ledger.errors import IntegrityError, LedgerError, SettingsError  # noqa: PLC0415 - see main

    try:
        settings = load_settings()
        configure_logging(settings.log_level, settings.log_format)
        metrics = AnchorMetrics()
        parts = build_parts(settings, metrics)
        if settings.anchor_metrics_port is not None:
            metrics.serve(settings.anchor_metrics_port)
    except SettingsError as error:
        sys.stderr.write(f"anchor: {error.detail}\n")
        return EXIT_UNAVAILABLE
    logger = structlog.get_logger("anchor")
    pace = Pace(settings.publish_interval_s, settings.lease_ttl_s)
    worker = Worker(parts, pace, holder=holder_name(), metrics=metrics, notify=notify)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    settle()
    try:
        worker.run()
    except IntegrityError as error:
        logger.critical("refused", error=error.code, detail=error.detail, facts=error.facts)
        return EXIT_REFUSED
    except LedgerError as error:
        logger.critical("ended", error=error.code, detail=error.detail)
        return EXIT_UNAVAILABLE
    finally:
        parts.engine.dispose()
    logger.info("stopped")
    return 0


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        code = EXIT_INTERRUPTED
    sys.exit(code)
