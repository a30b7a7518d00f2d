"""Asks a running API for every kind of answer and keeps them in api/examples.json, from which the OpenAPI document is made.

Starts its own PostgreSQL, chain and API in a temporary folder and stops them again. Run scripts/export_openapi.py afterwards.
tests/http/test_openapi_examples.py fails when the service answers otherwise than is kept.
"""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import structlog  # noqa: E402  the repository is not installed when this runs
from support.anchor_rig import running_anvil  # noqa: E402
from support.api_examples import record  # noqa: E402

from ledger.adapters.embedded.postgres import EmbeddedPostgres  # noqa: E402
from ledger.adapters.sql.migrate import upgrade  # noqa: E402

TARGET = ROOT / "api" / "examples.json"


def main() -> None:
    """Records and writes."""
    # drawn for a terminal, the trace of the failure that is asked for takes longer than the client waits
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])
    with tempfile.TemporaryDirectory(prefix="cityledger-examples-") as name:
        folder = Path(name)
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        try:
            upgrade(server.url)
            with running_anvil(folder / "anvil") as anvil:
                recorded = record(server.url, folder / "service", anvil)
        finally:
            server.stop()
    TARGET.write_text(json.dumps(recorded, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
