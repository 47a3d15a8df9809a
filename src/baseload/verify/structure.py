"""The tree of a kit, tile by tile: every leaf hash, every tile, every root that was signed."""

from __future__ import annotations

from functools import cached_property

from baseload.verify.findings import FAILED, Finding, Findings
from baseload.verify.hashing import TILE, Mountain, Pyramid, pyramid_of
from baseload.verify.kit import Kit
from baseload.verify.scanning import Scan
from baseload.verify.tilefiles import TileFiles, tile_name


class Leaves:
    """The leaf hashes of a tile, and the part of the tree over them.

    Parameters
    ----------
    hashes : leaf hashes.
    root : root over them, if it is known already.
    """

    def __init__(self, hashes: list[bytes], root: bytes | None = None) -> None:
        self.hashes = hashes
        self._root = root

    @cached_property
    def rows(self) -> Pyramid:
        """All complete subtrees."""
        return pyramid_of(self.hashes)

    @property
    def root(self) -> bytes:
        """The root over a whole tile."""
        return self._root if self._root is not None else self.rows[8][0]


class Tree:
    """The tree that a kit's entries make, compared with the tiles that lie beside them.

    Parameters
    ----------
    kit : the kit.
    size : number of entries.
    root : root that was signed for them.
    findings : what is wrong is added to them.
    """

    def __init__(self, kit: Kit, size: int, root: bytes, findings: Findings) -> None:
        self._kit = kit
        self._signed = root
        self._findings = findings
        self.size = size
        self.mountain = Mountain()
        self.complete = True
        self._uppers: list[list[bytes]] = []
        self._stored: dict[tuple[int, int], list[bytes] | None] = {}

    def compare(self, scan: Scan) -> Leaves | None:
        """Take the next tile of entries, and return its leaves; nothing where none are known.

        The roots up to a place in it can be asked for until it is pushed.
        """
        for finding in scan.findings:
            self._findings.add(finding)
        if scan.leaves is None:
            return None if scan.stored is None else Leaves(scan.stored, scan.root)
        if scan.stored is None or scan.stored == scan.leaves:
            return Leaves(scan.leaves, scan.root)
        return self._differing(scan, scan.leaves, scan.stored)

    def push(self, number: int, leaves: Leaves | None) -> None:
        """Go on to the next tile."""
        if leaves is None:
            self.complete = False
        elif len(leaves.hashes) == TILE and self.complete:
            self.mountain.push(leaves.root)
            self._rise(0, number, leaves.root)

    def close(self) -> None:
        """Compare the tiles at the right edge, once all entries were taken."""
        if self.complete:
            for level, row in enumerate(self._uppers):
                if row:
                    self._compare(level + 1, self.size >> 8 * (level + 2), row)

    def root(self, leaves: Leaves | None, width: int) -> bytes | None:
        """Return the root over all tiles pushed and the first leaves of this one, if known."""
        if not self.complete or (leaves is None and width):
            return None
        if leaves is not None and width == TILE:
            return self.mountain.root_with(leaves.root)
        return self.mountain.root(leaves.rows if leaves is not None else [[]], width)

    def _differing(self, scan: Scan, leaves: list[bytes], stored: list[bytes]) -> Leaves:
        """Tell where a bundle and its tile differ, and which of them the tree was made of."""
        place = next(
            i for i, pair in enumerate(zip(leaves, stored, strict=True)) if pair[0] != pair[1]
        )
        before = sum(2 + len(entry) for entry in (scan.entries or ())[:place])
        kept = Leaves(stored)
        if self._holds(scan.number, kept):
            self._differs(
                scan.number * TILE + place,
                (stored[place], leaves[place]),
                tile_name(-1, scan.number, len(leaves)),
                before + 2,
            )
            return kept
        self._differs(
            scan.number * TILE + place,
            (leaves[place], stored[place]),
            tile_name(0, scan.number, len(leaves)),
            32 * place,
            "structure.tile",
        )
        return Leaves(leaves)

    def _holds(self, number: int, leaves: Leaves) -> bool:
        """Tell whether the tile above, or the signed root, was made of these hashes."""
        width = len(leaves.hashes)
        if width < TILE:
            return self.root(leaves, width) == self._signed
        upper, place = divmod(number, TILE)
        above = self._tile(1, upper, min(TILE, self.size // TILE - upper * TILE))
        return above is not None and above[place] == leaves.root

    def _differs(
        self,
        index: int,
        both: tuple[bytes, bytes],
        file: str,
        at: int,
        code: str = "structure.bundle",
    ) -> None:
        meaning = (
            "An entry is not the one that the tree was made of."
            if code == "structure.bundle"
            else "A tile is not made of the entries."
        )
        expected, found = (f"leaf hash {leaf.hex()}" for leaf in both)
        self._findings.add(
            Finding(code, FAILED, meaning, expected, found, index=index, file=file, at=at),
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

    def _compare(self, level: int, number: int, row: list[bytes]) -> None:
        stored = self._tile(level, number, len(row))
        if stored is None or stored == row:
            return
        place = next(
            i for i, pair in enumerate(zip(row, stored, strict=True)) if pair[0] != pair[1]
        )
        self._findings.add(
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
        """Return the hashes of a tile above the entries; what is missing is told once."""
        key = (level, number)
        if key not in self._stored:
            if len(self._stored) > 64:
                self._stored.clear()
            files = TileFiles(self._kit)
            self._stored[key] = files.hashes(level, number, width)
            for finding in files.findings:
                self._findings.add(finding)
        return self._stored[key]
