"""Tiles: a Merkle tree and its entries as files that never change.

References
----------
.. [1] C2SP, tlog-tiles v0.1.0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

from baseload.record.errors import FormatError
from baseload.record.merkle import HASH_SIZE

WIDTH = 256
HEIGHT = 8
_PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?")
MAX_ENTRY = 65_535
"""Bytes that fit into one entry of a bundle."""


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Return the path of a tile of hashes below the prefix of the log.

    >>> tile_path(1, 1234067, 17)
    'tile/1/x001/x234/067.p/17'
    """
    return f"tile/{level}/{_grouped(number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Return the path of a bundle of entries below the prefix of the log.

    >>> bundle_path(0)
    'tile/entries/000'
    """
    return f"tile/entries/{_grouped(number)}{_partial(width)}"


def parse_path(path: str) -> tuple[int, int, int]:
    """Return level, number and width of a tile, or -1, number and width of a bundle.

    Raises
    ------
    FormatError
        It is the path of neither, or not the one form of it.

    >>> parse_path("tile/1/x001/x234/067.p/17")
    (1, 1234067, 17)
    """
    found = _PATH.fullmatch(path)
    if found is not None:
        kind, groups, width = found.groups()
        number = int(groups.replace("/", "").replace("x", ""))
        wide = int(width) if width else WIDTH
        if 1 <= wide <= WIDTH:
            level = -1 if kind == "entries" else int(kind)
            made = bundle_path(number, wide) if level < 0 else tile_path(level, number, wide)
            if made == path:
                return level, number, wide
    raise _bad(f"path {path[:80]!r}", "tile/LEVEL/NUMBER or tile/entries/NUMBER", "another")


def tile_widths(size: int) -> list[tuple[int, int, int]]:
    """Return (level, number, width) of the last, partial tile of each level that has one.

    Parameters
    ----------
    size : number of entries.
    """
    found = []
    level = 0
    while size:
        if width := size % WIDTH:
            found.append((level, size // WIDTH, width))
        size //= WIDTH
        level += 1
    return found


def check_lengths(entries: Iterable[bytes]) -> None:
    """Make sure that a bundle can hold each of some entries.

    Raises
    ------
    FormatError
        One is too long.
    """
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise FormatError(
                "entry",
                expected=f"at most {MAX_ENTRY:,} bytes",
                found=f"{len(entry):,} bytes",
                mend="put the content beside the log and log its hash",
            )


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries, each after its length in two bytes, the larger first."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            check_lengths([entry])
        parts.append(struct.pack(">H", len(entry)))
        parts.append(entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int, where: str) -> list[bytes]:
    """Return the entries of a bundle.

    Parameters
    ----------
    data : bytes of the bundle.
    width : number of entries that it must hold.
    where : what to call it in an error.

    Raises
    ------
    FormatError
        It holds fewer, or more bytes than they need.
    """
    entries, place = [], 0
    for number in range(width):
        start = place + 2
        length = int.from_bytes(data[place:start]) if start <= len(data) else 0
        place = start + length
        if place > len(data):
            raise _bad(where, f"{width} entries", f"{number} and a part of one more")
        entries.append(data[start:place])
    if place != len(data):
        raise _bad(where, f"{place:,} bytes", f"{len(data):,} bytes")
    return entries


def decode_tile(data: bytes, width: int, where: str) -> list[bytes]:
    """Return the hashes of a tile; there must be just as many as its width."""
    if len(data) != width * HASH_SIZE:
        raise _bad(where, f"{width * HASH_SIZE:,} bytes", f"{len(data):,} bytes")
    return [data[place : place + HASH_SIZE] for place in range(0, len(data), HASH_SIZE)]


def _grouped(number: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


def _partial(width: int) -> str:
    if not 1 <= width <= WIDTH:
        raise ValueError(f"no tile is {width} wide")
    return "" if width == WIDTH else f".p/{width}"


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="fetch the file again; keep this one"
    )
