"""A log that Tessera wrote (15 entries, a checkpoint, tiles and bundles at every size) reads as ours, byte for byte."""

import base64
import json
from pathlib import Path

import pytest

from ledger.log.checkpoint import parse_checkpoint_body
from ledger.log.hashing import hash_leaf
from ledger.log.note import ed25519_key_id, parse_note, parse_verifier_key
from ledger.log.proof import consistency_path, inclusion_path, root_hash
from ledger.log.signatures import verify_ed25519
from ledger.log.tiles import TileNodeReader, encode_bundle, entry_bundle_path, grow_tiles, parse_bundle, tile_path
from ledger.log.verify import verify_consistency, verify_inclusion

LOG = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "tessera" / "log.json").read_bytes())
FILES = {path: base64.b64decode(content, validate=True) for path, content in LOG["files"].items()}
SIZE = 15
ENTRIES = [
    b"one", b"two", b"three", b"four", b"five", b"six", b"seven", b"eit", b"nain", b"ten", b"ileven", b"twelf", b"threeten",
    b"fourten", b"fivten",
]  # fmt: skip


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_checkpoint_of_every_size_parses_and_its_signature_verifies(size: int) -> None:
    origin, public_key = parse_verifier_key(LOG["verifier_key"])
    note = parse_note(FILES[f"checkpoint.{size}"])
    assert note.encode().encode() == FILES[f"checkpoint.{size}"]
    checkpoint = parse_checkpoint_body(note.text)
    assert (checkpoint.origin, checkpoint.tree_size) == (origin, size)
    (line,) = note.signatures
    assert (line.name, line.key_id) == (origin, ed25519_key_id(origin, public_key))
    verify_ed25519(public_key, note.text.encode(), line.signature)
    assert root_hash(size, _reader(size)) == checkpoint.root_hash


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_tiles_and_bundles_of_every_size_are_the_ones_we_write(size: int) -> None:
    bundle = FILES[entry_bundle_path(0, size)]
    assert parse_bundle(bundle, size) == ENTRIES[:size]
    assert encode_bundle(ENTRIES[:size]) == bundle
    ((address, tile),) = grow_tiles(0, {}, [hash_leaf(entry) for entry in ENTRIES[:size]])
    assert FILES[address.path] == tile
    (grown,) = grow_tiles(size - 1, {0: tile[:-32]} if size > 1 else {}, [hash_leaf(ENTRIES[size - 1])])
    assert grown == (address, tile)


def test_proofs_from_these_tiles_verify_against_these_checkpoints() -> None:
    for size_2 in range(1, SIZE + 1):
        root_2 = parse_checkpoint_body(parse_note(FILES[f"checkpoint.{size_2}"]).text).root_hash
        for size_1 in range(1, size_2 + 1):
            root_1 = parse_checkpoint_body(parse_note(FILES[f"checkpoint.{size_1}"]).text).root_hash
            verify_consistency(size_1, size_2, consistency_path(size_1, size_2, _reader(size_2)), root_1, root_2)
            leaf_index = size_1 - 1
            path = inclusion_path(leaf_index, size_2, _reader(size_2))
            verify_inclusion(hash_leaf(ENTRIES[leaf_index]), leaf_index, size_2, path, root_2)


def _reader(size: int) -> TileNodeReader:
    return TileNodeReader(lambda level, index, width: FILES[tile_path(level, index, width)], size)
