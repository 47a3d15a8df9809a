"""What can be found out about a tile of entries alone: so many can be scanned side by side."""

from __future__ import annotations

import base64
import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from baseload.verify.canonicaltext import read_canonical
from baseload.verify.findings import Finding, Refused
from baseload.verify.hashing import TILE, pyramid_of
from baseload.verify.kit import Kit
from baseload.verify.notes import Key, held_digest, held_lines, read_note
from baseload.verify.patterns import read_quickly
from baseload.verify.shapes import check_event
from baseload.verify.tilefiles import TileFiles

Said = tuple[Any, bool] | Refused
"""An event and whether its type is known here, or why it is none."""


@dataclass
class Scan:
    """A tile of entries by itself.

    Parameters
    ----------
    number : number of the tile.
    findings : what is wrong with its files.
    leaves : leaf hashes of the entries; nothing where these could not be read.
    stored : leaf hashes that the tile beside them holds; nothing where it could not be read.
    root : root over the leaves of a whole tile, where entries and tile agree.
    entries : the entries, where they do not agree or each is asked for.
    said : what the entries say, where that is asked for.
    held : digests of signatures that were checked, and hold.
    """

    number: int
    findings: list[Finding]
    leaves: list[bytes] | None
    stored: list[bytes] | None
    root: bytes | None
    entries: list[bytes] | None = None
    said: list[Said] | None = None
    held: list[bytes] | None = None

    def __getstate__(self) -> tuple[Any, ...]:
        """Return it as it goes from one process to another: bytes, which cost least to send."""
        same = self.stored == self.leaves
        said = None if self.said is None else [*self.said]
        refused = {n: one for n, one in enumerate(said or ()) if isinstance(one, Refused)}
        for place in refused:
            said[place] = None  # type: ignore[index,call-overload]
        return (
            (self.number, self.findings, self.root, self.held, same, refused),
            None if self.leaves is None else b"".join(self.leaves),
            None if same or self.stored is None else b"".join(self.stored),
            # Tables and texts alone: marshal is twice as fast as a pickle, and four times as JSON.
            marshal.dumps((self.entries, said)),
        )

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take it from another process."""
        first, leaves, stored, data = state
        self.number, self.findings, self.root, self.held, same, refused = first
        self.leaves = _hashes_in(leaves)
        self.stored = self.leaves if same else _hashes_in(stored)
        self.entries, self.said = marshal.loads(data)
        for place, one in refused.items():
            self.said[place] = one


def _hashes_in(data: bytes | None) -> list[bytes] | None:
    if data is None:
        return None
    return [data[at : at + 32] for at in range(0, len(data), 32)]


@dataclass(frozen=True)
class Task:
    """What is to be found out.

    Parameters
    ----------
    size : number of entries of the log.
    events : whether entries are to be read.
    origin : name of the log.
    keys : public key of each source, if signatures are to be checked here.
    signers : keys of log and witnesses, if those of checkpoints are.
    """

    size: int
    events: bool
    origin: str
    keys: Mapping[str, bytes] | None = None
    signers: tuple[Key, ...] = ()


def scan_tile(kit: Kit, number: int, task: Task) -> Scan:
    """Read a tile of entries, hash and read each of them.

    Parameters
    ----------
    kit : the kit.
    number : number of the tile.
    task : what is to be found out.
    """
    files = TileFiles(kit)
    width = min(TILE, task.size - number * TILE)
    entries = files.entries(number, width)
    stored = files.hashes(0, number, width)
    found = Scan(number, files.findings, None, stored, None)
    if entries is not None:
        found.leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
        if task.events:
            found.said = _said_by(entries)
            if task.keys is not None:
                found.held = _signatures_of(entries, found.said, task)
    agreed = _agreed(found)
    if agreed is not None and width == TILE:
        found.root = pyramid_of(agreed)[8][0]
    if agreed is None or task.events:
        found.entries = entries
    return found


def _agreed(found: Scan) -> list[bytes] | None:
    """Return the leaf hashes that entries and tile agree on, or the only ones there are."""
    if found.leaves is None:
        return found.stored
    if found.stored is None:
        return found.leaves
    if found.stored == found.leaves:
        found.stored = found.leaves  # one list is sent between processes, not two
        return found.leaves
    return None


def unsigned_part(data: bytes, signature: str) -> bytes:
    """Return an entry without its signature: what was signed."""
    # Only t0, t1 and the source's name follow it, and none of them can hold these bytes.
    text = b',"sig":"' + signature.encode() + b'"'
    start = data.rfind(text)
    return data[:start] + data[start + len(text) :]


def event_message(origin: str, data: bytes, signature: str) -> bytes:
    """Return the bytes that a source has signed for an entry."""
    return b"baseload/event/v1\n" + origin.encode() + b"\n" + unsigned_part(data, signature)


def _said_by(entries: list[bytes]) -> list[Said]:
    found: list[Said] = []
    for data, one in zip(entries, read_quickly(entries), strict=True):
        if one is None:
            found.append(_read_slowly(data))
        else:
            found.append(one if isinstance(one, Refused) else (one, True))
    return found


def _read_slowly(data: bytes) -> Said:
    try:
        event = read_canonical(data)
        return event, check_event(event)
    except Refused as refused:
        return refused


def _signatures_of(entries: list[bytes], said: list[Said], task: Task) -> list[bytes]:
    """Check the signatures of entries by the keys that hold as far as is known."""
    held = []
    for data, one in zip(entries, said, strict=True):
        if isinstance(one, Refused) or "sig" not in one[0]:
            continue
        public = (task.keys or {}).get(one[0]["source"])
        if public is not None:
            signature = one[0]["sig"]
            message = event_message(task.origin, data, signature)
            digest = held_digest(public, base64.b64decode(signature), message)
            held += [] if digest is None else [digest]
    return held


def seals_of(kit: Kit, sizes: Iterable[int], signers: Iterable[Key]) -> list[bytes]:
    """Check the signatures of kept checkpoints; return the digests of those that hold.

    Parameters
    ----------
    kit : the kit.
    sizes : sizes of the checkpoints.
    signers : keys of log and witnesses.
    """
    held: list[bytes] = []
    for size in sizes:
        try:
            held += held_lines(read_note(kit.read(f"checkpoints/{size}") or b""), signers)
        except Refused:
            continue  # whoever needs the checkpoint tells what is wrong with it
    return held
