"""Checkpoints: what a log says it holds, in three lines.

References
----------
.. [1] C2SP, tlog-checkpoint v1.0.0.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from baseload.record.errors import FormatError
from baseload.record.merkle import EMPTY_ROOT, HASH_SIZE
from baseload.record.note import Note, decode_base64, parse_note

MAX_SIZE = 2**63 - 1


@dataclass(frozen=True)
class Checkpoint:
    """Origin, number of entries and root of a log at one moment.

    Parameters
    ----------
    origin : name of the log, its first line.
    size : number of entries.
    root : Merkle root over them, 32 bytes.
    extensions : further lines, without their ends.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the text of the note."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))


def parse_text(text: str, where: str = "checkpoint") -> Checkpoint:
    """Read the text of a checkpoint.

    Raises
    ------
    FormatError
        It is not one.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1]:
        raise _bad(where, "origin, size and root, each on a line", repr(text[:80]))
    origin, size, encoded, *extensions = lines[:-1]
    if not origin:
        raise _bad(where, "an origin in the first line", "an empty line")
    if any(not line for line in extensions):
        raise _bad(where, "no empty extension line", "one")
    root = decode_base64(encoded, where)
    if len(root) != HASH_SIZE:
        raise _bad(where, "a root of 32 bytes", f"{len(root)} bytes")
    found = Checkpoint(origin, parse_size(size, where), root, tuple(extensions))
    if found.size == 0 and root != EMPTY_ROOT:
        raise _bad(where, "the root of the empty tree at size 0", root.hex())
    return found


def parse_size(text: str, where: str) -> int:
    """Read a number of entries: ASCII digits without a leading nought, below 2**63."""
    plain = text.isascii() and text.isdigit() and len(text) <= 19
    if not plain or (text[0] == "0" and text != "0") or int(text) > MAX_SIZE:
        raise _bad(where, "a size in decimal digits without leading noughts", repr(text[:80]))
    return int(text)


def parse(data: bytes, where: str = "checkpoint") -> tuple[Checkpoint, Note]:
    """Read a signed checkpoint without checking who signed it."""
    note = parse_note(data, where)
    return parse_text(note.text, where), note


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="fetch the checkpoint again from the log"
    )
