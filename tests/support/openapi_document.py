"""The OpenAPI document that the repository keeps: one file is read sooner than the whole API is described anew by each process that tests."""

import json
from typing import Any

from support.repository import ROOT


def kept_document() -> dict[str, Any]:
    """``api/openapi.json``; that it is what the API says, a test holds (``test_openapi``)."""
    found: dict[str, Any] = json.loads((ROOT / "api" / "openapi.json").read_bytes())
    return found
