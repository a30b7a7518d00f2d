"""`python -m api`: the API server, with its settings from the environment."""

import os
import shutil
import sys
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from api.log_setup import set_up_logging
from api.server import EXIT_UNAVAILABLE, exit_on_signals, serve
from ledger.adapters.files.keys import load_identity_key, load_receipt_key, load_space_key
from ledger.adapters.interpreter import loading, settle
from ledger.adapters.settings import load_settings
from ledger.errors import LedgerError

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
    exit_on_signals()
    structlog.get_logger("api").info("api_starting", host=settings.host, port=settings.port)
    return serve("api.__main__:build_app", settings.host, settings.port, factory=True, workers=settings.api_workers)


if __name__ == "__main__":
    raise SystemExit(main())
