"""Proof files: that one entry is in a log, in a file that needs nothing else.

References
----------
.. [1] C2SP, tlog-proof.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from baseload.record import merkle
from baseload.record.checkpoint import Checkpoint, parse, parse_size
from baseload.record.errors import FormatError
from baseload.record.merkle import HASH_SIZE
from baseload.record.note import Note, VerifierKey, decode_base64, verify
from baseload.record.reader import Reader

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proof:
    """That an entry is in a log.

    Parameters
    ----------
    index : number of the entry.
    path : hashes from the leaf up.
    checkpoint : tree that it is in.
    note : the checkpoint as it was signed.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        hashes = (base64.b64encode(one).decode() for one in self.path)
        lines = (HEADER, f"index {self.index}", *hashes)
        return ("".join(f"{line}\n" for line in lines) + f"\n{self.note}").encode()

    def check(self, entry: bytes, keys: Iterable[VerifierKey]) -> None:
        """Make sure that the entry is in the tree, and that a known key signed for that.

        Raises
        ------
        ProofError
            It is not.
        SignatureError
            No known key has signed.
        """
        verify(self.note, keys, "checkpoint of the proof")
        merkle.verify_inclusion(
            self.index,
            self.checkpoint.size,
            merkle.leaf_hash(entry),
            self.path,
            self.checkpoint.root,
        )


def prove(log: Reader, index: int) -> Proof:
    """Return the proof that an entry is in a log's newest checkpoint."""
    checkpoint, note = log.checkpoint()
    return Proof(index, tuple(log.inclusion(index, checkpoint.size)), checkpoint, note)


def parse_proof(data: bytes, where: str = "proof") -> Proof:
    """Read a proof file; it is not checked.

    Raises
    ------
    FormatError
        It is not one.
    """
    head, empty, note = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _bad(where, "lines of ASCII before the checkpoint", "other bytes") from None
    if not empty or lines[0] != HEADER:
        raise _bad(where, HEADER, repr(lines[0][:60]))
    rest = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    if not rest or not rest[0].startswith("index "):
        raise _bad(where, "a line with the index", repr(rest[:1]))
    path = _hashes(rest[1:], where)
    checkpoint, signed = parse(note, where)
    return Proof(parse_size(rest[0][6:], where), path, checkpoint, signed)


def _hashes(lines: Sequence[str], where: str) -> tuple[bytes, ...]:
    if len(lines) > 63:
        raise _bad(where, "at most 63 hashes", str(len(lines)))
    found = tuple(decode_base64(line, where) for line in lines)
    if any(len(one) != HASH_SIZE for one in found):
        raise _bad(where, "hashes of 32 bytes", "others")
    return found


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="ask for the proof again: record prove"
    )
