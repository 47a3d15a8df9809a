"""OpenTimestamps proofs into the example's own chain, as a calendar would hand them out."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from baseload.record.anchor.ots import (
    APPEND,
    PREPEND,
    SHA256,
    Bitcoin,
    Step,
    Timestamp,
    encode_file,
)
from baseload.record.example.chain import Block, anchor_parts


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
    hashed = Step(SHA256)
    found = Timestamp(stamp.digest)
    end = found.then(
        *(Step(APPEND, stamp.nonce), hashed),
        *(Step(PREPEND, before), Step(APPEND, after), hashed, hashed),
        *(Step(APPEND, sibling), hashed, hashed),
        *(Step(PREPEND, left), hashed, hashed),
    )
    end.attestations.add(Bitcoin(block.height))
    return encode_file(found)
