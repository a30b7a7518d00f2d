"""Tile names, bundles and growth: the examples of C2SP tlog-tiles and every refusal."""

import pytest
from support import naive_tree as naive

from ledger.errors import InputError, InvalidPathError, MalformedEvidenceError, TooLargeError
from ledger.log.proof import root_hash
from ledger.log.tiles import (
    ENTRIES,
    TILE_WIDTH,
    TileAddress,
    TileNodeReader,
    advance_right_edge,
    compact_range_from_right_edge,
    edge_tiles,
    encode_bundle,
    entry_bundle_path,
    grow_tiles,
    parse_bundle,
    parse_tile_path,
    tile_path,
    tiles_to_write,
)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (TileAddress(0, 0), "tile/0/000"),
        (TileAddress(0, 999), "tile/0/999"),
        (TileAddress(0, 1000), "tile/0/x001/000"),
        (TileAddress(1, 1234067), "tile/1/x001/x234/067"),
        (TileAddress(63, 7, 255), "tile/63/007.p/255"),
        (TileAddress(ENTRIES, 1234, 5), "tile/entries/x001/234.p/5"),
        (TileAddress(0, (2**64 - 1) // 256), "tile/0/x072/x057/x594/x037/x927/935"),
    ],
)
def test_tile_path_reads_back_as_written(address: TileAddress, path: str) -> None:
    assert address.path == path
    assert parse_tile_path(path) == address


def test_tile_path_functions_give_the_address_path() -> None:
    assert tile_path(0, 1234, 5) == "tile/0/x001/234.p/5"
    assert entry_bundle_path(1234) == "tile/entries/x001/234"


@pytest.mark.parametrize(
    "path",
    [
        "", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000",
        "tile/entry/000", "tile/0/x000/000", "tile/0/001/000", "tile/0/x001/x000", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/05", "tile/0/000.p/", "tile/0/000.p", "tile/0/000/", "/tile/0/000", "tile/0/000\n", "tile/0/\u0660\u0660\u0660",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/000.p/1/2", "tile/0/../0/000", "tile/0/000.P/1", "checkpoint",
    ],
)  # fmt: skip
def test_parse_tile_path_of_another_spelling_is_refused(path: str) -> None:
    with pytest.raises(InvalidPathError):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("level", "index", "width"), [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 2**56, 1), (0, 0, 0), (0, 0, 257)]
)
def test_tile_address_out_of_range_is_refused(level: int, index: int, width: int) -> None:
    with pytest.raises(InvalidPathError):
        TileAddress(level, index, width)


def test_bundle_reads_back_as_written() -> None:
    entries = [b"", b"a", b"b" * 65535]
    data = encode_bundle(entries)
    assert data[:5] == b"\x00\x00\x00\x01a"
    assert parse_bundle(data, 3) == entries
    assert parse_bundle(encode_bundle([b"x"] * 256)) == [b"x"] * 256


@pytest.mark.parametrize("width", [1, 2, 4, 256])
def test_bundle_of_another_width_is_refused(width: int) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_bundle(encode_bundle([b"", b"ab", b"c"]), width)


@pytest.mark.parametrize("cut", range(1, 9))
def test_bundle_that_is_cut_is_refused(cut: int) -> None:
    data = encode_bundle([b"ab", b"cdef"])
    with pytest.raises(MalformedEvidenceError):
        parse_bundle(data[:-cut], 2)


def test_bundle_of_impossible_entries_is_refused() -> None:
    with pytest.raises(TooLargeError):
        encode_bundle([bytes(65536)])
    for entries in ([], [b""] * 257):
        with pytest.raises(InputError):
            encode_bundle(entries)


