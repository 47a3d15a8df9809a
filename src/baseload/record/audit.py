"""Checking a log from its entries up: every tile, every kept checkpoint, the signature of the log.

This is the operator's own check, with the code that writes logs; an outsider uses the inspector,
which shares none of it. It costs two hashes an entry and reads every file once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from baseload.record.disk import REAL, Disk
from baseload.record.edge import Edge
from baseload.record.errors import RecordError
from baseload.record.merkle import leaf_hash
from baseload.record.note import VerifierKey, verify
from baseload.record.reader import Reader
from baseload.record.tiles import WIDTH, parse_path, tile_widths


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be.

    Parameters
    ----------
    file : file of the log.
    expected, found : the two that differ.
    index : first entry that it concerns, where that is known.
    """

    file: str
    expected: str
    found: str
    index: int | None = None


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Parameters
    ----------
    size : number of entries.
    tiles, checkpoints : how many were compared.
    problems : what is wrong, by file.
    """

    size: int
    tiles: int
    checkpoints: int
    problems: tuple[Problem, ...]


def audit(folder: Path, keys: tuple[VerifierKey, ...] = (), disk: Disk = REAL) -> Audited:
    """Check a log, a published copy or a kit.

    Parameters
    ----------
    folder : its folder.
    keys : keys of the log, one of which must have signed each checkpoint; not checked if none.
    disk : where the folder is.

    Raises
    ------
    RecordError
        There is no checkpoint that can be read.
    """
    reader = Reader(folder, disk=disk)
    audited = _Audit(reader, keys, disk)
    audited.run()
    return Audited(
        reader.size, audited.tiles, audited.checkpoints, tuple(dict.fromkeys(audited.problems))
    )


class _Audit:
    """An audit under way."""

    def __init__(self, reader: Reader, keys: tuple[VerifierKey, ...], disk: Disk) -> None:
        self._reader = reader
        self._keys = keys
        self._disk = disk
        self._edge = Edge()
        self._last = set(tile_widths(reader.size))
        self.tiles = self.checkpoints = 0
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Take all entries, and stop at each kept checkpoint."""
        size = self._reader.size
        kept = [one for one in self._reader.journal() if one <= size]
        for larger in self._reader.journal()[len(kept) :]:
            self._add(f"checkpoints/{larger}", f"at most {size} entries", f"{larger}", size)
        self._checkpoint("checkpoint", size, early=True)
        edges = sorted({*range(0, size, WIDTH), *kept, size})
        for first, last in zip(edges, [*edges[1:], None], strict=True):
            if first in kept:
                self._checkpoint(f"checkpoints/{first}", first)
            if last is not None and not self._take(first, last):
                return
        self._checkpoint("checkpoint", size)

    def _take(self, first: int, last: int) -> bool:
        """Take entries of one bundle; where they cannot be read, nothing beyond is known."""
        try:
            entries = list(self._reader.entries(first, last))
        except RecordError as error:
            where = error.where.removeprefix(f"{self._reader.folder}{os.sep}")
            self._add(where, error.expected, error.found, first)
            return False
        for path, data in self._edge.append([leaf_hash(entry) for entry in entries]):
            level, number, width = parse_path(path)
            if width == WIDTH or (level, number, width) in self._last:
                self._compare(path, data, (number * WIDTH) << 8 * level, level)
        return True

    def _compare(self, path: str, data: bytes, first: int, level: int) -> None:
        self.tiles += 1
        full = path.partition(".p/")[0]
        for name in (path, full):  # a full tile may have taken the place of a partial one
            try:
                stored = self._disk.read(self._reader.folder / name)
            except OSError as error:
                self._add(name, "a file that can be read", str(error.strerror), first)
                return
            if stored is None:
                continue
            length = len(data) if name == path else 32 * WIDTH
            if len(stored) != length or stored[: len(data)] != data:
                place = next(iter(_differing(stored, data)), 0)
                self._add(
                    name, "the hashes of what is below it", "others", first + (place << 8 * level)
                )
            return
        self._add(path, "a file", "none", first)

    def _checkpoint(self, name: str, size: int, early: bool = False) -> None:
        """Compare a checkpoint with the tree so far; early, only look at its signature."""
        try:
            if name == "checkpoint":
                found, note = self._reader.checkpoint()
            else:
                found, note = self._reader.kept_checkpoint(size)
            if self._keys:
                verify(note, self._keys, name)
        except RecordError as error:
            self._add(name, error.expected, error.found, None)
            return
        if early:
            return
        self.checkpoints += 1
        if found.root != self._edge.root():
            expected = f"root {self._edge.root().hex()} at size {size}"
            self._add(name, expected, found.root.hex(), max(size - 1, 0))

    def _add(self, file: str, expected: str, found: str, index: int | None) -> None:
        self.problems.append(Problem(file, expected, found, index))


def _differing(stored: bytes, data: bytes) -> Iterator[int]:
    """Give the places of hashes that differ."""
    for place in range(0, len(data), 32):
        if stored[place : place + 32] != data[place : place + 32]:
            yield place // 32
