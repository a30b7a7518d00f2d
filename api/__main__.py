"""`python -m api`: the API server, with its settings from the environment."""

import os
import shutil
import signal
import sys
from pathlib import Path

import structlog
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from api.http_protocol import KEEP_ALIVE_S, BoundedHeadProtocol
from api.log_setup import set_up_logging
from ledger.adapters.files.keys import load_identity_key, load_receipt_key, load_space_key
from ledger.adapters.interpreter import loading, settle
from ledger.adapters.settings import Settings, load_settings
from ledger.errors import LedgerError

EXIT_UNAVAILABLE = 4
"""A setting is missing or wrong, the port is taken, a part that is needed does not answer: another start may help."""

GRACE_S = 20
"""After SIGTERM requests under way get this long; longer than the longest default wait for publication."""

SWITCH_INTERVAL_S = 0.001
"""The event loop shares the interpreter with the bulk lane and the committer; it should not wait 5 ms for its turn."""


def build_app() -> FastAPI:
    """The application of one worker process, from the environment."""
    with loading():
        from api.app import create_app  # noqa: PLC0415  after PROMETHEUS_MULTIPROC_DIR is set
        from api.container import ApiKeysOfLog, Container  # noqa: PLC0415

    settings = load_settings()
    set_up_logging(settings)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    keys = ApiKeysOfLog(
        receipt_key=Ed25519PrivateKey.from_private_bytes(load_receipt_key(settings.keys_dir)),
        space_key=load_space_key(settings.keys_dir),
        identity_key=load_identity_key(settings.keys_dir),
    )
    app = create_app(Container(settings, keys))
    settle()
    return app


def _empty_folder(folder: Path) -> Path:
    """The folder in which several workers share their metrics; what an earlier run left there is dropped."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def main() -> int:
    """Serves until SIGTERM or SIGINT; 0 after an orderly stop, ``EXIT_UNAVAILABLE`` when it cannot start or listen."""
    try:
        settings = load_settings()
    except LedgerError as error:
        sys.stderr.write(f"cityledger api: {error.detail}\n")
        return EXIT_UNAVAILABLE
    set_up_logging(settings)
    if settings.api_workers > 1:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_empty_folder(settings.data_dir / "api-metrics"))
    # The server stops in order by itself and then raises the signal again, for whoever ran it: that is an orderly end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    structlog.get_logger("api").info("api_starting", host=settings.host, port=settings.port)
    try:
        _serve(settings)
    except SystemExit as ended:  # the server's own codes; its 3 would say that stores contradict each other
        return 0 if ended.code in {0, None} else EXIT_UNAVAILABLE
    return 0


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "api.__main__:build_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.api_workers,
        loop="uvloop",
        http=BoundedHeadProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        backlog=2048,
    )


if __name__ == "__main__":
    raise SystemExit(main())
