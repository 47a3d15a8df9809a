from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baseload.record import tiles
from baseload.record.errors import FormatError, RecordError


def test_the_widths_of_the_specifications_example():
    """C2SP tlog-tiles v0.1.0: a tree of 70,000 entries."""
    assert tiles.tile_widths(70_000) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]


def test_a_tree_of_whole_tiles_has_no_partial_one():
    assert tiles.tile_widths(256**2) == [(2, 0, 1)]
    assert tiles.tile_widths(0) == []


@given(st.integers(-1, 63), st.integers(0, 10**10), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level, number, width):
    path = tiles.bundle_path(number, width) if level < 0 else tiles.tile_path(level, number, width)
    assert tiles.parse_path(path) == (level, number, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/x1/000",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/entries/../000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/8/data/000",
        "tile/0/٠٠٠",
    ],
)
def test_other_paths_are_refused(path):
    with pytest.raises(FormatError):
        tiles.parse_path(path)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_a_bundle_is_read_as_it_was_written(entries):
    data = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(data, len(entries), "here") == entries
    for other in (data[:-1], data + b"\x00"):
        with pytest.raises(FormatError):
            tiles.decode_bundle(other, len(entries), "here")


def test_the_longest_entry_fits_and_one_more_byte_does_not():
    longest = bytes(65_535)
    assert tiles.decode_bundle(tiles.encode_bundle([longest]), 1, "here") == [longest]
    with pytest.raises(FormatError, match="65,535"):
        tiles.encode_bundle([bytes(65_536)])


def test_a_tile_of_another_length_is_refused():
    assert len(tiles.decode_tile(bytes(8192), 256, "here")) == 256
    for length in (0, 8191, 8193):
        with pytest.raises(FormatError):
            tiles.decode_tile(bytes(length), 256, "here")


@given(st.binary(max_size=200), st.integers(1, 256))
def test_nothing_but_the_domains_error_leaves_the_parsers(data, width):
    for parse in (tiles.decode_bundle, tiles.decode_tile):
        with suppress(RecordError):
            parse(data, width, "here")
