"""How far the anchors of a log have come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from baseload.record.anchor.commitment import checkpoint_digest
from baseload.record.anchor.headers import Headers
from baseload.record.anchor.ots import Bitcoin, Pending, Timestamp, decode_file
from baseload.record.errors import FormatError, RecordError, StoreError
from baseload.record.reader import Reader
from baseload.record.writing import read

ANCHORED, PENDING, BROKEN = "anchored", "pending", "broken"
_SIZE = r"0|[1-9][0-9]{0,18}"


@dataclass(frozen=True)
class Anchor:
    """A proof file, and how far it has come.

    Parameters
    ----------
    size : entries of the checkpoint.
    path : proof file.
    state : ``anchored`` in a block, ``pending``, or ``broken``.
    blocks : height of each block that the proof leads to, and whether its header says the same;
        nothing where the header is not at hand.
    waiting : addresses of calendars whose part of the proof leads to no block yet.
    since : time of the file, which is when it was stamped or last completed [s].
    fault : what is wrong with a broken one.
    """

    size: int
    path: Path
    state: str
    blocks: tuple[tuple[int, bool | None], ...] = ()
    waiting: tuple[str, ...] = ()
    since: float = 0.0
    fault: str = ""


def status(log: Path, anchors: Path, headers: Path | None = None) -> list[Anchor]:
    """Return all anchors of a log, ascending by size.

    Parameters
    ----------
    log : folder of the log.
    anchors : folder of the proofs.
    headers : folder of block headers, ``FIRST.bin``.

    Raises
    ------
    RecordError
        There is no folder.
    """
    Reader(log)
    known = Headers(headers)
    return [_status(log, size, path, known) for size, path in files(anchors)]


def _status(log: Path, size: int, path: Path, headers: Headers) -> Anchor:
    since = path.stat().st_mtime
    try:
        tree = proof(path, checkpoint_digest(log, size)[1])
    except RecordError as error:
        return Anchor(size, path, BROKEN, since=since, fault=short(error))
    found = tuple(sorted(blocks(tree, headers), key=lambda block: (block[0], str(block[1]))))
    uris = {one.uri for node in waiting(tree, headers) for one in pending(node)}
    state, fault = ANCHORED if found else PENDING, ""
    false = [height for height, holds in found if holds is False]
    if false and not any(holds for _, holds in found):
        state, fault = BROKEN, f"another Merkle root in the header of block {false[0]}"
    return Anchor(size, path, state, found, tuple(sorted(uris)), since, fault)


def files(anchors: Path) -> list[tuple[int, Path]]:
    """Return size and path of all proof files in a folder, ascending by size."""
    if not anchors.is_dir():
        raise StoreError(
            str(anchors),
            expected="a folder of proofs, SIZE.ots",
            found="none",
            mend="stamp a checkpoint first, or name the folder with --anchors",
        )
    paths = [path for path in anchors.glob("*.ots") if re.fullmatch(_SIZE, path.stem)]
    return sorted((int(path.stem), path) for path in paths)


def proof(path: Path, digest: bytes) -> Timestamp:
    """Read a proof file, which must be of a checkpoint with this hash."""
    tree = decode_file(read(path), str(path))
    if tree.message != digest:
        raise FormatError(
            str(path),
            expected=f"a proof of the checkpoint, {digest.hex()}",
            found=f"one of {tree.message.hex()}",
            mend="this is the anchor of another log, or not of this one: move it away",
        )
    return tree


def waiting(tree: Timestamp, headers: Headers) -> Iterator[Timestamp]:
    """Give the nodes that a calendar holds, and from which no path leads to a block."""
    for node in tree.nodes():
        if pending(node) and not any(holds is not False for _, holds in blocks(node, headers)):
            yield node


def pending(node: Timestamp) -> list[Pending]:
    """Return the calendars that hold the message of a node."""
    return [one for one in node.attestations if isinstance(one, Pending)]


def blocks(tree: Timestamp, headers: Headers) -> set[tuple[int, bool | None]]:
    """Return heights, and whether the message is the Merkle root of the header, where known."""
    found = set()
    for message, end in tree.ends():
        if isinstance(end, Bitcoin):
            root = headers.merkle_root(end.height)
            found.add((end.height, None if root is None else root == message))
    return found


def short(error: RecordError) -> str:
    """Return an error as one sentence."""
    return f"{error.where}: {error.found}, not {error.expected}"
