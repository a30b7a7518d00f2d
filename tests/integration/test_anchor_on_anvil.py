"""The anchor service against a real PostgreSQL and a real development chain."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import Anvil, Rig, anvil_rig, running_anvil

from ledger.services.ports import Watermarks


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Anvil]:
    with running_anvil(tmp_path / "anvil") as anvil:
        yield anvil


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, chain: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, chain)
    yield rig
    rig.log.engine.dispose()


def test_events_appended_become_final(rig):
    rig.append(600)
    assert rig.run_until_final() == Watermarks(601, 601, 601, 601)
    rig.append(1)
    assert rig.run_until_final() == Watermarks(602, 602, 602, 602)
    assert rig.log.count("chain_blocks") == 2
