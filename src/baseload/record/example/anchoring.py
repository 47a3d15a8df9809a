"""OpenTimestamps proofs into the example's own chain, as a calendar would hand them out [1]_.

References
----------
.. [1] P. Todd, python-opentimestamps, ``core/serialize.py`` and ``core/notary.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from baseload.record.example.chain import Block, anchor_parts

MAGIC = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294")
VERSION = 1
SHA256, APPEND, PREPEND = b"\x08", b"\xf0", b"\xf1"
BITCOIN = bytes.fromhex("0588960d73d71901")


@dataclass
class Stamp:
    """A checkpoint that waits for its block.

    Parameters
    ----------
    size : entries of the checkpoint.
    digest : SHA-256 of its bytes without cosignatures.
    nonce : 16 bytes that a calendar mixes in.
    height : of the block that holds it; 0 as long as there is none.
    """

    size: int
    digest: bytes
    nonce: bytes
    height: int = 0

    @property
    def commitment(self) -> bytes:
        """What the transaction holds."""
        return sha256(self.digest + self.nonce).digest()


def proof(stamp: Stamp, block: Block) -> bytes:
    """Return the proof file of a stamp whose commitment a block holds."""
    before, after = anchor_parts()
    sibling, left = block.path
    path = (
        (APPEND, stamp.nonce),
        (SHA256, b""),
        (PREPEND, before),
        (APPEND, after),
        (SHA256, b""),
        (SHA256, b""),
        (APPEND, sibling),
        (SHA256, b""),
        (SHA256, b""),
        (PREPEND, left),
        (SHA256, b""),
        (SHA256, b""),
    )
    steps = b"".join(step + (_bytes(value) if step != SHA256 else b"") for step, value in path)
    height = _number(block.height)
    head = MAGIC + _number(VERSION) + SHA256 + stamp.digest
    return head + steps + b"\x00" + BITCOIN + _bytes(height)


def _number(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _bytes(value: bytes) -> bytes:
    return _number(len(value)) + value
