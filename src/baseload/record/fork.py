"""Fork proofs: two checkpoints of one log that contradict each other, in a file of their own.

References
----------
.. [1] ``docs/record-format.md``, section 6.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from baseload.record import merkle
from baseload.record.checkpoint import Checkpoint, parse, parse_size
from baseload.record.errors import FormatError, ProofError
from baseload.record.merkle import HASH_SIZE
from baseload.record.note import Note, VerifierKey, decode_base64, parse_key, verify
from baseload.record.reader import Reader

HEADER = "baseload/fork-proof@v1"
INDENT = "  "
MAX_KEYS = 16


@dataclass(frozen=True)
class Divergence:
    """One entry that two trees of different sizes have differently.

    Parameters
    ----------
    index : number of the entry.
    left, right : leaf hash, and inclusion proof from the leaf up, in the first and second tree.
    """

    index: int
    left: tuple[bytes, ...]
    right: tuple[bytes, ...]


@dataclass(frozen=True)
class ForkProof:
    """Two checkpoints that one log must not have signed both.

    Parameters
    ----------
    logs : keys of the log: of one that changed its key, each signs for its time.
    first, second : the checkpoints as they were signed.
    divergence : where their trees part; needed where their sizes differ.
    """

    logs: tuple[VerifierKey, ...]
    first: Note
    second: Note
    divergence: Divergence | None = None

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        lines = [HEADER, *(f"log {key}" for key in self.logs)]
        if self.divergence is not None:
            lines.append(f"index {self.divergence.index}")
            for side, hashes in (("left", self.divergence.left), ("right", self.divergence.right)):
                lines.append(" ".join([side, *(base64.b64encode(one).decode() for one in hashes)]))
        lines += ["", *_indented(self.first), "--", *_indented(self.second)]
        return "".join(f"{line}\n" for line in lines).encode()

    def check(self) -> tuple[Checkpoint, Checkpoint]:
        """Make sure that the two contradict each other, and return them.

        Raises
        ------
        SignatureError
            The log has not signed both.
        ProofError
            They do not contradict each other.
        """
        origin = self.logs[0].name
        if any(key.name != origin for key in self.logs):
            raise _no_fork(f"keys of {origin}", "keys of another log")
        found = []
        for name, note in (("first", self.first), ("second", self.second)):
            verify(note, self.logs, f"{name} checkpoint")
            checkpoint, _ = parse(note.encode(), f"{name} checkpoint")
            if checkpoint.origin != origin:
                raise _no_fork(f"origin {origin}", checkpoint.origin)
            found.append(checkpoint)
        self._contradict(found[0], found[1])
        return found[0], found[1]

    def _contradict(self, first: Checkpoint, second: Checkpoint) -> None:
        if first.size == second.size:
            if first.root == second.root:
                raise _no_fork("two roots for one size", "the same root twice")
            return
        parted = self.divergence
        if parted is None:
            raise _no_fork("an entry that differs, since the sizes do", "none")
        for checkpoint, (leaf, *path) in ((first, parted.left), (second, parted.right)):
            merkle.verify_inclusion(parted.index, checkpoint.size, leaf, path, checkpoint.root)
        if parted.left[0] == parted.right[0]:
            raise _no_fork("two different entries at one index", "the same entry")


def fork_between(keys: Sequence[VerifierKey], first: Reader, second: Reader) -> ForkProof | None:
    """Return the proof that two copies of a log are not of one record, or nothing if they are.

    Parameters
    ----------
    keys : keys of the log.
    first, second : folders with the newest checkpoint of each, its tiles and entries.

    Raises
    ------
    RecordError
        A checkpoint is not signed by the log, or a folder does not hold what it is of.
    """
    sides = (first, second)
    notes = []
    for side in sides:
        checkpoint, note = side.checkpoint()
        verify(note, keys, f"{side.folder}/checkpoint")
        if side.root(checkpoint.size) != checkpoint.root:
            expected = f"tiles with the root {checkpoint.root.hex()}"
            raise _bad(str(side.folder), expected, side.root(checkpoint.size).hex())
        notes.append(note.of(keys))
    logs = tuple(key for key in keys if any(note.of([key]).signatures for note in notes))
    shorter = min(side.size for side in sides)
    if first.root(shorter) == second.root(shorter):
        return None
    if first.size == second.size:
        return ForkProof(logs, notes[0], notes[1])
    # The roots of the first n entries are the same up to the entry that differs, and never after.
    index = bisect_left(range(shorter), True, key=lambda n: first.root(n + 1) != second.root(n + 1))
    left, right = (
        (merkle.leaf_hash(side.entry(index)), *side.inclusion(index, side.size)) for side in sides
    )
    found = ForkProof(logs, notes[0], notes[1], Divergence(index, left, right))
    found.check()
    return found


def parse_fork(data: bytes, where: str = "fork proof") -> ForkProof:
    """Read a fork proof; it is not checked.

    Raises
    ------
    FormatError
        It is not one.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise _bad(where, "UTF-8", "other bytes") from None
    head, empty, rest = text.partition("\n\n")
    lines = head.split("\n")
    if not empty or not rest.endswith("\n") or lines[0] != HEADER or len(lines) < 2:
        raise _bad(where, f"{HEADER} and the key of the log", repr(text[:60]))
    keys = [line[4:] for line in takewhile(lambda line: line.startswith("log "), lines[1:])]
    if not 1 <= len(keys) <= MAX_KEYS:
        raise _bad(where, f"1 to {MAX_KEYS} lines with a key of the log", f"{len(keys)}")
    first, mark, second = rest[:-1].partition("\n--\n")
    if not mark:
        raise _bad(where, "two checkpoints with -- between them", "one")
    return ForkProof(
        tuple(map(parse_key, keys)),
        _note(first, f"{where}, first checkpoint"),
        _note(second, f"{where}, second checkpoint"),
        _divergence(lines[1 + len(keys) :], where),
    )


def _divergence(lines: Sequence[str], where: str) -> Divergence | None:
    if not lines:
        return None
    names = [line.split(" ")[0] for line in lines]
    if names != ["index", "left", "right"]:
        raise _bad(where, "lines index, left and right", ", ".join(names)[:80])
    index = parse_size(lines[0][6:], where)
    left, right = (_hashes(line.split(" ")[1:], where) for line in lines[1:])
    return Divergence(index, left, right)


def _hashes(words: Sequence[str], where: str) -> tuple[bytes, ...]:
    found = tuple(decode_base64(word, where) for word in words)
    if not 1 <= len(found) <= 64 or any(len(one) != HASH_SIZE for one in found):
        raise _bad(where, "1 to 64 hashes of 32 bytes", f"{len(found)} words")
    return found


def _indented(note: Note) -> list[str]:
    return [INDENT + line for line in str(note)[:-1].split("\n")]


def _note(text: str, where: str) -> Note:
    lines = text.split("\n")
    if any(not line.startswith(INDENT) for line in lines):
        raise _bad(where, "lines after two spaces", "others")
    inner = "".join(f"{line[len(INDENT) :]}\n" for line in lines)
    return parse(inner.encode(), where)[1]


def _no_fork(expected: str, found: str) -> ProofError:
    return ProofError(
        "fork proof",
        expected=expected,
        found=found,
        mend="nothing was shown against the log; ask the witness for its proof",
    )


def _bad(where: str, expected: str, found: str) -> FormatError:
    return FormatError(
        where, expected=expected, found=found, mend="ask the witness for its proof again"
    )
