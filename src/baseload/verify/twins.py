"""Numbers of a source that appear twice: the same entry again, or two stories for one number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from baseload.verify.canonicaltext import first_difference, read_canonical
from baseload.verify.findings import FAILED, Finding, Refused
from baseload.verify.hashing import TILE
from baseload.verify.kit import Kit
from baseload.verify.tilefiles import TileFiles

LOOKED_UP = 50
"""Repeated numbers whose first entry is looked for; further ones are told without it."""


@dataclass(frozen=True)
class Repeat:
    """An entry with a number that its source had used before.

    Parameters
    ----------
    source, seq : whose number.
    expected : the number that would have come.
    index : index of the entry.
    data : the entry without its place in the log; what the first one is compared with.
    """

    source: str
    seq: int
    expected: int
    index: int
    data: bytes


def told_repeats(kit: Kit, size: int, repeats: Iterable[Repeat]) -> Iterator[Finding]:
    """Give a finding for each repeated number: the entry again, or another in its place.

    The log is read through once more for the entries that had the numbers first: only where there
    is something to find, so that an audit needs not remember every entry.

    Parameters
    ----------
    kit : the kit.
    size : number of entries of the log.
    repeats : repeated numbers, ascending by index.
    """
    found = list(repeats)
    firsts = _firsts(kit, size, found[:LOOKED_UP]) if found else {}
    for one in found:
        first = firsts.get((one.source, one.seq))
        if first is not None and first[0] < one.index and first[1] != one.data:
            yield _forked_source(one, *first)
        else:
            yield _replayed(one)


def _firsts(kit: Kit, size: int, repeats: list[Repeat]) -> dict[tuple[str, int], tuple[int, bytes]]:
    """Return index and bytes of the first entry of each repeated number."""
    wanted = {(one.source, one.seq) for one in repeats}
    marks = [f'"seq":"{seq}"'.encode() for _, seq in wanted]
    found: dict[tuple[str, int], tuple[int, bytes]] = {}
    last = max(one.index for one in repeats)
    for index, data in _entries_of(kit, size):
        if index >= last:
            break
        if not any(mark in data for mark in marks):
            continue
        try:
            event = read_canonical(data)
            key = (event["source"], int(event["seq"]))
        except (Refused, KeyError, TypeError, ValueError):
            continue
        if key in wanted and key not in found:
            found[key] = (index, data)
            if len(found) == len(wanted):
                break
    return found


def _entries_of(kit: Kit, size: int) -> Iterator[tuple[int, bytes]]:
    files = TileFiles(kit)
    for number in range((size + TILE - 1) // TILE):
        for place, data in enumerate(files.entries(number, min(TILE, size - number * TILE)) or ()):
            yield number * TILE + place, data


def _replayed(one: Repeat) -> Finding:
    return Finding(
        "source.replay",
        FAILED,
        "A source's entry is shown a second time.",
        f"number {one.expected} of {one.source}",
        f"number {one.seq}",
        index=one.index,
        source=one.source,
    )


def _forked_source(one: Repeat, index: int, data: bytes) -> Finding:
    at = first_difference(data, one.data)
    return Finding(
        "source.fork",
        FAILED,
        "A source has told two stories under one number, or somebody who has its key did.",
        f"number {one.seq} of {one.source} as in entry {index}: {data[at : at + 20]!r}",
        f"{one.data[at : at + 20]!r}",
        index=one.index,
        source=one.source,
        at=at,
    )
