"""Merkle trees as RFC 9162 has them, a tile of 256 leaves at a time."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

TILE = 256
EMPTY = sha256(b"").digest()
Pyramid = list[list[bytes]]
"""Rows of hashes, leaves first; each row has the complete pairs of the one before."""


def hash_leaf(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    """Return the hash of two nodes."""
    return sha256(b"\x01" + left + right).digest()


def pyramid_of(leaves: Sequence[bytes]) -> Pyramid:
    """Return all complete subtrees over up to 256 hashes."""
    rows = [list(leaves)]
    row = rows[0]
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        rows.append(row)
    return rows


def peaks_of(rows: Pyramid, width: int) -> list[bytes]:
    """Return the roots of the complete subtrees over the first leaves, largest first."""
    bits = range(width.bit_length() - 1, -1, -1)
    return [rows[bit][(width >> bit) - 1] for bit in bits if width >> bit & 1]


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Return the root of a tree from its complete subtrees, largest first."""
    if not peaks:
        return EMPTY
    found = peaks[-1]
    for left in peaks[-2::-1]:
        found = hash_pair(left, found)
    return found


class Mountain:
    """Complete subtrees of whole tiles, from the left: all that a root needs."""

    def __init__(self) -> None:
        self.tiles = 0
        self._peaks: list[bytes] = []

    def push(self, tile_root: bytes) -> None:
        """Add the root of the next whole tile."""
        number = self.tiles
        while number & 1:
            tile_root = hash_pair(self._peaks.pop(), tile_root)
            number >>= 1
        self._peaks.append(tile_root)
        self.tiles += 1

    def root(self, rows: Pyramid, width: int) -> bytes:
        """Return the root over the whole tiles and the first leaves of the next."""
        return fold_peaks([*self._peaks, *peaks_of(rows, width)])

    def root_with(self, tile_root: bytes) -> bytes:
        """Return the root over the whole tiles and one more."""
        return fold_peaks([*self._peaks, tile_root])


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a proof shows a leaf in a tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != 32:
        return False
    inner = (index ^ (size - 1)).bit_length()
    outer = (index >> inner).bit_count()
    if len(proof) != inner + outer:
        return False
    found = leaf
    for level, sibling in enumerate(proof[:inner]):
        right = index >> level & 1
        found = hash_pair(sibling, found) if right else hash_pair(found, sibling)
    for sibling in proof[inner:]:
        found = hash_pair(sibling, found)
    return found == root


def check_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> bool:
    """Tell whether a proof shows one tree to be the beginning of another (RFC 9162, 2.1.4.2)."""
    if not 1 <= old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    shift = (old & -old).bit_length() - 1
    inner = ((old - 1) ^ (size - 1)).bit_length() - shift
    start = 0 if old == 1 << shift else 1
    rest = list(proof[start:])
    seed = old_root if start == 0 else (proof[0] if proof else b"")
    mask = (old - 1) >> shift
    if len(proof) != start + inner + (mask >> inner).bit_count():
        return False
    first = last = seed
    for level, sibling in enumerate(rest[:inner]):
        if mask >> level & 1:
            first = hash_pair(sibling, first)
            last = hash_pair(sibling, last)
        else:
            last = hash_pair(last, sibling)
    for sibling in rest[inner:]:
        first = hash_pair(sibling, first)
        last = hash_pair(sibling, last)
    return first == old_root and last == root
