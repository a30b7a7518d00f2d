"""Where the reference vectors and data are: the folder ``shared`` beside the checkout.

Tests of the project run without it; what needs it says so by name.
"""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def shared_path(relative: str) -> Path:
    """The file or folder ``../shared/<relative>``; skips the calling test, naming what is missing, when it is not there."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"needs ../shared/{relative}, which is not there")
    return path
