"""What the tests of this folder share: a development chain, and a site that serves a log's folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import Anvil, running_anvil
from support.outsider import Site, site_of


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Anvil]:
    """A development chain that the test may stop and start."""
    with running_anvil(tmp_path / "anvil") as anvil:
        yield anvil


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The test's folder over HTTP, as a log is served."""
    with site_of(tmp_path) as site:
        yield site
