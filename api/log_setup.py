"""Structured log lines on standard error: JSON for machines, or plain for a person. No secrets, no event content."""

import logging
import sys
from typing import Protocol

import structlog


class LogSettings(Protocol):
    """What of a program's settings is about its log: least level, and ``json`` or ``console``."""

    @property
    def log_level(self) -> str:
        """Least level that is logged."""
        ...

    @property
    def log_format(self) -> str:
        """Form of the lines."""
        ...


def set_up_logging(settings: LogSettings) -> None:
    """Configures structlog and the standard library's loggers for this process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
    renderer: structlog.typing.Processor
    if settings.log_format == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