def test_tiles_of_seventy_thousand_leaves_are_those_of_the_specification() -> None:
    addresses = tiles_to_write(0, 70_000)
    hash_tiles = [address for address in addresses if address.level != ENTRIES]
    assert sum(address.level == 0 and address.is_full for address in hash_tiles) == 273
    assert [address for address in hash_tiles if not address.is_full] == edge_tiles(70_000)
    assert edge_tiles(70_000) == [TileAddress(0, 273, 112), TileAddress(1, 1, 17), TileAddress(2, 0, 1)]
    assert TileAddress(1, 0) in hash_tiles
    bundles = [(address.index, address.width) for address in addresses if address.level == ENTRIES]
    assert bundles == [(address.index, address.width) for address in hash_tiles if address.level == 0]


def test_tiles_of_a_full_tile_leave_no_partial_one_at_its_level() -> None:
    assert tiles_to_write(250, 256) == [TileAddress(ENTRIES, 0), TileAddress(0, 0), TileAddress(1, 0, 1)]
    assert tiles_to_write(256, 257) == [TileAddress(ENTRIES, 1, 1), TileAddress(0, 1, 1)]
    assert tiles_to_write(5, 5) == []


@pytest.mark.parametrize(("old_size", "new_size"), [(2, 1), (-1, 1), (0, 2**64)])
def test_tiles_to_write_of_sizes_that_do_not_grow_is_refused(old_size: int, new_size: int) -> None:
    with pytest.raises(InvalidPathError):
        tiles_to_write(old_size, new_size)


@pytest.mark.parametrize(
    "edge",
    [{}, {0: bytes(32)}, {0: bytes(96), 1: bytes(32)}, {0: bytes(64), 1: bytes(32), 2: bytes(32)}, {1: bytes(32)}],
)
def test_right_edge_of_another_size_is_refused(edge: dict[int, bytes]) -> None:
    with pytest.raises(MalformedEvidenceError):
        grow_tiles(258, edge, [naive.leaf(258)])
    with pytest.raises(MalformedEvidenceError):
        compact_range_from_right_edge(258, edge)


def test_growing_with_a_malformed_leaf_hash_is_refused() -> None:
    with pytest.raises(MalformedEvidenceError):
        grow_tiles(0, {}, [b"short"])
    with pytest.raises(InvalidPathError):
        grow_tiles(-1, {}, [])


def test_right_edge_ignores_entry_bundles() -> None:
    assert advance_right_edge({0: b"a"}, [(TileAddress(ENTRIES, 0), b"bundle")]) == {0: b"a"}


def _read_tile(level: int, index: int, width: int) -> bytes:
    return b"".join(naive.read_nodes([(8 * level, index * TILE_WIDTH + offset) for offset in range(width)]))


def test_reader_takes_the_full_tile_where_a_partial_one_was_dropped() -> None:
    reader = TileNodeReader(lambda level, index, _: _read_tile(level, index, TILE_WIDTH), 300)
    assert root_hash(300, reader) == naive.root(300)


def test_reader_reads_each_tile_once_a_call() -> None:
    asked: list[tuple[int, int, int]] = []

    def read_tile(level: int, index: int, width: int) -> bytes:
        asked.append((level, index, width))
        return _read_tile(level, index, width)

    reader = TileNodeReader(read_tile, 700)
    nodes = [(0, 0), (3, 1), (0, 255), (8, 1), (0, 699)]
    assert reader(nodes) == naive.read_nodes(nodes)
    assert asked == [(0, 0, 256), (1, 0, 2), (0, 2, 188)]
    assert [(tile.level, tile.index, tile.width) for tile in reader.tiles_of(nodes)] == asked


@pytest.mark.parametrize("node", [(0, 300), (1, 150), (2, 75), (8, 1), (16, 0), (-1, 0), (0, -1)])
def test_reader_of_a_node_that_is_not_complete_is_refused(node: tuple[int, int]) -> None:
    with pytest.raises(InvalidPathError):
        TileNodeReader(_read_tile, 300)([node])


@pytest.mark.parametrize("length", [0, 43 * 32, 44 * 32 + 1, 45 * 32, 257 * 32])
def test_reader_of_a_tile_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MalformedEvidenceError, match=r"tile/0/001\.p/44 has"):
        TileNodeReader(lambda _level, _index, _width: bytes(length), 300)([(0, 299)])
