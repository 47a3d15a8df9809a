"""Readings that stand for others: for which, by whom, and whether a measurement may give way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from baseload.verify.canonicaltext import read_canonical
from baseload.verify.findings import FAILED, INCOMPLETE, Finding, Refused
from baseload.verify.hashing import TILE, hash_leaf
from baseload.verify.kit import Kit
from baseload.verify.shapes import check_event
from baseload.verify.tilefiles import TileFiles


class Stand(NamedTuple):
    """A reading that stands for another.

    Parameters
    ----------
    at, source : where it stands, and who wrote it.
    body : its body.
    start : start of its interval.
    owner, first : party of its source, and of the source that told of the meter first.
    """

    at: int
    source: str
    body: Mapping[str, Any]
    start: str
    owner: str
    first: str | None


@dataclass
class Standing:
    """Readings that stand for others, until all entries were seen, and whose each meter is.

    What they stand for is looked up then, in one pass over the leaf hashes: to remember every
    reading would cost more than all else of an audit.

    Parameters
    ----------
    owners : party whose source has told of a meter first.
    """

    owners: dict[str, str] = field(default_factory=dict)
    _waiting: list[Stand] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, index: int, event: Mapping[str, Any], owner: str) -> Iterator[Finding]:
        """Take the next reading.

        Parameters
        ----------
        index : index of the entry.
        event : the reading.
        owner : party that its source belongs to.
        """
        body = event["body"]
        meter = body["meter"]
        if "of" in body:
            first = self.owners.get(meter)
            self._waiting.append(Stand(index, event["source"], body, event["t0"], owner, first))
            return
        first = self.owners.setdefault(meter, owner)
        if first != owner and (meter, owner) not in self._told:
            self._told.add((meter, owner))
            expected = f"readings of {meter} by sources of {first}, as before"
            found = f"a source of {owner}"
            yield _replaced("reading.source", INCOMPLETE, index, event["source"], expected, found)

    def end(self, kit: Kit, size: int) -> Iterator[Finding]:
        """Give what is wrong with readings that stand for others.

        Parameters
        ----------
        kit : the kit.
        size : number of its entries.
        """
        if not self._waiting:
            return
        wanted = {bytes.fromhex(one.body["of"]) for one in self._waiting}
        known = _raw_readings(kit, size, wanted)
        for one in self._waiting:
            place, raw = known.get(bytes.fromhex(one.body["of"]), (size, None))
            if (problem := _problem(one, raw if place < one.at else None)) is not None:
                yield _replaced("reading.of", FAILED, one.at, one.source, *problem)


def _problem(one: Stand, raw: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """Return what was expected and found where a reading may not stand for another."""
    body = one.body
    if (
        raw is None
        or raw["schema"] != "meter.reading/1"
        or "of" in raw["body"]
        or raw["t0"] != one.start
        or any(raw["body"][key] != body[key] for key in ("meter", "register"))
    ):
        return "the leaf hash of a reading of that meter, register and time", body["of"]
    if one.first != one.owner:
        return f"a source of {one.first}, whose meter it is", f"one of {one.owner}"
    if body["quality"] == raw["body"]["quality"] == "measured":
        return "an estimated or edited reading", "a second one that was measured"
    return None


def _raw_readings(
    kit: Kit, size: int, wanted: Collection[bytes]
) -> dict[bytes, tuple[int, Mapping[str, Any]]]:
    """Return the first entries with some leaf hashes: index and event of each."""
    found: dict[bytes, tuple[int, Mapping[str, Any]]] = {}
    files, rest = TileFiles(kit), set(wanted)
    for number in range((size + TILE - 1) // TILE):
        width = min(TILE, size - number * TILE)
        hashes = files.hashes(0, number, width) or []
        if rest.isdisjoint(hashes):
            continue
        for place, data in enumerate(files.entries(number, width) or ()):
            leaf = hashes[place]
            if leaf in rest and hash_leaf(data) == leaf and (event := _event_of(data)) is not None:
                found[leaf] = (number * TILE + place, event)
                rest.discard(leaf)
    return found


def _event_of(data: bytes) -> Mapping[str, Any] | None:
    try:
        event: Mapping[str, Any] = read_canonical(data)
        return event if check_event(event) else None
    except Refused:
        return None


_STANDING_MEANINGS = {
    "reading.source": "A meter is read by sources of two parties.",
    "reading.of": "A reading takes the place of one that it may not stand for.",
}


def _replaced(
    code: str, verdict: str, index: int, source: str, expected: str, found: str
) -> Finding:
    meaning = _STANDING_MEANINGS[code]
    return Finding(code, verdict, meaning, expected, found, index=index, source=source)
