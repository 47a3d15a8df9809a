"""The tree of a kit, tile by tile: every leaf hash, every tile, every root that was signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256

from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.hashing import TILE, Mountain, Pyramid, pyramid_of
from baseload.verify.kit import Kit


def tile_name(level: int, number: int, width: int = TILE) -> str:
    """Return the path of a tile in a kit; level -1 is that of the bundles."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    kind = "entries" if level < 0 else str(level)
    part = "" if width == TILE else f".p/{width}"
    return f"tile/{kind}/{'/'.join(groups)}{part}"


def split_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle, each after its length in two bytes."""
    entries, place, size = [], 0, len(data)
    for number in range(width):
        start = place + 2
        end = start + (data[place] << 8 | data[place + 1]) if start <= size else size + 1
        if end > size:
            raise Refused(f"{width} entries", f"{number} and a part of one", place)
        entries.append(data[start:end])
        place = end
    if place != size:
        raise Refused(f"{place:,} bytes", f"{size:,}", place)
    return entries


class Tree:
    """The tree that a kit's entries make, compared with the tiles that lie beside them.

    Parameters
    ----------
    kit : the kit.
    size : number of entries.
    root : root that was signed for them.
    tell : is given each finding.
    """

    def __init__(self, kit: Kit, size: int, root: bytes, tell: Callable[[Finding], None]) -> None:
        self._kit = kit
        self._signed = root
        self._tell = tell
        self.size = size
        self.mountain = Mountain()
        self.complete = True
        self._last: Pyramid | None = [[]]
        self._uppers: list[list[bytes]] = []
        self._stored: dict[tuple[int, int], list[bytes] | None] = {}

    def tiles(self, first: int = 0) -> Iterator[tuple[int, list[bytes] | None, Pyramid | None]]:
        """Give each tile of entries: its number, its entries, and its part of the tree.

        Entries are none where they could not be read, the part of the tree where not even hashes
        could. The roots up to a tile can be asked for until the next one is taken.
        """
        for number in range(first, (self.size + TILE - 1) // TILE):
            width = min(TILE, self.size - number * TILE)
            entries = self._entries(number, width)
            rows = self._rows(number, width, entries)
            self._last = rows
            yield number, entries, rows
            if rows is None:
                self.complete = False
            elif width == TILE and self.complete:
                self.mountain.push(rows[8][0])
                self._rise(0, number, rows[8][0])
        if self.complete:
            self._edges()

    def root(self, rows: Pyramid | None, width: int) -> bytes | None:
        """Return the root over all tiles taken and the first leaves of this one, if it is known."""
        known = self.complete and (rows is not None or width == 0)
        return self.mountain.root(rows or [[]], width) if known else None

    def last_rows(self) -> Pyramid | None:
        """Return the part of the tree over the last tile, if that is not a whole one."""
        return self._last if self.size % TILE else [[]]

    def _entries(self, number: int, width: int) -> list[bytes] | None:
        name, data = self._file(-1, number, width)
        if data is None:
            return None
        try:
            wide = TILE if name == tile_name(-1, number) else width
            return split_bundle(data, wide)[:width]
        except Refused as refused:
            self._tell(
                Finding(
                    "structure.bundle",
                    FAILED,
                    "A bundle of entries is damaged.",
                    refused.expected,
                    refused.found,
                    index=number * TILE,
                    file=name,
                    at=refused.at,
                )
            )
            return None

    def _rows(self, number: int, width: int, entries: list[bytes] | None) -> Pyramid | None:
        """Return the part of the tree over a tile: of its entries, or of the hashes that hold."""
        stored = self._tile(0, number, width)
        if entries is None:
            return None if stored is None else pyramid_of(stored)
        leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
        rows = pyramid_of(leaves)
        if stored is None or stored == leaves:
            return rows
        place = next(
            i for i, pair in enumerate(zip(leaves, stored, strict=True)) if pair[0] != pair[1]
        )
        kept = pyramid_of(stored)
        if self._holds(number, width, kept):
            self._differs("structure.bundle", number, width, place, stored, leaves, entries)
            return kept
        self._differs("structure.tile", number, width, place, leaves, stored, entries)
        return rows

    def _holds(self, number: int, width: int, rows: Pyramid) -> bool:
        """Tell whether the tile above, or the signed root, was made of these hashes."""
        if width < TILE:
            return self.root(rows, width) == self._signed
        upper, place = divmod(number, TILE)
        above = self._tile(1, upper, min(TILE, self.size // TILE - upper * TILE))
        return above is not None and above[place] == rows[8][0]

    def _differs(
        self,
        code: str,
        number: int,
        width: int,
        place: int,
        expected: list[bytes],
        found: list[bytes],
        entries: list[bytes],
    ) -> None:
        bundle = code == "structure.bundle"
        before = sum(2 + len(entry) for entry in entries[:place])
        self._tell(
            Finding(
                code,
                FAILED,
                "An entry is not the one that the tree was made of."
                if bundle
                else "A tile is not made of the entries.",
                f"leaf hash {expected[place].hex()}",
                f"leaf hash {found[place].hex()}",
                index=number * TILE + place,
                file=tile_name(-1 if bundle else 0, number, width),
                at=before + 2 if bundle else 32 * place,
            )
        )

    def _rise(self, level: int, number: int, node: bytes) -> None:
        """Put the root of a whole tile into the tile above it, and check that when it is whole."""
        if level == len(self._uppers):
            self._uppers.append([])
        row = self._uppers[level]
        row.append(node)
        if len(row) == TILE:
            above = number // TILE
            self._compare(level + 1, above, row)
            self._uppers[level] = []
            self._rise(level + 1, above, pyramid_of(row)[8][0])

    def _edges(self) -> None:
        for level, row in enumerate(self._uppers):
            if row:
                self._compare(level + 1, self.size >> 8 * (level + 2), row)

    def _compare(self, level: int, number: int, row: list[bytes]) -> None:
        stored = self._tile(level, number, len(row))
        if stored is None or stored == row:
            return
        place = next(
            i for i, pair in enumerate(zip(row, stored, strict=True)) if pair[0] != pair[1]
        )
        self._tell(
            Finding(
                "structure.tile",
                FAILED,
                "A tile is not made of the tiles below it.",
                f"hash {row[place].hex()}",
                f"hash {stored[place].hex()}",
                index=(number * TILE + place) << 8 * level,
                file=tile_name(level, number, len(row)),
                at=32 * place,
            )
        )

    def _tile(self, level: int, number: int, width: int) -> list[bytes] | None:
        """Return the hashes of a tile; what is missing or damaged is told once."""
        key = (level, number)
        if level and key in self._stored:
            return self._stored[key]
        name, data = self._file(level, number, width)
        hashes = None
        if data is not None:
            wide = TILE if name == tile_name(level, number) else width
            if len(data) == 32 * wide:
                hashes = [data[at : at + 32] for at in range(0, 32 * width, 32)]
            else:
                self._tell(
                    Finding(
                        "structure.tile",
                        FAILED,
                        "A tile has not the length it must have.",
                        f"{32 * wide} bytes",
                        f"{len(data)}",
                        index=number * TILE << 8 * level,
                        file=name,
                    )
                )
        if level:
            if len(self._stored) > 64:
                self._stored.clear()
            self._stored[key] = hashes
        return hashes

    def _file(self, level: int, number: int, width: int) -> tuple[str, bytes | None]:
        """Return the name and the bytes of a partial file, or of the full one in its place."""
        name = tile_name(level, number, width)
        for wide in dict.fromkeys((width, TILE)):
            name = tile_name(level, number, wide)
            try:
                data = self._kit.read(name)
            except Refused as refused:
                self._unread("unreadable", level, number, name, refused.found)
                return name, None
            if data is not None:
                return name, data
        name = tile_name(level, number, width)
        self._unread("structure.missing", level, number, name, "no such file")
        return name, None

    def _unread(self, code: str, level: int, number: int, name: str, found: str) -> None:
        self._tell(
            Finding(
                code,
                INCOMPLETE,
                "A part of the record could not be read; what it holds is not known.",
                f"the file {name}",
                found,
                index=(number * TILE) << 8 * max(level, 0),
                file=name,
            )
        )
