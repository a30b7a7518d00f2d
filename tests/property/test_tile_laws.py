"""Growing a log by any steps writes the same tiles, and proofs read from tiles are the tree's proofs."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support import naive_tree as naive

from ledger.log.merkle import CompactRange
from ledger.log.proof import consistency_path, inclusion_path, root_hash
from ledger.log.tiles import (
    ENTRIES,
    TileAddress,
    TileNodeReader,
    advance_right_edge,
    compact_range_from_right_edge,
    encode_bundle,
    grow_tiles,
    parse_bundle,
    parse_tile_path,
    tile_path,
    tiles_to_write,
)

STEPS = st.lists(st.one_of(st.integers(0, 10), st.sampled_from([255, 256, 257, 512, 1000])), min_size=1, max_size=6)


@given(STEPS)
@settings(deadline=None)
def test_tiles_grown_by_any_steps_hold_the_subtrees_of_the_tree(steps: list[int]) -> None:
    size, edge, store, tree = 0, dict[int, bytes](), dict[str, bytes](), CompactRange()
    for step in steps:
        leaf_hashes = [naive.leaf(index) for index in range(size, size + step)]
        written = grow_tiles(size, edge, leaf_hashes)
        expected = [address for address in tiles_to_write(size, size + step) if address.level != ENTRIES]
        assert [address for address, _ in written] == expected
        store.update((address.path, data) for address, data in written)
        edge = advance_right_edge(edge, written)
        tree.extend(leaf_hashes)
        size += step
        assert compact_range_from_right_edge(size, edge) == tree
    for path, data in store.items():
        address = parse_tile_path(path)
        nodes = [(8 * int(address.level), address.index * 256 + offset) for offset in range(address.width)]
        assert data == b"".join(naive.read_nodes(nodes))
    assert root_hash(size, _reader(store, size)) == naive.root(size)


def _reader(store: dict[str, bytes], size: int) -> TileNodeReader:
    return TileNodeReader(lambda level, index, width: store[tile_path(level, index, width)], size)


def _grown(size: int) -> dict[str, bytes]:
    return {address.path: data for address, data in grow_tiles(0, {}, [naive.leaf(index) for index in range(size)])}


def test_proofs_from_tiles_at_every_small_size_are_the_proofs_of_the_tree() -> None:
    for size in [*range(1, 65), 255, 256, 257, 511, 512, 513, 600]:
        reader = _reader(_grown(size), size)
        for leaf_index in {0, size // 3, size // 2, size - 1}:
            assert inclusion_path(leaf_index, size, reader) == naive.inclusion_path(leaf_index, 0, size)
            assert consistency_path(leaf_index + 1, size, reader) == naive.consistency_path(leaf_index + 1, size)


LARGE = 66_000  # three levels of tiles
LARGE_TILES = _grown(LARGE)


@given(st.integers(0, LARGE - 1), st.integers(1, LARGE))
@settings(deadline=None)
def test_proofs_from_three_levels_of_tiles_are_the_proofs_of_the_tree(leaf_index: int, size_1: int) -> None:
    reader = _reader(LARGE_TILES, LARGE)
    assert inclusion_path(leaf_index, LARGE, reader) == naive.inclusion_path(leaf_index, 0, LARGE)
    assert consistency_path(size_1, LARGE, reader) == naive.consistency_path(size_1, LARGE)
    assert root_hash(size_1, reader) == naive.root(size_1)  # an older size is read from the tiles of a newer one


@given(st.one_of(st.integers(0, 63), st.just(ENTRIES)), st.integers(0, (2**64 - 1) // 256), st.integers(1, 256))
def test_tile_path_of_any_address_reads_back(level: int | str, index: int, width: int) -> None:
    address = TileAddress(level, index, width)
    assert parse_tile_path(address.path) == address


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundle_of_any_entries_reads_back(entries: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(entries), len(entries)) == entries
