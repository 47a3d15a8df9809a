"""Hashes and proofs of an append-only Merkle tree.

Leaf hash ``SHA-256(0x00 || data)``, node hash ``SHA-256(0x01 || left || right)``; a tree of n
leaves splits at the largest power of two below n [1]_.

References
----------
.. [1] RFC 9162, Certificate Transparency Version 2.0, sections 2.1.1 to 2.1.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from baseload.record.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without leaves."""

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree at (level, number): leaves are level 0."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its children."""
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a tree: roots of its complete subtrees, largest first.

    Appending a leaf costs two hashes on average; all else of the tree may be forgotten.

    Parameters
    ----------
    size : number of leaves.
    edge : root of each complete subtree, one for each bit of ``size``, largest first.
    """

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self.size = size
        self.edge = list(edge)
        if len(self.edge) != size.bit_count():
            raise ValueError(f"{len(self.edge)} subtrees cannot make {size} leaves")

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.edge.pop(), leaf)
            size >>= 1
        self.edge.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree."""
        if not self.edge:
            return EMPTY_ROOT
        found = self.edge[-1]
        for left in self.edge[-2::-1]:
            found = node_hash(left, found)
        return found

    def copy(self) -> CompactRange:
        """Return a range that grows apart from this one."""
        return CompactRange(self.size, self.edge)


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the proof that a leaf is in a tree.

    Parameters
    ----------
    index : number of the leaf, from 0.
    size : number of leaves of the tree.
    node : reader of complete subtrees.

    Returns
    -------
    Hashes from the leaf up [1]_.
    """
    if not 0 <= index < size:
        raise _refused(f"leaf {index} of {size}", "an index below the size", str(index))
    return _path(index, 0, size, node)


def consistency_proof(old: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the proof that a tree is a prefix of another.

    Parameters
    ----------
    old : number of leaves of the earlier tree, at least 1.
    size : number of leaves of the later tree.
    node : reader of complete subtrees of the later tree.
    """
    if not 1 <= old <= size:
        raise _refused(f"from {old} to {size}", "1 <= old size <= size", str(old))
    return [] if old == size else _subproof(old, 0, size, True, node)


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], tree_root: bytes
) -> None:
    """Make sure that a leaf is in a tree (RFC 9162, 2.1.3.2).

    Parameters
    ----------
    index, size : number of the leaf, and of leaves of the tree.
    leaf : hash of the leaf.
    proof : hashes from the leaf up.
    tree_root : root of the tree.

    Raises
    ------
    ProofError
        It is not, or the proof is not one.
    """
    where = f"inclusion of leaf {index} in {size}"
    if not 0 <= index < size:
        raise _refused(where, "an index below the size", str(index))
    if len(leaf) != HASH_SIZE:
        raise _refused(where, "a leaf hash of 32 bytes", f"{len(leaf)} bytes")
    number, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _refused(where, "a shorter proof", f"{len(proof)} hashes")
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise _refused(where, "a longer proof", f"{len(proof)} hashes")
    if found != tree_root:
        raise _refused(where, f"root {tree_root.hex()}", f"root {found.hex()}")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, tree_root: bytes
) -> None:
    """Make sure that an earlier tree is a prefix of a later one (RFC 9162, 2.1.4.2).

    Parameters
    ----------
    old, size : number of leaves of the earlier (at least 1) and of the later tree.
    proof : hashes.
    old_root, tree_root : roots of the two.

    Raises
    ------
    ProofError
        It is not, or the proof is not one.
    """
    where = f"consistency from {old} to {size}"
    if not 1 <= old <= size:
        raise _refused(where, "1 <= old size <= size", str(old))
    if old == size:
        if proof:
            raise _refused(where, "no proof between equal sizes", f"{len(proof)} hashes")
        if old_root != tree_root:
            raise _refused(where, f"root {old_root.hex()}", f"root {tree_root.hex()}")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise _refused(where, "a proof", "none")
    number, last = old - 1, size - 1
    while number & 1:
        number >>= 1
        last >>= 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise _refused(where, "a shorter proof", f"{len(proof)} hashes")
        if number & 1 or number == last:
            first = node_hash(sibling, first)
            second = node_hash(sibling, second)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            second = node_hash(second, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise _refused(where, "a longer proof", f"{len(proof)} hashes")
    if first != old_root:
        raise _refused(where, f"old root {old_root.hex()}", f"old root {first.hex()}")
    if second != tree_root:
        raise _refused(where, f"root {tree_root.hex()}", f"root {second.hex()}")


def subtrees(first: int, last: int) -> list[tuple[int, int]]:
    """Return the complete subtrees (level, number) that make up leaves first to last - 1.

    The leaves must start where a subtree of their own size may start, as in every proof.
    """
    found = []
    while first < last:
        level = (last - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def _path(index: int, first: int, last: int, node: NodeReader) -> list[bytes]:
    if last - first == 1:
        return []
    middle = first + _split(last - first)
    if index < middle:
        return [*_path(index, first, middle, node), _range_root(middle, last, node)]
    return [*_path(index, middle, last, node), _range_root(first, middle, node)]


def _subproof(old: int, first: int, last: int, whole: bool, node: NodeReader) -> list[bytes]:
    if old == last:
        return [] if whole else [_range_root(first, last, node)]
    middle = first + _split(last - first)
    if old <= middle:
        return [*_subproof(old, first, middle, whole, node), _range_root(middle, last, node)]
    return [*_subproof(old, middle, last, False, node), _range_root(first, middle, node)]


def _range_root(first: int, last: int, node: NodeReader) -> bytes:
    parts = [node(level, number) for level, number in subtrees(first, last)]
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found


def _split(count: int) -> int:
    """Return the largest power of two below a count of at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _refused(where: str, expected: str, found: str) -> ProofError:
    return ProofError(
        where, expected=expected, found=found, mend="ask the log for the proof again; keep this one"
    )
