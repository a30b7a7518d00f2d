"""``fsck`` beside a real chain: stored blocks are the node's, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.anchor_rig import Anvil, Rig, anvil_rig
from support.checked_log import codes, fsck, tamper


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, chain: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, chain)
    rig.append(5)
    rig.run_until_final()
    yield rig
    rig.log.engine.dispose()


def flip(value: str) -> str:
    """Another hexadecimal number of the same length."""
    return value[:-1] + ("1" if value[-1] == "0" else "0")


ALTERED: list[tuple[str, tuple[Any, ...]]] = [
    *(("header", (name,)) for name in ("stateRoot", "receiptsRoot", "timestamp", "parentHash", "gasUsed", "extraData")),
    *(("transactions", (0, name)) for name in ("input", "nonce", "to", "r", "gas")),
    *(("tx_receipts", (0, name)) for name in ("status", "cumulativeGasUsed", "logsBloom")),
    *(("tx_receipts", (0, "logs", 0, name)) for name in ("data", "address")),
    ("tx_receipts", (0, "logs", 0, "topics", 0)),
]


def test_fsck_of_stored_blocks_with_one_altered_field_names_each(rig):
    """No field is one that the block contradicts by itself: only the node shows it."""
    assert codes(rig) == set()
    with rig.log.engine.connect() as connection:
        stored = connection.execute(text("SELECT header, transactions, tx_receipts FROM chain_blocks")).mappings().one()
    for column, path in ALTERED:
        altered = json.loads(json.dumps(stored[column]))
        place = altered
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = "0xff" if place[path[-1]] == "0x" else flip(place[path[-1]])
        tamper(rig, f"UPDATE chain_blocks SET {column} = CAST(:v AS jsonb)", v=json.dumps(altered))
        assert codes(rig) == {"chain_block_altered"}, (column, path)
        tamper(rig, f"UPDATE chain_blocks SET {column} = CAST(:v AS jsonb)", v=json.dumps(stored[column]))
    assert codes(rig) == set()


def test_fsck_of_a_member_that_only_this_node_adds_is_clean(rig):
    """Another node software answers with other members beside those that the hash commits to."""
    tamper(rig, "UPDATE chain_blocks SET header = header - 'size' || '{\"madeBy\": \"another node\"}'")
    assert codes(rig) == set()


def test_fsck_of_an_altered_field_when_the_chain_is_away_compares_nothing_with_it(rig):
    tamper(rig, 'UPDATE chain_blocks SET header = header || \'{"stateRoot": "0x00"}\'')
    rig.chain._provider.endpoint_uri = "http://127.0.0.1:1"
    assert fsck(rig) == []
