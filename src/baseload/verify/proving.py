"""One proof from the tiles of a kit, for the page that checks it by itself."""

from __future__ import annotations

import base64

from baseload.verify.findings import Refused
from baseload.verify.hashing import TILE, hash_pair, pyramid_of
from baseload.verify.kit import Kit
from baseload.verify.notes import read_head, read_note
from baseload.verify.tilefiles import split_bundle, tile_name

PROOF_HEADER = "c2sp.org/tlog-proof@v1"


def proof_from(kit: Kit, index: int | None = None) -> dict[str, str] | None:
    """Return text of a proof and of its entry, or nothing where the kit does not give them.

    Parameters
    ----------
    kit : the kit.
    index : entry to prove; the newest by default.
    """
    try:
        note = _needed(kit, "checkpoint")
        size = read_head(read_note(note).text).size
        place = size - 1 if index is None else index
        if not 0 <= place < size:
            return None
        source = _Tiles(kit, size)
        path = source.path(place, 0, size)
        entry = source.entry(place).decode()
        lines = [PROOF_HEADER, f"index {place}", *(base64.b64encode(one).decode() for one in path)]
        return {"proof": "\n".join([*lines, "", note.decode()]), "entry": entry}
    except (Refused, UnicodeDecodeError, IndexError):
        return None


def root_from(kit: Kit, size: int) -> bytes | None:
    """Return the root over the first entries of a kit by its tiles, if these can be read.

    Parameters
    ----------
    kit : the kit.
    size : number of entries, at least 1 and no more than the kit has.
    """
    try:
        whole = read_head(read_note(_needed(kit, "checkpoint")).text).size
        return _Tiles(kit, whole).root(0, size) if 0 < size <= whole else None
    except (Refused, IndexError):
        return None


class _Tiles:
    """The tree of a kit, as its tiles have it."""

    def __init__(self, kit: Kit, size: int) -> None:
        self._kit = kit
        self._size = size

    def path(self, index: int, first: int, last: int) -> list[bytes]:
        """Return the proof of an entry in the tree over some entries, from the leaf up."""
        if last - first == 1:
            return []
        middle = first + (1 << (last - first - 1).bit_length() - 1)
        if index < middle:
            return [*self.path(index, first, middle), self.root(middle, last)]
        return [*self.path(index, middle, last), self.root(first, middle)]

    def entry(self, index: int) -> bytes:
        number, place = divmod(index, TILE)
        width = min(TILE, self._size - number * TILE)
        name, data = self._file(-1, number, width)
        return split_bundle(data, TILE if name == tile_name(-1, number) else width)[place]

    def root(self, first: int, last: int) -> bytes:
        count = last - first
        if count & (count - 1) == 0:
            return self._node(count.bit_length() - 1, first)
        middle = first + (1 << (count - 1).bit_length() - 1)
        return hash_pair(self.root(first, middle), self.root(middle, last))

    def _node(self, level: int, first: int) -> bytes:
        """Return the root of a complete subtree of 2^level entries."""
        high, low = divmod(level, 8)
        tile, place = divmod(first >> 8 * high, TILE)
        width = min(TILE, (self._size >> 8 * high) - tile * TILE)
        _, data = self._file(high, tile, width)
        part = [data[32 * at : 32 * at + 32] for at in range(place, place + (1 << low))]
        return pyramid_of(part)[-1][0]

    def _file(self, level: int, number: int, width: int) -> tuple[str, bytes]:
        name = tile_name(level, number, width)
        data = self._kit.read(name)
        if data is None:
            name = tile_name(level, number)
            data = _needed(self._kit, name)
        return name, data


def _needed(kit: Kit, name: str) -> bytes:
    data = kit.read(name)
    if data is None:
        raise Refused(f"the file {name}", "none")
    return data
