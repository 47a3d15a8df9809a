"""Reading a log: its checkpoint, its entries, its tree, and proofs from it.

Works on any folder that holds the files of a log: the log's own, a published copy, a kit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path

from baseload.record import checkpoint, tiles
from baseload.record.checkpoint import Checkpoint
from baseload.record.disk import REAL, Disk
from baseload.record.edge import peaks
from baseload.record.errors import FormatError, StoreError
from baseload.record.merkle import EMPTY_ROOT, consistency_proof, inclusion_proof, node_hash
from baseload.record.note import Note
from baseload.record.tiles import HEIGHT, WIDTH

PathOf = Callable[[int], str]
CACHED = 64
"""Tiles, and bundles, that are kept in memory."""


class Reader:
    """The log in a folder.

    Parameters
    ----------
    folder : folder of the log.
    size : number of entries to read up to; by default what the checkpoint says.
    disk : where the folder is.

    Raises
    ------
    StoreError
        A file that must be there is not.
    FormatError
        A file is not what its format says.
    """

    def __init__(self, folder: Path, size: int | None = None, disk: Disk = REAL) -> None:
        self.folder = Path(folder)
        self._disk = disk
        self.size = self.checkpoint()[0].size if size is None else size
        self._tile = lru_cache(CACHED)(self._read_tile)
        self._bundle = lru_cache(CACHED)(self._read_bundle)

    def checkpoint(self) -> tuple[Checkpoint, Note]:
        """Return the newest checkpoint; who signed it is not checked."""
        return checkpoint.parse(self.read("checkpoint"), str(self.folder / "checkpoint"))

    def journal(self) -> list[int]:
        """Return the sizes of all checkpoints that are kept, ascending."""
        names = self._disk.names(self.folder / "checkpoints")
        plain = (name for name in names if name.isascii() and name.isdigit() and len(name) < 20)
        return sorted(int(name) for name in plain if name == str(int(name)))

    def kept_checkpoint(self, size: int) -> tuple[Checkpoint, Note]:
        """Return the checkpoint of a size from the journal."""
        name = f"checkpoints/{size}"
        found = checkpoint.parse(self.read(name), str(self.folder / name))
        if found[0].size != size:
            raise FormatError(
                str(self.folder / name),
                expected=f"a checkpoint of size {size}",
                found=f"one of size {found[0].size}",
                mend="fetch the file again; keep this one",
            )
        return found

    def entry(self, index: int) -> bytes:
        """Return the bytes of an entry."""
        self._inside(index, self.size)
        return self._bundle(index // WIDTH)[index % WIDTH]

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        """Give entries from first up to, and without, last; in memory is one bundle at a time."""
        end = self.size if last is None else last
        if not 0 <= first <= end <= self.size:
            self._inside(max(first, end), self.size)
        for number in range(first // WIDTH, (end + WIDTH - 1) // WIDTH):
            start = number * WIDTH
            yield from self._bundle(number)[max(first - start, 0) : end - start]

    def find(self, leaves: Collection[bytes]) -> dict[bytes, int]:
        """Return the indices of entries by their leaf hashes; of each the first there is.

        All tiles of leaf hashes are looked through: a millisecond for 10,000 entries.
        """
        found: dict[bytes, int] = {}
        for number in range((self.size + WIDTH - 1) // WIDTH):
            for place, leaf in enumerate(self._read_tile(0, number)):
                if leaf in leaves and leaf not in found:
                    found[leaf] = number * WIDTH + place
            if len(found) == len(leaves):
                break
        return found

    def node(self, level: int, number: int) -> bytes:
        """Return the root of the complete subtree at a level (0: leaves) with a number."""
        high, low = divmod(level, HEIGHT)
        span = 1 << low
        tile, place = divmod(number * span, WIDTH)
        hashes = self._tile(high, tile)[place : place + span]
        if len(hashes) != span:
            self._inside((number + 1 << level) - 1, self.size)
        return peaks(hashes)[0]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the tree over the first entries."""
        end = self.size if size is None else size
        if not 0 <= end <= self.size:
            self._inside(end, self.size)
        found: bytes | None = None
        for level in range(end.bit_length()):
            if end >> level & 1:
                peak = self.node(level, (end >> level) - 1)
                found = peak if found is None else node_hash(peak, found)
        return EMPTY_ROOT if found is None else found

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that an entry is in the tree of a size."""
        return inclusion_proof(index, self.size if size is None else size, self.node)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the tree of one size goes on from that of another."""
        return consistency_proof(old, self.size if size is None else size, self.node)

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of the log."""
        try:
            data = self._disk.read(self.folder / name)
        except OSError as error:
            raise self._lacking(name, error.strerror or "a file that cannot be read") from None
        if data is None:
            raise self._lacking(name, "no such file")
        return data

    def _read_tile(self, level: int, number: int) -> list[bytes]:
        width = min(WIDTH, (self.size >> HEIGHT * level) - number * WIDTH)
        if width <= 0:
            self._inside((number + 1) * WIDTH << HEIGHT * level, self.size)
        name, data, width = self._whole_or_part(
            lambda wide: tiles.tile_path(level, number, wide), width
        )
        return tiles.decode_tile(data, width, name)

    def _read_bundle(self, number: int) -> list[bytes]:
        width = min(WIDTH, self.size - number * WIDTH)
        name, data, width = self._whole_or_part(lambda wide: tiles.bundle_path(number, wide), width)
        return tiles.decode_bundle(data, width, name)

    def _whole_or_part(self, path: PathOf, width: int) -> tuple[str, bytes, int]:
        """Return name, bytes and width of a partial file, or of the full one that replaced it."""
        for wide in (width, WIDTH):
            data = self._disk.read(self.folder / path(wide))
            if data is not None:
                return str(self.folder / path(wide)), data, wide
        raise self._lacking(path(width), "no such file")

    def _inside(self, index: int, size: int) -> None:
        if not 0 <= index < size:
            raise StoreError(
                f"log {self.folder}",
                expected=f"an entry below {size}",
                found=str(index),
                mend="ask for an entry that the checkpoint covers",
            )

    def _lacking(self, name: str, found: str) -> StoreError:
        return StoreError(
            f"log {self.folder}",
            expected=f"the file {name}",
            found=found,
            mend="copy the log again, or name the folder that holds its checkpoint",
        )
