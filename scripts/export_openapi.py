"""Writes the API's OpenAPI document to api/openapi.json; with --check compares instead and fails on a difference."""

import json
import sys
from pathlib import Path

from fastapi import FastAPI

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from api.app import build_app_without_parts  # noqa: E402  the repository is not installed when this runs

TARGET = ROOT / "api" / "openapi.json"


def document(app: FastAPI) -> str:
    """The document as it is kept: sorted, so that a difference is a change."""
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """0 when written or equal, 1 when different."""
    fresh = document(build_app_without_parts())
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(fresh, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == fresh:
        return 0
    print(f"{TARGET.relative_to(ROOT)} is out of date: run scripts/export_openapi.py and commit it")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
