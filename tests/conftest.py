"""Set-up that every test shares: fixtures with real servers, and how hard hypothesis tries."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["support.embedded"]

# The suite is compiled once for all tests that compare it with a chain; `scripts/solc` says how, a test of it that it is right.
os.environ.setdefault("CITYLEDGER_SOLC_OUTPUTS", str(Path(__file__).resolve().parents[1] / "build" / "solc-outputs"))

# Locally every run tries the same examples, so that a failure is the change's fault; CI tries new ones, a long run many more.
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("local", derandomize=True, max_examples=100, **COMMON)
settings.register_profile("ci", derandomize=False, max_examples=100, print_blob=True, **COMMON)
settings.register_profile("long", derandomize=False, max_examples=300, print_blob=True, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local"))

SLOW_FOLDERS = ("e2e", "crash", "integration", "http")
"""Whose files take long, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files go first, so that no worker is left alone with one when the others have nothing more to do."""
    ranks = {folder: rank for rank, folder in enumerate(SLOW_FOLDERS)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))
