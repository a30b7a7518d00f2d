"""A head in the database that contradicts the published checkpoint of the same size."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, fake_rig

from ledger.errors import IntegrityError


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    """Five entries, published."""
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(4)
    rig.leader.publishing_cycle()
    yield rig
    rig.log.engine.dispose()


@pytest.mark.parametrize(
    ("column", "finding"), [("root_hash", "database_root_mismatch"), ("compact_range", "head_altered")]
)
def test_head_altered_at_its_published_size_is_refused(rig, column, finding):
    assert rig.leader.publisher.publish() is False
    with rig.log.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE log_head SET {column} = set_byte({column}, 9, 255 - get_byte({column}, 9))")
    with pytest.raises(IntegrityError) as caught:
        rig.leader.publisher.publish()
    assert caught.value.facts["finding"] == finding
