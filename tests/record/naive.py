"""Merkle trees from the definition of RFC 9162, 2.1, with nothing taken from the package."""

from hashlib import sha256


def leaf(data):
    return sha256(b"\x00" + data).digest()


def root(entries):
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf(entries[0])
    k = split(len(entries))
    return sha256(b"\x01" + root(entries[:k]) + root(entries[k:])).digest()


def inclusion(m, entries):
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*inclusion(m, entries[:k]), root(entries[k:])]
    return [*inclusion(m - k, entries[k:]), root(entries[:k])]


def consistency(m, entries):
    return [] if m == len(entries) else _sub(m, entries, True)


def _sub(m, entries, whole):
    if m == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if m <= k:
        return [*_sub(m, entries[:k], whole), root(entries[k:])]
    return [*_sub(m - k, entries[k:], False), root(entries[:k])]


def split(n):
    return 1 << (n - 1).bit_length() - 1
