"""The right edge of a tiled tree: what must be in memory for it to grow.

For each level the hashes of the tile that is not full yet; a tile that fills up is one hash of
the level above. Appending an entry costs one hash for its leaf and, on average, one for the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from baseload.record.merkle import EMPTY_ROOT, node_hash
from baseload.record.tiles import WIDTH, tile_path


class Edge:
    """Partial tiles of a tree, lowest level first.

    Parameters
    ----------
    size : number of leaves.
    tiles : hashes of the last tile of each level; a level whose last tile is full has none.
    """

    def __init__(self, size: int = 0, tiles: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self.tiles = [list(tile) for tile in tiles]

    def copy(self) -> Edge:
        """Return an edge that grows apart from this one."""
        return Edge(self.size, self.tiles)

    def append(self, leaves: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        """Add hashes of leaves, and give path and bytes of each tile that this fills or widens."""
        self.size += len(leaves)
        yield from self._grow(0, leaves)

    def root(self) -> bytes:
        """Return the root of the tree."""
        return root_of(self.peaks())

    def peaks(self) -> list[list[bytes]]:
        """Return the roots of the complete subtrees of each partial tile, lowest level first."""
        return [peaks(tile) for tile in self.tiles]

    def _grow(self, level: int, hashes: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        if not hashes:
            return
        if level == len(self.tiles):
            self.tiles.append([])
        tile = self.tiles[level]
        number = (self.size >> (8 * level)) // WIDTH - (len(tile) + len(hashes)) // WIDTH
        tile.extend(hashes)
        filled = []
        for start in range(0, len(tile) - WIDTH + 1, WIDTH):
            part = tile[start : start + WIDTH]
            yield tile_path(level, number, WIDTH), b"".join(part)
            filled.append(peaks(part)[0])
            number += 1
        del tile[: WIDTH * len(filled)]
        if tile:
            yield tile_path(level, number, len(tile)), b"".join(tile)
        yield from self._grow(level + 1, filled)


def root_of(rows: Sequence[Sequence[bytes]]) -> bytes:
    """Return the root of a tree from the complete subtrees of its partial tiles."""
    found: bytes | None = None
    for row in rows:
        for subtree in reversed(row):
            found = subtree if found is None else node_hash(subtree, found)
    return EMPTY_ROOT if found is None else found


def peaks(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the complete subtrees over hashes of one level, largest first."""
    found: list[bytes] = []
    row = list(hashes)
    while row:
        if len(row) & 1:
            found.append(row.pop())
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return found[::-1]
