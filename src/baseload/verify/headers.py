"""Block headers: hashes, targets, difficulty, and chains of them.

References
----------
.. [1] Bitcoin Core, ``arith_uint256::SetCompact`` and ``CheckProofOfWork``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from baseload.verify.findings import Refused

HEADER_BYTES = 80
_DIFFICULTY_ONE = 0xFFFF << 208


class BlockHeader(NamedTuple):
    """A header: its height, its bytes, and what they hold (hashes in the order of the bytes)."""

    height: int
    data: bytes
    hash: bytes
    prev: bytes
    merkle_root: bytes
    time: int
    bits: int


def double_sha256(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256."""
    return sha256(sha256(data).digest()).digest()


def read_header(data: bytes, height: int) -> BlockHeader:
    """Return a header as what it holds."""
    if len(data) != HEADER_BYTES:
        raise Refused("80 bytes of a header", f"{len(data)}")
    return BlockHeader(
        height,
        data,
        double_sha256(data),
        data[4:36],
        data[36:68],
        int.from_bytes(data[68:72], "little"),
        int.from_bytes(data[72:76], "little"),
    )


def target_of(bits: int) -> int:
    """Return the target of nBits; 0 where it is negative, zero or too large."""
    size, mantissa = bits >> 24, bits & 0x7FFFFF
    target = mantissa >> 8 * (3 - size) if size <= 3 else mantissa << 8 * (size - 3)
    negative = mantissa != 0 and bits & 0x800000
    return 0 if negative or target >> 256 else target


def bits_of(target: int) -> int:
    """Return nBits of a target, rounded down as the rule has it."""
    size = (target.bit_length() + 7) // 8
    mantissa = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if mantissa & 0x800000:
        mantissa >>= 8
        size += 1
    return size << 24 | mantissa


def difficulty_e8(bits: int, scale_bits: int = 0) -> int:
    """Return the difficulty of nBits times 10^8, rounded down; 0 where there is no target.

    Parameters
    ----------
    bits : nBits.
    scale_bits : of a synthetic record, in which one hash stands for 2^scale_bits.
    """
    target = target_of(bits)
    return (_DIFFICULTY_ONE << scale_bits) * 10**8 // target if target else 0


def share_target(difficulty: int, scale_bits: int = 0) -> int:
    """Return the largest hash that is a share of a difficulty."""
    return (_DIFFICULTY_ONE << scale_bits) // difficulty


def has_work(header: BlockHeader, target: int) -> bool:
    """Tell whether the hash of a header is at most a target."""
    return int.from_bytes(header.hash, "little") <= target


def fold_branch(leaf: bytes, path: Iterable[bytes]) -> bytes:
    """Return the Merkle root over a leaf that is the first of its tree, as every coinbase is."""
    found = leaf
    for sibling in path:
        found = double_sha256(found + sibling)
    return found


def read_headers(data: bytes, first: int) -> list[BlockHeader]:
    """Return consecutive headers, each of which follows from the one before and has its work.

    Raises
    ------
    Refused
        One does not, with the offset of its first byte.
    """
    if len(data) % HEADER_BYTES:
        raise Refused(f"a multiple of {HEADER_BYTES} bytes", f"{len(data):,}")
    found: list[BlockHeader] = []
    for at in range(0, len(data), HEADER_BYTES):
        header = read_header(data[at : at + HEADER_BYTES], first + at // HEADER_BYTES)
        if found and header.prev != found[-1].hash:
            raise Refused(f"hash {found[-1].hash.hex()} before it", header.prev.hex(), at)
        if not has_work(header, target_of(header.bits)):
            raise Refused(f"work for nBits {header.bits:#010x}", header.hash[::-1].hex(), at)
        found.append(header)
    return found


def merged_headers(runs: Sequence[Sequence[BlockHeader]]) -> dict[int, BlockHeader]:
    """Return all headers by height."""
    return {header.height: header for run in runs for header in run}
